"""Which box may be which object: pairs for `assignment.match`, a row per track, a column per box."""

import numpy as np

from edgevision.core import kalman
from edgevision.core.assignment import Pairs
from edgevision.core.boxes import iou_matrix
from edgevision.core.geometry import close_pairs
from edgevision.core.places import agrees
from edgevision.core.tracks import Tracks
from edgevision.core.types import Floats, Ints

NEWCOMER = -3.0  # log likelihood of a box as a newcomer: what a box of a track must be likelier than
TENTATIVE = 1.5  # ... and by this much more if the track is not confirmed: it may have been nothing
PASSED = 4.0  # ... and by this much where something passes before it: the box is rather of that
SIZE_DEVIATION = 0.2  # of the logarithm of width and height, between a track and its box
MAX_SURPRISE = 1.0  # scales: nothing is foretold farther than this from where it should be
MIN_IOU = 0.1  # overlap that alone makes a pair possible, at the second look
MAX_JUMP = 1.5  # scales: farther than this from where it should be, a box is another object
REACH = 2.2  # scales / s: how far an object may get that does what its track did not foretell
SIZE_RATIO = 2.0  # ... and width and height may differ by this factor at most
SAME_CLASS = 0.1  # ... and the box's class must have this share of the track's votes
DOUBTFUL_IOU = 0.4  # a doubtful box must lie this well on the track: it may be the shadow of another one


def foretold(tracks: Tracks, boxes: Floats) -> Pairs:
    """How much likelier each box (M, 4) is as the track's next than as a newcomer: a log ratio.

    The likelihood of the box's centre, normal with the filter's variance S (in scales) on both axes, times
    that of its size, constants left out: -d^2 / 2S - log S - (size difference)^2 / 2 deviation^2. `log S`
    is what keeps a track that has long been lost, and could be anywhere, from taking the box of one that
    is followed closely (Blackman, Popoli, "Design and Analysis of Modern Tracking Systems", 1999, 6.2).
    """
    motion = tracks.motion
    center, size = kalman.split(boxes)
    scale2, variance = motion.scale2, kalman.variance(motion)
    needed = np.log(variance / scale2) + np.float32(NEWCOMER)
    needed += np.float32(TENTATIVE) * (tracks.id == 0)
    needed += np.float32(PASSED) * tracks.places.passed
    # Beyond this a box of the very same size gains nothing.
    reach = np.sqrt(np.minimum(MAX_SURPRISE**2 * scale2, np.maximum(-2 * variance * needed, 0)))
    rows, columns, distance2 = close_pairs(motion.center, center, reach)
    grown = _log(size).take(columns, axis=0) - _log(motion.size).take(rows, axis=0)
    misfit = distance2 / (2 * variance)[rows] + (grown * grown).sum(axis=1) / (2 * SIZE_DEVIATION**2)
    gain = -needed[rows] - misfit
    kept = (gain > 0).nonzero()[0]
    return Pairs(rows[kept], columns[kept], gain[kept])


def nearby(
    tracks: Tracks, rows: np.ndarray, boxes: Floats, class_ids: Ints, ts: float, stands: np.ndarray
) -> Pairs:
    """For the tracks `rows` (R,) that went another way than foretold: overlap, and nearness of what looks
    alike; gains of 0..3.

    What stands, (N,) bool, does not jump: of it, a box that looks alike must be in its place, in whole or in
    part. It sets off slowly enough for what is foretold of it.
    """
    motion, votes = tracks.motion, tracks.votes[rows]
    center, size = kalman.split(boxes)
    overlap = iou_matrix(motion.boxes[rows], boxes)
    away = center - motion.center[rows, None]
    jump = np.hypot(away[..., 0], away[..., 1]) / motion.scale[rows, None]
    grown = np.abs(_log(size) - _log(motion.size[rows, None])).max(axis=2)
    share = votes[:, class_ids] / votes.sum(axis=1, keepdims=True)
    same = share >= SAME_CLASS
    near = jump <= np.minimum(REACH * (ts - tracks.seen[rows]), MAX_JUMP)[:, None]
    possible = (overlap >= MIN_IOU) | (near & same & (grown <= np.log(SIZE_RATIO)))
    standing = stands[rows].nonzero()[0]
    if len(standing):
        possible[standing] = same[standing] & agrees(tracks.places.rest[rows[standing]], boxes)
    return _pairs(rows, np.where(possible, overlap + np.maximum(2 - jump, 0), 0))


def overlapping(tracks: Tracks, rows: np.ndarray, boxes: Floats) -> Pairs:
    """For doubtful boxes: overlap with the tracks `rows` (R,) if it is large, 0..1."""
    overlap = iou_matrix(tracks.motion.boxes[rows], boxes)
    return _pairs(rows, np.where(overlap >= DOUBTFUL_IOU, overlap, 0))


def _pairs(rows: np.ndarray, gain: Floats) -> Pairs:
    """Those of a matrix (R, M) that gain anything."""
    row, column = np.nonzero(gain)
    return Pairs(rows[row], column, gain[row, column])


def _log(size: Floats) -> Floats:
    """Logarithms of widths and heights in pixels; of less than one pixel, 0."""
    log: Floats = np.log(np.maximum(size, kalman.ONE))
    return log
