"""What can be written, asked for or read is in the reference: a new key, option or metric fails here."""

import argparse
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import Counter, Gauge, Histogram

from edgevision import cli
from edgevision.analytics import ANALYTICS
from edgevision.config import Config, check
from edgevision.document import parse
from edgevision.metrics import Metrics
from edgevision.sight import CLEAR, KINDS

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs" / "reference.md").read_text()
MANUAL = (ROOT / "configs" / "demo.yaml").read_text()

EVERYTHING = """
models: {d: {path: builtin:drawn}, c: {path: c.onnx}}
cameras:
  a:
    source: synthetic:carpark
    model: d
    lines: {l: {from: [0, 0], to: [1, 1]}, m: {from: [0, 1], to: [1, 0]}}
    zones: {z: {polygon: &p [[0, 0], [1, 0], [1, 1]], dwell: true, crowd: {above: 3}}}
    spots: {places: {A1: *p}}
    queues: {q: {polygon: *p, front: [[0, 0], [1, 0]], long_wait: 5m, long_queue: {above: 3}}}
    heatmaps: {h: {}}
    areas: {r: {polygon: *p, classes: [car], above: 0.3}}
    looks: {k: {model: c, polygon: *p}}
    shelves:
      s: {polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], rows: [{name: top, expect: [car]}], low: 2}
    speeds: {v: {lines: [l, m], metres: 10}}
    trips: {t: {places: [l, m]}}
"""


def words(text: str) -> set[str]:
    return set(re.findall(r"[\w-]+", text))


def keys() -> Iterator[tuple[str, str]]:
    schema = Config.model_json_schema()
    for name, part in {"Config": schema, **schema["$defs"]}.items():
        for key in part.get("properties", {}):
            yield name, key


@pytest.mark.parametrize(("section", "key"), sorted(set(keys())), ids=lambda text: text)
def test_every_key_of_the_configuration_is_explained(section: str, key: str) -> None:
    assert key in words(MANUAL) | words(REFERENCE), f"{section}.{key}"


def test_every_kind_of_event_is_in_its_table(tmp_path: Path) -> None:
    (tmp_path / "c.onnx").touch()
    camera: Any = check(
        parse(EVERYTHING.replace("&p ", "").replace("*p", "[[0, 0], [1, 0], [1, 1]]"), "x"), tmp_path
    )
    asked = {kind: settings for kind, _, settings in camera.settings.cameras["a"].analytics()}
    assert asked.keys() == ANALYTICS.keys()
    table = REFERENCE.split("## Events")[1].split("\n## ")[0]
    rows = [row for row in table.splitlines() if row.startswith("| ")]
    for analytic, settings in asked.items():
        own = " ".join(row for row in rows if row.startswith(f"| {analytic} |"))
        built: Any = ANALYTICS[analytic].build(settings)
        for kind in built.kinds:
            assert ">" in kind or f"`{kind}`" in own, f"{analytic}: {kind}"
    sight = " ".join(row for row in rows if row.startswith("| sight |"))
    assert all(f"`{kind}`" in sight for kind in (*KINDS, CLEAR))


def test_every_metric_is_in_its_table_with_its_labels() -> None:
    metrics = Metrics()
    metrics.watch_frames(dict)
    rows = {
        row.split("`")[1]: row
        for row in REFERENCE.splitlines()
        if row.startswith("| `") and row.count("|") == 4
    }
    ours = [
        each for each in metrics.registry._collector_to_names if isinstance(each, Counter | Gauge | Histogram)
    ]
    families = {family.name for family in metrics.registry.collect() if family.name.startswith("edgevision_")}
    assert len(ours) > 30
    for metric in ours:
        name = metric._name.removeprefix("edgevision_") + ("_total" if isinstance(metric, Counter) else "")
        assert name in rows, f"{name} is in no table"
        told = words(rows[name])
        assert set(metric._labelnames) <= told, f"{name}: {set(metric._labelnames) - told}"
    for name in families:
        short = name.removeprefix("edgevision_")
        assert short in rows or f"{short}_total" in rows, f"{short} is in no table"


def commands(parser: argparse.ArgumentParser, path: str) -> Iterator[tuple[str, argparse.Action]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield from commands(below, f"{path} {name}")
        elif path:
            yield path.strip(), action


OPTIONS = sorted({(path, action.option_strings[-1]) for path, action in commands(cli._parser(), "")
                  if action.option_strings and action.dest != "help"})  # fmt: skip


def rows_of(command: str) -> str:
    """What the table says of a command; `eval detect|segment` is told for several at once."""
    found = ""
    for row in re.findall(r"^\| `edgevision .*$", REFERENCE, re.MULTILINE):
        first = re.split(r"(?<!\\) \| ", row.removeprefix("| "))[0].replace("\\|", "|")
        wanted = command.split()
        told = re.findall(r"edgevision ([a-z|]+)(?: ([a-z|]+))?", first)
        if any(
            all(word in part.split("|") for word, part in zip(wanted, parts, strict=False)) for parts in told
        ):
            found += first
    return found


@pytest.mark.parametrize(("command", "option"), OPTIONS, ids=lambda text: text)
def test_every_option_is_in_the_table_of_commands(command: str, option: str) -> None:
    assert option in rows_of(command), f"edgevision {command} {option}"


def test_the_page_about_the_api_is_current() -> None:
    api_page = runpy.run_path(str(ROOT / "deploy/api_page.py"))
    made = api_page["page"](api_page["description"]())
    assert made == (ROOT / "docs/api.md").read_text(), "it is old: make docs"
    targets = set(re.findall(r"\]\(#(\w+)\)", made))
    assert targets <= {name.lower() for name in re.findall(r"^### (\w+)$", made, re.MULTILINE)}
