"""A newcomer's way, timed: install, init, run, draw a line, an alert for what crosses it.

    PYTHONPATH=. python tests/bench/newcomer.py CLIP [--wheels FOLDER]

A wheel of this checkout goes into a fresh environment (pip may use its cache). The clip is played over RTSP,
again and again, as a camera would give it; the alert goes to a web server of this script. For each step it
prints seconds by the wall, and what a person has to do: keys on the command line and on the page, clicks
and pulls. Thinking and reading take no time here. It needs chromium and `pip install '.[browser]'`.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

from edgevision.opencv import cv2
from tests.conftest import CHROMIUM, QUIET
from tests.rtsp_server import RtspServer

ROOT = Path(__file__).parents[2]
SIZE = (768, 432)
FPS = 15
LINE = ((0.05, 0.62), (0.95, 0.62))
LONGEST = 300  # s for an alert to come


class Steps:
    """Prints each as it ends."""

    def __init__(self) -> None:
        self.all: list[dict[str, Any]] = []

    @contextmanager
    def step(self, name: str, *, keys: int = 0, clicks: int = 0) -> Iterator[None]:
        began = time.monotonic()
        yield
        seconds = round(time.monotonic() - began, 1)
        self.all.append({"step": name, "seconds": seconds, "keys": keys, "clicks": clicks})
        print(f"{name:<8} {seconds:6.1f} s  {keys:4} keys  {clicks:2} clicks", flush=True)


class Hook:
    """Takes events, as a chat room would."""

    def __init__(self) -> None:
        self.events: Queue[dict[str, Any]] = Queue()
        events = self.events

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                events.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, name="hook", daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


def camera(clip: Path) -> RtspServer:
    """Its pictures in a loop, FPS of them a second."""
    video, jpegs = cv2.VideoCapture(str(clip)), list[bytes]()
    step = max(1, round(video.get(cv2.CAP_PROP_FPS) / FPS))
    while video.grab():
        if video.get(cv2.CAP_PROP_POS_FRAMES) % step < 1:
            picture = cv2.resize(video.retrieve()[1], SIZE, interpolation=cv2.INTER_AREA)
            sampling = [cv2.IMWRITE_JPEG_QUALITY, 80, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x221111]
            jpegs.append(cv2.imencode(".jpg", picture, sampling)[1].tobytes())
    return RtspServer(fps=FPS, size=SIZE, jpeg=lambda number: jpegs[number % len(jpegs)])


def typed(*commands: str) -> int:
    """Keys, with Enter."""
    return sum(len(command) + 1 for command in commands)


def sh(command: str, folder: Path) -> None:
    """Without this checkout in Python's path: what was installed is tried."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(command, shell=True, cwd=folder, check=True, stdout=subprocess.DEVNULL, env=environ)


def draw(url: str) -> None:
    """Two clicks and a pull: Line, across the road, Save."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        tab = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET).new_page()
        tab.goto(url)
        tab.get_by_role("button", name="Line", exact=True).click()
        while not tab.evaluate("document.querySelector('.stage img').naturalWidth"):
            tab.wait_for_timeout(50)
        box = tab.locator(".layer").bounding_box()
        assert box
        (x1, y1), (x2, y2) = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in LINE]
        tab.mouse.move(x1, y1)
        tab.mouse.down()
        tab.mouse.move(x2, y2, steps=5)
        tab.mouse.up()
        tab.get_by_role("button", name="Save", exact=True).click()
        tab.get_by_text("Saved.").wait_for()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("clip", type=Path)
    parser.add_argument("--wheels", help="a folder to find libraries in, where there is no network")
    options = parser.parse_args()
    steps, hook, folder = Steps(), Hook(), Path(tempfile.mkdtemp(prefix="newcomer-"))
    clip = camera(options.clip)
    sh(f"{sys.executable} -m pip wheel --quiet --no-deps --wheel-dir {folder} {ROOT}", folder)
    (wheel,) = folder.glob("*.whl")
    where = f" --find-links {options.wheels}" if options.wheels else ""
    install = ("python3 -m venv .venv", "pip install 'edgevision[webhook]'", ". .venv/bin/activate")
    with steps.step("install", keys=typed(*install)):
        sh(f"{sys.executable} -m venv .venv && .venv/bin/pip install --quiet{where} {wheel}[webhook]", folder)
    init = f"edgevision init gate --source {clip.url} --alert {hook.url}"
    with steps.step("init", keys=typed(init)):
        sh(f".venv/bin/{init}", folder)
    # A port of its own, so that it can be run beside a service.
    written = folder / "gate.yaml"
    written.write_text(written.read_text().replace("127.0.0.1:9108", "127.0.0.1:0"))
    run = f"ALERT_URL={hook.url} edgevision run gate.yaml --open"
    with steps.step("run", keys=typed(run)):
        service = subprocess.Popen(
            [".venv/bin/edgevision", "run", "gate.yaml"], cwd=folder, env={"ALERT_URL": hook.url},
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert service.stderr
        log = ""
        while not (found := re.search(r"url=(\S+/#edit/\S+)", log)):
            log += (line := service.stderr.readline())
            assert line, log
    Thread(target=service.stderr.read, name="log", daemon=True).start()
    try:
        with steps.step("draw", clicks=4):
            draw(found[1])
        with steps.step("alert"):
            while (event := hook.events.get(timeout=LONGEST))["name"] != "line1":
                pass
    finally:
        service.terminate()
        service.wait(10)
        clip.close()
    print(f"alert: a {event['label']} {event['kind']} {event['name']}")
    total = {key: round(sum(each[key] for each in steps.all), 1) for key in ("seconds", "keys", "clicks")}
    print(f"{'all':<8} {total['seconds']:6.1f} s  {total['keys']:4} keys  {total['clicks']:2} clicks")


if __name__ == "__main__":
    main()
