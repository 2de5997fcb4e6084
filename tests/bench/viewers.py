"""What viewers cost: frames per second with 0, 1 and 10 who look on, and with one who never reads.

    python tests/bench/viewers.py [CLIP] [--model builtin:default] [--rounds 5]

A file is read at full speed, so that every millisecond that is taken is seen. The four ways are run in turn
within each round, since other work on the machine comes and goes; the median of each, as a share of that of
nobody, is printed. Viewers are a process of their own, and on this machine: their work counts as well.
"""

import argparse
import json
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from edgevision import log
from edgevision.app import App
from edgevision.config import check
from edgevision.document import Document

WAYS = {"nobody": (0, 0), "1 viewer": (1, 0), "10 viewers": (10, 0), "1 that never reads": (0, 1)}
CLIP = "synthetic:carpark?seed=1&seconds=40&fps=15&width=1280&height=720"


def look(url: str, reading: int, stuck: int) -> None:
    """Be so many viewers until killed."""
    where, selector = urlsplit(url), selectors.DefaultSelector()
    sockets = []
    for number in range(reading + stuck):
        each = socket.create_connection((where.hostname, where.port or 80))
        each.sendall(f"GET {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\n\r\n".encode())
        sockets.append(each)
        if number < reading:
            selector.register(each, selectors.EVENT_READ)
    while selector.get_map():
        for key, _ in selector.select():
            assert isinstance(key.fileobj, socket.socket)
            if not key.fileobj.recv(1 << 18):
                selector.unregister(key.fileobj)
    time.sleep(3600)


@contextmanager
def viewers(url: str, reading: int, stuck: int) -> Iterator[None]:
    if not reading + stuck:
        yield
        return
    process = subprocess.Popen([sys.executable, __file__, "--look", json.dumps([url, reading, stuck])])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def run(clip: str, model: str, reading: int, stuck: int) -> tuple[float, float]:
    """Frames per second, and milliseconds of processor time that this process took for each."""
    data = {
        "models": {"bench": {"path": model, "device": "cpu"}},
        "cameras": {"clip": {"source": clip, "lines": {"middle": {"from": [0.0, 0.55], "to": [1.0, 0.55]}}}},
        "http": {"listen": "127.0.0.1:0"},
    }
    app = App(check(Document("bench", data, {}, []), Path()))
    assert app._server
    began = ended = 0.0
    used = time.process_time()

    def tick() -> None:
        nonlocal began, ended
        began = began or time.monotonic()
        if not ended and not app.pipeline.is_working():
            ended = time.monotonic()

    with viewers(f"{app._server.url}/api/v1/cameras/clip/live.mjpg", reading, stuck):
        app.run(tick)
    frames = app.pipeline.frame_counts()["clip"].processed
    return frames / (ended - began), 1000 * (time.process_time() - used) / frames


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("clip", nargs="?", default=CLIP)
    parser.add_argument("--model", default="builtin:default")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--look", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.look:
        look(*json.loads(options.look))
        return
    log.setup("warning")
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    for number in range(options.rounds):
        for way, (reading, stuck) in WAYS.items():
            found[way].append(run(options.clip, options.model, reading, stuck))
        told = (f"{way} {results[-1][0]:.1f}/s {results[-1][1]:.1f} ms" for way, results in found.items())
        print(f"round {number + 1}:", ", ".join(told), flush=True)
    for way, results in found.items():
        shares = [mine[0] / alone[0] for mine, alone in zip(results, found["nobody"], strict=True)]
        work = [mine[1] / alone[1] for mine, alone in zip(results, found["nobody"], strict=True)]
        speed = statistics.median(rate for rate, _ in results)
        print(
            f"{way:<20} {speed:6.1f} frames/s, {statistics.median(shares):.2f} of that of nobody; "
            f"work for a frame {statistics.median(work):.2f}"
        )


if __name__ == "__main__":
    main()
