"""Counts that begin at 0 again while the service runs: the events that say so."""

from collections import Counter
from collections.abc import Mapping

from edgevision.core.types import Event
from edgevision.journal import RESET
from edgevision.journal.past import Counted


def reset_events(
    camera: str, prefix: str, gone: Mapping[Counted, int], numbers: Counter[str], why: str, wall: float
) -> list[Event]:
    """One for each name, with what it had counted, as `edgevision counts --reset` has them in the journal.

    prefix: of the ids. gone: what had been counted. numbers: of the last event of each name, which rise.
    wall: Unix seconds.
    """
    totals: Counter[tuple[str, str]] = Counter()
    for (analytic, name, _, _), number in gone.items():
        totals[analytic, name] += number
    events = []
    for (analytic, name), total in totals.items():
        numbers[name] += 1
        id = f"{prefix}:{name}:{numbers[name]:08d}"
        events.append(Event(id, camera, analytic, name, RESET, why, None, total, 1.0, wall, 0.0))
    return events
