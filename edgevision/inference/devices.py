"""Where a network is to run: `cuda:1` is the second GPU for CUDA. And what the driver says of the GPUs."""

import ctypes
import re
from functools import cache
from typing import NamedTuple

from edgevision.errors import ModelError

# What engines call the CPU. On it every worker runs the network by itself; a GPU has one worker.
OPENVINO = "OpenVINO CPU"
CPUS = ("CPUExecutionProvider", OPENVINO)
PATTERN = r"auto|cpu|(cuda|tensorrt)(:\d{1,2})?"
NAME_LENGTH = 100  # bytes of a GPU's name that are asked for
NO_DEVICE = 100  # CUDA_ERROR_NO_DEVICE of cuda.h: a driver, and no GPU that it may show us


class Place(NamedTuple):
    kind: str  # auto, cpu, cuda or tensorrt
    number: int = 0  # of the GPU, as the driver counts those that CUDA_VISIBLE_DEVICES leaves


def read_device(text: str) -> Place:
    """Raises ValueError for what is no device."""
    if not re.fullmatch(PATTERN, text, re.ASCII):
        raise ValueError(
            "expected 'auto', 'cpu', 'cuda' or 'tensorrt', or one of several GPUs such as 'cuda:1', "
            f"got {text!r}"
        )
    kind, _, index = text.partition(":")
    return Place(kind, int(index or 0))


def nvidia_devices() -> int:
    """How many GPUs NVIDIA's driver has here; 0 without a driver."""
    driver = _driver()
    count = ctypes.c_int(0)
    if driver is None or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return 0
    return count.value


def check_there(device: str, count: int) -> None:
    """Raises ModelError if the driver has no such GPU. count: how many it has."""
    index = read_device(device).number
    if not count:
        fault = driver_fault() or "no NVIDIA driver with a GPU is here (libcuda.so.1)"
        raise ModelError(f"device {device} was asked for, but {fault}")
    if index >= count:
        here = "one GPU is here, which is 0" if count == 1 else f"{count} GPUs are here, 0 to {count - 1}"
        raise ModelError(
            f"device {device} was asked for, but {here}: `nvidia-smi -L` lists them; CUDA_VISIBLE_DEVICES, "
            "where it is set, hides the others"
        )


def gpu_facts(index: int) -> str:
    """The GPU's name and the driver's version, which an engine that was made for them depends on."""
    driver = _driver()
    if driver is None:
        return "no driver"
    version, device = ctypes.c_int(0), ctypes.c_int(0)
    name = ctypes.create_string_buffer(NAME_LENGTH)
    driver.cuDriverGetVersion(ctypes.byref(version))
    if driver.cuDeviceGet(ctypes.byref(device), index) == 0:
        driver.cuDeviceGetName(name, NAME_LENGTH, device)
    return f"{name.value.decode(errors='replace')}, CUDA {version.value}, {_kernel_module()}"


def _kernel_module() -> str:
    """The driver's own version: several of them have the same CUDA version."""
    try:
        with open("/sys/module/nvidia/version", encoding="ascii") as file:  # noqa: PTH123
            return file.read().strip()
    except OSError:
        return "driver of unknown version"  # in a container, or on Jetson


def driver_fault() -> str | None:
    """Why a driver that is here cannot be used; None where it can be, or where there is no driver or no GPU.

    803 comes after an update of the driver, until the machine is started again; 999 where the files
    /dev/nvidia* are missing or may not be opened."""
    driver, code = _initialised()
    if driver is None or code in (0, NO_DEVICE):
        return None
    text = ctypes.c_char_p()
    driver.cuGetErrorString(code, ctypes.byref(text))
    said = (text.value or b"unknown error").decode(errors="replace")
    return (
        f"NVIDIA's driver does not start ({said}, error {code} of cuInit): after an update of the driver the "
        "machine must be started again; else ask `nvidia-smi` as the same user"
    )


def _driver() -> ctypes.CDLL | None:
    driver, code = _initialised()
    return driver if code == 0 else None


@cache
def _initialised() -> tuple[ctypes.CDLL | None, int]:
    """The driver, and what it said at its start."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return None, 0
    return driver, driver.cuInit(0)
