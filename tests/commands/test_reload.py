"""A configuration that is edited while it runs, and SIGHUP, as an operator does it."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.commands.process import Service
from tests.waiting import wait_until

CONFIG = """
models: {vehicles: {path: builtin:drawn}}
cameras:
  carpark:
    source: synthetic:carpark?seed=5&seconds=30&fps=5&width=320&height=180&live=1
    zones: {all: {polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], hold: 0.2s}}
outputs:
  - {type: jsonl, path: events.jsonl}
http: {listen: 127.0.0.1:0}
"""
LINE = "    lines: {street: {from: [0.5, 0.0], to: [0.5, 1.0]}}\n"
SECOND = """  yard:
    source: synthetic:carpark?seed=6&seconds=30&fps=5&width=320&height=180&live=1
    zones: {every: {polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], hold: 0.2s}}
"""


class Box(Service):
    """A service whose file is edited."""

    def edit(self, before: str, after: str) -> str:
        """Change the file and say so to the process; what it logs of it."""
        text = self.config.read_text()
        assert before in text
        self.config.write_text(text.replace(before, after))
        self.log = ""
        self.process.send_signal(signal.SIGHUP)
        return self.wait_for_log(r"(.*configuration (?:read again|not taken).*)")

    def captured(self, camera: str) -> float:
        for line in httpx.get(f"{self.url}/metrics").text.splitlines():
            if line.startswith(f'edgevision_frames_total{{camera="{camera}"}}'):
                return float(line.split()[-1])
        return -1.0


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    with Box(tmp_path, CONFIG) as box:
        yield box


def names(folder: Path, file: str = "events.jsonl") -> set[str]:
    path = folder / file
    text = path.read_text() if path.exists() else ""
    return {json.loads(line)["name"] for line in text.splitlines()}


def test_lines_cameras_and_outputs_change_while_the_rest_goes_on(box: Box, tmp_path: Path) -> None:
    wait_until(lambda: box.captured("carpark") > 5)
    before = box.captured("carpark")
    assert "camera carpark: asks other questions" in box.edit("    zones: {all", LINE + "    zones: {all")
    told = box.edit("    zones: {all", "    priority: 2\n    zones: {all")
    assert "camera carpark: has another priority" in told
    assert box.captured("carpark") >= before  # its account goes on: it was not opened anew
    wait_until(lambda: "street" in names(tmp_path))

    assert "camera yard: added" in box.edit("outputs:", SECOND + "outputs:")
    wait_until(lambda: "every" in names(tmp_path))
    assert box.captured("carpark") > before

    assert "not taken" in box.edit("outputs:", "outputs: what\n")
    told = box.edit("outputs: what\n", "outputs:")
    assert "changes=none" in told or 'changes="none"' in told

    told = box.edit("events.jsonl", "others.jsonl")
    assert "output jsonl-0: removed" in told
    wait_until(lambda: "all" in names(tmp_path, "others.jsonl"))

    assert "camera yard: removed" in box.edit(SECOND, "")
    assert box.captured("yard") == -1
    assert 'camera="yard"' not in httpx.get(f"{box.url}/metrics").text
    assert "camera carpark: started anew" in box.edit("fps=5&width=320", "fps=6&width=320")
    wait_until(lambda: box.captured("carpark") > 0)
    assert httpx.get(f"{box.url}/readyz").status_code == 200

    box.process.terminate()
    assert box.process.wait(10) == 0
