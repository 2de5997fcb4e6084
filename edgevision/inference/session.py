"""Runs an ONNX file with ONNX Runtime, on the device that was asked for or not at all."""

import logging
import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from edgevision.errors import ModelError
from edgevision.inference.batching import repeated
from edgevision.inference.bound import Bound, Memory
from edgevision.inference.devices import CPUS, check_there, driver_fault, nvidia_devices, read_device
from edgevision.inference.engines import engine_folder, forget_damaged, is_built, provider_options
from edgevision.inference.faults import explain_fault
from edgevision.inference.graphfile import without_weights
from edgevision.inference.probe import ASSIGNED, load_libraries, run_on, tell_left
from edgevision.inference.recorded import ADVICE, OPTIONS, Recorded, check_fixed
from edgevision.inference.settings import Device
from edgevision.log import fields

# Since 1.29 ONNX Runtime on Linux reports file names, hashes and a device id of the networks it loads to its
# maker. A camera's box tells nobody anything. Read at the import, so it is set before.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime as ort

PROVIDERS = {
    "cpu": ["CPUExecutionProvider"],
    "cuda": ["CUDAExecutionProvider", "CPUExecutionProvider"],
    "tensorrt": ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"],
}
NEEDED = {
    "cpu": "which it brings itself: install it again",
    "cuda": "of CUDA or cuDNN: pip install 'edgevision[cuda]'",
    "tensorrt": "of TensorRT, CUDA or cuDNN: pip install 'edgevision[cuda]', and see docs/performance.md",
}
SILENT = 4  # ONNX Runtime's own log: fatal errors only; what it would say is in our exceptions

# First bytes of what people download instead of a network.
IMPOSTORS = {
    b"version https://git-lfs": "is a Git LFS pointer, not the network itself: fetch it with `git lfs pull`",
    b"PK\x03\x04": "is a ZIP or PyTorch archive: export it to ONNX first",
}
# Operators that only a quantised graph has. Their names stand in the file as plain text.
INT8_OPERATORS = (b"DequantizeLinear", b"QLinearConv", b"ConvInteger", b"MatMulInteger")
# ImageNet's mean of red, green and blue, for pixels of 0..1 and 0..255. A graph that subtracts it has it as
# three numbers in a row.
MEANS = {1.0: (0.485, 0.456, 0.406), 255.0: (123.675, 116.28, 103.53)}

log = logging.getLogger(__name__)


class Tensor(NamedTuple):
    """An input or output as the file declares it; None is a dimension left open."""

    name: str
    dtype: str  # numpy's name, e.g. float32
    shape: tuple[int | None, ...]


class Session:
    """One loaded network. `run` may be called from several threads at once."""

    def __init__(self, path: Path, device: Device, threads: int, graph: bool = False) -> None:
        """threads: cores one run may use. graph: as a CUDA graph. Raises ModelError with what to do."""
        said = without_weights(read_network(path))
        self._path = path
        self._device = device
        self._session = _create(path, device, threads, graph)
        self.provider = self._session.get_providers()[0]
        self.inputs = [_tensor(value) for value in self._session.get_inputs()]
        self.outputs = [_tensor(value) for value in self._session.get_outputs()]
        self.metadata: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        self.precision = _precision(said, self.inputs)
        self.own_mean = own_mean(said)
        if not self.inputs:
            raise ModelError(f"{path} has no input; networks of pictures are known")
        self.picture = picture_of(self.inputs)
        self._companions: dict[str, np.ndarray] = {}
        self._bound = None if self.provider in CPUS else self._bind(read_device(device).number, graph)

    def accompany(self, values: dict[str, np.ndarray]) -> None:
        """What the inputs beside the picture are given, with every picture."""
        self._companions = values

    def run(self, tensor: np.ndarray) -> list[np.ndarray]:
        """All outputs for a tensor of pictures. Raises ModelError with what ONNX Runtime says."""
        try:
            if self._bound:
                outputs = self._bound.run(tensor, self._companions)
            else:
                beside = repeated(self._companions, tensor)
                outputs = self._session.run(None, {self.picture.name: tensor, **beside})
        except Exception as error:  # noqa: BLE001 - ONNX Runtime's exceptions share no base of their own
            why = _explain(error, self._path, self._device, isinstance(self._bound, Recorded))
            raise ModelError(
                f"{self._path} cannot be run on a picture of shape {tensor.shape}: {why}"
            ) from None
        if not all(isinstance(output, np.ndarray) for output in outputs):
            raise ModelError(f"{self._path} gives sequences or maps, not arrays; that is no detector")
        arrays: list[np.ndarray] = outputs
        return arrays

    def _bind(self, number: int, graph: bool) -> Bound | Recorded:
        """number: of the GPU."""
        tell_left(self._session, self._path)
        memory = Memory("cuda", number)
        if not graph:
            return Bound(self._session, self.picture.name, memory)
        check_fixed(self._path, self.inputs, self.outputs)
        return Recorded(self._session, self.picture.name, self.outputs, memory)


