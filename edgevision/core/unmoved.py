"""What is still there after a while in which nothing moved, and in which nobody looked.

Where nothing in the picture changes, what was there stays there, so it counts as seen up to the end of that
time. A single look that misses an object takes nothing away: the network sees a still object in nine looks of
ten, and one look in some seconds would make of each miss an object that was gone for that long.
"""

from collections.abc import Sequence

from edgevision.core.types import Track

FLICKER = 0.5  # s: what was unseen for longer when the picture came to rest was not there
MOST = 4  # looks in a row that may miss an object: 1 in 10000 does of a network that misses one in ten


class Unmoved:
    """Of one camera. Remembers a number for each track that a single look has missed."""

    def __init__(self) -> None:
        self._missed: dict[int, int] = {}  # by track id: looks in a row

    def looked_on(self) -> None:
        """Pictures are looked at one after the other: what is missed now is missed indeed."""
        self._missed.clear()

    def there(self, tracks: Sequence[Track]) -> list[int]:
        """Ids of those that are still where they were, after the look that told of `tracks`."""
        missed = {
            track.id: self._missed.get(track.id, 0) + 1
            for track in tracks
            if track.missed > 0 and (track.id in self._missed or track.missed <= FLICKER)
        }
        self._missed = missed
        return [t.id for t in tracks if t.missed == 0 or missed.get(t.id, MOST + 1) <= MOST]
