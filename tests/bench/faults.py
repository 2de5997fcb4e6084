"""What each fault of a camera costs: seconds until it is noticed, seconds until pictures come again, and
what another camera notices of it.

    PYTHONPATH=. python tests/bench/faults.py [--quick] [--only NAME ...] [--backend pyav]

A camera behind a proxy (tests/fault_proxy.py) is captured for real, beside one that nothing happens to; the
cameras are processes of their own. Noticed: it is not `streaming` any more. Recovered: a usable picture of
a new session. Exits with 1 if a limit is not kept: 3.5 s to notice (stall_timeout + 0.5), the last back-off
+ 2 s to recover, 95 % of the other camera's frames, 5 MB and no thread or file more after 100 reconnects.
"""

import argparse
import logging
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from edgevision.pipeline import retry
from edgevision.pipeline.retry import Gate
from edgevision.sources import LiveSettings, Source, open_source, parse_address
from tests.bench.fault_camera import CameraProcess
from tests.bench.fault_list import AGAIN, ENDURE, HANG, LOST, REFUSED, Hanging
from tests.bench.fault_watch import PATIENCE, Usage, Waits, Watched

CALM, LASTS, ENDURED = 3.0, 6.0, 15.0  # s before a fault, of a fault that is noticed, of one that is not
LIVE = LiveSettings()
NOTICE, RECOVER, SHARE, GROWTH = LIVE.stall + 0.5, 2.0, 0.95, 5.0


class Row(NamedTuple):
    fault: str
    noticed: float | None
    recovered: float | None
    remark: str
    good: bool


