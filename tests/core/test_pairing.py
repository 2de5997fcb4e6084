"""The gains against the same written out with scipy's distributions."""

import numpy as np
import pytest
from scipy.stats import norm

from edgevision.core import kalman, pairing, tracks
from edgevision.core.assignment import Pairs
from edgevision.core.pairing import MAX_JUMP, PASSED, SIZE_DEVIATION, TENTATIVE
from edgevision.core.types import Detections, Floats
from tests.builders import detections

TALL = [100.0, 100.0, 140.0, 190.0]  # scale sqrt(40 * 90) = 60


def followed(*boxes: list[float], unseen: float = 0.0) -> tracks.Tracks:
    """Confirmed tracks of things that stood still for a second, and were then not seen for a while."""
    seen = detections(*boxes)
    table = tracks.start(seen, 3, 0.0)
    for _ in range(10):
        kalman.predict(table.motion, 0.1)
        kalman.correct(table.motion, np.arange(len(boxes)), seen.boxes)
    kalman.predict(table.motion, 0.1 + unseen)
    table.seen[:] = 1.0
    table.id[:] = 1
    return table


def as_matrix(pairs: Pairs, table: tracks.Tracks, seen: Detections) -> Floats:
    gain = np.zeros((len(table), len(seen)), np.float32)
    gain[pairs.rows, pairs.columns] = pairs.gain
    return gain


def foretold(table: tracks.Tracks, seen: Detections) -> Floats:
    return as_matrix(pairing.foretold(table, seen.boxes), table, seen)


def nearby(table: tracks.Tracks, seen: Detections, ts: float, stands: bool = False) -> Floats:
    rows, standing = np.arange(len(table)), np.full(len(table), stands)
    return as_matrix(pairing.nearby(table, rows, seen.boxes, seen.class_ids, ts, standing), table, seen)


def log_likelihood(table: tracks.Tracks, row: int, box: Floats) -> float:
    """Of a box's centre, in scales, and of the logarithm of its sides."""
    motion = table.motion
    scale = motion.scale[row]
    deviation = np.sqrt(kalman.variance(motion)[row]) / scale
    shift = ((box[:2] + box[2:]) / 2 - motion.center[row]) / scale
    growth = np.log((box[2:] - box[:2]) / motion.size[row])
    return float(norm.logpdf(shift, 0, deviation).sum() + norm.logpdf(growth, 0, SIZE_DEVIATION).sum())


def test_a_gain_is_a_log_likelihood_but_for_a_constant() -> None:
    table = followed(TALL, [300.0, 100.0, 420.0, 170.0])
    kalman.doubt(table.motion, np.array([1]), np.array([0.2]))  # one is less sure than the other
    seen = detections([103, 98, 141, 195], [110, 100, 150, 190], [310, 95, 440, 170])
    gains = foretold(table, seen)
    near = [(0, 0), (0, 1), (1, 2)]  # the others are beyond the jump
    true = [log_likelihood(table, row, seen.boxes[column]) for row, column in near]
    found = [gains[pair] for pair in near]
    assert np.diff(found) == pytest.approx(np.diff(true), rel=1e-3)
    assert (gains[0, 2], gains[1, 0], gains[1, 1]) == (0, 0, 0)


def test_what_is_not_confirmed_must_fit_better() -> None:
    table = followed(TALL)
    sure = foretold(table, detections(TALL))
    table.id[:] = 0
    assert sure - foretold(table, detections(TALL)) == pytest.approx(TENTATIVE)


def test_what_shows_up_where_something_passes_must_fit_better() -> None:
    table = followed(TALL)
    sure = foretold(table, detections(TALL))
    table.places.passed[:] = True
    assert sure - foretold(table, detections(TALL)) == pytest.approx(PASSED)


def test_a_lost_object_does_not_take_the_box_of_one_that_is_followed() -> None:
    lost, near = followed(TALL, unseen=1.5), followed(TALL)
    box = detections([106, 100, 146, 190])
    assert foretold(near, box)[0, 0] > foretold(lost, box)[0, 0] > 0


def test_a_box_that_is_where_nothing_was_foretold_is_a_newcomer() -> None:
    aside = detections([160, 100, 200, 190])  # one scale away in 0.1 s, after a second at rest
    assert foretold(followed(TALL), aside)[0, 0] == 0
    assert nearby(followed(TALL), aside, 1.1)[0, 0] == 0


@pytest.mark.parametrize(
    ("box", "class_id", "possible"),
    [
        ([160, 100, 200, 190], 0, True),  # a scale away
        ([160, 100, 200, 190], 2, False),  # ... and of a class it never was
        ([160, 100, 250, 190], 0, False),  # ... and more than twice as wide
        ([100 + 60 * MAX_JUMP + 1, 100, 140 + 60 * MAX_JUMP + 1, 190], 0, False),
        ([120, 120, 180, 220], 2, True),  # it overlaps
    ],
)
def test_the_second_look_takes_what_overlaps_or_is_near_and_alike(
    box: list[float], class_id: int, possible: bool
) -> None:
    table = followed(TALL, unseen=1.0)
    assert (nearby(table, detections(box, class_id=class_id), 2.1)[0, 0] > 0) == possible


@pytest.mark.parametrize(
    ("box", "class_id", "possible"),
    [
        ([100, 100, 120, 190], 0, True),  # the left half of it
        ([100, 100, 120, 190], 2, False),  # ... but of a class it never was
        ([100, 100, 109, 190], 0, False),  # less than a quarter of it
        ([160, 100, 200, 190], 0, False),  # beside it, where what moves might be
        ([112, 100, 152, 190], 0, True),  # overlap 28 / 52
        ([122, 100, 162, 190], 0, False),  # overlap 18 / 62: where something else passes
    ],
)
def test_what_stands_is_in_its_place_in_whole_or_in_part(
    box: list[float], class_id: int, possible: bool
) -> None:
    assert (
        nearby(followed(TALL), detections(box, class_id=class_id), 1.4, stands=True)[0, 0] > 0
    ) == possible


def test_there_may_be_nothing() -> None:
    assert foretold(followed(TALL), Detections.empty()).shape == (1, 0)
    assert nearby(tracks.start(Detections.empty(), 3, 0.0), detections(TALL), 1.0).shape == (0, 1)
