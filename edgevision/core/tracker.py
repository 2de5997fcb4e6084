"""Follows boxes from frame to frame and gives each object one identity.

Three looks, each at what the one before has left. First, which confident boxes are where the filter foretold
an object, by likelihood, so that the frame rate does not matter. Second, which overlap or are near one,
as of a car that turned. Third, after ByteTrack (Zhang et al., ECCV 2022, arXiv 2110.06864), which doubtful
boxes lie on an object, so that it keeps its identity while something half hides it. Only confident boxes
begin a track. All times are seconds, and boxes of different classes may be one object: a van called car, then
truck; the label is a vote of its last seconds.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from edgevision.core import kalman, places
from edgevision.core.assignment import Pairs, match
from edgevision.core.boxes import bottom_centers, cover_matrix, iou_matrix, without_duplicates
from edgevision.core.moments import EPSILON
from edgevision.core.pairing import foretold, nearby, overlapping
from edgevision.core.table import join, take
from edgevision.core.tracks import Tracks, start
from edgevision.core.types import Detections, Floats, Region, Track, Verdict

PART = 0.7  # a doubtful box with this share of it in a confident one is a part of that: a truck's cab
VOTE_HALF_LIFE = 2.0  # s: after this time a vote for a class weighs half; after any gap, no less
NEW_IOU = 0.3  # a box that lies this much on one already matched begins no track: it is the same object
DUPLICATE_IOU = 0.75  # two boxes that overlap this much are one object seen as two classes
MOST_GROWN = 0.5  # scales by which the box of an unseen object grows at most: later it may be anywhere
NO_LOOKS: Mapping[str, Verdict] = {}
MAX_TRACKS = 1000  # per tracker, confirmed or not; the longest unseen go first


@dataclass(slots=True, eq=False)
class Tracker:
    """One camera's tracker. Feed it every frame's detections in order of time; it is not thread-safe.

    labels     names of the classes, by class id
    confident  score (0..1) from which a box may begin a track; lesser boxes only extend one
    confirm    seconds over which an object must have been seen, at least twice, to become a Track
    keep       seconds an unseen object is remembered
    remember   seconds an object is remembered that stood still when something hid it: see places.py
    """

    labels: Sequence[str]
    confident: float = 0.35
    confirm: float = 0.2
    keep: float = 2.0
    remember: float = 300.0
    _tracks: Tracks = field(init=False)
    _last_id: int = field(init=False, default=0)
    _now: float = field(init=False, default=-np.inf)

    def __post_init__(self) -> None:
        if not 0 < self.confident <= 1:
            raise ValueError(f"confident must lie in 0..1, got {self.confident}")
        if self.confirm < 0 or self.keep <= 0 or self.remember < 0:
            given = f"{self.confirm}, {self.keep} and {self.remember}"
            raise ValueError(f"confirm must be >= 0 s, keep > 0 s and remember >= 0 s, got {given}")
        self.reset()

    def update(self, detections: Detections, ts: float) -> list[Track]:
        """Take in the boxes seen at `ts` (seconds, strictly rising); return all confirmed objects. Those that
        are not seen but remembered are returned too, with `missed` > 0."""
        if ts <= self._now:
            raise ValueError(f"time must rise strictly: {ts} s came after {self._now} s")
        dt = ts - self._now if self._now > -np.inf else 0.0
        tracks, self._now = self._tracks, ts
        kalman.predict(tracks.motion, np.where(tracks.places.hidden, 0, dt))  # what stands does not drift
        tracks.mask[:] = None
        seen = without_duplicates(detections, DUPLICATE_IOU)
        new = self._associate(seen)
        if len(new):
            self._tracks = join(tracks, start(seen[new], len(self.labels), ts))
        self._watch(min(dt, places.GLANCE))
        self._forget(ts, self.confirm)
        return self._report(ts, self._confirm())

    def rest(self, there: Collection[int], ts: float) -> None:
        """Nothing has moved up to `ts` (seconds, strictly rising), and nobody has looked: all are where they
        were. Of what has an id, `there` counts as seen, others as gone; the rest waits for the next look."""
        dt, tracks, self._now = ts - self._now, self._tracks, ts
        tracks.seen[np.isin(tracks.id, list(there)) & ~tracks.places.hidden] = ts
        kalman.creep(tracks.motion)
        self._watch(dt)
        self._forget(ts, np.inf)

    def remembered(self) -> list[Region]:
        """Where everything may be that it remembers, confirmed or not, seen in the last frame or not.

        The box of what was not seen is larger, by two deviations of where its sides are.
        """
        tracks = self._tracks
        unseen = (tracks.seen < self._now).astype(np.float32)
        deviation = np.where(tracks.places.hidden, np.inf, kalman.side_deviation(tracks.motion))
        grown = unseen * np.minimum(2 * deviation, MOST_GROWN * tracks.motion.scale)
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
        tracks, stands = self._tracks, self._stands()
        box = np.full(len(tracks), -1)  # which each track gets, of those seen

        def give(pairs: Pairs, boxes: np.ndarray) -> np.ndarray:
            """Give the best of the pairs their `boxes` (L,) of those seen; what stays of these."""
            rows, columns = match(pairs)
            box[rows] = boxes[columns]
            return boxes.compress(np.bincount(columns, minlength=len(boxes)) == 0)

        confident, doubtful = self._kinds(seen)
        confident = give(foretold(tracks, seen.boxes[confident]), confident)
        left = (box < 0).nonzero()[0]
        if len(left) and len(confident):
            boxes, class_ids = seen.boxes[confident], seen.class_ids[confident]
            confident = give(nearby(tracks, left, boxes, class_ids, self._now, stands), confident)
        surprised = left[box[left] >= 0]
        left = (box < 0).nonzero()[0]
        if len(left) and len(doubtful):
            give(overlapping(tracks, left, seen.boxes[doubtful]), doubtful)
        self._hit(box, seen, surprised, stands)
        return self._new_objects(seen, confident)

    def _kinds(self, seen: Detections) -> tuple[np.ndarray, np.ndarray]:
        """Indices of the confident boxes, and of the doubtful ones that are no parts of these."""
        sure = seen.scores >= self.confident
        confident, doubtful = sure.nonzero()[0], (~sure).nonzero()[0]
        if len(doubtful):
            inside = cover_matrix(seen.boxes[doubtful], seen.boxes[confident]).max(axis=1, initial=0)
            doubtful = doubtful[inside < PART]
        return confident, doubtful

    def _new_objects(self, seen: Detections, candidates: np.ndarray) -> np.ndarray:
        """Those of the boxes (K,) that lie on none of the objects just matched."""
        if not len(candidates):
            return candidates
        tracks = self._tracks
        now = (tracks.seen == self._now) | (tracks.places.met == self._now)
        overlap = iou_matrix(seen.boxes[candidates], tracks.motion.boxes[now]).max(axis=1, initial=0)
        new: np.ndarray = candidates[overlap < NEW_IOU]
        return new

    def _stands(self) -> np.ndarray:
        """(N,) bool: what is waited for when it is hidden."""
        tracks = self._tracks
        if self.remember <= self.keep:
            return np.zeros(len(tracks), bool)
        stood: np.ndarray = tracks.seen - tracks.places.still >= places.STANDS - EPSILON
        return stood & (tracks.id > 0)

    def _hit(self, box: np.ndarray, seen: Detections, surprised: np.ndarray, stands: np.ndarray) -> None:
        """Take in the box of each track, (N,) indices, -1: none. surprised: rows (K,) that went otherwise."""
        tracks, now = self._tracks, self._now
        rows = (box >= 0).nonzero()[0]
        hidden = tracks.places.hidden[rows]
        if hidden.any():  # what shows up there is not believed at once
            hidden[hidden] = ~places.returned(tracks.places, rows[hidden], now)
            rows = rows[~hidden]
        found, elapsed = seen[box[rows]], now - tracks.seen[rows]
        self._move(rows, found.boxes, surprised, stands)
        places.settle(tracks.places, rows, tracks.motion.boxes[rows], elapsed, now)
        tracks.votes[rows] *= 0.5 ** (np.minimum(elapsed, VOTE_HALF_LIFE) / VOTE_HALF_LIFE)[:, None]
        tracks.votes[rows, found.class_ids] += found.scores
        tracks.seen[rows], tracks.score[rows] = now, found.scores
        tracks.hits[rows] += 1
        for row in rows[tracks.id[rows] == 0].tolist():  # all others report where they are now
            tracks.trail[row].append(bottom_centers(tracks.motion.boxes[row : row + 1])[0])
        for row, mask in zip(rows, found.masks or (), strict=False):
            tracks.mask[row] = mask

    def _move(self, rows: np.ndarray, boxes: Floats, surprised: np.ndarray, stands: np.ndarray) -> None:
        """Correct the tracks `rows` (K,) by their boxes, but for what stands and shows only a part of itself:
        that tells that it is there, and not where."""
        motion, held = self._tracks.motion, stands[rows]
        if held.any():
            rest = self._tracks.places.rest[rows]
            held &= np.isin(rows, surprised) | places.parts(rest, boxes)
            kalman.hold(motion, rows[held], rest[held])
            rows, boxes = rows[~held], boxes[~held]
        if len(surprised):
            surprised = surprised[~stands[surprised]]
            kalman.doubt(motion, surprised, self._now - self._tracks.seen[surprised])
        kalman.correct(motion, rows, boxes)

    def _watch(self, dt: float) -> None:
        """Look after what stands unseen; the frame tells of the last `dt` s."""
        tracks, stands = self._tracks, self._stands()
        if (tracks.places.hidden | (stands & (tracks.seen < self._now))).any():
            boxes = tracks.motion.boxes
            hidden = places.watch(tracks.places, boxes, stands, tracks.seen, self._now, dt)
            kalman.hold(tracks.motion, hidden, tracks.places.rest[hidden])

    def _forget(self, ts: float, tentative: float) -> None:
        """Drop what has been unseen too long; what is not confirmed, after `tentative` s."""
        tracks, missed = self._tracks, ts - self._tracks.seen
        most = np.where(tracks.id > 0, self.keep, tentative)
        most[tracks.places.hidden] = self.remember
        most[tracks.places.empty > places.EMPTY] = 0
        kept = (missed <= most + EPSILON).nonzero()[0]
        if len(kept) > MAX_TRACKS:
            kept = np.sort(kept[np.argsort(missed[kept], kind="stable")[:MAX_TRACKS]])
        if len(kept) < len(tracks):
            self._tracks = take(tracks, kept)

    def _confirm(self) -> dict[int, Floats]:
        """Give ids; by row, where each of these objects was so far, (K, 2) px."""
        tracks = self._tracks
        old_enough = tracks.seen - tracks.born >= self.confirm - EPSILON
        trails = {}
        for row in ((tracks.id == 0) & (tracks.hits >= 2) & old_enough).nonzero()[0].tolist():
            self._last_id += 1
            tracks.id[row] = self._last_id
            trails[row] = np.array(tracks.trail[row], np.float32)
            tracks.trail[row] = None
        return trails

    def _report(self, ts: float, trails: dict[int, Floats]) -> list[Track]:
        tracks = self._tracks
        rows = tracks.id.nonzero()[0]
        boxes, classes = tracks.motion.boxes[rows], tracks.votes.argmax(axis=1)[rows].tolist()
        where = list(bottom_centers(boxes)[:, None])
        for row, trail in trails.items():
            where[np.searchsorted(rows, row)] = trail
        # Column by column, as numpy takes longer to hand out a number than to compute it.
        return list(
            map(
                Track,
                tracks.id[rows].tolist(),
                boxes,
                classes,
                [self.labels[class_id] for class_id in classes],
                tracks.score[rows].tolist(),
                (ts - tracks.born[rows]).tolist(),
                (ts - tracks.seen[rows]).tolist(),
                where,
                [NO_LOOKS] * len(rows),
                tracks.mask[rows],
            )
        )
