from collections.abc import Sequence

import pytest
from pydantic import ValidationError

from edgevision.analytics.look import CHANGED, Config, Look
from edgevision.core import Finding, Size

SIZE = Size(200, 100)
SQUARE = ((0.25, 0.5), (0.5, 0.5), (0.5, 1.0), (0.25, 1.0))


def place(**settings: object) -> Look:
    return Look(Config.model_validate({"model": "fullness", "polygon": SQUARE, **settings}))


def watch(look: Look, labels: Sequence[str | None], step: float = 0.1) -> list[tuple[float, float, Finding]]:
    """What it finds if it is shown labels[n] at n * step seconds, whenever it is due; with the times of all
    looks up to then."""
    found = []
    for number, label in enumerate(labels):
        ts = round(number * step, 3)
        if ts >= look.due - 1e-6:
            look.see(label, 0.9, ts)
        found += [(ts, finding.value, finding) for finding in look.update([], ts, SIZE)]
    return found


def looks_at(look: Look, labels: Sequence[str | None]) -> list[float]:
    times = []
    for number, label in enumerate(labels):
        ts = round(number * 0.1, 3)
        if ts >= look.due - 1e-6:
            times.append(ts)
            look.see(label, 0.9, ts)
    return times


def test_a_change_is_believed_after_the_hold_and_says_what_was_before() -> None:
    look = place(every="1s", hold="500ms")
    found = watch(look, ["full"] * 42 + ["empty"] * 30)
    # Believed to be full at 0.5 s, then looked at every second: empty from 4.2 s is seen at 4.5 s and, held,
    # at 5.0 s.
    assert [ts for ts, *_ in found] == [5.0]
    finding = found[0][2]
    assert (finding.kind, finding.label, finding.before, finding.track_id) == (CHANGED, "empty", "full", None)
    assert finding.value == 4.5  # full since the first look at 0 s
    assert look.state == "empty"


def test_the_first_state_is_no_change_but_must_hold_too() -> None:
    look = place(every="1s", hold="500ms")
    assert watch(look, ["full"] * 5) == []
    assert look.state is None
    assert watch(look, ["full"] * 10) == []
    assert look.state == "full"


def test_one_wrong_look_changes_nothing() -> None:
    look = place(every="1s", hold="500ms")
    assert watch(look, ["full"] * 40 + ["empty"] * 3 + ["full"] * 40) == []
    assert look.state == "full"


def test_a_third_label_begins_the_hold_anew() -> None:
    look = place(every="200ms", hold="500ms")
    # After 0.5 s every 0.2 s: 2.1 and 2.3 s empty, 2.5 s half, which is believed 0.5 s later.
    found = watch(look, ["full"] * 20 + ["empty"] * 4 + ["half"] * 20)
    assert [(ts, f.label, f.before) for ts, _, f in found] == [(3.0, "half", "full")]


def test_unsure_looks_tell_nothing() -> None:
    look = place(every="1s", hold="500ms")
    assert watch(look, ["full"] * 20 + [None] * 50) == []
    assert look.state == "full"


def test_without_hold_one_look_is_enough() -> None:
    look = place(every="1s", hold=0)
    assert [ts for ts, *_ in watch(look, ["full"] * 10 + ["empty"] * 11)] == [1.0]


def test_it_is_looked_at_when_due_and_in_doubt_after_the_hold() -> None:
    labels = ["full"] * 32 + ["empty"] * 30
    assert looks_at(place(every="1s", hold="300ms"), labels) == [0.0, 0.3, 1.3, 2.3, 3.3, 3.6, 4.6, 5.6]


def test_where_it_is() -> None:
    look = place()
    assert look.polygon(SIZE).tolist() == [[50, 50], [100, 50], [100, 100], [50, 100]]
    assert look.shape(SIZE).text == "?"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"every": 0}, "greater than 0"),
        ({"polygon": ((0, 0), (1, 1))}, "an area needs at least 3 points, got 2"),
        ({"classes": ["x"]}, "Extra inputs"),
    ],
)
def test_bad_settings(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        place(**settings)
