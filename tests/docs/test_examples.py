"""Each command line and each piece of YAML that a page shows is understood by the program as it is now."""

import argparse
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from edgevision import cli
from edgevision.config import Camera, Config, check
from edgevision.document import parse
from edgevision.evaluate.read_counts import check_file
from edgevision.explain import validate
from edgevision.inference.settings import Card
from edgevision.placesfile import PlacesFile

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "models/README.md", *sorted((ROOT / "docs").glob("*.md"))]
CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))
BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
SHELL = ("sh", "console")
# A command line, and what says that one begins: a prompt, variables, a path to the program.
LINE = re.compile(r"^(?:#\s*|.*&& )?(?:\$ )?(?:\w+=\S+ +)*(?:\.venv/bin/)?edgevision (.*?)(?: > .*)?$")
INLINE = re.compile(r"(?<!`)`(?:\w+=\S+ )*edgevision ([^`]+)`")
VARIABLES = set(re.findall(r"\$\{(\w+)\}", "".join(page.read_text() for page in PAGES)))
SECRETS = dict.fromkeys(VARIABLES, "https://host.example/16-or-more-letters")


class Example(NamedTuple):
    where: str
    text: str


def _blocks(page: Path) -> Iterator[tuple[int, str, str]]:
    """Line, language and content of each."""
    text = page.read_text()
    for found in BLOCK.finditer(text):
        content = re.sub(rf"^{found[1]}", "", found[3], flags=re.MULTILINE)
        yield text[: found.start()].count("\n") + 2, found[2], content


def _lines() -> Iterator[Example]:
    """Whole command lines, of pages and of the comments in configurations."""
    for page in PAGES:
        for first, language, content in _blocks(page):
            for number, line in enumerate(content.splitlines(), first):
                if language in SHELL and (found := LINE.match(line)):
                    yield Example(f"{page.name}:{number}", found[1])
    for path in CONFIGS:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line.startswith("#") and (found := LINE.match(line)):
                yield Example(f"{path.name}:{number}", found[1])


def _mentions() -> Iterator[Example]:
    """What is said of a command within a sentence or a table, such as `edgevision check --probe`."""
    for page in PAGES:
        text = BLOCK.sub(lambda found: "\n" * found[0].count("\n"), page.read_text())
        for found in INLINE.finditer(text):
            yield Example(f"{page.name}:{text[: found.start()].count(chr(10)) + 1}", found[1])


YAML = [
    Example(f"{page.name}:{line}", content)
    for page in PAGES
    for line, language, content in _blocks(page)
    if language == "yaml"
]


@pytest.mark.parametrize("example", sorted(set(_lines())), ids=lambda example: example.where)
def test_a_command_line_is_understood(example: Example, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        cli._parser().parse_args(shlex.split(example.text, comments=True))
    except SystemExit:
        pytest.fail(f"edgevision {example.text}: {capsys.readouterr().err}")


@pytest.mark.parametrize("example", sorted(set(_mentions())), ids=lambda example: example.where)
def test_a_command_that_is_spoken_of_exists(example: Example) -> None:
    """With every option that is named. `a|b` is each of them; what the command wants may be left out."""
    text = example.text.replace("\\|", "|")
    words = re.sub(r"[\[\]]", " ", text).split()
    for parser in _parsers(cli._parser(), words):
        known = {option for action in parser._actions for option in action.option_strings}
        assert set(re.findall(r"(?<!\S)--[\w-]+", " ".join(words))) <= known, text


def _parsers(parser: argparse.ArgumentParser, words: list[str]) -> Iterator[argparse.ArgumentParser]:
    below = next((each for each in parser._actions if isinstance(each, argparse._SubParsersAction)), None)
    if below is None or not words:
        yield parser
        return
    for name in words[0].split("|"):
        assert name in below.choices, f"there is no command {name!r}"
        yield from _parsers(below.choices[name], words[1:])


@pytest.mark.parametrize("example", YAML, ids=lambda example: example.where)
def test_a_piece_of_yaml_is_what_the_program_reads(example: Example, tmp_path: Path) -> None:
    data = yaml.safe_load(example.text.replace("[...]", "[[0, 0], [1, 0], [1, 1]]"))
    page = example.where.split(":")[0]
    if isinstance(data, dict) and data.keys() & {"groups", "scrape_configs"}:
        _ask_prometheus("rules" if "groups" in data else "config", data, tmp_path)
    elif "places" in data:
        validate(PlacesFile, parse(example.text, page))
    elif "truth" in data:
        check_file(parse(example.text, page))
    elif "labels" in data:
        validate(Card, parse(example.text, page))
    else:
        whole = _whole(data)
        for path in re.findall(r"[\w/]+\.onnx", str(data)):
            (tmp_path / path).touch()
        spots = tmp_path / "spots.yaml"
        spots.write_text("places: {A1: [[0, 0], [1, 0], [1, 1]]}")
        check(parse(yaml.safe_dump(whole, sort_keys=False), page, SECRETS), tmp_path)


def _whole(data: Any) -> dict[str, Any]:
    """A configuration around what a page shows of one: some outputs, keys of a camera, a camera alone."""
    if isinstance(data, list):
        data = {"outputs": data}
    own = {key: value for key, value in data.items() if key in Config.model_fields}
    of_camera = {key: value for key, value in data.items() if key not in own}
    assert of_camera.keys() <= Camera.model_fields.keys(), of_camera.keys() - Camera.model_fields.keys()
    cameras = {
        name: {"source": "rtsp://camera.example/1", **each}
        for name, each in own.get("cameras", {"gate": {}}).items()
    }
    next(iter(cameras.values())).update(of_camera)
    return {"models": {"default": {}}, **own, "cameras": cameras}


def _ask_prometheus(what: str, data: Any, folder: Path) -> None:
    if not shutil.which("promtool"):
        pytest.skip("promtool is not installed")
    for name in data.get("rule_files", []):
        shutil.copy(ROOT / "deploy/prometheus" / name, folder)
    (folder / "shown.yaml").write_text(yaml.safe_dump(data))
    ask = ["promtool", "check", what, "shown.yaml"]
    done = subprocess.run(ask, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
