"""Rows of products with a known truth, as a network would see them: boxes that are missed and tremble, a
shopper who hides them, products that are taken and put back. Drives the real tracker."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from edgevision.analytics.shelf import Config, Shelf
from edgevision.core import Detections, Size, Tracker

SIZE = Size(1280, 720)
LABELS = ["bottle", "person"]
ROWS, COLUMNS = 3, 10
LEFT, TOP, WIDTH, HEIGHT = 140, 100, 100, 160  # of the products' places, px
LOW = 3
WARM_UP = 25.0  # s
SECTION = [[0.1, 0.13], [0.9, 0.13], [0.9, 0.81], [0.1, 0.81]]  # round them


@dataclass
class Scene:
    """Who stands where, second by second."""

    seed: int
    miss: float  # share of the frames in which each product is missed, by itself
    fps: float = 5.0
    minutes: float = 10.0
    jitter: float = 0.05  # deviation of a box's sides, as a share of its width
    ghosts: float = 0.2  # boxes of nothing a frame
    visits: float = 40.0  # s between two shoppers
    stay: float = 15.0  # s that one stands in front, half of it in one place
    there: np.ndarray = field(init=False)  # (ROWS, COLUMNS) bool, now
    alone: float = 0.0  # s: since when nobody is there; infinite while somebody is

    def frames(self) -> Iterator[tuple[float, Detections, list[int]]]:
        """Seconds, what the network sees, and how many products stand in each row (ROWS,)."""
        rng = np.random.default_rng(self.seed)
        self.there = np.ones((ROWS, COLUMNS), bool)
        self.there[0, ::2] = False
        came, x, acted = np.inf, 0.0, False
        for number in range(round(self.minutes * 60 * self.fps)):
            ts = number / self.fps
            if came == np.inf and ts % self.visits < 1 / self.fps and ts > 30:
                came, x, acted = ts, rng.uniform(0.3, 0.7), False
            since = ts - came
            if since >= self.stay / 2 and not acted:
                acted = True
                self._act(rng, x)
            if since > self.stay:
                came, self.alone = np.inf, ts
            yield ts, self._seen(rng, self._shopper(since, x)), self.there.sum(axis=1).tolist()
            if came < np.inf:
                self.alone = np.inf

    def _act(self, rng: np.random.Generator, x: float) -> None:
        """Two products that he covers are taken; or the emptiest row is filled up."""
        row = int(self.there.sum(axis=1).argmin())
        if self.there[row].sum() <= rng.integers(0, 3):
            self.there[row] = True
            return
        middles = (LEFT + WIDTH * (np.arange(COLUMNS) + 0.5)) / SIZE.width
        near = np.flatnonzero(self.there[row] & (abs(middles - x) < 0.15))
        self.there[row, rng.permutation(near)[:2]] = False

    def _shopper(self, since: float, x: float) -> np.ndarray:
        """(N, 4) px: walks in, stands, walks on."""
        if not 0 <= since <= self.stay:
            return np.zeros((0, 4), np.float32)
        part = since / self.stay
        middle = np.interp(part, [0, 0.25, 0.75, 1], [-0.2, x, x, 1.2]) * SIZE.width
        return np.array([[middle - 130, 60, middle + 130, 720]], np.float32)

    def _seen(self, rng: np.random.Generator, shopper: np.ndarray) -> Detections:
        rows, columns = np.nonzero(self.there)
        x1 = LEFT + columns * WIDTH + 8
        y2 = TOP + (rows + 1) * HEIGHT - 6
        boxes = np.stack([x1, y2 - 140, x1 + WIDTH - 16, y2], axis=1).astype(float)
        boxes += rng.normal(0, self.jitter * WIDTH, boxes.shape)
        seen = rng.random(len(boxes)) >= self.miss
        for left, _, right, _ in shopper:
            middles = (boxes[:, 0] + boxes[:, 2]) / 2
            seen &= (middles < left) | (middles > right)
        boxes = boxes[seen]
        ghosts = rng.uniform([140, 100], [1060, 460], (rng.poisson(self.ghosts), 2))
        boxes = np.concatenate([boxes, np.hstack([ghosts, ghosts + np.array([80, 140])]), shopper])
        ids = np.zeros(len(boxes), np.int32)
        ids[len(boxes) - len(shopper) :] = 1
        scores = rng.uniform(0.36, 0.9, len(boxes))
        return Detections(np.clip(boxes, 0, [*SIZE] * 2).astype(np.float32), scores.astype(np.float32), ids)


def state_of(count: int) -> str:
    return "out_of_stock" if count == 0 else "low_stock" if count < LOW else "in_stock"


@dataclass
class Score:
    """How a rule did, over all rows."""

    rule: str
    frames: int = 0  # times ROWS
    off: float = 0.0  # sum over rows and frames of |count - truth|
    states: list[list[str]] = field(default_factory=lambda: [["in_stock"] for _ in range(ROWS)])

    def note(self, counts: Sequence[float], states: Sequence[str], truth: Sequence[int], calm: bool) -> None:
        """calm: nobody has been there for long enough to see what is there."""
        if calm:
            self.frames += ROWS
            self.off += sum(abs(count - true) for count, true in zip(counts, truth, strict=True))
        for row, state in enumerate(states):
            if state != self.states[row][-1]:
                self.states[row].append(state)

    @property
    def error(self) -> float:
        """Facings by which the count of a row is off, on average, while all is calm."""
        return self.off / self.frames

    def against(self, truth: "Score") -> tuple[int, int]:
        """Changes of state that were told and were none; that were and were not told."""
        right = sum(_common(ours, theirs) for ours, theirs in zip(self.states, truth.states, strict=True))
        return sum(map(len, self.states)) - right, sum(map(len, truth.states)) - right


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for x in a:
        new = [0]
        for j, y in enumerate(b):
            new.append(row[j] + 1 if x == y else max(row[j + 1], new[j]))
        row = new
    return row[-1]


def play(scene: Scene, hold: float = 5.0) -> dict[str, Score]:
    """Ours beside the count of a frame's boxes, the median of such counts over `hold`, and the truth."""
    scores = {rule: Score(rule) for rule in ("truth", "ours", "frame", "median")}
    tracker = Tracker(LABELS)
    shelf = Shelf(
        Config.model_validate(
            {"polygon": SECTION, "rows": ROWS, "classes": ["bottle"], "low": LOW, "hold": hold}
        )
    )
    names = list(shelf.named("s"))
    told = ["in_stock"] * ROWS
    recent: list[deque[int]] = [deque(maxlen=max(1, round(hold * scene.fps))) for _ in range(ROWS)]
    for ts, seen, truth in scene.frames():
        for finding in shelf.update(tracker.update(seen, ts), ts, SIZE):
            told[names.index(finding.name or "")] = finding.kind
        now = _counts(seen)
        for row in range(ROWS):
            recent[row].append(now[row])
        medians = [float(np.median(counts)) for counts in recent]
        if ts < WARM_UP:
            continue
        gauges = shelf.gauges()["facings"]
        ours = [gauges[str(row + 1), "bottle"] for row in range(ROWS)]
        calm = ts - scene.alone > 3 * hold
        scores["truth"].note(truth, [state_of(n) for n in truth], truth, calm)
        scores["ours"].note(ours, told, truth, calm)
        scores["frame"].note(now, [state_of(n) for n in now], truth, calm)
        scores["median"].note(medians, [state_of(int(n)) for n in medians], truth, calm)
    return scores


def _counts(seen: Detections) -> list[int]:
    """Boxes of products by row, by their centres."""
    middles = (seen.boxes[seen.class_ids == 0, 1] + seen.boxes[seen.class_ids == 0, 3]) / 2
    return [int(((middles - TOP) // HEIGHT == row).sum()) for row in range(ROWS)]
