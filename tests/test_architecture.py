"""Imports point one way. What this forbids would make a later change touch more than one file."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "edgevision"

BASE = {
    "errors",
    "log",
    "accounts",
    "batchmetrics",
    "metrics",
    "analyticmetrics",
    "redact",
    "service",
    "place",
    "progress",
    "settings",
    "document",
    "explain",
    "builtin",
    "cores",
    "placesfile",
    "spotmetrics",
    "tokens",
}
PLUGINS = {"sources", "inference", "analytics", "outputs"}
# What the modules of each part may import from this package. Its own modules always.
ALLOWED = {
    **dict.fromkeys(BASE, BASE),
    "core": set(),
    "opencv": {"core"},
    "draw": {"core", "opencv"},
    "drawmap": {"core", "opencv", "draw"},
    "drawheat": {"core", "opencv", "draw"},
    "outlines": {"core", "opencv"},
    "views": {"core", "opencv", "draw", "drawmap", "outlines", "errors", "inference"},
    "conceal": {"core", "opencv", "settings"},
    "evidence": {"settings"},
    "videofile": {"core", "opencv", "errors"},
    "videoframes": {"core", "opencv", "errors"},
    "scene": {"opencv"},
    "sight": {"core", "opencv", "settings"},
    "sources": BASE | {"core", "opencv", "scene"},
    "inference": BASE | {"core", "opencv"},
    "analytics": BASE | {"core"},
    "events": {"core"},
    "journal": {"core", "errors", "events", "place"},
    "export": {"errors", "journal"},
    "report": {"core", "errors", "evaluate", "journal"},
    "outputs": BASE
    | {
        "core",
        "events",
        "evidence",
        "journal",
        "opencv",
        "draw",
        "drawmap",
        "drawheat",
        "conceal",
        "videofile",
    },
    "partial": BASE,
    "download": BASE | {"partial"},
    "catalogue": BASE | {"inference"},
    "pipeline": BASE | {"core", "conceal", "opencv", "outlines", "journal", "sight"} | PLUGINS,
    "config": BASE | PLUGINS | {"conceal", "references", "sight"},
    "references": BASE | {"analytics"},
    "lint": BASE | {"config", "core", "analytics", "inference", "spotlint", "lint_less"},
    "lint_less": BASE | {"config", "core", "analytics"},
    "spotlint": BASE | {"core", "analytics"},
    "lint_motion": BASE | {"config", "core", "analytics"},
    "web": BASE,
    "recent": BASE,
    "yaml_edit": BASE,
    "shapes": BASE,
    "configfile": BASE,
    "editing": BASE | {"config", "configfile", "lint", "shapes", "web", "yaml_edit"},
    "looks": BASE | PLUGINS | {"pipeline", "config"},
    "checks": BASE | PLUGINS | {"conceal", "config", "looks"},
    "loading": BASE,
    "networks": BASE | PLUGINS | {"pipeline", "config", "loading", "looks"},
    "assembly": BASE
    | PLUGINS
    | {"core", "journal", "loading", "networks", "pipeline", "config", "looks", "checks", "sight"},
    "reload": BASE | PLUGINS | {"assembly", "config", "journal", "lint", "looks", "pipeline"},
    "replanning": BASE | {"networks", "pipeline"},
    "desk": BASE
    | {"config", "control", "editing", "evidence", "export", "journal", "pipeline", "recent", "web"},
    "control": BASE | {"core", "events", "journal", "pipeline", "web"},
    "bench": BASE
    | PLUGINS
    | {"core", "opencv", "scene", "videofile", "evaluate", "pipeline", "config", "assembly"},
    "watchdog": BASE | {"pipeline"},
    "app": BASE
    | {"desk", "assembly", "config", "loading", "outputs", "pipeline", "recent", "reload", "replanning"}
    | {"watchdog", "web"},
    "evaluate": BASE | {"core", "opencv", "inference", "draw", "videoframes"},
    "label": BASE | {"core", "opencv", "analytics", "config", "evaluate", "videoframes"},
    "spotfiles": BASE | {"core"},
    "learn": BASE | {"core", "opencv", "draw", "scene", "spotfiles"},
    "starter": BASE | {"config"},
    "doctor": BASE | {"config", "opencv", "inference", "outputs"},
    "commands": BASE
    | PLUGINS
    | {
        "core",
        "events",
        "journal",
        "opencv",
        "evaluate",
        "bench",
        "draw",
        "videofile",
        "views",
        "scene",
        "config",
        "pipeline",
        "assembly",
        "app",
    }
    | {"partial", "download", "catalogue", "lint", "lint_motion", "spotfiles", "learn", "starter"}
    | {"doctor", "label", "videoframes", "web"}
    | {"export", "report"},
    "heap": set(),
    "cli": {
        "errors",
        "redact",
        "cli_bench",
        "cli_eval",
        "cli_help",
        "cli_init",
        "cli_optimize",
        "cli_report",
        "cli_token",
        "cli_values",
        "heap",
    },
    "cli_bench": {"cli_values"},
    "cli_help": set(),
    "cli_init": set(),
    "cli_optimize": {"cli_values"},
    "cli_report": set(),
    "cli_token": {"cli_values"},
    "cli_eval": {"cli_values"},
    "cli_values": {"inference"},
    "__main__": {"cli"},
    "library": BASE | {"core", "opencv", "draw", "sources", "inference", "analytics"},
    "__init__": {"core", "library"},
}
CORE_MAY_USE = {"numpy", "scipy", "typing", "dataclasses", "collections", "functools", "importlib", "html"}


def part_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = (
                {f"edgevision.{alias.name}" for alias in node.names} if node.module == "edgevision" else set()
            )
            found |= names or {node.module}
    return found


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    part = part_of(path)
    ours = {name.split(".")[1] for name in imports(path) if name.startswith("edgevision.")}
    ours -= {"__version__", part}
    assert ours <= ALLOWED[part], f"{part} must not import {sorted(ours - ALLOWED[part])}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_cv2_is_imported_in_one_place(path: Path) -> None:
    """Its FFmpeg reads the environment at the first import, so that must come after ours is set."""
    assert part_of(path) == "opencv" or "cv2" not in imports(path)


def test_outputs_get_their_pictures_from_one_place() -> None:
    """Where objects are hidden: an output that drew by itself could show them."""
    drawing = {"edgevision.draw", "edgevision.drawmap", "edgevision.drawheat", "edgevision.conceal.conceal"}
    paths = (PACKAGE / "outputs").glob("*.py")
    assert [path.name for path in paths if imports(path) & drawing] == ["picture.py"]


@pytest.mark.parametrize("path", sorted((PACKAGE / "core").glob("*.py")), ids=lambda path: path.name)
def test_core_knows_arrays_only(path: Path) -> None:
    foreign = {name.split(".")[0] for name in imports(path)} - {"edgevision"}
    assert foreign <= CORE_MAY_USE


PAGES = [path for path in (PACKAGE / "web/page").iterdir() if path.suffix in (".js", ".css")]


@pytest.mark.parametrize("path", FILES + PAGES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_stay_readable(path: Path) -> None:
    assert path.read_text().count("\n") <= 250


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        (
            "import edgevision.cli; edgevision.cli._parser()",
            ["numpy", "cv2", "onnxruntime", "pydantic", "fastapi"],
        ),
        ("import edgevision.commands.run", ["fastapi", "uvicorn", "scipy.optimize", "onnx", "rich", "httpx"]),
        ("from edgevision.core import Tracker", ["cv2", "onnxruntime", "pydantic", "scipy", "fastapi"]),
    ],
)
def test_what_need_not_be_loaded_is_not(statement: str, absent: list[str]) -> None:
    script = f"import sys; {statement}; print([name for name in {absent!r} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
