"""The page of a running service in a real browser."""

import importlib.resources
import importlib.util
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.commands.process import Service
from tests.rtsp_server import RtspServer

CONFIG = """\
models: {{vehicles: {{path: builtin:drawn}}}}
cameras:
  carpark:
    source: synthetic:carpark?seed=5&seconds=30&fps=5&width=320&height=180&live=1
    sight: off
    heatmaps: {{ground: {{}}}}
    # what is counted
    zones:
      all: {{polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], hold: 0.2s}}  # everything
  gate:
    source: {camera}
    sight: off
    lines: {{way: {{from: [0, 0.5], to: [1, 0.5]}}}}
outputs:
  - {{type: sqlite, path: events.db}}
  - {{type: evidence, folder: evidence, clip: {{before: 1s, after: 1s}}}}
http: {{listen: 127.0.0.1:0}}
"""
# What a browser writes of itself when a service or a picture is away; a script's mistake reads otherwise.
AWAY = "Failed to load resource"


class Shown:
    """A service with a drawn car park and a camera that can be lost."""

    def __init__(self, folder: Path, camera: RtspServer) -> None:
        self._camera: RtspServer | None = camera
        self._text = CONFIG.format(camera=camera.url)
        self.service = Service(folder, self._text)
        self.url, self.config = self.service.url, self.service.config

    def begin_again(self) -> None:
        if self.config.read_text() != self._text:
            self.config.write_text(self._text)
            httpx.post(f"{self.url}/api/v1/reload")

    def lose_camera(self) -> None:
        if self._camera:
            self._camera.close()
        self._camera = None


@contextmanager
def watching(browser: Any, url: str, **how: Any) -> Iterator[Any]:
    """A tab that shows the page; fails for whatever its console says."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **how})
    tab = context.new_page()
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        tab.goto(url)
        yield tab
    finally:
        context.close()
    wrong = [text for text in complaints if not text.startswith(AWAY)]
    assert not wrong, wrong
    tab.complaints = complaints


def wait_for(tab: Any, script: str, seconds: float = 60) -> float:
    """Until a script is true; how long (s) that took. Not by Playwright, which needs `unsafe-eval` for it."""
    began = time.monotonic()
    while not tab.evaluate(script):
        words = "document.body.innerText" if time.monotonic() - began > seconds else ""
        assert not words, f"never in {seconds:g} s: {script}\n{tab.evaluate(words)}"
        tab.wait_for_timeout(50)
    return time.monotonic() - began


def faults(tab: Any) -> list[str]:
    """What axe finds to keep people out, of those it calls serious or critical."""
    if importlib.util.find_spec("axe_playwright_python") is None:
        pytest.skip("axe-playwright-python, which brings axe, is not installed")
    axe = importlib.resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()
    tab.evaluate(axe)
    found = tab.evaluate("axe.run()")["violations"]
    return [
        f"{each['id']}: {[node['html'] for node in each['nodes']]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
