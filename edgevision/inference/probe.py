"""Whether a device really runs networks: the libraries that it needs, and a tiny network that is tried."""

import base64
import logging
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from edgevision.errors import ModelError
from edgevision.log import fields

if TYPE_CHECKING:
    import onnxruntime as ort

    from edgevision.inference.engine import Engine

# Of (1, 1, 4, 4), a convolution with a 3x3 kernel of ones, edges padded with 0; opset 13, IR version 8. A
# convolution, because for that CUDA needs cuDNN, which is missing most often.
NETWORK = base64.b64decode(
    "CAgSADqaAQoiCgF4CgF3EgF5IgRDb252KhEKBHBhZHNAAUABQAFAAaABBxIFcHJvYmUqMwgBCAEIAwgDEAFCAXdKJAAAgD8AAIA/AACAPwAAgD8A"
    "AIA/AACAPwAAgD8AAIA/AACAP1obCgF4EhYKFAgBEhAKAggBCgIIAQoCCAQKAggEYhsKAXkSFgoUCAESEAoCCAEKAggBCgIIBAoCCARCBAoAEA0="
)

# Has a session tell which operator runs where (onnxruntime_session_options_config_keys.h).
ASSIGNED = "session.record_ep_graph_assignment_info"
# Operators that take nearly all the time of a network, however they are called in 8 bits.
HEAVY = ("Conv", "MatMul", "Gemm", "QLinearConv", "QLinearMatMul", "QGemm")

log = logging.getLogger(__name__)


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


def tell_left(session: "ort.InferenceSession", path: Path) -> None:
    """Warn if a network on a GPU leaves its heavy work to the CPU, which a session does without a word.

    CUDA's provider has no ConvInteger and no DynamicQuantizeLinear: of a YOLOv8n quantised dynamically all 64
    convolutions run on the CPU (1.31). What is light, as the sizes of arrays, is meant to."""
    if not hasattr(session, "get_provider_graph_assignment_info"):
        return  # of an older ONNX Runtime
    left: Counter[str] = Counter()
    for part in session.get_provider_graph_assignment_info():
        if part.ep_name == "CPUExecutionProvider":
            left.update(node.op_type for node in part.get_nodes() if node.op_type.startswith(HEAVY))
    if left:
        said = "a part of this network runs on the CPU, as the GPU's provider has it not: take its float file"
        operators = ", ".join(f"{count} {name}" for name, count in left.most_common())
        log.warning(said, extra=fields(file=path.name, operators=operators))
