"""What of a camera's view is judged."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from edgevision.settings import as_tuple

Kind = Literal["covered", "dark", "frozen", "defocused", "moved"]
KINDS: tuple[Kind, ...] = ("covered", "dark", "frozen", "defocused", "moved")
ALWAYS: tuple[Kind, ...] = ("covered", "dark", "defocused")  # of files too: these may stand still or be cut


def read_sight(value: Any) -> Any:
    """`auto`, `on` and `off` as what they stand for; YAML reads the last two as true and false."""
    known: dict[Any, Any] = {"auto": None, "on": KINDS, True: KINDS, "off": (), False: ()}
    if isinstance(value, str | bool):
        if value not in known:
            raise ValueError(f"expected auto, on, off or a list of {', '.join(KINDS)}, got {value!r}")
        return known[value]
    return as_tuple(value)


SightSetting = Annotated[
    tuple[Kind, ...] | None,
    BeforeValidator(read_sight, json_schema_input_type=list[Kind] | Literal["auto", "on", "off"] | bool),
    Field(description=f"auto, on, off or which of {', '.join(KINDS)} to notice in the view"),
]


def kinds_for(setting: tuple[Kind, ...] | None, live: bool) -> tuple[Kind, ...]:
    """What to judge of a camera; `auto` is everything for a live one."""
    if setting is not None:
        return setting
    return KINDS if live else ALWAYS
