"""What the README shows is tried here as it stands there."""

import re
from pathlib import Path

import pytest
import yaml

from edgevision.analytics.base import Analytic
from edgevision.config import check
from edgevision.core import Shape, Size
from edgevision.document import parse
from tests.builders import track

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def block(language: str, mark: str) -> str:
    found: str = next(text for kind, text in BLOCKS if kind == language and mark in text)
    return found


def test_it_opens_with_two_commands_of_one_line() -> None:
    (_, demo), (_, tests) = BLOCKS[:2]
    assert demo.count("\n") == tests.count("\n") == 1
    assert demo.rstrip().endswith("edgevision demo")
    assert "pytest" in tests


def test_its_picture_is_there() -> None:
    for picture in re.findall(r"!\[[^]]*\]\(([^)]+)\)", README):
        assert (ROOT / picture).stat().st_size > 10_000


def test_its_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_its_configuration_is_good(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = block("yaml", "cameras:")
    config = check(parse(text, "README.md", {"GATE_PASSWORD": "x"}), tmp_path)
    assert [name for _, name, _ in config.settings.cameras["gate"].analytics()] == ["entrance", "lot"]


def test_its_second_looks_are_good(tmp_path: Path) -> None:
    for name in ("vehicle_kinds", "fullness"):
        (tmp_path / f"{name}.onnx").touch()
    config = check(parse(block("yaml", "then:"), "README.md", {"GATE_PASSWORD": "x"}), tmp_path)
    gate = config.settings.cameras["gate"]
    assert gate.then["kind"].every == 1
    assert [(kind, name) for kind, name, _ in gate.analytics()] == [("line", "taxis"), ("look", "shelf")]


def test_its_prometheus_configuration_is_yaml() -> None:
    assert yaml.safe_load(block("yaml", "scrape_configs:"))["scrape_configs"][0]["job_name"] == "edgevision"


def test_its_new_analytic_works() -> None:
    module: dict[str, object] = {}
    exec(block("python", "presence.py"), module)
    config = module["Config"].model_validate({"quiet": "2s"})  # type: ignore[attr-defined]
    presence: Analytic = module["build"](config)  # type: ignore[operator]
    size = Size(100, 100)
    seen = [
        presence.update([track(5, 5)] if on else [], ts, size) for ts, on in enumerate([1, 1, 0, 0, 0, 1])
    ]
    assert [[(f.kind, f.value) for f in found] for found in seen] == [
        [("appeared", 1)], [], [], [], [], [("appeared", 2)],
    ]  # fmt: skip
    shape = presence.shape(size)
    assert isinstance(shape, Shape)
    assert shape.text == "seen 2 times"


def test_its_tracker_example_works(capsys: pytest.CaptureFixture[str]) -> None:
    import numpy as np

    box = np.array([[1, 2, 30, 40]], np.float32)
    frames = [(n / 10, box, np.array([0.9], np.float32), np.array([0], np.int32)) for n in range(5)]
    exec(block("python", "import Detections, Tracker"), {"frames": frames})
    assert capsys.readouterr().out.startswith("1 car [")
