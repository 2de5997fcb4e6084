"""Whether a device really runs networks: the libraries that it needs, and a tiny network that is tried."""

import base64
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from edgevision.errors import ModelError

if TYPE_CHECKING:
    from edgevision.inference.engine import Engine

# Of (1, 1, 4, 4), a convolution with a 3x3 kernel of ones, edges padded with 0; opset 13, IR version 8. A
# convolution, because for that CUDA needs cuDNN, which is missing most often.
NETWORK = base64.b64decode(
    "CAgSADqaAQoiCgF4CgF3EgF5IgRDb252KhEKBHBhZHNAAUABQAFAAaABBxIFcHJvYmUqMwgBCAEIAwgDEAFCAXdKJAAAgD8AAIA/AACAPwAAgD8A"
    "AIA/AACAPwAAgD8AAIA/AACAP1obCgF4EhYKFAgBEhAKAggBCgIIAQoCCAQKAggEYhsKAXkSFgoUCAESEAoCCAEKAggBCgIIBAoCCARCBAoAEA0="
)


def run_on(start: Callable[[Path], "Engine"]) -> dict[str, Any]:
    """The provider that it ran on, or what keeps it from running there."""
    picture = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
    padded = np.pad(picture[0, 0], 1)
    expected = sum(padded[y : y + 4, x : x + 4] for y in range(3) for x in range(3))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "probe.onnx"
        path.write_bytes(NETWORK)
        try:
            session = start(path)
            (found,) = session.run(picture)
        except ModelError as error:
            return {"error": str(error).replace(str(path), "a tiny network")}
    if not np.allclose(found[0, 0], expected, rtol=1e-3):
        return {"error": f"{session.provider} computes wrong numbers"}
    return {"provider": session.provider}


@cache
def load_libraries() -> tuple[str, ...]:
    """Load CUDA and cuDNN from where pip put them; what is said of those that cannot be loaded.

    ONNX Runtime prints that to the standard output, which is for events and figures. So its `print` is taken
    from it: to redirect the output would be of all threads, and take their events with it."""
    import onnxruntime as ort  # not above: session.py says something to it before it is first imported

    said: list[str] = []
    names = vars(ort)
    names["print"] = lambda *words: said.append(" ".join(map(str, words)))
    try:
        ort.preload_dlls()
    finally:
        del names["print"]
    return tuple(said)
