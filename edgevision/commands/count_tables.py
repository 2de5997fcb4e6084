"""What `edgevision eval count` measured, as tables for people and as JSON for programs."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from rich import box
from rich.table import Table

from edgevision.core.types import Floats
from edgevision.evaluate.score_counts import CountScores, KeyScore, mean_error
from edgevision.evaluate.score_states import StateScore

COLUMNS = ("kind", "counted", "true", "over", "under", "error", "mean error", "late s", "p90 s")


def tables(scores: CountScores) -> Iterator[Table]:
    yield _counts(scores)
    if scores.states:
        yield _states(scores.states)
    if any(row.labels for row in scores.rows):
        yield _labels(scores.rows)


def as_json(scores: CountScores) -> dict[str, Any]:
    """`error`, `over`, `under` of all together at the top, each line, zone or spot and kind under `per`."""
    return {
        "error": scores.error,
        "over": scores.over,
        "under": scores.under,
        **_errors(scores.rows),
        **_timing(scores.late),
        "tolerance": scores.tolerance,
        "bin": round(scores.bin, 3),
        "per": [_row(row) for row in scores.rows],
        "spots": [
            {key: round(value, 4) if isinstance(value, float) else value for key, value in each.items()}
            for each in (state._asdict() for state in scores.states)
        ],
    }  # fmt: skip


def _row(row: KeyScore) -> dict[str, Any]:
    facts: dict[str, Any] = {
        **row.key._asdict(),
        "counted": row.counted,
        "true": row.true,
        "over": row.over,
        "under": row.under,
        "error": row.error,
        "timed": row.timed,
        **_errors([row]),
        **_timing(row.late),
    }
    if row.labels:
        facts["labels"] = {
            label: {"counted": ours, "true": true} for label, (ours, true) in row.labels.items()
        }
    if row.timed:
        facts["extra_at"] = [round(mark.at, 3) for mark in row.extra]
        facts["missed_at"] = [round(mark.at, 3) for mark in row.missed]
    return facts


def _errors(rows: Sequence[KeyScore]) -> dict[str, Any]:
    found = mean_error(rows)
    if found is None:
        return {"mae": None, "mae_interval": None}
    return {"mae": round(found[0], 4), "mae_interval": [round(found[1], 4), round(found[2], 4)]}


def _timing(late: Floats) -> dict[str, Any]:
    if not len(late):
        return {"late": None, "timing": None, "timing_p90": None}
    apart = np.abs(late)
    return {
        "late": round(float(np.median(late)), 3),
        "timing": round(float(np.median(apart)), 3),
        "timing_p90": round(float(np.percentile(apart, 90)), 3),
    }


def _counts(scores: CountScores) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("place", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column, justify="left" if column == "kind" else "right", no_wrap=True)
    several = len({row.key.camera for row in scores.rows}) > 1
    for number, row in enumerate(scores.rows, start=1):
        place = f"{row.key.camera}: {row.key.name}" if several else row.key.name
        table.add_row(place, row.key.kind, *_cells([row]), end_section=number == len(scores.rows))
    if len(scores.rows) > 1:
        table.add_row("all", "", *_cells(scores.rows))
    return table


def _cells(rows: Sequence[KeyScore]) -> list[str]:
    over, under = sum(row.over for row in rows), sum(row.under for row in rows)
    about = "" if all(row.timed for row in rows) else "≥ "  # without moments some may cancel out
    mean = mean_error(rows)
    late = np.concatenate([row.late for row in rows])
    return [
        str(sum(row.counted for row in rows)),
        str(sum(row.true for row in rows)),
        f"[red]{about}{over}[/]" if over else f"{about}0",
        f"[red]{about}{under}[/]" if under else f"{about}0",
        f"{over - under:+d}" if over - under else "0",
        f"{mean[0]:.2f} ({mean[1]:.2f}..{mean[2]:.2f})" if mean else "",
        f"{np.median(late):+.2f}" if len(late) else "",
        f"{np.percentile(np.abs(late), 90):.2f}" if len(late) else "",
    ]


def _states(states: Sequence[StateScore]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("spot", no_wrap=True)
    for column in ("wrong", "unknown", "flips", "true flips", "flips/h beyond"):
        table.add_column(column, justify="right", no_wrap=True)
    several = len({state.camera for state in states}) > 1
    for each in states:
        table.add_row(
            f"{each.camera}: {each.name}" if several else each.name,
            f"{each.wrong:.1%}",
            f"{each.unknown:.1%}",
            str(each.flips),
            str(each.true_flips),
            f"{each.flips_per_hour:+.1f}" if each.flips_per_hour else "0",
        )
    return table


def _labels(rows: Sequence[KeyScore]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("place", "kind", "label"):
        table.add_column(column, no_wrap=True)
    for column in ("counted", "true", "error"):
        table.add_column(column, justify="right", no_wrap=True)
    for row in rows:
        for label, (counted, true) in row.labels.items():
            error = f"[red]{counted - true:+d}[/]" if counted != true else "0"
            table.add_row(row.key.name, row.key.kind, label, str(counted), str(true), error)
    return table