class Bench:
    def __init__(self, backend: str) -> None:
        self._live = LiveSettings(backend=backend)  # type: ignore[arg-type]
        self._gate = Gate()
        self._waits = Waits()
        logging.getLogger("edgevision.pipeline.capture").addHandler(self._waits)
        self._quiet_camera = CameraProcess()
        self.other = self._watch(self._quiet_camera.url)
        self.other.wait(streams=True)
        self._began = self._ended = 0.0  # of the fault that is looked at

    def _source(self, url: str) -> Source:
        return open_source(parse_address(url, Path()), self._live)

    def _watch(self, url: str) -> Watched:
        return Watched(self._source(url), self._live, self._gate)

    def lost(self, name: str) -> Row:
        begin, end = LOST[name]
        camera = CameraProcess()
        watched = self._watch(camera.url)
        watched.wait(streams=True)
        time.sleep(CALM)
        row = self._loss(name, watched, lambda: begin(camera), lambda: end(camera))
        watched.close()
        camera.kill()
        return row

    def _loss(self, name: str, watched: Watched, begin: Callable[[], None], end: Callable[[], None]) -> Row:
        self._began = time.monotonic()
        begin()
        noticed = watched.wait(streams=False)
        if name not in ("connection reset", "connection closed"):
            time.sleep(max(0.0, LASTS - noticed))
        end()
        recovered = watched.wait(streams=True)
        limit = self._waits.last + RECOVER
        good = noticed <= NOTICE and recovered <= limit
        remark = f"{', '.join(watched.reconnects())}; at most {limit:.1f} s"
        self._ended = time.monotonic()
        return Row(name, noticed, recovered, remark, good)

    def hang(self) -> Row:
        camera = CameraProcess()
        time.sleep(CALM)
        source = Hanging(self._source(camera.url))
        watched = Watched(source, self._live, self._gate)
        source.hung.wait(PATIENCE)
        self._began = time.monotonic()
        noticed, recovered = watched.wait(streams=False), watched.wait(streams=True)
        again = watched.wait(streams=False), watched.wait(streams=True)
        self._ended = time.monotonic()
        left = watched.value("capture_threads_lost_total")
        watched.close()
        camera.kill()
        good = noticed <= NOTICE and max(recovered, again[1]) <= self._waits.last + RECOVER and left == 2
        return Row(HANG, noticed, recovered, f"{left:.0f} threads left behind", good)

    def endured(self, name: str) -> Row:
        begin, end = ENDURE[name]
        camera = CameraProcess()
        watched = self._watch(camera.url)
        watched.wait(streams=True)
        time.sleep(CALM)
        self._began = began = time.monotonic()
        begin(camera)
        lag = 0.0
        while time.monotonic() < began + ENDURED:
            time.sleep(0.1)
            lag = max(lag, watched.value("source_lag_seconds"))
        self._ended = time.monotonic()
        rate = watched.rate(began, self._ended)
        end(camera)
        back = watched.wait(streams=True)
        counts = watched.reconnects()
        remark = [f"{rate:.1f} frames/s", f"reconnects {sum(counts.values())} {' '.join(counts)}".strip()]
        remark.append(f"late {lag:.1f} s") if lag > 1 else None
        for metric, text in (("decode_errors_total", "complaints"), ("pts_jumps_total", "jumps")):
            if watched.value(metric):
                remark.append(f"{watched.value(metric):.0f} {text}")
        remark.append(f"{watched.size[0]}x{watched.size[1]}") if "size" in name else None
        watched.close()
        camera.kill()
        return Row(name, None, None, ", ".join(remark), back < float("inf") and sum(counts.values()) <= 2)

    def refused(self, name: str) -> Row:
        kind, reason, limit = REFUSED[name]
        camera = CameraProcess(password="right-one")
        base = f"rtsp://viewer:wrong-one@127.0.0.1:{camera.port}"
        silent = CameraProcess()
        silent.order(proxy={"frozen": True})
        url = {
            "guarded": f"{base}/cam",
            "path": f"{base}/nothing",
            "closed": "rtsp://127.0.0.1:1/cam",
            "name": "rtsp://camera.invalid/cam",
            "silent": silent.url,
        }[kind]
        time.sleep(CALM)
        self._began = time.monotonic()
        watched = self._watch(url)
        noticed = watched.wait_for_loss()
        time.sleep(CALM)
        self._ended = time.monotonic()
        reasons = watched.reconnects()
        watched.close()
        camera.kill()
        silent.kill()
        remark = f"{', '.join(reasons)}; next attempt in {self._waits.last:.0f} s"
        return Row(name, noticed, None, remark, noticed <= limit and list(reasons) == [reason])

    def again(self, name: str, times: int) -> Row:
        camera = CameraProcess()
        watched = self._watch(camera.url)
        watched.wait(streams=True)
        begin, end = LOST[AGAIN[name]]
        retry.MOST = 0.5  # s: one that fails a hundred times within minutes is else asked every 30 s
        took = []
        time.sleep(CALM)
        self._began, first = time.monotonic(), Usage.now()
        for number in range(times):
            begin(camera)
            watched.wait(streams=False)
            end(camera)
            took.append(watched.wait(streams=True))
            if number == times // 10:
                first = Usage.now()  # when all that is made once has been made
        self._ended, last = time.monotonic(), Usage.now()
        watched.close()
        camera.kill()
        grown = [after - before for before, after in zip(first, last, strict=True)]
        recovered = sum(each < float("inf") for each in took)
        remark = (
            f"{recovered} of {times} recovered; {grown[0]:+.1f} MB, {grown[1]:+} threads, {grown[2]:+} files"
        )
        good = recovered == times and grown[0] < GROWTH and max(grown[1:]) <= 0
        return Row(name.replace("100", str(times)), None, sorted(took)[times // 2], remark, good)

    def rows(self, names: list[str], quick: bool) -> Iterator[tuple[Row, float, float]]:
        """Each fault, and the frames and the 99th percentile of gaps of the other camera, as ratios."""
        for name in names:
            if name in LOST:
                row = self.lost(name)
            elif name in ENDURE:
                row = self.endured(name)
            elif name in REFUSED:
                row = self.refused(name)
            else:
                row = self.hang() if name == HANG else self.again(name, 10 if quick else 100)
            during, calm = (self._began, self._ended), (self._began - CALM, self._began)
            frames = self.other.rate(*during) / self.other.rate(*calm)
            yield row, frames, self.other.gap(*during) / self.other.gap(*calm)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="10 instead of 100 reconnects")
    names = [*LOST, *REFUSED, HANG, *ENDURE, *AGAIN]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--backend", default="auto", choices=["auto", "opencv", "pyav"])
    options = parser.parse_args()
    logging.getLogger("edgevision").addHandler(logging.NullHandler())
    bench, bad = Bench(options.backend), 0
    table = Table("fault", "noticed s", "recovered s", "other's frames", "other's p99 gap", "")
    for row, frames, gap in bench.rows(options.only, options.quick):
        good = row.good and frames >= SHARE
        bad += not good
        shown = ["" if each is None else f"{each:.2f}" for each in (row.noticed, row.recovered)]
        cells = [
            row.fault,
            *shown,
            f"{frames:.2f}",
            f"{gap:.2f}",
            row.remark + ("" if good else "; NOT GOOD"),
        ]
        table.add_row(*cells)
        print(" | ".join(cells), flush=True)
    bench.other.close()  # a thread that reads while the interpreter ends would abort it
    Console(width=160).print(table)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
