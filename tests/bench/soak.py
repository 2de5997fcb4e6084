"""Runs edgevision for hours while cameras, disks and outputs fail at random, and says what that left behind.

    python tests/bench/soak.py [--minutes 60] [--streams 4] [--seed 1] [--log soak.log]

All cameras are drawn car parks behind RTSP and a spoiled network; one more comes and goes.
Every ten seconds the frames of each camera must add up, and memory, file descriptors and threads are noted.
At the end every event that was kept must be in the JSON lines, once and in order.
"""

import argparse
import json
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import httpx
import numpy as np
from scipy.stats import theilslopes

from edgevision.opencv import cv2
from edgevision.scene.render import Renderer
from edgevision.scene.world import Scene
from tests import rtsp_server
from tests.fault_proxy import FaultProxy

SIZE, FPS, SCENE = (320, 176), 5, 120  # px, frames/s, s
SAMPLE = 10.0  # s
WARM = 300.0  # s that memory may grow: buffers, caches, the first connections
PAUSE, LASTS = (8.0, 30.0), (2.0, 15.0)  # s between faults, and of one

CONFIG = """
models: {vehicles: {path: builtin:drawn}}
cameras:
CAMERAS
outputs:
  - {type: sqlite, path: events.db}
  - {type: jsonl, path: events.jsonl}
SECOND
http: {listen: 127.0.0.1:0}
"""
CAMERA = """  camNUMBER:
    source: SOURCE
    lines: {street: {from: [0.5, 0.0], to: [0.5, 1.0]}MORE}
    zones: {all: {polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], dwell: true, hold: 0.2s}}
    fps: RATE
"""


@contextmanager
def drawn_streams(number: int) -> Iterator[list[FaultProxy]]:
    """Servers of a drawn car park, each behind a network that can be spoiled."""
    renderer = Renderer(Scene(5, SCENE, SIZE))
    sampling = [cv2.IMWRITE_JPEG_QUALITY, 80, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x221111]  # 4:2:0
    pictures = [
        cv2.imencode(".jpg", renderer.frame(n / FPS), sampling)[1].tobytes() for n in range(SCENE * FPS)
    ]
    # By the time, so that it is a street that goes on, whoever connects when.
    setattr(rtsp_server, "_jpeg", lambda *_: pictures[int(time.monotonic() * FPS) % len(pictures)])  # noqa: B010
    servers = [rtsp_server.RtspServer(fps=FPS, size=SIZE) for _ in range(number)]
    yield [FaultProxy(server.port) for server in servers]
    for server in servers:
        server.close()


