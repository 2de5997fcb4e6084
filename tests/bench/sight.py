"""What the judge of a camera's view notices, how soon, and what it is wrong about.

    PYTHONPATH=. python tests/bench/sight.py chosen|confirmed [--minutes 30]

`chosen` are the clips that the thresholds were chosen on; `confirmed` are drawn car parks and photographs
(standing still, with noise) that were not looked at before. Each is watched for 20 s with noise and drifting
brightness, then something happens until it is noticed, for 45 s at most. The clips run to and fro.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from edgevision.core.types import Image, Size
from edgevision.inference.preprocess import InputSpec, Preprocessor
from edgevision.opencv import cv2
from edgevision.scene.render import Renderer
from edgevision.scene.world import Scene
from edgevision.sight import CLEAR, KINDS, Sight
from edgevision.sight.glance import glance
from tests.bench.sight_faults import CONFOUNDERS, FAULTS, Fault

DATA = Path(__file__).parents[3] / "shared" / "data"
STEP = 0.5  # s
BEFORE = 20.0  # s
View = Callable[[float], Image]


def clip(path: Path) -> View:
    """The picture of a clip that runs to and fro, two a second."""
    capture, frames = cv2.VideoCapture(str(path)), []
    every = max(1, round(capture.get(cv2.CAP_PROP_FPS) * STEP))
    number = 0
    while capture.grab():
        if number % every == 0:
            frames.append(narrow(np.asarray(capture.retrieve()[1], np.uint8)))
        number += 1
    way = frames + frames[-2:0:-1]
    return lambda t: way[round(t / STEP) % len(way)]


def narrow(image: Image) -> Image:
    """640 wide, for the sake of time."""
    return np.asarray(cv2.resize(image, (640, 640 * image.shape[0] // image.shape[1])), np.uint8)


def drawn(seed: int, seconds: int) -> View:
    render = Renderer(Scene(seed, seconds, (640, 360)))
    frames: dict[float, Image] = {}

    def view(t: float) -> Image:
        if t not in frames:
            frames[t] = render.frame(t)
        return frames[t]

    return view


def photograph(path: Path) -> View:
    image = np.asarray(cv2.imread(str(path)), np.uint8)
    return lambda t: image


def views(which: str, seconds: float) -> Iterator[tuple[str, View]]:
    if which == "chosen":
        for path in sorted((DATA / "videos").glob("*.mp4")):
            yield path.stem, clip(path)
        return
    for seed in range(101, 103):
        yield f"drawn {seed}", drawn(seed, int(seconds))
    for path in sorted((DATA / "labels" / "coco_val128").rglob("*.jpg"))[:80:20]:
        yield f"photograph {path.stem[-6:]}", photograph(path)


class Sensor:
    """Light that comes and goes by 15 % within five minutes, and noise of 3 grey levels."""

    def __init__(self, shape: tuple[int, ...], seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._noise = np.rint(self._rng.normal(0, 3, (shape[0] + 32, shape[1] + 32, 3))).astype(np.int8)

    def __call__(self, image: Image, t: float) -> Image:
        y, x = self._rng.integers(0, 32, 2)
        noise = self._noise[y : y + image.shape[0], x : x + image.shape[1]]
        bright = cv2.convertScaleAbs(image, alpha=1 + 0.15 * float(np.sin(2 * np.pi * t / 300)))
        return np.asarray(cv2.add(bright, noise, dtype=cv2.CV_8U), np.uint8)


def trial(view: View, fault: Fault | None, seconds: float, seed: int) -> list[tuple[str, float, float]]:
    """Kind, when it began, and when it was told, of all that was noticed; the fault begins at BEFORE."""
    sight, rng, found = Sight(KINDS), np.random.default_rng(seed), []
    sensor = Sensor(view(0).shape, seed)
    held: Image | None = None
    for t in np.arange(0, seconds, STEP).tolist():
        since = t - BEFORE
        image = view(t)
        if fault and 0 <= since < fault.seconds:
            image = fault.change(image, since, rng)
        if held is None or not (fault and fault.repeats and 0 < since < fault.seconds):
            held = sensor(image, t)
        image = held
        found += [(f.kind, f.at or 0.0, t) for f in sight.look(image, t)]
        if fault and found:
            break
    return found


def measure(which: str, table: Table) -> None:
    all_views = list(views(which, 100))
    for fault in (*FAULTS, *CONFOUNDERS):
        noticed, named, wrong, took = 0, 0, [], []
        for number, (name, view) in enumerate(all_views):
            found = trial(view, fault, BEFORE + fault.seconds, number)
            first = next((each for each in found if each[0] != CLEAR), None)
            if first is None:
                wrong.append(name)
                continue
            noticed += 1
            named += first[0] in fault.kinds
            took.append(first[2] - BEFORE)
            if fault in CONFOUNDERS:
                wrong.append(f"{name}: {first[0]}")
        if fault in CONFOUNDERS:
            wrong = [each for each in wrong if ": " in each]
        soon = f"{np.median(took):.1f} / {max(took):.1f}" if took else ""
        row = (
            f"{noticed}/{len(all_views)}",
            str(named),
            soon,
            ", ".join(w[:22] for w in wrong[:4]),
        )
        table.add_row(fault.name, *row)
        print(fault.name, *row, flush=True)


def quiet(which: str, minutes: float) -> None:
    """Alarms where nothing happens."""
    total, hours = 0, 0.0
    for number, (name, view) in enumerate(views(which, 60 * minutes)):
        if name.startswith("photo"):
            continue  # a photograph stands still: a few are enough
        found = trial(view, None, 60 * minutes, number)
        total, hours = total + sum(kind != CLEAR for kind, *_ in found), hours + minutes / 60
        if found:
            print("  ", name, found)
    print(f"untouched: {total} alarms in {hours:.1f} hours")


def cost() -> None:
    image = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), np.uint8)
    prepare = Preprocessor(InputSpec(Size(640, 640)))
    times: dict[str, list[float]] = {"glance": [], "look": [], "preprocess": []}
    sight = Sight(KINDS)
    for number in range(300):
        for name, work in (
            ("glance", lambda: glance(image)),
            ("look", lambda n=number: sight.look(image, 0.5 * n)),
            ("preprocess", lambda: prepare(image)),
        ):
            began = time.perf_counter()
            work()
            times[name].append(time.perf_counter() - began)
    medians = {name: 1e3 * float(np.median(values)) for name, values in times.items()}
    print(", ".join(f"{name} {ms:.2f} ms" for name, ms in medians.items()))
    share = 2 * medians["look"] / (25 * medians["preprocess"])
    print(f"two looks a second are {100 * share:.1f} % of the preprocessing of 25 frames a second")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("which", choices=("chosen", "confirmed"))
    parser.add_argument("--minutes", type=float, default=30)
    options = parser.parse_args()
    cost()
    table = Table("what happens", "noticed", "named right", "s: median / most", "missed, or wrong")
    measure(options.which, table)
    Console(width=150).print(table)
    quiet(options.which, options.minutes)


if __name__ == "__main__":
    main()
