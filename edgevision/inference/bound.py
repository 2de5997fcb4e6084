"""Runs on a GPU through memory that stays there, instead of memory that every run asks for.

A picture is copied into memory of the device that was made when its shape first came, and what goes with it
(`accompany`) is copied there once. Outputs come back in memory of their own, each time: what a run gave is
never overwritten by a later one, as trials at the start keep several, and `Engine.run` promises it.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from edgevision.inference.batching import repeated

if TYPE_CHECKING:
    import onnxruntime as ort

# What is kept of one network between runs; what was not used for longest goes first. Runs at the same time,
# and each number of pictures at once, have memory of their own.
MOST_KEPT = 32
MOST_BYTES = 256 * 2**20  # of pictures: 640 x 640 in float32 are 5 MB, one to eight at once 177 MB

# The memory that Python asks for comes from one allocator of the process, which is not made for several
# threads (onnxruntime_pybind_mlvalue.cc, GetCudaAllocator).
_making = threading.Lock()


class Memory(NamedTuple):
    """Where a network's inputs are to lie. Tests say `cpu`, where all of this works as well."""

    device: str = "cuda"  # of TensorRT, too
    number: int = 0


class Gate:
    """Lets any number of runs through at once, or one that needs to be alone."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._runs = 0
        self._closed = False

    @contextmanager
    def run(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._closed)
            self._runs += 1
        try:
            yield
        finally:
            with self._changed:
                self._runs -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._closed)
            self._closed = True
            self._changed.wait_for(lambda: self._runs == 0)
        try:
            yield
        finally:
            with self._changed:
                self._closed = False
                self._changed.notify_all()


GATE = Gate()  # of all networks on GPUs in this process; see `Recorded` for who has to be alone


class Inputs:
    """What a session is given, in a device's memory: pictures of one shape and type. One run at a time."""

    def __init__(self, session: "ort.InferenceSession", picture: str, memory: Memory) -> None:
        self.binding = session.io_binding()
        self._picture = picture
        self._memory = memory
        self._values: dict[str, Any] = {}  # the memory, by the name of the input
        self._companions: Mapping[str, np.ndarray] | None = None

    def take(self, tensor: np.ndarray, companions: Mapping[str, np.ndarray]) -> None:
        """Copy a picture there; what goes with it only if it is not there yet."""
        self._put(self._picture, tensor)
        if companions is not self._companions:
            for name, value in repeated(companions, tensor).items():
                self._put(name, value)
            self._companions = companions

    def _put(self, name: str, array: np.ndarray) -> None:
        if name not in self._values:
            value = reserve(array.shape, array.dtype, self._memory)
            self.binding.bind_ortvalue_input(name, value)
            self._values[name] = value
        self._values[name].update_inplace(array)


Kind = tuple[int, tuple[int, ...], str]  # of pictures: their bytes, shape and type


class Bound:
    """The runs of one session. `run` may be called from several threads at once: each has its own memory."""

    def __init__(self, session: "ort.InferenceSession", picture: str, memory: Memory) -> None:
        """picture: the name of the input that is one."""
        self._session = session
        self._picture = picture
        self._memory = memory
        self._outputs = [value.name for value in session.get_outputs()]
        self._lock = threading.Lock()
        self._free: list[tuple[Kind, Inputs]] = []  # the newest is the last

    def run(self, tensor: np.ndarray, companions: Mapping[str, np.ndarray]) -> list[Any]:
        """All outputs; what is no array is None. companions: what goes with one picture."""
        kind = (tensor.nbytes, tensor.shape, tensor.dtype.str)
        with GATE.run():
            inputs = self._take(kind)
            inputs.take(tensor, companions)
            for name in self._outputs:
                inputs.binding.bind_output(name)  # to new memory of the host, else to that of the last run
            self._session.run_with_iobinding(inputs.binding)
            values = inputs.binding.get_outputs()
            outputs = [value.numpy() if value.is_tensor() else None for value in values]
        inputs.binding.clear_binding_outputs()  # from here on only the caller keeps them
        self._give_back(kind, inputs)  # not after an error
        return outputs

    def _take(self, kind: Kind) -> Inputs:
        with self._lock:
            for index in reversed(range(len(self._free))):
                if self._free[index][0] == kind:
                    return self._free.pop(index)[1]
        return Inputs(self._session, self._picture, self._memory)

    def _give_back(self, kind: Kind, inputs: Inputs) -> None:
        with self._lock:
            self._free.append((kind, inputs))
            while len(self._free) > MOST_KEPT or sum(size for (size, *_), _ in self._free) > MOST_BYTES:
                del self._free[0]


def reserve(shape: tuple[int, ...], dtype: Any, memory: Memory) -> Any:
    """Memory of a device, for an array."""
    import onnxruntime as ort  # not above: session.py says something to it before it is first imported

    with _making:
        return ort.OrtValue.ortvalue_from_shape_and_type(shape, np.dtype(dtype).type, *memory)
