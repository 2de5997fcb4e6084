"""How right counts are, place by place and kind by kind: over, under, net error, error by time, how late."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from edgevision.core.types import Floats
from edgevision.evaluate.pair_marks import Pair, pair
from edgevision.evaluate.read_counts import Key, Mark, Truth
from edgevision.evaluate.score_states import STATES, StateScore, changes, first_state_agrees, score_states

TOGETHER = ({"crossed_in", "crossed_out"}, set(STATES))  # who labels one of these labels all
LONGEST_BIN, LEAST_BINS = 60.0, 10  # s: a bin is a minute, or a tenth of a shorter video
RESAMPLES, SEED = 2000, 0


@dataclass(frozen=True)
class KeyScore:
    """One kind at one place. Of totals `over` and `under` are the least that they can be."""

    key: Key
    counted: int
    true: int
    over: int
    under: int
    labels: dict[str, tuple[int, int]]  # counted, true; of the labels that the truth names
    timed: bool = True  # whether the truth has moments
    pairs: list[Pair] = field(default_factory=list)
    extra: list[Mark] = field(default_factory=list)
    missed: list[Mark] = field(default_factory=list)
    bins: Floats = field(default_factory=lambda: np.zeros(0))  # (K,) |counted - true| in each

    @property
    def error(self) -> int:
        return self.counted - self.true

    @property
    def late(self) -> Floats:
        """(P,) s: how long after the truth each pair's event is."""
        return np.array([ours.at - true.at for ours, true in self.pairs])


@dataclass(frozen=True)
class CountScores:
    rows: list[KeyScore]
    states: list[StateScore]
    tolerance: float  # s
    bin: float  # s

    @property
    def over(self) -> int:
        return sum(row.over for row in self.rows)

    @property
    def under(self) -> int:
        return sum(row.under for row in self.rows)

    @property
    def error(self) -> int:
        return sum(row.error for row in self.rows)

    @property
    def late(self) -> Floats:
        return np.concatenate([row.late for row in self.rows]) if self.rows else np.zeros(0)


def wanted_keys(truth: Truth) -> set[Key]:
    """What is judged: what the truth speaks of, and the other way over each line, which nothing went then."""
    wanted = set(truth.keys)
    for key in truth.keys:
        for kinds in TOGETHER:
            if key.kind in kinds:
                wanted |= {key._replace(kind=kind) for kind in kinds}
    return wanted


def score_counts(
    events: Sequence[Mark], truth: Truth, lengths: Mapping[str, float], tolerance: float
) -> CountScores:
    """lengths: s of each camera's video."""
    ends = {camera: min(length, truth.until.get(camera, np.inf)) for camera, length in lengths.items()}
    keys = sorted(wanted_keys(truth))
    longest = max((ends[key.camera] for key in keys), default=0.0)
    width = min(LONGEST_BIN, max(longest, 1e-3) / LEAST_BINS)
    totals = {total.key for total in truth.totals}
    rows = [
        _total(key, events, truth, ends[key.camera])
        if key in totals
        else _timed(key, events, truth, ends[key.camera], tolerance, width)
        for key in keys
    ]
    return CountScores(rows, score_states(events, truth, ends), tolerance, width)


def _total(key: Key, events: Sequence[Mark], truth: Truth, end: float) -> KeyScore:
    ours = [mark for mark in events if mark.key == key and mark.at <= end]
    totals = [total for total in truth.totals if total.key == key]
    true = sum(total.number for total in totals)
    labels: Counter[str] = Counter()
    for total in totals:
        labels[total.label] += total.number
    over, under = max(0, len(ours) - true), max(0, true - len(ours))
    return KeyScore(key, len(ours), true, over, under, _by_label(ours, labels), timed=False)


def _timed(
    key: Key, events: Sequence[Mark], truth: Truth, end: float, tolerance: float, width: float
) -> KeyScore:
    ours = [mark for mark in events if mark.key == key]
    true = [mark for mark in truth.marks if mark.key == key and mark.at <= end]
    if key.kind in STATES:
        ours = [mark for mark in changes(events, key) if mark.kind == key.kind]
        true = [m for m in changes(truth.marks, key) if m.kind == key.kind and 0 < m.at <= end]
    pairs, extra, missed = pair(ours, true, tolerance)
    extra = [mark for mark in extra if mark.at <= end and not first_state_agrees(mark, events, truth)]
    counted = [*(mine for mine, _ in pairs), *extra]
    labels = _by_label(counted, Counter(mark.label for mark in true))
    bins = np.abs(_histogram(extra, end, width) - _histogram(missed, end, width))
    return KeyScore(
        key, len(counted), len(true), len(extra), len(missed), labels, True, pairs, extra, missed, bins
    )  # fmt: skip


def _by_label(ours: Sequence[Mark], true: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Only if the truth says a label of all: else nobody knows what the others are."""
    if "" in true or not true:
        return {}
    counted = Counter(mark.label for mark in ours)
    return {label: (counted[label], true.get(label, 0)) for label in sorted({*true, *counted})}


def _histogram(marks: Sequence[Mark], end: float, width: float) -> Floats:
    """How many in each bin. What is paired is left out: it counts in the bin of its truth, and not as an
    error of two when the truth is just before a border and we just after it."""
    count = max(1, int(np.ceil(end / width - 1e-9)))
    places = np.minimum([int(mark.at / width) for mark in marks], count - 1).astype(int)
    return np.bincount(np.maximum(places, 0), minlength=count).astype(float)


def mean_error(rows: Collection[KeyScore]) -> tuple[float, float, float] | None:
    """Mean over bins, and over the rows, of |counted - true|, with the interval that holds the mean of 95 %
    of samples of as many bins drawn with replacement (the percentile bootstrap, Efron 1979). The rows of a
    bin are drawn together, as they show the same minute."""
    bins = [row.bins for row in rows if row.timed and len(row.bins)]
    if not bins:
        return None
    table = np.full((len(bins), max(map(len, bins))), np.nan)
    for row, values in zip(table, bins, strict=True):
        row[: len(values)] = values
    sums, counts = np.nansum(table, axis=0), (~np.isnan(table)).sum(axis=0)
    drawn = np.random.default_rng(SEED).integers(0, len(sums), (RESAMPLES, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(sums.sum() / counts.sum()), float(low), float(high)
