"""What everything but the network and the decoder costs a frame, by objects and by cameras.

    python -m tests.bench.host_scale [--objects 10 20 100 1000] [--cameras 1 4 16 64]

By objects: CPU time of each step in one thread, medians of frames in which that many move about. By cameras:
CPU time of the whole process a frame, as cameras of an equal picture share a network that does next to
nothing; the picture comes from memory. CPU time, as it does not grow with what others do on the machine, but
for their use of its caches.
"""

import argparse
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from edgevision.analytics import ANALYTICS
from edgevision.bench.usage import meter
from edgevision.core import Detections, Frame, Size, Track
from edgevision.core.boxes import Placement
from edgevision.core.tracker import Tracker
from edgevision.inference.detector import MOST_BOXES, load_detector
from edgevision.inference.formats import FORMATS
from edgevision.inference.formats.base import Signature
from edgevision.inference.preprocess import InputSpec, Preprocessor
from edgevision.inference.settings import ModelSettings
from edgevision.inference.suppress import suppress
from edgevision.journal import Past
from edgevision.metrics import STAGES, Metrics
from edgevision.pipeline.analysis import Analysis
from edgevision.pipeline.named import NamedAnalytic
from edgevision.pipeline.permits import Permits
from edgevision.pipeline.pipeline import Pipeline
from edgevision.pipeline.plans import CameraPlan, ModelPlan
from edgevision.pipeline.worker import Seen
from edgevision.sources import Picture
from tests.bench.host import CELLS, LEAST
from tests.networks import echo_network

FRAMES = 60
SIZE = Size(1280, 720)
LINE = {"from": (0.0, 0.55), "to": (1.0, 0.55)}


def raw_output(boxes: np.ndarray) -> np.ndarray:
    """(1, 84, 8400) float32 of YOLOv8: five cells see each of the (N, 4) boxes x1 y1 x2 y2."""
    rng = np.random.default_rng(len(boxes))
    columns = rng.uniform(0, 0.05, (84, CELLS)).astype(np.float32)
    cells = rng.choice(CELLS, 5 * len(boxes), replace=False)
    owners = np.repeat(np.arange(len(boxes)), 5)
    columns[:2, cells] = (boxes[owners, :2] + boxes[owners, 2:]).T / 2 + rng.normal(0, 1, (2, len(cells)))
    columns[2:4, cells] = (boxes[owners, 2:] - boxes[owners, :2]).T
    columns[4 + owners % 5, cells] = rng.uniform(0.4, 0.9, len(cells))
    return columns[None]


def moving(objects: int) -> Iterator[np.ndarray]:
    """(N, 4) boxes of a 640 x 640 input, frame by frame; the picture lies between its rows 140 and 500."""
    rng = np.random.default_rng(objects)
    side = 24 if objects > 100 else 48
    places, speeds = rng.uniform(0, 1, (objects, 2)), rng.normal(0, 0.005, (objects, 2))
    while True:
        places = np.abs((places + speeds + 1) % 2 - 1)  # reflected at the borders
        corners = (10, 145) + places * (570, 300)
        yield np.concatenate([corners, corners + side], axis=1).astype(np.float32)


class Clock:
    """Keeps the CPU time of steps."""

    def __init__(self) -> None:
        self.took: dict[str, list[float]] = {}

    def time(self, step: str, work: Callable[..., Any], *arguments: object) -> Any:
        began = time.thread_time()
        result = work(*arguments)
        self.took.setdefault(step, []).append(time.thread_time() - began)
        return result


def line() -> NamedAnalytic:
    module = ANALYTICS["line"]
    return NamedAnalytic("line", "middle", module.build(module.Config.model_validate(LINE)))


