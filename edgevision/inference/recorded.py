"""Runs of a network as a CUDA graph: what a run asks of the GPU is recorded, and then asked for as a whole.

What ONNX Runtime needs for it (its page of the CUDA provider; its cuda_graph.cc, inference_session.cc): all
operators on the GPU, no If, Loop or Scan, all shapes fixed, all inputs and outputs where they were while it
was recorded. Its first run warms up, records and fails if it could not.
"""

import queue
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from edgevision.errors import ModelError
from edgevision.inference.bound import GATE, Inputs, Memory, reserve

if TYPE_CHECKING:
    import onnxruntime as ort

# How the first provider of a kind of device is told.
OPTIONS = {"cuda": {"enable_cuda_graph": "1"}, "tensorrt": {"trt_cuda_graph_enable": "1"}}
ADVICE = (
    "`cuda_graph: true` needs a network whose operators all run on the GPU, without If, Loop or Scan: leave "
    "`cuda_graph` out"
)


class Declared(Protocol):
    """An input or output as the file declares it; None is a dimension left open."""

    @property
    def name(self) -> str: ...

    @property
    def dtype(self) -> str: ...

    @property
    def shape(self) -> tuple[int | None, ...]: ...


class Recorded:
    """The runs of one session, all of them in one thread and in the same memory.

    ONNX Runtime keeps a graph for the thread that recorded it, and another thread would record again, in the
    midst of the runs of others: it records in CUDA's global mode, in which what other threads ask of the
    GPU fails, and spoils the recording. So nothing else runs meanwhile (`GATE`). `run` may be called from
    several threads at once; one waits for the other.
    """

    def __init__(
        self, session: "ort.InferenceSession", picture: str, outputs: Sequence[Declared], memory: Memory
    ) -> None:
        self._session = session
        self._outputs = outputs
        self._memory = memory
        self._inputs = Inputs(session, picture, memory)
        self._shape: tuple[tuple[int, ...], str] | None = None  # of the picture that it was recorded with
        self._thread = OneThread("cuda graph")

    def run(self, tensor: np.ndarray, companions: Mapping[str, np.ndarray]) -> list[Any]:
        """All outputs, in memory of their own. companions: what goes with one picture."""
        outputs: list[Any] = self._thread.call(lambda: self._run(tensor, companions))
        return outputs

    def _run(self, tensor: np.ndarray, companions: Mapping[str, np.ndarray]) -> list[Any]:
        shape = (tensor.shape, tensor.dtype.name)
        if self._shape is None:
            with GATE.alone():
                for each in self._outputs:
                    sizes = tuple(size or 0 for size in each.shape)
                    self._inputs.binding.bind_ortvalue_output(
                        each.name, reserve(sizes, each.dtype, self._memory)
                    )
                outputs = self._through(tensor, companions)
            self._shape = shape
            return outputs
        if shape != self._shape:
            raise ValueError(f"its CUDA graph is of pictures {self._shape}, not {shape}")
        with GATE.run():
            return self._through(tensor, companions)

    def _through(self, tensor: np.ndarray, companions: Mapping[str, np.ndarray]) -> list[Any]:
        self._inputs.take(tensor, companions)
        self._session.run_with_iobinding(self._inputs.binding)
        outputs: list[Any] = self._inputs.binding.copy_outputs_to_cpu()
        return outputs


def check_fixed(path: object, inputs: Sequence[Declared], outputs: Sequence[Declared]) -> None:
    """Raises ModelError if a file leaves open what a recording needs to be fixed. path: for the message."""
    for kind, tensors in (("input", inputs), ("output", outputs)):
        for tensor in tensors:
            if not tensor.shape or None in tensor.shape:
                shown = ", ".join("open" if size is None else str(size) for size in tensor.shape) or "open"
                raise ModelError(
                    f"{path}: `cuda_graph: true` needs all sizes fixed, and its {kind} {tensor.name} is "
                    f"({shown}): export it with fixed sizes and a batch of 1, or leave `cuda_graph` out"
                )


class OneThread:
    """Makes calls in a thread of its own, one after the other. It ends when its owner is gone."""

    def __init__(self, name: str) -> None:
        # As many calls wait as there are callers, since each waits for its answer.
        self._calls: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()
        threading.Thread(target=_serve, args=(self._calls,), name=name, daemon=True).start()
        weakref.finalize(self, self._calls.put, None)

    def call(self, function: Callable[[], Any]) -> Any:
        """What it returns or raises."""
        future: Future[Any] = Future()
        self._calls.put((future, function))
        return future.result()


def _serve(calls: "queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None]") -> None:
    while (call := calls.get()) is not None:
        future, function = call
        try:
            future.set_result(function())
        except BaseException as error:  # noqa: BLE001 - it is the caller's
            future.set_exception(error)
        del call, future, function  # else the last one keeps the owner for ever
