"""What the API can have done with what runs, and what it answers then."""

from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field


class Reset(BaseModel):
    """What is to begin at 0 again."""

    model_config = ConfigDict(extra="forbid")

    camera: str
    name: str | None = Field(None, description="of a line, zone, spot, ...; null: all of the camera's")
    why: str = Field("by hand", max_length=200)


class ResetDone(BaseModel):
    """The events that say so, one for each name, with what had been counted."""

    events: list[dict[str, Any]]


class Paused(BaseModel):
    """A camera that was told to pause, or to go on."""

    camera: str
    state: str


class Control(Protocol):
    """What runs, as the API sees it, and who changed it."""

    def reset(self, wish: Reset) -> list[dict[str, Any]]:
        """The events of kind `reset`, on the disk."""

    def pause(self, camera: str, on: bool) -> str:
        """The camera's state then."""

    def note(self, who: str, what: str, camera: str | None = None, more: str = "") -> None:
        """who: the name of a token. what: reset, configure, ... more: in words."""

    def changes(self, limit: int) -> list[dict[str, Any]]:
        """What was noted, the newest first: time, who, what, camera, more."""
