"""What the host does around a network, as multiples of the least work: decoding boxes, preparing pictures.

    python tests/bench/host.py

Decoding, of YOLOv8's (1, 84, 8400), is measured in times of `max(axis=0)` over its scores in the same run;
preparing a 1280 x 720 picture in times of cv2.resize into its place and one copy of the tensor. Medians.
"""

import time
from collections.abc import Callable

import numpy as np
from rich.console import Console
from rich.table import Table

from edgevision.core.types import Size
from edgevision.inference.formats import FORMATS
from edgevision.inference.formats.base import Signature
from edgevision.inference.preprocess import InputSpec, Preprocessor
from edgevision.inference.suppress import suppress
from edgevision.opencv import cv2

SIZE = Size(640, 640)
CELLS = 8400
ROUNDS = 200
LEAST = 0.25


def median(work: Callable[[], object], reference: Callable[[], object]) -> tuple[float, float]:
    """Microseconds of the work, and times the reference's, both in turn."""
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for each, times in zip((work, reference), took, strict=True):
            began = time.perf_counter()
            each()
            times.append(time.perf_counter() - began)
    mine, least = (float(np.median(times[ROUNDS // 10 :])) for times in took)
    return 1e6 * mine, mine / least


def output(survivors: int, objects: int, classes: int) -> np.ndarray:
    """(1, 84, 8400) float32: so many cells sure of an object, spread over that many places."""
    rng = np.random.default_rng(survivors)
    columns = rng.uniform(0, 0.05, (84, CELLS)).astype(np.float32)
    places = rng.uniform(50, 590, (objects, 2))
    cells = rng.choice(CELLS, survivors, replace=False)
    owners = np.arange(survivors) % objects
    columns[:2, cells] = (places[owners] + rng.normal(0, 2, (survivors, 2))).T
    columns[2:4, cells] = rng.uniform(30, 60, (2, survivors))
    columns[4 + owners % classes, cells] = rng.uniform(0.3, 0.95, survivors)
    return columns[None]


def decoding(table: Table) -> None:
    for survivors, objects, classes in ((5, 5, 80), (100, 20, 80), (1000, 60, 80), (1000, 60, 1)):
        raw = output(survivors, objects, classes)
        decode = FORMATS["yolov8"].decoder(Signature(SIZE, [raw], {}, labels=80))

        def work(decode: Callable = decode, raw: np.ndarray = raw) -> object:  # type: ignore[type-arg]
            found = decode([raw], LEAST)
            return suppress(found.boxes, found.scores, found.class_ids, 0.65)

        time_us, times = median(work, lambda raw=raw: raw[0, 4:].max(axis=0))  # type: ignore[misc]
        of = "one class" if classes == 1 else f"{classes} classes"
        what = f"decode and suppress, {survivors} boxes of {objects} objects, {of}"
        table.add_row(what, f"{time_us:.0f}", f"{times:.2f} x max(axis=0)")


def preparing(table: Table) -> None:
    image = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), np.uint8)
    for dtype, color in (("uint8", "bgr"), ("float32", "rgb")):
        layout = "nhwc" if dtype == "uint8" else "nchw"
        spec = InputSpec(SIZE, layout, dtype, color)  # type: ignore[arg-type]
        preprocess = Preprocessor(spec)
        canvas = np.full((640, 640, 3), 114, np.uint8)
        tensor = np.zeros(spec.shape, dtype)
        source = np.ascontiguousarray(canvas if layout == "nhwc" else canvas.transpose(2, 0, 1), dtype)

        def least(
            canvas: np.ndarray = canvas, tensor: np.ndarray = tensor, source: np.ndarray = source
        ) -> None:
            cv2.resize(image, (640, 360), dst=canvas[140:500], interpolation=cv2.INTER_LINEAR)
            np.copyto(tensor[0], source)

        time_us, times = median(lambda p=preprocess: p(image), least)  # type: ignore[misc]
        table.add_row(
            f"letterbox to {dtype} {layout} {color}", f"{time_us:.0f}", f"{times:.2f} x resize + copy"
        )


def main() -> None:
    cv2.setNumThreads(1)
    table = Table("work", "µs", "in times of")
    decoding(table)
    preparing(table)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
