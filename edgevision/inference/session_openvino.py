"""Runs an ONNX file with OpenVINO on the CPU, in the precision that was asked for or not at all."""

import queue
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from edgevision.errors import ModelError
from edgevision.inference.devices import OPENVINO
from edgevision.inference.openvino_package import load_openvino
from edgevision.inference.processor import has_bf16
from edgevision.inference.session import Tensor, own_mean, picture_of, read_network
from edgevision.inference.settings import Precision

HINT = "; `engine: onnxruntime` may run it"
LONGEST = 300  # of OpenVINO's sentences some are a page
# What a node of a compiled network says that it computes in, in our words.
PRECISIONS = {"f32": "fp32", "f16": "fp16", "bf16": "bf16", "i8": "int8", "u8": "int8"}
HEAVY = ("Convolution", "GroupConvolution", "Deconvolution", "FullyConnected", "MatMul")


class OpenvinoSession:
    """One loaded network. `run` may be called from several threads at once; more than `callers` wait."""

    provider = OPENVINO

    def __init__(self, path: Path, precision: Precision, threads: int, callers: int) -> None:
        """threads: cores one run may use. callers: runs at once. Raises ModelError with what to do."""
        content = read_network(path)
        if precision == "bf16" and not has_bf16():
            raise ModelError(
                f"{path}: `precision: bf16` needs a CPU with instructions for it (avx512_bf16 or amx_bf16), "
                "which this one has not: say `fp32`, or `as_is`"
            )
        core = load_openvino().Core()
        self._path = path
        try:
            model = core.read_model(path)
            self._compiled = core.compile_model(model, "CPU", _options(precision, threads, callers))
            self.inputs = [_tensor(value) for value in model.inputs]
            self.outputs = [_tensor(value) for value in model.outputs]
            self.metadata = _metadata(model)
            self.precision = _precision(self._compiled)
        except Exception as error:  # noqa: BLE001 - OpenVINO raises RuntimeError, TypeError, ...
            raise ModelError(f"{path} cannot be loaded by OpenVINO: {reason(error)}{HINT}") from None
        self._check(precision)
        self.own_mean = own_mean(content)
        if not self.inputs:
            raise ModelError(f"{path} has no input; networks of pictures are known")
        self.picture = picture_of(self.inputs)
        self._companions: dict[str, np.ndarray] = {}
        # Bounded by `callers`. A request has the memory of one run, and takes one at a time.
        self._requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for _ in range(callers):
            self._requests.put(self._compiled.create_infer_request())

    def accompany(self, values: dict[str, np.ndarray]) -> None:
        """What the inputs beside the picture are given, with every picture."""
        self._companions = values

    def run(self, tensor: np.ndarray) -> list[np.ndarray]:
        """All outputs for one picture's tensor. Raises ModelError with what OpenVINO says."""
        request = self._requests.get()
        try:
            # The tensor is read where it lies; the outputs are copies, which the caller may keep.
            found = request.infer({self.picture.name: tensor, **self._companions}, share_inputs=True)
            return [np.asarray(found[index]) for index in range(len(self.outputs))]
        except Exception as error:  # noqa: BLE001 - see above
            raise ModelError(
                f"{self._path} cannot be run on a picture of shape {tensor.shape}: {reason(error)}"
            ) from None
        finally:
            self._requests.put(request)

    def _check(self, asked: Precision) -> None:
        if asked in ("bf16", "fp32") and self.precision != asked:
            raise ModelError(
                f"{self._path} would run in {self.precision}, and `precision: {asked}` was asked for: leave "
                "that out, or take the float32 file"
            )


def reason(error: Exception) -> str:
    """What it says without the places in its own source."""
    lines = [line.strip() for line in str(error).splitlines()]
    told = [line for line in lines if line and not line.startswith(("Exception from", "Check '", "Summary:"))]
    return " ".join(told)[:LONGEST].rstrip(" .:") or repr(error)[:LONGEST]


def _options(precision: Precision, threads: int, callers: int) -> dict[str, Any]:
    return {
        # Left to itself it takes bfloat16 wherever the CPU has it.
        "INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32",
        "NUM_STREAMS": callers,
        "INFERENCE_NUM_THREADS": callers * threads,
        "ENABLE_HYPER_THREADING": True,  # our cores are those of the system, its plan is made for them
        # Each network would put its first stream on the first core, and two networks would share that one.
        "ENABLE_CPU_PINNING": False,
    }


def _tensor(value: Any) -> Tensor:
    dtype = np.dtype(value.element_type.to_dtype()).name
    shape = value.partial_shape
    if shape.rank.is_dynamic:
        return Tensor(value.any_name, dtype, ())
    sizes = tuple(None if size.is_dynamic else size.get_length() for size in shape)
    return Tensor(value.any_name, dtype, sizes)


def _metadata(model: Any) -> dict[str, str]:
    if not model.has_rt_info("framework"):
        return {}
    return {key: str(value.value) for key, value in model.get_rt_info()["framework"].items()}


def _precision(compiled: Any) -> str:
    """What most of its convolutions, or else all that it does, compute in: by the network as it was compiled,
    as what was asked for is a hint."""
    heavy: Counter[str] = Counter()
    for node in compiled.get_runtime_model().get_ordered_ops():
        told = node.get_rt_info()
        if "layerType" in told and told["layerType"].value in HEAVY:
            heavy[PRECISIONS.get(told["runtimePrecision"].value, told["runtimePrecision"].value)] += 1
    if heavy:
        return heavy.most_common(1)[0][0]
    asked: str = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
    return PRECISIONS.get(asked, asked)
