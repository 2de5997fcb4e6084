"""Follows boxes from frame to frame and gives each object one identity.

Three looks, each at what the one before has left. First, which confident boxes are where the filter foretold
an object, by likelihood, so that the frame rate does not matter. Second, which overlap or are near one,
as of a car that turned. Third, after ByteTrack (Zhang et al., ECCV 2022, arXiv 2110.06864), which doubtful
boxes lie on an object, so that it keeps its identity while something half hides it. Only confident boxes
begin a track. All times are seconds, and boxes of different classes may be one object: a van called car, then
truck; the label is a vote of its last seconds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from edgevision.core import kalman
from edgevision.core.assignment import match
from edgevision.core.boxes import bottom_centers, cover_matrix, iou_matrix, without_duplicates
from edgevision.core.moments import EPSILON
from edgevision.core.pairing import foretold, nearby, overlapping
from edgevision.core.table import join, take
from edgevision.core.tracks import Tracks, start
from edgevision.core.types import Detections, Floats, Region, Track

PART = 0.7  # a doubtful box with this share of it in a confident one is a part of that: a truck's cab
VOTE_HALF_LIFE = 2.0  # s: after this time seen, a vote for a class weighs half
NEW_IOU = 0.3  # a box that lies this much on one already matched begins no track: it is the same object
DUPLICATE_IOU = 0.75  # two boxes that overlap this much are one object seen as two classes
MOST_GROWN = 0.5  # scales by which the box of an unseen object grows at most: later it may be anywhere
MAX_TRACKS = 1000  # per tracker, confirmed or not; the longest unseen go first


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
    _tracks: Tracks = field(init=False)
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
        new = self._associate(seen)
        if len(new):
            self._tracks = join(self._tracks, start(seen[new], len(self.labels), ts))
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
        self._tracks = start(Detections.empty(), len(self.labels), 0.0)

    def renew(self) -> None:
        """Give all objects new ids: nobody has followed what they did for a while. They stay remembered."""
        rows = np.flatnonzero(self._tracks.id > 0)
        self._tracks.id[rows] = self._last_id + 1 + np.arange(len(rows))
        self._last_id += len(rows)

    def _associate(self, seen: Detections) -> np.ndarray:
        """Match tracks with boxes; return the indices (K,) of the boxes that begin a track."""
        confident = np.flatnonzero(seen.scores >= self.confident)
        doubtful = np.flatnonzero(seen.scores < self.confident)
        if len(doubtful):
            inside = cover_matrix(seen.boxes[doubtful], seen.boxes[confident]).max(axis=1, initial=0)
            doubtful = doubtful[inside < PART]
        left = np.arange(len(self._tracks))
        left, confident = self._look(foretold, left, seen, confident)
        left, confident = self._look(
            lambda tracks, boxes: nearby(tracks, boxes, self._now), left, seen, confident, surprised=True
        )
        self._look(overlapping, left, seen, doubtful)
        return self._new_objects(seen, confident)

    def _look(
        self,
        gains: Callable[[Tracks, Detections], Floats],
        left: np.ndarray,
        seen: Detections,
        boxes: np.ndarray,
        *,
        surprised: bool = False,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Match the tracks `left` (K,) with the `boxes` (L,) of those seen; return what stays of both."""
        if not len(left) or not len(boxes):
            return left, boxes
        tracks = self._tracks
        rows, columns = match(gains(tracks if len(left) == len(tracks) else take(tracks, left), seen[boxes]))
        matched = left[rows]
        if surprised:
            kalman.doubt(tracks.motion, matched, self._now - tracks.seen[matched])
        self._hit(matched, seen[boxes[columns]], self._now)
        return np.delete(left, rows), np.delete(boxes, columns)

    def _new_objects(self, seen: Detections, candidates: np.ndarray) -> np.ndarray:
        """Those of the boxes (K,) that lie on none of the objects just matched."""
        if not len(candidates):
            return candidates
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
        rows = np.flatnonzero(self._tracks.id > 0)
        tracks = take(self._tracks, rows)
        boxes, classes = tracks.motion.boxes, tracks.votes.argmax(axis=1)
        anchors = bottom_centers(boxes)
        # Lists, as numpy takes longer to hand out a number than to compute it.
        numbers = zip(
            tracks.id.tolist(),
            classes.tolist(),
            tracks.score.tolist(),
            (ts - tracks.born).tolist(),
            (ts - tracks.seen).tolist(),
            strict=True,
        )
        reported = []
        for i, (id, class_id, score, age, missed) in enumerate(numbers):
            way = tracks.trail[i]
            trail = np.array(way, np.float32) if len(way) > 1 else anchors[i : i + 1]
            self._tracks.trail[rows[i]] = []
            reported.append(
                Track(
                    id=id,
                    box=boxes[i],
                    class_id=class_id,
                    label=self.labels[class_id],
                    score=score,
                    age=age,
                    missed=missed,
                    trail=trail,
                    mask=tracks.mask[i],
                )
            )
        return reported
