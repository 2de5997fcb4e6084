"""What a camera did before: where its numbers, counts and states go on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Counted = tuple[str, str, str, str]  # analytic, name, kind, label


@dataclass(frozen=True, slots=True)
class Past:
    """All that was kept of one camera's run, and of its others."""

    prefix: str  # what its events' ids begin with: the camera, and the run if it is not the first: gate.2
    run: int = 0  # in the journal
    again: bool = False  # a file that was counted before: the same events will come, and add nothing
    others: int = 0  # further runs of this camera
    numbers: Mapping[str, int] = field(default_factory=dict)  # last number of an event, by name
    counts: Mapping[Counted, int] = field(default_factory=dict)
    states: Mapping[str, tuple[float, dict[str, Any]]] = field(default_factory=dict)
    # by name: Unix seconds at which it was kept, and what
