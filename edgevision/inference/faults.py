"""What ONNX Runtime says of a file it cannot run, with what to do about it."""

import re

LONGEST = 300  # of ONNX Runtime's sentences some are a page

# The driver for CUDA 13, and the GPUs that it and its libraries know: NVIDIA's release notes of CUDA 13.0.
NEWER_DRIVER = "NVIDIA's driver is too old for this onnxruntime: update it (for CUDA 13 to 580 or newer)"
OLD_GPU = "this onnxruntime is not made for that GPU (CUDA 13 knows Turing, of 2018, and newer)"

# The first that fits is said.
ADVICE = {
    r"CUDA failure 35\b": NEWER_DRIVER,
    r"CUDA failure (209|222)\b": OLD_GPU,
    r"CUDA failure 2\b": "the GPU's memory is full: `nvidia-smi` shows whose",
    r"cuDNN is unavailable": "cuDNN is missing: pip install 'edgevision[cuda]'",
    r"install TensorRT libraries": "TensorRT is missing, or what it needs of CUDA: see docs/performance.md",
    r"External data path": "a part of its weights is another file, which must lie in the same folder",
    r"Protobuf parsing failed|codec can't decode": "it is damaged or cut short, or no ONNX file: download or "
    "export it again",
    r"_TRT\b|not a registered function/op|No opset import for domain|No Op registered|is not implemented|"
    r"NOT_IMPLEMENTED": "it has operators that this onnxruntime has not: export it without plugins of "
    "TensorRT or others",
    r"[Ff]ailed to allocate memory|bad_alloc": "it wants more memory than there is",
    r"Got invalid dimensions|cannot be reshaped|axis == -1|incompatible|mismatch": "it may want another size "
    "of picture: say which with `input: {size: [width, height]}`",
}


# What is too new for it, with the number in the file and the newest it knows.
TOO_NEW = {
    r"Opset (\d+) is under development.*support for domain \S+ is till opset (\d+)": "its opset is {0}, and "
    "this onnxruntime runs {1} at most: export it with opset {1} or lower, or install a newer onnxruntime",
    r"Unsupported model IR version: (\d+), max supported IR version: (\d+)": "its IR version is {0}, and "
    "this onnxruntime reads {1} at most: install a newer onnxruntime, or export it with an older `onnx`",
}


def explain_fault(error: Exception) -> str:
    """One sentence, and the advice where there is one."""
    text = str(error)
    for pattern, sentence in TOO_NEW.items():
        found = re.search(pattern, text)
        if found:
            return sentence.format(*found.groups())
    # Its sentences begin with a code, and name source files of its own.
    reason = re.sub(
        r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", text.splitlines()[0] if text else repr(error)
    )
    of_cuda = re.search(r"CUDA failure \d+: [^;]+", text)  # a page of what was called where comes before it
    reason = of_cuda[0] if of_cuda else re.sub(r"/onnxruntime_src/\S+", "", reason)
    reason = reason[:LONGEST].strip(" :")
    advice = next((advice for pattern, advice in ADVICE.items() if re.search(pattern, text)), None)
    return f"{advice} ({reason})" if advice else reason
