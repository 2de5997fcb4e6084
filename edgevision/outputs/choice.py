"""Which events an output is for."""

from pydantic import Field

from edgevision.core.types import Event
from edgevision.settings import Name, Settings


class Choice(Settings):
    """The keys by which an output's settings choose among events."""

    camera: Name | None = Field(None, description="only this camera's events; those of all when left out")
    names: list[str] = Field([], description="only of these lines, zones, ...; of all when left out")
    kinds: list[str] = Field([], description="only of these kinds, such as crossed_in; all when left out")

    def wants(self, event: Event) -> bool:
        """Whether it is of these names and kinds; who is given only its camera's need not ask for that."""
        return (not self.names or event.name in self.names) and (not self.kinds or event.kind in self.kinds)
