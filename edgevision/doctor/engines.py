"""What runs networks and what decodes video: tried, not believed."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from edgevision.doctor.finding import Finding, fail, ok, warn
from edgevision.doctor.libraries import version

PATIENCE = 60.0  # s for a driver to start; a CUDA that answers does so in some
FRAMES = 3
CODECS = ("h264", "hevc", "mjpeg")
CUDA_TODO = (
    "onnxruntime-gpu 1.31 wants CUDA 13 and cuDNN 9: pip install 'edgevision[cuda]'; and NVIDIA's driver 580 "
    "or newer"
)


def check_engines() -> Iterator[Finding]:
    yield from _networks()
    yield from _openvino()
    yield _opencv()
    yield from _pyav()


def try_device(device: str = "") -> dict[str, Any]:
    """What edgevision.doctor.trial says, or how it ended instead."""
    command = [sys.executable, "-m", "edgevision.doctor.trial", *([device] if device else [])]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return {"error": f"no answer for {PATIENCE:g} s: the driver hangs"}
    if done.returncode < 0:
        return {"error": f"it crashed (signal {-done.returncode})"}
    try:
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        return {"error": (done.stderr.strip().splitlines() or ["it said nothing"])[-1]}
    return answer


def _networks() -> Iterator[Finding]:
    about = try_device()
    if "error" in about:
        todo = (
            "pip install --force-reinstall --no-deps onnxruntime-gpu; onnxruntime where that does not exist"
        )
        yield fail("ONNX Runtime", about["error"], todo)
        return
    yield ok("ONNX Runtime", f"{about['version']}, offers {', '.join(about['providers'])}")
    tried = try_device("cpu")
    if "error" in tried:
        yield fail("CPU", tried["error"], "pip install --force-reinstall --no-deps onnxruntime-gpu")
    else:
        yield ok("CPU", "a tiny network ran on it")
    yield from _gpu(about)


def _gpu(about: dict[str, Any]) -> Iterator[Finding]:
    if about["fault"]:
        yield warn("GPU", about["fault"], "nvidia-smi; after an update of the driver: reboot")
        return
    if not about["gpus"]:
        yield ok("GPU", "no NVIDIA driver with a GPU (libcuda.so.1); networks run on the CPU")
        return
    if "CUDAExecutionProvider" not in about["providers"]:
        todo = "pip uninstall -y onnxruntime onnxruntime-gpu && pip install onnxruntime-gpu"
        yield warn("GPU", f"{about['gpus']} here, but this onnxruntime can use none", todo)
        return
    tried = try_device("cuda")
    if "error" in tried:
        yield warn("GPU", f"{about['gpus']} here, but not usable: {tried['error']}", CUDA_TODO)
    else:
        yield ok("GPU", f"{about['gpus']} here; a tiny network ran on CUDA")
    if "TensorrtExecutionProvider" in about["providers"]:
        tried = try_device("tensorrt")
        text = "a tiny network ran on it" if "error" not in tried else f"not usable: {tried['error']}"
        yield ok("TensorRT", text)


def _openvino() -> Iterator[Finding]:
    if not version("openvino"):
        return  # the list of extras says so
    tried = try_device("openvino")
    if "error" in tried:
        yield warn("OpenVINO", tried["error"], "pip install --force-reinstall 'edgevision[openvino]'")
        return
    faster = "computes in bfloat16, too" if tried["bf16"] else "has no instructions for bfloat16"
    devices = ", ".join(tried["devices"])
    yield ok("OpenVINO", f"{tried['version']}, sees {devices}; a tiny network ran on the CPU, which {faster}")


def _opencv() -> Finding:
    """A clip is written and read back."""
    try:
        from edgevision.opencv import cv2
    except ImportError as error:
        return fail(
            "OpenCV", f"cannot be loaded: {error}", "pip install --force-reinstall opencv-python-headless"
        )
    text = f"OpenCV {cv2.__version__}, FFmpeg {'built in' if _has_ffmpeg(cv2) else 'missing'}"
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "clip.avi")
        writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
        for _ in range(FRAMES):
            writer.write(np.zeros((48, 64, 3), np.uint8))
        writer.release()
        clip = cv2.VideoCapture(path)
        read = sum(clip.read()[0] for _ in range(FRAMES))
        clip.release()
    if read < FRAMES or not _has_ffmpeg(cv2):
        todo = "pip install --force-reinstall opencv-python-headless, or for streams 'edgevision[pyav]'"
        return warn("video", f"{text}; {read} of {FRAMES} pictures of a clip came back", todo)
    return ok("video", f"{text}; a clip was written and read")


def _has_ffmpeg(cv2: Any) -> bool:
    return any("FFMPEG:" in line and "YES" in line for line in cv2.getBuildInformation().splitlines())


def _pyav() -> Iterator[Finding]:
    try:
        import av
        from av.codec.hwaccel import hwdevices_available
    except ImportError:
        return  # the list of extras says so
    missing = [name for name in CODECS if name not in av.codecs_available]
    hardware = ", ".join(hwdevices_available()) or "none"
    text = f"PyAV {av.__version__}, decoders of GPUs it was built with: {hardware}"
    if missing:
        yield warn(
            "PyAV", f"{text}; it cannot decode {', '.join(missing)}", "pip install --force-reinstall av"
        )
    else:
        yield ok("PyAV", f"{text}; decodes {', '.join(CODECS)}")
