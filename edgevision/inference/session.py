"""Runs an ONNX file with ONNX Runtime, on the device that was asked for or not at all."""

import ctypes
import os
import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from edgevision.errors import ModelError
from edgevision.inference.settings import Device

# Since 1.29 ONNX Runtime on Linux reports file names, hashes and a device id of the networks it loads to its
# maker. A camera's box tells nobody anything. Read at the import, so it is set before.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime as ort

PROVIDERS = {
    "cpu": ["CPUExecutionProvider"],
    "cuda": ["CUDAExecutionProvider", "CPUExecutionProvider"],
    "tensorrt": ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"],
}
SILENT = 4  # ONNX Runtime's own log: fatal errors only; what it would say is in our exceptions

# First bytes of what people download instead of a network.
IMPOSTORS = {
    b"version https://git-lfs": "is a Git LFS pointer, not the network itself: fetch it with `git lfs pull`",
    b"PK\x03\x04": "is a ZIP or PyTorch archive: export it to ONNX first",
}
# Operators that only a quantised graph has. Their names stand in the file as plain text.
INT8_OPERATORS = (b"DequantizeLinear", b"QLinearConv", b"ConvInteger", b"MatMulInteger")


class Tensor(NamedTuple):
    """An input or output as the file declares it; None is a dimension left open."""

    name: str
    dtype: str  # numpy's name, e.g. float32
    shape: tuple[int | None, ...]


class Session:
    """One loaded network. `run` may be called from several threads at once."""

    def __init__(self, path: Path, device: Device, threads: int) -> None:
        """threads: cores one run may use. Raises ModelError with what to do."""
        content = _read(path)
        self._session = _create(path, device, threads)
        self.provider = self._session.get_providers()[0]
        self.inputs = [_tensor(value) for value in self._session.get_inputs()]
        self.outputs = [_tensor(value) for value in self._session.get_outputs()]
        self.metadata: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        self.precision = _precision(content, self.inputs)
        if len(self.inputs) != 1:
            names = ", ".join(tensor.name for tensor in self.inputs)
            raise ModelError(
                f"{path} has {len(self.inputs)} inputs ({names}); networks of one picture are known"
            )

    def run(self, tensor: np.ndarray) -> list[np.ndarray]:
        """All outputs for one input tensor."""
        outputs: list[np.ndarray] = self._session.run(None, {self.inputs[0].name: tensor})
        return outputs


def nvidia_devices() -> int:
    """How many GPUs NVIDIA's driver has here; 0 without a driver."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return 0
    return count.value


def _read(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read the network {path}: {error.strerror}") from None
    check_start(content, str(path))
    return content


def check_start(content: bytes, name: str) -> None:
    """Raises ModelError if a file that begins like this is no network. name: of the file, for the message."""
    if not content:
        raise ModelError(f"{name} is empty: the download may have failed")
    start = content[:512].lstrip().lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
        raise ModelError(f"{name} is a web page, not a network: use the address of the file itself (raw)")
    for magic, meaning in IMPOSTORS.items():
        if content.startswith(magic):
            raise ModelError(f"{name} {meaning}")


def check_loads(path: Path) -> None:
    """Raises ModelError if ONNX Runtime cannot load the file."""
    ort.set_default_logger_severity(SILENT)
    _start(path, "cpu", threads=1)


def _create(path: Path, device: Device, threads: int) -> ort.InferenceSession:
    ort.set_default_logger_severity(SILENT)
    if device == "auto":
        # A GPU whose libraries are missing ends on the CPU; the provider that is logged says so.
        found = "CUDAExecutionProvider" in ort.get_available_providers() and nvidia_devices() > 0
        return _start(path, "cuda" if found else "cpu", threads)
    wanted = PROVIDERS[device][0]
    if wanted not in ort.get_available_providers():
        raise ModelError(
            f"device {device} was asked for, but this onnxruntime has no {wanted}: install onnxruntime-gpu"
        )
    if device != "cpu" and not nvidia_devices():
        raise ModelError(
            f"device {device} was asked for, but no NVIDIA driver with a GPU is here (libcuda.so.1)"
        )
    session = _start(path, device, threads)
    actual = session.get_providers()[0]
    if actual != wanted:
        raise ModelError(
            f"device {device} was asked for, but {path} would run on {actual}: the CUDA or cuDNN "
            f"libraries that onnxruntime {ort.__version__} needs are missing"
        )
    return session


def _start(path: Path, device: str, threads: int) -> ort.InferenceSession:
    if device != "cpu" and hasattr(ort, "preload_dlls"):
        ort.preload_dlls()  # finds CUDA and cuDNN where pip put them
    options = ort.SessionOptions()
    options.log_severity_level = SILENT
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # A spinning thread halves the throughput of a machine it shares with anything else.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(str(path), options, providers=PROVIDERS[device])
    except Exception as error:  # noqa: BLE001 - ONNX Runtime's exceptions share no base of their own
        raise ModelError(f"{path} cannot be loaded as an ONNX network: {_reason(str(error))}") from None


def _reason(text: str) -> str:
    """The first line of what ONNX Runtime says; for what is too new for it, what to do."""
    newest = re.search(r"Opset (\d+) is under development.*support for domain \S+ is till opset (\d+)", text)
    if newest:
        return (
            f"its opset is {newest[1]}, and onnxruntime {ort.__version__} runs {newest[2]} at most: export "
            f"it with opset {newest[2]} or lower, or install a newer onnxruntime"
        )
    newest = re.search(r"Unsupported model IR version: (\d+), max supported IR version: (\d+)", text)
    if newest:
        return (
            f"its IR version is {newest[1]}, and onnxruntime {ort.__version__} reads {newest[2]} at most: "
            "install a newer onnxruntime, or export it with an older `onnx` package"
        )
    operator = re.search(r"Fatal error: (\S+?)(\(-?\d+\))? is not a registered function/op", text)
    if operator:
        return f"it uses the operator {operator[1]}, which onnxruntime does not have: export it without"
    return text.splitlines()[0]


def _tensor(value: Any) -> Tensor:
    dtype = value.type.removeprefix("tensor(").removesuffix(")")
    names = {"float": "float32", "double": "float64"}
    shape = tuple(size if isinstance(size, int) and size > 0 else None for size in value.shape)
    return Tensor(value.name, names.get(dtype, dtype), shape)


def _precision(content: bytes, inputs: list[Tensor]) -> str:
    if any(operator in content for operator in INT8_OPERATORS):
        return "int8"
    return "fp16" if inputs and inputs[0].dtype == "float16" else "fp32"
