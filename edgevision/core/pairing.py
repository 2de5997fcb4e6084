"""Which box may be which object: gains for `assignment.match`, a row per track, a column per box."""

import numpy as np

from edgevision.core import kalman
from edgevision.core.boxes import iou_matrix
from edgevision.core.tracks import Tracks
from edgevision.core.types import Detections, Floats

NEWCOMER = -3.0  # log likelihood of a box as a newcomer: what a box of a track must be likelier than
TENTATIVE = 1.5  # ... and by this much more if the track is not confirmed: it may have been nothing
SIZE_DEVIATION = 0.2  # of the logarithm of width and height, between a track and its box
MAX_SURPRISE = 1.0  # scales: nothing is foretold farther than this from where it should be
MIN_IOU = 0.1  # overlap that alone makes a pair possible, at the second look
MAX_JUMP = 1.5  # scales: farther than this from where it should be, a box is another object
REACH = 2.2  # scales / s: how far an object may get that does what its track did not foretell
SIZE_RATIO = 2.0  # ... and width and height may differ by this factor at most
SAME_CLASS = 0.1  # ... and the box's class must have this share of the track's votes
DOUBTFUL_IOU = 0.4  # a doubtful box must lie this well on the track: it may be the shadow of another one


def foretold(tracks: Tracks, seen: Detections) -> Floats:
    """How much likelier each box is as the track's next than as a newcomer: (N, M), a log ratio.

    The likelihood of the box's centre, normal with the filter's variance S (in scales) on both axes, times
    that of its size, constants left out: -d^2 / 2S - log S - (size difference)^2 / 2 deviation^2. `log S`
    is what keeps a track that has long been lost, and could be anywhere, from taking the box of one that
    is followed closely (Blackman, Popoli, "Design and Analysis of Modern Tracking Systems", 1999, 6.2).
    """
    motion = tracks.motion
    variance = kalman.variance(motion)[:, None]
    distance = kalman.squared_distance(motion, seen.boxes)
    needed = NEWCOMER + TENTATIVE * (tracks.id == 0) + np.log(variance[:, 0] / motion.scale**2)
    width, height = _size_differences(tracks, seen)
    gain: Floats = distance / (-2 * variance) - (width * width + height * height) / (2 * SIZE_DEVIATION**2)
    gain -= needed.astype(np.float32)[:, None]
    gain[distance > (MAX_SURPRISE * motion.scale[:, None]) ** 2] = 0
    return gain


def nearby(tracks: Tracks, seen: Detections, ts: float) -> Floats:
    """For what went another way than foretold: overlap, and nearness of what looks alike: (N, M), 0..3."""
    motion = tracks.motion
    overlap = iou_matrix(motion.boxes, seen.boxes)
    jump = np.sqrt(kalman.squared_distance(motion, seen.boxes)) / motion.scale[:, None]
    width, height = _size_differences(tracks, seen)
    share = tracks.votes[:, seen.class_ids] / tracks.votes.sum(axis=1, keepdims=True)
    alike = (np.maximum(np.abs(width), np.abs(height)) <= np.log(SIZE_RATIO)) & (share >= SAME_CLASS)
    near = jump <= np.minimum(REACH * (ts - tracks.seen), MAX_JUMP)[:, None]
    gain: Floats = np.where((overlap >= MIN_IOU) | (near & alike), overlap + np.maximum(2 - jump, 0), 0)
    return gain


def overlapping(tracks: Tracks, seen: Detections) -> Floats:
    """For doubtful boxes: overlap if it is large, (N, M), 0..1."""
    overlap = iou_matrix(tracks.motion.boxes, seen.boxes)
    gain: Floats = np.where(overlap >= DOUBTFUL_IOU, overlap, 0)
    return gain


def _size_differences(tracks: Tracks, seen: Detections) -> tuple[Floats, Floats]:
    """Of the logarithms of width and of height: (N, M) each."""
    width, height = np.log(np.maximum(seen.boxes[:, 2:] - seen.boxes[:, :2], 1)).T
    track_width, track_height = np.log(np.maximum(tracks.motion.size, 1)).T[:, :, None]
    return width - track_width, height - track_height
