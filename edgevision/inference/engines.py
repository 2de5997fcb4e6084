"""Where TensorRT keeps the engines that it makes of networks: making one takes up to ten minutes.

An engine fits one file, one kind of GPU and one version of everything: a folder for each, named by a hash of
all that. ONNX Runtime names the files in it, and knows by itself whether the sizes of an engine's inputs fit.
"""

import ctypes
import glob
import hashlib
import logging
import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

from edgevision.inference.devices import gpu_facts
from edgevision.inference.graphfile import weight_files
from edgevision.log import fields

MOST_BYTES = 4 * 10**9  # of all engines; one of a large detector has some 200 MB
MOST_FOLDERS = 32
TIMING = "timing"  # the folder of what all networks on one kind of GPU share: how fast which kernel was
# What it says of a kept file that was cut short, by a full disk, a power cut or a kill: it writes them in
# place, and does not make them anew by itself (tensorrt_execution_provider.cc).
DAMAGED = re.compile(
    "could not deserialize engine from cache|TensorRT EP Failed to Build Engine|could not create timing cache"
)

log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """The service's own folder under systemd, else the user's."""
    given = os.environ.get("CACHE_DIRECTORY", "").split(":")[0]  # systemd.exec(5): a list, colons between
    if given:
        return Path(given) / "engines"
    home = os.environ.get("XDG_CACHE_HOME", "")  # XDG Base Directory: ignored unless it is absolute
    return (Path(home) if home.startswith("/") else Path.home() / ".cache") / "edgevision" / "engines"


def provider_options(provider: str, index: int, path: Path, runtime: str) -> dict[str, str]:
    """What ONNX Runtime `runtime` is told of a provider. index: of the GPU. path: of the file."""
    if provider == "CPUExecutionProvider":
        return {}
    options = {"device_id": str(index)}
    return options | _kept(path, index, runtime) if provider == "TensorrtExecutionProvider" else options


def _kept(path: Path, index: int, runtime: str) -> dict[str, str]:
    """Where an engine is, or will be once it is made; the log says which."""
    root, folder, timing = cache_folder(), engine_folder(path, index, runtime), _timing(index, runtime)
    try:
        for each in (folder, timing):
            each.mkdir(parents=True, exist_ok=True)
            os.utime(each)  # used now; what was not for longest goes first
        tidy(root, keep=(folder, timing))
    except OSError as error:
        log.warning(
            "TensorRT's engines cannot be kept, and are made anew at each start, which may take ten minutes: "
            "let this user write there, or set CACHE_DIRECTORY",
            extra=fields(folder=root, error=error.strerror),
        )
        return {}
    if is_built(folder):
        log.info("TensorRT's engine is there", extra=fields(file=path.name, folder=folder))
    else:
        log.warning(
            "making TensorRT's engine, which may take ten minutes; the next start finds it made",
            extra=fields(file=path.name, folder=folder),
        )
    return {
        "trt_engine_cache_enable": "1",
        "trt_engine_cache_path": str(folder),
        "trt_timing_cache_enable": "1",
        "trt_timing_cache_path": str(timing),
    }


def engine_folder(path: Path, index: int, runtime: str) -> Path:
    """Of one file on one GPU. runtime: ONNX Runtime's version."""
    return cache_folder() / hashlib.sha256(_identity(path) + _machine(index, runtime)).hexdigest()[:32]


def forget_damaged(said: str, path: Path, index: int, runtime: str) -> bool:
    """Remove what is kept for a file if ONNX Runtime said that it is damaged; whether it did."""
    if not DAMAGED.search(said):
        return False
    for folder in (engine_folder(path, index, runtime), _timing(index, runtime)):
        shutil.rmtree(folder, ignore_errors=True)
    return True


def _timing(index: int, runtime: str) -> Path:
    return cache_folder() / f"{TIMING}-{hashlib.sha256(_machine(index, runtime)).hexdigest()[:16]}"


def _machine(index: int, runtime: str) -> bytes:
    return f"{gpu_facts(index)}, TensorRT {_tensorrt()}, ONNX Runtime {runtime}".encode()


def is_built(folder: Path) -> bool:
    return any(folder.glob("*.engine"))


def tidy(root: Path, keep: tuple[Path, ...]) -> None:
    """Remove the folders that were not used for longest, down to the bounds. A process that has loaded an
    engine needs its file no more."""
    folders = sorted((each for each in root.iterdir() if each.is_dir()), key=_used, reverse=True)
    bytes_kept = 0
    for number, folder in enumerate(folders):
        size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
        bytes_kept += size
        if folder not in keep and (number >= MOST_FOLDERS or bytes_kept > MOST_BYTES):
            shutil.rmtree(folder, ignore_errors=True)
            bytes_kept -= size


def _identity(path: Path) -> bytes:
    """Of the file; and of weights beside it, as `x.onnx.data`, that are too large to be read again."""
    content = path.read_bytes()
    beside = [(each.name, each.stat().st_size, each.stat().st_mtime_ns) for each in _weights(path, content)]
    return hashlib.sha256(content).digest() + repr(beside).encode()


def _weights(path: Path, content: bytes) -> list[Path]:
    """By the names that are usual, and by those that the file says."""
    named = {path.parent / name for name in weight_files(content)}
    usual = path.parent.glob(f"{glob.escape(path.name)}?*")
    return sorted(each for each in {*usual, *named} if each.is_file())


def _used(folder: Path) -> float:
    with suppress(OSError):  # another process removes it now
        return folder.stat().st_mtime
    return 0.0


def _tensorrt() -> str:
    try:
        library = ctypes.CDLL("libnvinfer.so.10")  # that onnxruntime-gpu 1.31 wants (readelf -d)
        return str(library.getInferLibVersion())
    except (OSError, AttributeError):
        return "of unknown version"