def by_objects(objects: int) -> dict[str, float]:
    """Median microseconds by step."""
    metrics = Metrics().camera("camera")
    labels = [f"class {n}" for n in range(80)]
    tracker = Tracker(labels, confident=0.35)
    analysis = Analysis([line()], Past("camera"), metrics, labels, [], keeps=False)
    preprocess = Preprocessor(InputSpec(Size(640, 640)))
    blank = raw_output(np.zeros((0, 4)))
    decode = FORMATS["yolov8"].decoder(Signature(Size(640, 640), [blank], {}, labels=80))
    image = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), np.uint8)
    most = max(MOST_BOXES, objects)

    def read(raw: np.ndarray, placement: Placement) -> Detections:
        found = decode([raw], LEAST)
        found = found.take(suppress(found.boxes, found.scores, found.class_ids, 0.65)[:most])
        return Detections(placement.to_frame(found.boxes), found.scores, found.class_ids)

    def gauges(tracks: Sequence[Track]) -> None:
        metrics.tracks(Counter(track.label for track in tracks))

    clock, boxes = Clock(), moving(objects)
    for number in range(FRAMES):
        raw = raw_output(next(boxes))
        frame = Frame("camera", 1, number, image, number / 10, number / 10, 0.0)
        _, placement = clock.time("preprocess", preprocess, image)
        found = clock.time("decode boxes", read, raw, placement)
        tracks = clock.time("track", tracker.update, found, frame.ts)
        clock.time("gauges", gauges, tracks)
        clock.time("line", analysis.ask, tracks, frame, Seen(found, 0, 0, 0, 0))
        clock.time("stages noted", metrics.frame_done, dict.fromkeys(STAGES, 0.001))
    return {step: 1e6 * float(np.median(took[FRAMES // 4 :])) for step, took in clock.took.items()}


class Memory:
    """The same picture at a camera's pace."""

    live = True

    def __init__(self, fps: float) -> None:
        self.frame_rate: float | None = fps
        self._image = np.full((64, 64, 3), 255, np.uint8)

    def pictures(self, stop: threading.Event) -> Iterator[Picture]:
        due = time.monotonic()
        while not stop.is_set():
            stop.wait(max(0.0, due - time.monotonic()))
            due += 1 / (self.frame_rate or 1)
            yield Picture(self._image, None, time.monotonic())


def by_cameras(cameras: int, seconds: float = 3.0, total: float = 192.0) -> float:
    """CPU microseconds a frame of `cameras` that together bring `total` frames/s."""
    with tempfile.TemporaryDirectory() as folder:
        path = echo_network(Path(folder) / "echo.onnx")
        detector = load_detector(ModelSettings(path=str(path), device="cpu"), Path(), threads=1)
    plans = [
        CameraPlan(f"camera{n}", "echo", Memory(total / cameras), [line()], confidence=0.5)
        for n in range(cameras)
    ]
    metrics = Metrics()
    pipeline = Pipeline(plans, {"echo": ModelPlan(detector, 2, permits=Permits(2))}, [], metrics)
    pipeline.start()
    time.sleep(1.0)
    before, read = _processed(pipeline), meter()
    time.sleep(seconds)
    frames, used = _processed(pipeline) - before, read()
    pipeline.stop()
    return 1e6 * used.cpu / frames


def _processed(pipeline: Pipeline) -> int:
    return sum(each.processed for each in pipeline.frame_counts().values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--objects", type=int, nargs="*", default=[10, 20, 100, 300, 1000])
    parser.add_argument("--cameras", type=int, nargs="*", default=[1, 4, 16, 64])
    options = parser.parse_args()
    console = Console(width=130)
    if options.objects:
        found = {number: by_objects(number) for number in options.objects}
        table = Table("CPU µs a frame", *(f"{number} objects" for number in found))
        for step in next(iter(found.values())):
            table.add_row(step, *(f"{each[step]:.0f}" for each in found.values()))
        table.add_row("together", *(f"{sum(each.values()):.0f}" for each in found.values()))
        console.print(table)
    if options.cameras:
        table = Table("cameras", "CPU µs a frame, whole process, network of next to nothing")
        for number in options.cameras:
            table.add_row(str(number), f"{by_cameras(number):.0f}")
        console.print(table)


if __name__ == "__main__":
    main()
