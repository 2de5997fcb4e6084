"""Second looks: another network is shown the part of a frame in which an object, or a place, is.

It runs in the thread that commits a camera's frames, after tracking: there the frame and its objects are at
hand, and the order of frames is kept, so a file gives the same verdicts whatever the number of workers. While
it works, the workers go on with later frames and other cameras; a camera that is looked at too long for its
rate gets fewer frames, which are counted as `overload`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from edgevision.analytics.look import Look
from edgevision.core.moments import EPSILON, next_due
from edgevision.core.types import Frame, Image, Track, Verdict
from edgevision.core.votes import Votes
from edgevision.inference.crops import CropReader, Opinion, object_crop, place_crop
from edgevision.metrics import CameraMetrics

# Crops per frame of one camera. A MobileNet v2 of 8 bits takes 13 ms for one on one core, whether they go in
# alone or together: 4 delay a frame by 50 ms, and at 10 frames/s allow 40 looks a second.
MOST = 4


@dataclass(frozen=True, slots=True)
class Second:
    """What to ask of each object, as it was configured."""

    name: str
    crops: CropReader
    every: float  # s between two looks at one object
    margin: float  # share of the box's sides, added on each side
    classes: frozenset[str]  # of the first network; empty: all


@dataclass(frozen=True, slots=True)
class Place:
    """What to ask of a part of the picture, and who keeps the answers."""

    name: str
    crops: CropReader
    look: Look


@dataclass(slots=True)
class _Record:
    """What is known of one object by one kind of look."""

    due: float  # s
    votes: Votes = field(default_factory=Votes)


class _Wish(NamedTuple):
    """A look that is due."""

    due: float
    name: str
    crops: CropReader
    cut: Callable[[], Image | None]
    take: Callable[[Opinion | None], None]


class Chain:
    """One camera's second looks. Keeps a small record per look and object that the tracker remembers."""

    def __init__(self, seconds: Sequence[Second], places: Sequence[Place], metrics: CameraMetrics) -> None:
        self._seconds = seconds
        self._places = places
        self._metrics = metrics
        self._records: dict[tuple[int, str], _Record] = {}  # by track and name of the look
        for name in [each.name for each in seconds] + [each.name for each in places]:
            metrics.looked(name, by=0)
            metrics.looks_waiting(0)

    def look(self, frame: Frame, tracks: Sequence[Track]) -> list[Track]:
        """Look at what is due, the longest waiting first, and at no more than MOST; the rest waits for the
        next frame. The tracks with what is known of them."""
        if not self._seconds and not self._places:
            return list(tracks)
        due = sorted([*self._at_places(frame), *self._at_objects(frame, tracks)], key=lambda wish: wish.due)
        self._run(due[:MOST])
        self._metrics.looks_waiting(max(0, len(due) - MOST))
        known = {track.id for track in tracks}
        self._records = {key: record for key, record in self._records.items() if key[0] in known}
        judged = [replace(track, looks=self._verdicts(track)) for track in tracks]
        self._metrics.verdicts(
            Counter((name, verdict.label) for track in judged for name, verdict in track.looks.items())
        )
        return judged

    def _run(self, wishes: Sequence[_Wish]) -> None:
        for crops in {id(wish.crops): wish.crops for wish in wishes}.values():
            mine = [(wish, wish.cut()) for wish in wishes if wish.crops is crops]
            seen = iter(crops.look([crop for _, crop in mine if crop is not None]))
            for wish, crop in mine:
                wish.take(next(seen) if crop is not None else None)
                self._metrics.looked(wish.name, by=crop is not None)

    def _at_places(self, frame: Frame) -> Iterator[_Wish]:
        for each in self._places:
            if frame.ts >= each.look.due - EPSILON:
                cut = partial(place_crop, frame.image, each.look.polygon(frame.size), each.crops.spec)
                yield _Wish(each.look.due, each.name, each.crops, cut, partial(self._seen, each, frame.ts))

    def _at_objects(self, frame: Frame, tracks: Sequence[Track]) -> Iterator[_Wish]:
        for track in tracks:
            if track.missed > 0:
                continue  # where it should be is not where it can be seen
            for each in self._seconds:
                if each.classes and track.label not in each.classes:
                    continue
                record = self._records.setdefault((track.id, each.name), _Record(frame.ts))
                if frame.ts >= record.due - EPSILON:
                    cut = partial(object_crop, frame.image, track.box, each.margin, each.crops.spec)
                    take = partial(_vote, record, each.every, frame.ts)
                    yield _Wish(record.due, each.name, each.crops, cut, take)

    def _seen(self, place: Place, ts: float, opinion: Opinion | None) -> None:
        before = place.look.state
        place.look.see(opinion.label if opinion else None, opinion.score if opinion else 0.0, ts)
        if place.look.state not in (None, before):
            self._metrics.look_state(place.name, place.look.state, before)

    def _verdicts(self, track: Track) -> dict[str, Verdict]:
        records = ((each.name, self._records.get((track.id, each.name))) for each in self._seconds)
        verdicts = ((name, record.votes.verdict()) for name, record in records if record)
        return {name: verdict for name, verdict in verdicts if verdict}


def _vote(record: _Record, every: float, ts: float, opinion: Opinion | None) -> None:
    record.due = next_due(record.due, ts, every)
    if opinion:
        record.votes.add(opinion.label, opinion.weight)
