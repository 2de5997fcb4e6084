"""Analytics with the names they were given."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from edgevision.analytics import Analytic, Compound, Resting, Stateful


@dataclass(frozen=True, slots=True)
class NamedAnalytic:
    """An analytic as it was configured."""

    kind: str  # line, zone, ...
    name: str
    analytic: Analytic

    def parts(self) -> Sequence[str]:
        """The names that its findings have."""
        if isinstance(self.analytic, Stateful):
            return self.analytic.places
        return self.analytic.named(self.name) if isinstance(self.analytic, Compound) else [self.name]

    def rest(self, there: Collection[int], ts: float) -> None:
        """See Resting; to others it makes no difference."""
        if isinstance(self.analytic, Resting):
            self.analytic.rest(there, ts)


class Named(Protocol):
    """What finds something: its events and metrics have these."""

    @property
    def kind(self) -> str: ...

    @property
    def name(self) -> str: ...