@dataclass
class Soak:
    """One process, its faults, and what was seen of it."""

    folder: Path
    proxies: list[FaultProxy]
    chance: random.Random
    log: IO[str]
    faults: Counter[str] = field(default_factory=Counter)
    samples: list[dict[str, float]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def start(self) -> None:
        self.write_config()
        inject = Path(__file__).with_name("inject.py")
        stderr = (self.folder / "stderr").open("w")
        self.process = subprocess.Popen(
            [sys.executable, inject, self.folder / "faults", "run", "--json", "config.yaml"],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
        while "url=" not in (text := (self.folder / "stderr").read_text()):
            assert self.process.poll() is None, text
            time.sleep(0.2)
        self.url = text.split("url=")[1].split()[0]

    def write_config(self) -> None:
        """The same cameras, with something else each time: a line, a rate, a camera, an output."""
        sources = [f"rtsp://127.0.0.1:{proxy.port}/cam" for proxy in self.proxies]
        if self.chance.random() < 0.5:
            sources.pop()
        cameras = ""
        for number, source in enumerate(sources):
            more = ", road: {from: [0.25, 0.0], to: [0.25, 1.0]}" if self.chance.random() < 0.5 else ""
            rate = str(self.chance.choice((FPS, FPS + 5)) if number == 1 else FPS)
            camera = CAMERA.replace("NUMBER", str(number)).replace("MORE", more).replace("RATE", rate)
            cameras += camera.replace("SOURCE", source)
        second = "  - {type: jsonl, path: second.jsonl}" if self.chance.random() < 0.5 else ""
        text = CONFIG.replace("CAMERAS", cameras).replace("SECOND", second)
        (self.folder / "config.yaml").write_text(text)

    def fault(self) -> Callable[[], None]:
        """Make one; what ends it."""
        proxy = self.chance.choice(self.proxies)
        kinds: dict[str, Callable[[], Callable[[], None]]] = {
            "reset": lambda: self._cut(proxy, True),
            "closed": lambda: self._cut(proxy, False),
            "away": lambda: self._away(proxy),
            "frozen": lambda: self._set(proxy, "frozen", True, False),
            "garbage": lambda: self._set(proxy, "noise", 1e-3, 0.0),
            "packets lost": lambda: self._set(proxy, "drop", 0.2, 0.0),
            "reload": self._reload,
            "output fails": lambda: self._fail("output"),
            "journal fails": lambda: self._fail("journal"),
        }
        kind = self.chance.choice(list(kinds))
        self.faults[kind] += 1
        return kinds[kind]()

    def sample(self, passed: float) -> None:
        """Scrape, and look at the process from outside."""
        proc = Path("/proc") / str(self.process.pid)
        status = dict(line.split(":", 1) for line in (proc / "status").read_text().splitlines())
        seen = {
            "at": passed,
            "rss_mb": int(status["VmRSS"].split()[0]) / 1024,
            "threads": int(status["Threads"]),
            "fds": len(list((proc / "fd").iterdir())),
        }
        cameras = accounts(httpx.get(f"{self.url}/metrics", timeout=10).text)
        for camera, frames in cameras.items():
            left = frames["frames_total"] - sum(frames.values()) + frames["frames_total"]
            if left:
                self.wrong.append(f"{passed:.0f} s: {camera}: {left:.0f} frames too many: {dict(frames)}")
        seen["captured"] = sum(frames["frames_total"] for frames in cameras.values())
        seen["ready"] = httpx.get(f"{self.url}/readyz", timeout=10).status_code == 200
        self.samples.append(seen)
        print(json.dumps(seen), file=self.log, flush=True)

    def stop(self) -> dict[str, Any]:
        """End it in good order; the frames of each camera as it tells them at its end."""
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=20)
        if self.process.returncode:
            self.wrong.append(f"it ended with {self.process.returncode}")
        cameras: dict[str, Any] = json.loads(out)["cameras"]
        for name, each in cameras.items():
            if each["captured"] != each["processed"] + sum(each["dropped"].values()):
                self.wrong.append(f"at the end: {name}: {each}")
        return cameras

    def _set(self, proxy: FaultProxy, name: str, value: Any, healed: Any) -> Callable[[], None]:
        setattr(proxy, name, value)
        return lambda: setattr(proxy, name, healed)

    def _cut(self, proxy: FaultProxy, reset: bool) -> Callable[[], None]:
        proxy.cut(reset)
        return lambda: None

    def _away(self, proxy: FaultProxy) -> Callable[[], None]:
        heal = self._set(proxy, "refusing", True, False)
        proxy.cut(reset=True)
        return heal

    def _fail(self, place: str) -> Callable[[], None]:
        path = self.folder / "faults" / place
        path.write_text("fail")
        return lambda: path.unlink(missing_ok=True)

    def _reload(self) -> Callable[[], None]:
        self.write_config()
        self.process.send_signal(signal.SIGHUP)
        return lambda: None


def accounts(text: str) -> dict[str, Counter[str]]:
    """Frames by camera and metric; those that were dropped, for whatever reason, as one."""
    cameras: dict[str, Counter[str]] = {}
    for line in text.splitlines():
        if line.startswith("edgevision_frames_"):
            name, _, value = line.partition(" ")
            name, _, labels = name.removeprefix("edgevision_").partition("{")
            camera = labels.split('camera="')[1].split('"')[0]
            cameras.setdefault(camera, Counter())[name] += int(float(value.split()[0]))
    return cameras


def events(folder: Path) -> tuple[list[str], list[str]]:
    """Ids in the journal, and in the JSON lines."""
    with closing(sqlite3.connect(folder / "events.db")) as database:
        kept = [row[0] for row in database.execute("SELECT id FROM events ORDER BY seq")]
    return kept, [json.loads(line)["id"] for line in (folder / "events.jsonl").read_text().splitlines()]


def slope(samples: list[dict[str, float]]) -> str:
    """MB of memory per hour after the warm-up, with its 95 % interval (Theil-Sen, one mean per minute)."""
    warm = [each for each in samples if each["at"] > WARM]
    minutes = sorted({int(each["at"] // 60) for each in warm})
    if len(minutes) < 5:
        return "too short to tell"
    means = [np.mean([s["rss_mb"] for s in warm if int(s["at"] // 60) == minute]) for minute in minutes]
    middle, _, low, high = theilslopes(means, [minute / 60 for minute in minutes])
    return f"{middle:+.2f} MB/h ({low:+.2f} to {high:+.2f}), from {means[0]:.0f} to {means[-1]:.0f} MB"


def run(soak: Soak, seconds: float) -> None:
    began = time.monotonic()
    next_fault, next_sample, heals = began + 10, began, began
    heal: Callable[[], None] | None = None
    while (now := time.monotonic()) < began + seconds and soak.process.poll() is None:
        if heal and now >= heals:
            heal()
            heal, next_fault = None, now + soak.chance.uniform(*PAUSE)
        elif not heal and now >= next_fault and now < began + seconds - 60:
            heal, heals = soak.fault(), now + soak.chance.uniform(*LASTS)
        if now >= next_sample:
            soak.sample(now - began)
            next_sample += SAMPLE
        time.sleep(0.1)


def report(soak: Soak, cameras: dict[str, Any]) -> dict[str, Any]:
    kept, told = events(soak.folder)
    if kept != told:
        lost, doubled = len(set(kept) - set(told)), len(told) - len(set(told))
        soak.wrong.append(f"events: {len(kept)} kept, {len(told)} told: {lost} lost, {doubled} doubled")
    warm = [each for each in soak.samples if each["at"] > min(WARM, soak.samples[-1]["at"] / 2)]
    return {
        "minutes": round(soak.samples[-1]["at"] / 60, 1),
        "faults": dict(soak.faults),
        "memory": slope(soak.samples),
        "threads, least to most": [min(s["threads"] for s in warm), max(s["threads"] for s in warm)],
        "file descriptors, least to most": [min(s["fds"] for s in warm), max(s["fds"] for s in warm)],
        "scrapes": len(soak.samples),
        "of them ready": sum(s["ready"] for s in soak.samples),
        "frames at the end": {name: each["captured"] for name, each in cameras.items()},
        "events kept": len(kept),
        "wrong": soak.wrong,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--streams", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", default="/dev/null", help="a file for what is sampled")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        drawn_streams(options.streams + 1) as proxies,
        Path(options.log).open("w") as log,
    ):
        (Path(folder) / "faults").mkdir()
        soak = Soak(Path(folder), proxies, random.Random(options.seed), log)
        soak.start()
        try:
            run(soak, options.minutes * 60)
            done = report(soak, soak.stop())
        finally:
            soak.process.kill()
    print(json.dumps(done, indent=1))
    return int(bool(done["wrong"]))


if __name__ == "__main__":
    sys.exit(main())
