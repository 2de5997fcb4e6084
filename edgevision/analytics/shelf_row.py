"""One row of a shelf: when it is judged, what is out of stock, what is not where it should be."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgevision.core.facings import Facings
from edgevision.core.geometry import inside_polygon
from edgevision.core.planogram import align, with_gaps
from edgevision.core.types import Finding, Floats

OUT_OF_STOCK, LOW_STOCK, IN_STOCK, UNKNOWN = "out_of_stock", "low_stock", "in_stock", "unknown"
COMPLIANCE, MISPLACED = "compliance", "misplaced"
STATES = (OUT_OF_STOCK, LOW_STOCK, IN_STOCK, UNKNOWN)  # the worst first
ALL = "all"  # the label of what is about all products of a row
HIDDEN = 0.05  # share of a row that a blocker's box must cover: less hides no product
FIRST_LOOKS = 50  # in which a product that is missed in half of them is believed, but once in 1000
SAMPLES = 32  # points each way to measure that with
CERTAIN = 1.0  # the confidence of events: it is a belief of many looks
MISSING = ""  # in place of the product that should stand there


@dataclass(frozen=True, slots=True)
class Plan:
    """What one row should be like."""

    name: str
    expect: Sequence[str]  # products from left to right
    low: int  # fewer facings are low; 0: none are
    hold: float  # s


@dataclass(slots=True)
class _Stock:
    """What is known of all products of a row, or of one that it should have."""

    label: str
    low: int
    state: str = UNKNOWN
    told: str = IN_STOCK  # what those who get events know; of a new row they take it to be so
    count: int = 0


class ShelfRow:
    """Judges one row from what is seen of it."""

    def __init__(self, place: Floats, plan: Plan, classes: Sequence[str]) -> None:
        """place: (K, 2) float32, 0..1 of the frame. classes: what counts as a product, if that is limited."""
        self.place = place
        self.plan = plan
        self.section = ""
        self.facings = Facings(plan.hold)
        self.held_since: float | None = None  # s: since when somebody is in front
        self._points = _points(place)
        self._changed: float | None = None  # s: when the facings became as they are
        wanted = Counter(plan.expect)
        self._stocks = [_Stock(label, min(plan.low, number)) for label, number in wanted.items()]
        if not wanted:
            self._stocks = [_Stock(classes[0] if len(classes) == 1 else ALL, plan.low)]
        self._labels = dict.fromkeys([*classes, *plan.expect])  # of the gauges: once there, always there
        self._sequence: list[str | None] | None = None
        self._slots: tuple[str, ...] = tuple(plan.expect)  # what stands where each expected one should
        self._told = self._slots
        self._differs: float | None = None  # s: since when the slots differ from what was told

    @property
    def full_name(self) -> str:
        """As events have it."""
        return f"{self.section}-{self.plan.name}"

    def update(
        self, boxes: Floats, labels: Sequence[str], blockers: Floats, ts: float, seconds: float
    ) -> list[Finding]:
        """boxes (N, 4) of products, blockers (M, 4), in 0..1 of the frame; seconds: since the last one."""
        if self._hidden(blockers):
            self.held_since = ts if self.held_since is None else self.held_since
            return []
        self.held_since = None
        inside = np.flatnonzero(inside_polygon(self.place, (boxes[:, :2] + boxes[:, 2:]) / 2))
        changed = self.facings.look(boxes[inside], [labels[i] for i in inside.tolist()], ts, seconds)
        self._changed = self._changed if changed is None else changed
        if self.facings.looked < 2 * self.plan.hold or self.facings.looks < FIRST_LOOKS:
            return []  # the first are believed after `hold`, not all at once
        return [*self._judge(ts), *self._compare(ts)]

    def blind(self, ts: float) -> list[Finding]:
        """From now on nothing is known; it is judged again after twice `hold`, and then told in any case."""
        self.facings.doubt()
        self.held_since = self._differs = self._changed = None
        known = [stock for stock in self._stocks if stock.state != UNKNOWN]
        for stock in known:
            stock.state = stock.told = UNKNOWN
        return [self._finding(UNKNOWN, stock.label, stock.count, ts) for stock in known]

    def state(self) -> str:
        """The worst of its products; unknown if any is."""
        states = {stock.state for stock in self._stocks}
        return UNKNOWN if UNKNOWN in states else next(state for state in STATES if state in states)

    def compliance(self) -> float:
        """Share of the expected products that are where they should be, 0..1; 1 if nothing is expected."""
        return _share(self._slots, self.plan.expect)

    def held(self, ts: float | None) -> float:
        """For how long (s) somebody has been in front of it."""
        return 0.0 if ts is None or self.held_since is None else ts - self.held_since

    def gauges(self, ts: float | None) -> Iterator[tuple[str, tuple[str, ...], float]]:
        """Metric, labels after camera and section, value."""
        row = self.plan.name
        counts = Counter(facing.label for facing in self.facings.believed())
        self._labels |= dict.fromkeys(counts)
        for label in self._labels:
            yield "facings", (row, label), counts[label]
        for state in STATES:
            yield "shelf_state", (row, state), state == self.state()
        yield "shelf_held_seconds", (row,), self.held(ts)
        if self.plan.expect:
            yield "shelf_compliance", (row,), self.compliance()

    def keep(self, ts: float) -> dict[str, Any]:
        return {
            "facings": self.facings.keep(ts),
            "stocks": {stock.label: [stock.state, stock.told] for stock in self._stocks},
            "slots": list(self._slots),
            "told": list(self._told),
        }

    def resume(self, kept: Mapping[str, Any], ts: float) -> None:
        """What was expected may be another now; the rest of it is still as good as before."""
        self.facings.resume(kept["facings"], ts)
        for stock in self._stocks:
            stock.state, stock.told = kept["stocks"].get(stock.label, (stock.state, stock.told))
        if len(kept["told"]) == len(self.plan.expect):
            self._slots, self._told = tuple(kept["slots"]), tuple(kept["told"])

    def _hidden(self, blockers: Floats) -> bool:
        low, high = blockers[:, None, :2], blockers[:, None, 2:]
        within = ((self._points >= low) & (self._points <= high)).all(axis=2).any(axis=0)
        return float(within.mean()) >= HIDDEN

    def _judge(self, ts: float) -> Iterator[Finding]:
        counts = Counter(facing.label for facing in self.facings.believed())
        for stock in self._stocks:
            stock.count = counts[stock.label] if self.plan.expect else counts.total()
            few = LOW_STOCK if stock.count < stock.low else IN_STOCK
            stock.state = few if stock.count else OUT_OF_STOCK
            if stock.state != stock.told:
                stock.told = stock.state
                at = ts if self._changed is None else self._changed
                yield self._finding(stock.state, stock.label, stock.count, at)

    def _compare(self, ts: float) -> list[Finding]:
        if not self.plan.expect:
            return []
        self._slots = self._align()
        if self._slots == self._told:
            self._differs = None
            return []
        self._differs = ts if self._differs is None else self._differs
        if ts - self._differs < self.plan.hold:
            return []
        before, self._told, at, self._differs = self._told, self._slots, self._differs, None
        found = [
            Finding(MISPLACED, label, None, i + 1, CERTAIN, before=wanted, at=at, name=self.full_name)
            for i, (label, wanted) in enumerate(zip(self._slots, self.plan.expect, strict=True))
            if label not in (wanted, MISSING, before[i])
        ]
        share = self.compliance()
        if share != _share(before, self.plan.expect):
            found.append(self._finding(COMPLIANCE, ALL, round(share, 3), at))
        return found

    def _align(self) -> tuple[str, ...]:
        facings = self.facings.believed()
        boxes = np.array([facing.box for facing in facings], np.float32).reshape(-1, 4)
        left, right = float(self.place[:, 0].min()), float(self.place[:, 0].max())
        sequence = with_gaps(boxes, [facing.label for facing in facings], left, right)
        if sequence == self._sequence:
            return self._slots
        self._sequence = sequence
        found = align(self.plan.expect, sequence)
        return tuple((sequence[i] or MISSING) if i is not None else MISSING for i in found)

    def _finding(self, kind: str, label: str, value: float, at: float) -> Finding:
        return Finding(kind, label, None, value, CERTAIN, at=at, name=self.full_name)


def _share(slots: Sequence[str], expected: Sequence[str]) -> float:
    right = sum(label == wanted for label, wanted in zip(slots, expected, strict=True))
    return right / len(expected) if expected else 1.0


def _points(place: Floats) -> Floats:
    """Points (N, 2) at equal steps inside a polygon (K, 2); one at least, as it may be thin."""
    steps = (np.arange(SAMPLES) + 0.5) / SAMPLES
    low, high = place.min(axis=0), place.max(axis=0)
    grid = low + np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2) * (high - low)
    inside = grid[inside_polygon(place, grid)]
    points: Floats = inside if len(inside) else place.mean(axis=0, keepdims=True)
    return points
