"""Follows boxes from frame to frame and gives each object one identity.

Two-stage association after ByteTrack (Zhang et al., ECCV 2022, arXiv 2110.06864): confident boxes are
matched first, then the doubtful ones extend what is still unmatched, so that an object keeps its identity
while something half hides it; only confident boxes begin a track. Different here: all times are seconds,
overlapping boxes of different classes may be one object (a van called car, then truck; the label is a vote
of its last seconds), and a pair may be matched by distance as well as by overlap, which is what holds a
track together at 5 frames/s.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from edgevision.core import kalman
from edgevision.core.assignment import match
from edgevision.core.boxes import bottom_centers, cover_matrix, iou_matrix, without_duplicates
from edgevision.core.kalman import Motion
from edgevision.core.table import join, take
from edgevision.core.types import Detections, Floats, Ints, Region, Track

MIN_IOU = 0.1  # overlap that alone makes a track and a confident box a possible pair
DOUBTFUL_IOU = 0.4  # a doubtful box must lie this well on the track: it may be the shadow of another one
PART = 0.7  # a doubtful box with this share of it in a confident one is a part of that: a truck's cab
GATE = 9.21  # squared Mahalanobis distance holding 99 % of true pairs (chi-square, 2 degrees of freedom)
MAX_JUMP = 1.5  # scales: farther than this from where it should be, a box is another object
SIZE_RATIO = 2.0  # matched by distance alone, width and height may differ by this factor at most
SAME_CLASS = 0.1  # ... and the box's class must have this share of the track's votes
VOTE_HALF_LIFE = 2.0  # s: after this time seen, a vote for a class weighs half
NEW_IOU = 0.5  # a box that lies this much on one already matched begins no track: it is the same object
DUPLICATE_IOU = 0.75  # two boxes that overlap this much are one object seen as two classes
EPSILON = 1e-6  # s: times are sums of frame times, exact to less than this
MOST_GROWN = 0.5  # scales by which the box of an unseen object grows at most: later it may be anywhere
MAX_TRACKS = 1000  # per tracker, confirmed or not; the longest unseen go first


@dataclass(slots=True, eq=False)
class _Tracks:
    """All tracks as parallel arrays of N rows."""

    motion: Motion
    id: Ints  # 0 until confirmed
    born: np.ndarray  # (N,) float64 s
    seen: np.ndarray  # (N,) float64 s: when last matched
    hits: Ints  # number of matches
    score: Floats  # of the last match
    votes: Floats  # (N, classes): sum of scores per class, fading with time
    trail: np.ndarray  # (N,) object: list of the anchors not reported yet, each (2,)
    mask: np.ndarray  # (N,) object: Mask of this frame, or None

    def __len__(self) -> int:
        return len(self.id)


@dataclass(slots=True, eq=False)
class Tracker:
    """One camera's tracker. Feed it every frame's detections in order of time; it is not thread-safe.

    labels     names of the classes, by class id
    confident  score (0..1) from which a box may begin a track; lesser boxes only extend one
    confirm    seconds over which an object must have been seen, at least twice, to become a Track
    keep       seconds an unseen object is remembered
    """

    labels: Sequence[str]
    confident: float = 0.35
    confirm: float = 0.2
    keep: float = 2.0
    _tracks: _Tracks = field(init=False)
    _last_id: int = field(init=False, default=0)
    _now: float = field(init=False, default=-np.inf)

    def __post_init__(self) -> None:
        if not 0 < self.confident <= 1:
            raise ValueError(f"confident must lie in 0..1, got {self.confident}")
        if self.confirm < 0 or self.keep <= 0:
            raise ValueError(f"confirm must be >= 0 s and keep > 0 s, got {self.confirm} and {self.keep}")
        self.reset()

    def update(self, detections: Detections, ts: float) -> list[Track]:
        """Take in the boxes seen at `ts` (seconds, strictly rising); return all confirmed objects.

        Objects that are not seen but remembered are returned too, with `missed` > 0.
        """
        if ts <= self._now:
            raise ValueError(f"time must rise strictly: {ts} s came after {self._now} s")
        if self._now > -np.inf:
            kalman.predict(self._tracks.motion, ts - self._now)
        self._now = ts
        self._tracks.mask[:] = None
        seen = without_duplicates(detections, DUPLICATE_IOU)
        new = self._associate(seen, ts)
        self._tracks = join(self._tracks, self._new_tracks(seen[new], ts))
        self._forget(ts)
        self._confirm()
        return self._report(ts)

    def remembered(self) -> list[Region]:
        """Where everything may be that it remembers, confirmed or not, seen in the last frame or not.

        The box of what was not seen is larger, by two deviations of where its sides are.
        """
        tracks = self._tracks
        unseen = (tracks.seen < self._now).astype(np.float32)
        grown = unseen * np.minimum(
            2 * kalman.side_deviation(tracks.motion), MOST_GROWN * tracks.motion.scale
        )
        boxes = tracks.motion.boxes + np.outer(grown, np.array([-1, -1, 1, 1], np.float32))
        labels = (self.labels[class_id] for class_id in tracks.votes.argmax(axis=1))
        return [Region(*each) for each in zip(labels, boxes, tracks.mask, strict=True)]

    def reset(self) -> None:
        """Forget all objects; ids go on from where they were."""
        self._tracks = self._new_tracks(Detections.empty(), 0.0)

    def _associate(self, seen: Detections, ts: float) -> np.ndarray:
        """Match tracks with boxes in two stages; return the indices (K,) of the boxes that begin a track."""
        confident = np.flatnonzero(seen.scores >= self.confident)
        doubtful = np.flatnonzero(seen.scores < self.confident)
        inside = cover_matrix(seen.boxes[doubtful], seen.boxes[confident]).max(axis=1, initial=0)
        doubtful = doubtful[inside < PART]
        rows, columns = match(pair_cost(self._tracks, seen[confident]))
        self._hit(rows, seen[confident[columns]], ts)
        left = np.delete(np.arange(len(self._tracks)), rows)
        overlap = iou_matrix(self._tracks.motion.boxes[left], seen.boxes[doubtful])
        more_rows, more_columns = match(np.where(overlap >= DOUBTFUL_IOU, 1 - overlap, np.inf))
        self._hit(left[more_rows], seen[doubtful[more_columns]], ts)
        return self._new_objects(seen, np.delete(confident, columns))

    def _new_objects(self, seen: Detections, candidates: np.ndarray) -> np.ndarray:
        """Those of the boxes (K,) that lie on none of the objects just matched."""
        now = self._tracks.motion.boxes[self._tracks.seen == self._now]
        overlap = iou_matrix(seen.boxes[candidates], now).max(axis=1, initial=0)
        new: np.ndarray = candidates[overlap < NEW_IOU]
        return new

    def _hit(self, rows: np.ndarray, seen: Detections, ts: float) -> None:
        tracks = self._tracks
        kalman.correct(tracks.motion, rows, seen.boxes)
        tracks.votes[rows] *= 0.5 ** ((ts - tracks.seen[rows, None]) / VOTE_HALF_LIFE)
        tracks.seen[rows] = ts
        tracks.hits[rows] += 1
        tracks.score[rows] = seen.scores
        tracks.votes[rows, seen.class_ids] += seen.scores
        anchors = bottom_centers(tracks.motion.boxes[rows])
        for row, anchor in zip(rows, anchors, strict=True):
            tracks.trail[row].append(anchor)
        for row, mask in zip(rows, seen.masks or (), strict=False):
            tracks.mask[row] = mask

    def _new_tracks(self, seen: Detections, ts: float) -> _Tracks:
        count = len(seen)
        trail = np.empty(count, object)
        for row, anchor in enumerate(bottom_centers(seen.boxes)):
            trail[row] = [anchor]
        masks = np.empty(count, object)
        for row, mask in enumerate(seen.masks or ()):
            masks[row] = mask
        votes = np.zeros((count, len(self.labels)), np.float32)
        votes[np.arange(count), seen.class_ids] = seen.scores
        return _Tracks(
            motion=kalman.start(seen.boxes),
            id=np.zeros(count, np.int32),
            born=np.full(count, ts),
            seen=np.full(count, ts),
            hits=np.ones(count, np.int32),
            score=seen.scores,
            votes=votes,
            trail=trail,
            mask=masks,
        )

    def _forget(self, ts: float) -> None:
        """Drop what has been unseen too long; an unconfirmed object is not remembered beyond `confirm`."""
        tracks = self._tracks
        missed = ts - tracks.seen
        kept = np.flatnonzero(missed <= np.where(tracks.id > 0, self.keep, self.confirm) + EPSILON)
        if len(kept) > MAX_TRACKS:
            kept = np.sort(kept[np.argsort(missed[kept], kind="stable")[:MAX_TRACKS]])
        if len(kept) < len(tracks):
            self._tracks = take(tracks, kept)

    def _confirm(self) -> None:
        tracks = self._tracks
        old_enough = tracks.seen - tracks.born >= self.confirm - EPSILON
        for row in np.flatnonzero((tracks.id == 0) & (tracks.hits >= 2) & old_enough):
            self._last_id += 1
            tracks.id[row] = self._last_id

    def _report(self, ts: float) -> list[Track]:
        tracks = self._tracks
        boxes = tracks.motion.boxes
        anchors = bottom_centers(boxes)
        classes = tracks.votes.argmax(axis=1)
        reported = []
        for row in np.flatnonzero(tracks.id > 0):
            trail = np.array(tracks.trail[row] or [anchors[row]], np.float32)
            tracks.trail[row] = []
            reported.append(
                Track(
                    id=int(tracks.id[row]),
                    box=boxes[row],
                    class_id=int(classes[row]),
                    label=self.labels[classes[row]],
                    score=float(tracks.score[row]),
                    age=float(ts - tracks.born[row]),
                    missed=float(ts - tracks.seen[row]),
                    trail=trail,
                    mask=tracks.mask[row],
                )
            )
        return reported


def pair_cost(tracks: _Tracks, seen: Detections) -> Floats:
    """Cost of matching each of N tracks with each of M boxes: (N, M), 0..2, `inf` where impossible.

    Missing overlap plus how surprising the distance is. A pair is possible if it overlaps, or if the box is
    where the track may have got to, about as large, and of a class that the track was seen as.
    """
    motion = tracks.motion
    overlap = iou_matrix(motion.boxes, seen.boxes)
    distance = kalman.squared_distance(motion, seen.boxes)
    surprise = distance / kalman.variance(motion)[:, None] / GATE
    near = (surprise <= 1) & (distance <= (MAX_JUMP * motion.scale[:, None]) ** 2)
    possible = (overlap >= MIN_IOU) | (near & _alike(tracks, seen))
    cost: Floats = np.where(possible, 1 - overlap + np.minimum(surprise, 1), np.inf)
    return cost


def _alike(tracks: _Tracks, seen: Detections) -> np.ndarray:
    """Which boxes have about the size, and a class, of which tracks: (N, M) bool."""
    width, height = np.log(np.maximum(seen.boxes[:, 2:] - seen.boxes[:, :2], 1)).T
    track_width, track_height = np.log(np.maximum(tracks.motion.size, 1)).T[:, :, None]
    differ = np.maximum(np.abs(width - track_width), np.abs(height - track_height))
    share = tracks.votes[:, seen.class_ids] / tracks.votes.sum(axis=1, keepdims=True)
    alike: np.ndarray = (differ <= np.log(SIZE_RATIO)) & (share >= SAME_CLASS)
    return alike
