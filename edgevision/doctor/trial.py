"""Runs a tiny network on one device, in a process of its own: a broken driver can crash or hang who asks.

python -m edgevision.doctor.trial            {"version": "1.31.0", "providers": [...], "gpus": 1}
python -m edgevision.doctor.trial cuda       {"provider": "CUDAExecutionProvider"} or {"error": "..."}
python -m edgevision.doctor.trial openvino   {"provider": "OpenVINO CPU", "devices": ["CPU"], "bf16": true}
"""

import base64
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from edgevision.errors import ModelError
from edgevision.inference.devices import nvidia_devices
from edgevision.inference.engine import Engine
from edgevision.inference.processor import has_bf16
from edgevision.inference.session import Session
from edgevision.inference.settings import Device

# Of (1, 1, 4, 4), a convolution with a 3x3 kernel of ones, edges padded with 0; opset 13, IR version 8. A
# convolution, because for that CUDA needs cuDNN, which is missing most often.
NETWORK = base64.b64decode(
    "CAgSADqaAQoiCgF4CgF3EgF5IgRDb252KhEKBHBhZHNAAUABQAFAAaABBxIFcHJvYmUqMwgBCAEIAwgDEAFCAXdKJAAAgD8AAIA/AACAPwAAgD8A"
    "AIA/AACAPwAAgD8AAIA/AACAP1obCgF4EhYKFAgBEhAKAggBCgIIAQoCCAQKAggEYhsKAXkSFgoUCAESEAoCCAEKAggBCgIIBAoCCARCBAoAEA0="
)


def run_on(start: Callable[[Path], Engine]) -> dict[str, Any]:
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


def on_device(device: Device) -> dict[str, Any]:
    return run_on(lambda path: Session(path, device, threads=1))


def on_openvino() -> dict[str, Any]:
    from edgevision.inference.openvino_package import load_openvino
    from edgevision.inference.session_openvino import OpenvinoSession

    found = run_on(lambda path: OpenvinoSession(path, "fp32", threads=1, callers=1))
    if "error" in found:
        return found
    ov = load_openvino()
    return {**found, "version": ov.__version__, "devices": ov.Core().available_devices, "bf16": has_bf16()}


def overview() -> dict[str, Any]:
    import onnxruntime as ort

    return {"version": ort.__version__, "providers": ort.get_available_providers(), "gpus": nvidia_devices()}


if __name__ == "__main__":
    asked = sys.argv[1] if len(sys.argv) > 1 else None
    answer = overview() if asked is None else on_openvino() if asked == "openvino" else on_device(asked)
    sys.stdout.write(json.dumps(answer) + "\n")
