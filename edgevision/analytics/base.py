"""What an analytic is. One file in this folder is one question asked of one camera's tracks."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from edgevision.core.types import Finding, Floats, PlaceState, Segmentation, Shape, Size, Track


class Analytic(Protocol):
    """Sees every frame's tracks in order of time, from one thread. The pipeline times, counts and logs it."""

    kinds: Sequence[str]
    """All kinds of finding it can make, so that their metrics exist from the start."""

    def update(self, tracks: Sequence[Track], ts: float, size: Size) -> list[Finding]:
        """What happened up to `ts` (seconds, strictly rising) in a picture of `size` pixels."""

    def occupancy(self) -> int | None:
        """How many objects are in it now, if that is a question to ask of it."""

    def shape(self, size: Size) -> Shape | Sequence[Shape] | None:
        """What to draw over a picture of `size`, if there is anything.

        One shape with its numbers as text, to which the analytic's name is added; or many, which say all.
        """


@runtime_checkable
class Listener(Protocol):
    """An analytic that goes by what others of its camera find."""

    def hear(self, name: str, finding: Finding, ts: float) -> None:
        """What the analytic `name` found at `ts`; of a frame, before `update` is called for it."""


@runtime_checkable
class Finisher(Protocol):
    """An analytic that waits before it believes something, and can tell at the end of a file."""

    def finish(self) -> list[Finding]:
        """What is believed now that no frame will come any more; each Finding has its `at`."""


@runtime_checkable
class PixelAnalytic(Protocol):
    """What an analytic has beside that if it asks about pixels: those of the tracks' masks, or of a map."""

    @property
    def covered(self) -> float:
        """Share of its area, 0..1, that anything of its classes covers."""

    @property
    def shares(self) -> Mapping[str, float]:
        """Share of its area, 0..1, by class."""

    def see(self, found: Segmentation, labels: Sequence[str]) -> None:
        """The map of the picture that the next `update` is about, of a camera that has a segmenter."""


@runtime_checkable
class Stateful(Protocol):
    """An analytic of many places, each with a state of its own. Its Findings name the place."""

    places: Sequence[str]
    """Their names, which no other analytic of the camera has."""

    possible: Sequence[str]
    """All states that a place can have."""

    def states(self) -> Mapping[str, PlaceState]:
        """Of each place, now; a snapshot, which may be kept and read by another thread."""


@runtime_checkable
class Gauged(Protocol):
    """An analytic with numbers of the moment, beside occupancy."""

    def gauges(self) -> Mapping[str, Mapping[tuple[str, ...], float]]:
        """By names that edgevision.analyticmetrics knows, values by labels after camera and name; NaN: not
        known."""


@runtime_checkable
class Compound(Protocol):
    """An analytic of parts, whose findings are each about one of them."""

    def named(self, name: str) -> Sequence[str]:
        """Told, before anything else, what it is called; returns the names that its findings will have."""


@runtime_checkable
class Gridded(Protocol):
    """An analytic that knows something of every part of the picture."""

    def grid(self) -> Floats:
        """(rows, columns) float32, over the whole picture from its top left; the caller's own."""


@runtime_checkable
class Blindable(Protocol):
    """An analytic with a state that is unknown while its camera cannot be trusted."""

    def blind(self, ts: float) -> list[Finding]:
        """From `ts` on the picture shows nothing to go by: it is covered, dark, frozen or moved.

        `update` is not called again until it does; what is unknown until then is found here.
        """


@runtime_checkable
class Resting(Protocol):
    """An analytic for which it matters when an object was last where it is."""

    def rest(self, there: Collection[int], ts: float) -> None:
        """Between two updates nothing moved up to `ts`, and nobody looked: the tracks with these ids stayed
        where they were."""


@runtime_checkable
class Counting(Protocol):
    """An analytic whose findings are numbered by how many there were before."""

    def go_on(self, counts: Mapping[str, int]) -> None:
        """How many of each kind there were: before the first `update` those of before a restart, and after a
        reset, between two updates, what is left of them."""


@runtime_checkable
class Keeper(Protocol):
    """An analytic that goes on after a restart from what it knew before."""

    def keep(self, ts: float) -> dict[str, Any]:
        """What to remember, as JSON has it; times as seconds before `ts`, as the clock starts anew."""

    def resume(self, kept: Mapping[str, Any], ts: float) -> None:
        """Before the first `update`: what `keep` gave at `ts`, which lies before now on the new clock."""
