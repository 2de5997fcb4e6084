"""Python, the packages that edgevision needs, those that overwrite one another, and the extras."""

import importlib
import platform
import re
import sys
from collections.abc import Iterator
from importlib import metadata

from edgevision import __version__
from edgevision.doctor.finding import Finding, fail, ok, warn

OLDEST = (3, 11)
# What an operator may want, and what for. The packages of each are in the metadata of ours.
EXTRAS = {
    "pyav": "tells why a stream fails, and counts damaged pictures",
    "mqtt": "outputs of type mqtt, Home Assistant",
    "webhook": "outputs of type webhook",
    "postgresql": "outputs of type postgresql",
    "parquet": "edgevision export --format parquet",
    "pull": "edgevision models pull",
    "quantize": "edgevision models quantize",
    "eval": "edgevision eval",
    "openvino": "engine: openvino, which is faster than onnxruntime on some CPUs",
}
# Wheels that write the same folder: the one that was installed last wins, and removing one breaks the others.
CLASHING = {
    "cv2": ("opencv-python-headless", "opencv-python", "opencv-contrib-python-headless",
            "opencv-contrib-python"),
    "onnxruntime": ("onnxruntime-gpu", "onnxruntime", "onnxruntime-openvino", "onnxruntime-directml"),
}  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")


def check_libraries() -> Iterator[Finding]:
    yield _python()
    yield from _clashes()
    yield from _needed()
    yield from _extras()


def _python() -> Finding:
    found = f"{platform.python_version()} at {sys.prefix}, edgevision {__version__}"
    if sys.version_info < OLDEST:
        return fail("Python", found, "edgevision needs 3.11 or newer: make a virtual environment of it")
    return ok("Python", found)


def _clashes() -> Iterator[Finding]:
    for module, names in CLASHING.items():
        there = [name for name in names if version(name)]
        if len(there) > 1:
            one = there[0]
            yield warn(
                f"packages of {module}",
                f"{' and '.join(there)} overwrite each other; which one runs is chance",
                f"pip uninstall -y {' '.join(there)} && pip install --no-deps {one}=={version(one)}",
            )


def _needed() -> Iterator[Finding]:
    """The packages that must be there; and those two that are broken without a library of the system."""
    names = sorted({name for name, extra in requirements() if extra is None})
    groups = [next((group for group in CLASHING.values() if name in group), (name,)) for name in names]
    missing = [name for name, group in zip(names, groups, strict=True) if not any(map(version, group))]
    missing = [name for name in missing if not (name == "onnxruntime" and "onnxruntime-gpu" in names)]
    if missing:
        yield fail("packages", f"missing: {', '.join(missing)}", f"pip install {' '.join(missing)}")
    here = (name for group in groups for name in group)
    yield ok(
        "packages", ", ".join(f"{name} {version(name)}" for name in dict.fromkeys(here) if version(name))
    )
    for module in CLASHING:
        try:
            importlib.import_module("edgevision.opencv" if module == "cv2" else module)
        except ImportError as error:
            todo = "install the package again: pip install --force-reinstall --no-deps NAME"
            if "libGL" in str(error):
                todo = (
                    "pip uninstall -y opencv-python && pip install --force-reinstall opencv-python-headless"
                )
            yield fail(module, f"cannot be loaded: {error}", todo)


def _extras() -> Iterator[Finding]:
    for extra, use in EXTRAS.items():
        needed = [name for name, of in requirements() if of == extra and name != "edgevision"]
        missing = [name for name in needed if not version(name)]
        if needed and missing:
            text = (
                f"not installed ({', '.join(missing)}); it is for: {use}: pip install 'edgevision[{extra}]'"
            )
            yield ok(f"extra {extra}", text)
        elif needed:
            yield ok(f"extra {extra}", f"installed: {use}")


def lacking(extra: str) -> bool:
    """Whether an extra is known and not installed."""
    return any(not version(name) for name, of in requirements() if of == extra and name != "edgevision")


def requirements() -> list[tuple[str, str | None]]:
    """Names of packages and the extra that they belong to, None for those that are always needed."""
    try:
        lines = metadata.requires("edgevision") or []
    except metadata.PackageNotFoundError:
        return []  # a checkout that is not installed
    found = []
    for line in lines:
        name, extra = _NAME.match(line), _EXTRA.search(line)
        if name:
            found.append((name[0].lower(), extra[1] if extra else None))
    return found


def version(name: str) -> str:
    """Of an installed package; empty if it is not."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