def makes_engine(path: Path, device: Device) -> bool:
    """Whether TensorRT has to make an engine of the file first, which may take ten minutes."""
    place = read_device(device)
    return place.kind == "tensorrt" and not is_built(engine_folder(path, place.number, ort.__version__))


def read_network(path: Path) -> bytes:
    """The file's bytes. Raises ModelError for what is plainly no network."""
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


def _create(path: Path, device: Device, threads: int, graph: bool) -> ort.InferenceSession:
    ort.set_default_logger_severity(SILENT)
    place = read_device(device)
    if place.kind == "auto":
        return _create_best(path, threads)
    wanted = PROVIDERS[place.kind][0]
    if wanted not in ort.get_available_providers():
        raise ModelError(
            f"device {device} was asked for, but this onnxruntime has no {wanted}: install onnxruntime-gpu"
        )
    if place.kind != "cpu":
        check_there(device, nvidia_devices())
    session = _start(path, device, threads, graph)
    if (actual := session.get_providers()[0]) != wanted:
        said = "".join(f" ({line})" for line in load_libraries()[:1])
        raise ModelError(
            f"device {device} was asked for, but {path} would run on {actual}: the libraries that "
            f"onnxruntime {ort.__version__} needs are missing, {NEEDED[place.kind]}{said}"
        )
    return session


def _create_best(path: Path, threads: int) -> ort.InferenceSession:
    """On the first GPU if one really works, else on the CPU; where there is one, a warning says why not."""
    fault = driver_fault()
    if nvidia_devices() and "CUDAExecutionProvider" in ort.get_available_providers():
        # Only a run misses cuDNN, without which a session starts since 1.31, or code for a GPU of that age.
        tried = run_on(lambda probe: Session(probe, "cuda", threads=1))
        try:
            if "error" not in tried:
                return _create(path, "cuda", threads, graph=False)
            fault = tried["error"]
        except ModelError as error:
            fault = str(error)
    session = _start(path, "cpu", threads)  # a broken file is no fault of the GPU's
    if fault:
        said = "a GPU is here, and the network runs on the CPU: `edgevision doctor` says more"
        log.warning(said, extra=fields(file=path.name, why=fault))
    return session


def _start(path: Path, device: str, threads: int, graph: bool = False) -> ort.InferenceSession:
    place = read_device(device)
    if place.kind != "cpu":
        load_libraries()
    options = ort.SessionOptions()
    options.log_severity_level = SILENT
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # It lays all arrays of a run out in one block, beside what the first run has taken: 24 MB for YOLOv8n
    # at 640. On the CPU that is no faster: without it, runs take 0.98 to 1.03 times as long (three networks).
    options.enable_mem_pattern = place.kind != "cpu"
    # A spinning thread halves the throughput of a machine it shares with anything else.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry(ASSIGNED, "0" if place.kind == "cpu" else "1")
    providers = [
        (provider, provider_options(provider, place.number, path, ort.__version__))
        for provider in PROVIDERS[place.kind]
    ]
    if graph:
        providers[0][1].update(OPTIONS[place.kind])
    try:
        # Its fallback prints to the standard output, and loads on the CPU what was not meant for it.
        return ort.InferenceSession(str(path), options, providers=providers, enable_fallback=0)
    except Exception as error:  # noqa: BLE001 - ONNX Runtime's exceptions share no base of their own
        where = "" if place.kind == "cpu" else f" on device {device}"
        why = _explain(error, path, device, graph)
        raise ModelError(f"{path} cannot be loaded as an ONNX network{where}: {why}") from None


def _explain(error: Exception, path: Path, device: str, graph: bool) -> str:
    place = read_device(device)
    if place.kind == "tensorrt" and forget_damaged(str(error), path, place.number, ort.__version__):
        return f"its engine was kept damaged, and is removed: the next start makes it anew ({error})"
    return f"{explain_fault(error)}; {ADVICE}" if graph else explain_fault(error)


def _tensor(value: Any) -> Tensor:
    dtype = value.type.removeprefix("tensor(").removesuffix(")")
    names = {"float": "float32", "double": "float64"}
    shape = tuple(size if isinstance(size, int) and size > 0 else None for size in value.shape)
    return Tensor(value.name, names.get(dtype, dtype), shape)


def picture_of(inputs: list[Tensor]) -> Tensor:
    """The input that is a picture: the first with its dimensions, else the first of all, for the message."""
    pictures = [tensor for tensor in inputs if len(tensor.shape) == 4]
    return (pictures or [tensor for tensor in inputs if len(tensor.shape) == 3] or inputs)[0]


def own_mean(said: bytes) -> float | None:
    """255 or 1 if the graph subtracts ImageNet's mean itself, from pixels of 0..255 or 0..1."""
    for scale, mean in MEANS.items():
        if any(np.array(mean, dtype).tobytes() in said for dtype in (np.float32, np.float16)):
            return scale
    return None


def _precision(said: bytes, inputs: list[Tensor]) -> str:
    if any(operator in said for operator in INT8_OPERATORS):
        return "int8"
    return "fp16" if inputs and inputs[0].dtype == "float16" else "fp32"
