"""Packages that are missing, broken or overwrite each other are told with the command that helps."""

import importlib
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from edgevision.doctor.libraries import EXTRAS, check_libraries, lacking, requirements

REQUIRES = [
    "numpy<3,>=1.26",
    "onnxruntime-gpu<2,>=1.24; sys_platform == 'linux' and platform_machine == 'x86_64'",
    "onnxruntime<2,>=1.24; sys_platform != 'linux' or platform_machine != 'x86_64'",
    "opencv-python-headless<6,>=4.10",
    'av<19,>=16; extra == "pyav"',
    "edgevision[eval]; extra == 'quantize'",
    "onnx>=1.16; extra == 'quantize'",
]
USUAL = {"numpy": "2.0", "onnxruntime-gpu": "1.31", "opencv-python-headless": "5.0"}


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What is installed, to be changed."""
    there = dict(USUAL)

    def version(name: str) -> str:
        if name not in there:
            raise metadata.PackageNotFoundError(name)
        return there[name]

    monkeypatch.setattr(metadata, "requires", lambda name: REQUIRES)
    monkeypatch.setattr(metadata, "version", version)
    return there


def found() -> dict[str, tuple[str, str, str]]:
    return {each.subject: (each.level, each.found, each.todo) for each in check_libraries()}


def test_a_usual_box_is_fine(installed: dict[str, str]) -> None:
    assert {level for level, _, _ in found().values()} == {"ok"}
    assert found()["packages"][1] == "numpy 2.0, onnxruntime-gpu 1.31, opencv-python-headless 5.0"


def test_two_opencvs_are_told_with_the_way_out(installed: dict[str, str]) -> None:
    installed["opencv-python"] = "4.12"
    level, text, todo = found()["packages of cv2"]
    assert level == "warn"
    assert "opencv-python-headless and opencv-python overwrite each other" in text
    assert todo == (
        "pip uninstall -y opencv-python-headless opencv-python && "
        "pip install --no-deps opencv-python-headless==5.0"
    )


def test_two_onnxruntimes_are_told_and_the_one_for_gpus_is_kept(installed: dict[str, str]) -> None:
    installed["onnxruntime"] = "1.30"
    assert found()["packages of onnxruntime"][2].endswith("pip install --no-deps onnxruntime-gpu==1.31")


def test_one_onnxruntime_of_another_kind_is_enough(installed: dict[str, str]) -> None:
    installed["onnxruntime-openvino"] = installed.pop("onnxruntime-gpu")
    assert {level for level, _, _ in found().values()} == {"ok"}


def test_a_missing_package_is_a_failure(installed: dict[str, str]) -> None:
    del installed["numpy"]
    said = [each for each in check_libraries() if each.level == "fail"]
    assert [(each.found, each.todo) for each in said] == [("missing: numpy", "pip install numpy")]


def test_no_onnxruntime_at_all_is_one_missing_package(installed: dict[str, str]) -> None:
    del installed["onnxruntime-gpu"]
    said = [each.found for each in check_libraries() if each.level == "fail"]
    assert said == ["missing: onnxruntime-gpu"]


def test_an_opencv_without_its_system_library_is_told(
    installed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str) -> Any:
        if name == "edgevision.opencv":
            raise ImportError("libGL.so.1: cannot open shared object file")
        return None

    monkeypatch.setattr(importlib, "import_module", broken)
    level, text, todo = found()["cv2"]
    assert (level, "libGL.so.1" in text) == ("fail", True)
    assert todo.endswith("opencv-python-headless")


def test_extras_come_with_their_command(installed: dict[str, str]) -> None:
    level, text, _ = found()["extra pyav"]
    assert level == "ok"  # nothing is wrong: nobody needs it
    assert text.endswith("pip install 'edgevision[pyav]'")
    assert lacking("pyav")
    installed["av"] = "17"
    assert found()["extra pyav"][1].startswith("installed")
    assert not lacking("pyav")


def test_requirements_know_their_extra(installed: dict[str, str]) -> None:
    assert ("numpy", None) in requirements()
    assert ("onnxruntime-gpu", None) in requirements()
    assert {name for name, extra in requirements() if extra == "quantize"} == {"edgevision", "onnx"}


def test_every_extra_that_is_told_is_one_of_ours() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert set(EXTRAS) <= set(project["optional-dependencies"])
