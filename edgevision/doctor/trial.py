"""Runs a tiny network on one device, in a process of its own: a broken driver can crash or hang who asks.

python -m edgevision.doctor.trial            {"version": "1.31.0", "providers": [...], "gpus": 1, ...}
python -m edgevision.doctor.trial cuda       {"provider": "CUDAExecutionProvider"} or {"error": "..."}
python -m edgevision.doctor.trial openvino   {"provider": "OpenVINO CPU", "devices": ["CPU"], "bf16": true}
"""

import json
import sys
from typing import Any

from edgevision.inference.devices import driver_fault, nvidia_devices
from edgevision.inference.probe import run_on
from edgevision.inference.processor import has_bf16
from edgevision.inference.session import Session
from edgevision.inference.settings import Device


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

    providers = ort.get_available_providers()
    return {
        "version": ort.__version__,
        "providers": providers,
        "gpus": nvidia_devices(),
        "fault": driver_fault(),
    }


if __name__ == "__main__":
    asked = sys.argv[1] if len(sys.argv) > 1 else None
    answer = overview() if asked is None else on_openvino() if asked == "openvino" else on_device(asked)
    sys.stdout.write(json.dumps(answer) + "\n")
