"""When nobody looked, and how many were there: against a plain count second by second."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevision.journal.states import State
from edgevision.journal.watched import GAP, Stretch
from edgevision.report.levels import Step, levels, overall
from edgevision.report.period import Period, day_of
from edgevision.report.seen import AWAY, PAUSED, Hole, seen

LENGTH = 400
PARIS = ZoneInfo("Europe/Paris")
spans = st.lists(st.tuples(st.integers(0, LENGTH), st.integers(1, 90)), max_size=5)


def disjoint(found: list[tuple[int, int]], apart: int) -> list[tuple[int, int]]:
    done: list[tuple[int, int]] = []
    for since, length in sorted(found):
        if not done or since > done[-1][1] + apart:
            done.append((since, since + length))
    return done


@given(spans, spans)
def test_what_was_not_seen_is_what_no_frame_and_no_clear_view_was_of(
    watched: list[tuple[int, int]], covered: list[tuple[int, int]]
) -> None:
    stretches = disjoint(watched, int(GAP))
    sights = disjoint(covered, 0)
    found = seen(
        [Stretch(float(since), float(until), True) for since, until in stretches],
        [
            State("gate", "sight", "sight", "", "covered", float(since), float(until))
            for since, until in sights
        ],
        0.0, float(LENGTH), 0.0,
    )  # fmt: skip
    why = ["" for _ in range(LENGTH)]
    for second in range(LENGTH):
        if any(since <= second < until for since, until in sights):
            why[second] = "covered"
    ends = [0, *(t for span in stretches for t in span), LENGTH]
    for begin, end in zip(ends[::2], ends[1::2], strict=True):  # times between stretches
        if end - begin > GAP:
            why[begin:end] = [AWAY] * (min(end, LENGTH) - begin)
    told = ["" for _ in range(LENGTH)]
    for hole in found.holes:
        assert not any(told[int(hole.since) : int(hole.until)])
        told[int(hole.since) : int(hole.until)] = [hole.why] * int(hole.until - hole.since)
    assert told == why
    assert found.seconds == why.count("")


def test_a_view_that_is_still_covered_hides_what_is_left_of_the_day() -> None:
    state = State("gate", "sight", "sight", "", "dark", 100.0, None)
    found = seen([Stretch(0.0, 1000.0, True)], [state], 50.0, 900.0, 0.0)
    assert found.holes == [Hole(100.0, 900.0, "dark")]


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 9)), max_size=8), spans)
def test_levels_are_means_and_peaks_of_the_seconds_that_were_seen(
    changes: list[tuple[int, int]], hidden: list[tuple[int, int]]
) -> None:
    steps = [Step(0.0, 3.0), *(Step(float(at), float(value)) for at, value in sorted(changes))]
    holes = [Hole(float(since), float(until), AWAY) for since, until in disjoint(hidden, 0)]
    found = levels(steps, holes, [0.0, 25.0, 50.0, 100.0])
    for (begin, end), each in zip(((0, 25), (25, 50), (50, 100)), found, strict=True):
        values = [
            [step.value for step in steps if step.at <= second][-1]
            for second in range(begin, end)
            if not any(hole.since <= second < hole.until for hole in holes)
        ]
        assert each.most == (max(values) if values else None)
        assert each.mean == (pytest.approx(sum(values) / len(values)) if values else None)
    whole = overall(found)
    assert (whole is None) == all(each.most is None for each in found)


def test_a_day_has_the_hours_that_its_clock_shows() -> None:
    for day, hours in (("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-20", 24)):
        since, until = day_of(day, PARIS, 0.0)
        assert until - since == hours * 3600
        starts = Period(since, until, "hour", PARIS).starts()
        assert len(starts) == hours
        assert starts[0] == datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=PARIS).timestamp()
    since, _ = day_of("2026-10-23", PARIS, 0.0)
    days = Period(since, day_of("2026-10-27", PARIS, 0.0)[0], "day", PARIS).starts()
    assert [datetime.fromtimestamp(each, PARIS).strftime("%d %H") for each in days] == [
        "23 00", "24 00", "25 00", "26 00",
    ]  # fmt: skip


@given(spans, spans)
def test_of_the_time_without_frames_the_pauses_are_told_apart(
    watched: list[tuple[int, int]], paused: list[tuple[int, int]]
) -> None:
    stretches = disjoint(watched, int(GAP))
    pauses = disjoint(paused, int(GAP) + 1)
    given = [Stretch(float(since), float(until), True) for since, until in stretches]
    plain = seen(given, [], 0.0, float(LENGTH), 0.0)
    found = seen(
        given, [], 0.0, float(LENGTH), 0.0, [(float(since), float(until)) for since, until in pauses]
    )
    assert found.seconds == plain.seconds

    def holes(of: list[Hole], second: int) -> list[Hole]:
        return [hole for hole in of if hole.since <= second < hole.until]

    for second in range(LENGTH):
        now = holes(found.holes, second)
        assert len(now) == len(holes(plain.holes, second))
        if not now or any(abs(second - edge) <= GAP for pause in pauses for edge in pause):
            continue
        wanted = [since for since, until in pauses if since <= second < until]
        came = [since for since, _ in stretches if wanted and wanted[0] < since <= second]
        assert now[0].why == (PAUSED if wanted and not came else AWAY)


def test_a_pause_fills_its_hole_and_ends_with_a_new_start() -> None:
    stretches = [Stretch(0.0, 95.0, True), Stretch(203.0, 300.0, True), Stretch(900.0, 1000.0, False)]
    found = seen(stretches, [], 0.0, 1000.0, 0.0, [(100.0, 1e12)])
    assert found.holes == [Hole(95.0, 203.0, PAUSED), Hole(300.0, 900.0, AWAY)]


def test_away_before_and_after_a_pause() -> None:
    found = seen([Stretch(0.0, 100.0, True)], [], 0.0, 1000.0, 0.0, [(400.0, 600.0)])
    assert found.holes == [Hole(100.0, 400.0, AWAY), Hole(400.0, 600.0, PAUSED), Hole(600.0, 1000.0, AWAY)]
