"""What `edgevision bench` found, as tables for people."""

import sys
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

WIDTH = 110  # characters, where no terminal says
BUSY = 0.2  # cores that others use from which figures are to be doubted


def print_tables(found: dict[str, Any]) -> None:
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    for line in summary(found):
        console.print(line, soft_wrap=True, highlight=False)
    for table in tables(found):
        console.print(table)


def summary(found: dict[str, Any]) -> Iterator[str]:
    for name, model in found["models"].items():
        plan = f"{_many(model['workers'], 'worker')} of {_many(model['threads'], 'core')} each"
        yield f"{name}: {model['file']}, {model['input']}, {model['precision']}, {model['provider']}"
        yield f"  {plan}: {model['why']}"
    yield (
        f"[bold]{found['fps']:.1f} frames/s[/] from {_many(found['streams'], 'camera')} on "
        f"{_many(found['cores'], 'core')}; the network alone {found['ceiling_fps']:.1f}: "
        f"[bold]{found['ratio']:.2f}[/] of it "
        f"({found['ratio_least']:.2f} to {found['ratio_most']:.2f} in {found['rounds']} rounds)"
    )
    yield (
        f"CPU {found['cpu_ms']:.1f} ms a frame; the network alone {found['ceiling_cpu_ms']:.1f}: "
        f"{found['cpu_ratio']:.2f} of it; "
        f"memory {found['memory_mb']:.0f} MB"
    )
    yield (
        "a bare loop on each core, which only reads pictures, runs and reads boxes: "
        f"{found['bare_fps']:.1f} frames/s, CPU {found['bare_cpu_ms']:.1f} ms: "
        f"[bold]{found['bare_ratio']:.2f}[/] of it"
    )
    if found["other_cores"] > BUSY:
        yield (
            f"[yellow]Others used {found['other_cores']:.1f} cores meanwhile[/]: frames/s and times say "
            "little, ratios and CPU a frame still say something"
        )
    if cameras := found.get("cameras"):
        yield (
            f"[bold]{_many(cameras['count'], 'camera')}[/] of {cameras['fps']:g} frames/s, 99 of 100 frames "
            f"within {cameras['latency_ms']:g} ms; each takes {cameras['cpu_seconds_per_camera']:.3f} cores"
            + ("" if cameras["mb_per_camera"] is None else f" and {cameras['mb_per_camera']:.1f} MB")
        )


def tables(found: dict[str, Any]) -> Iterator[Table]:
    stages = Table("stage", title=f"milliseconds of {found['frames']} frames, recordings at full speed")
    rows = [*found["stages"].items(), ("latency", found["latency"])]
    for column in ("p50", "p90", "p99"):
        stages.add_column(column, justify="right")
    for name, row in rows:
        stages.add_row(name, *(f"{value:.2f}" for value in row.values()), end_section=name == "output")
    yield stages
    for key, title, of in (("plans", "plan", "of the ceiling"), ("against", "beside us", "of ours")):
        if found[key]:
            yield _beside(found, key, title, of)
    if "cameras" in found:
        yield _trials(found["cameras"]["trials"])


def _beside(found: dict[str, Any], key: str, title: str, of: str) -> Table:
    table = Table(title)
    for column in ("frames/s", of, "least", "most", "CPU ms a frame"):
        table.add_column(column, justify="right")
    if key == "against":
        ours = ("edgevision", f"{found['fps']:.1f}", "1.00", "", "", f"{found['cpu_ms']:.1f}")
        table.add_row(*ours)
    for row in found[key]:
        table.add_row(
            row["name"], f"{row['fps']:.1f}", f"{row['ratio']:.2f}", f"{row['ratio_least']:.2f}",
            f"{row['ratio_most']:.2f}", f"{row['cpu_ms']:.1f}",
        )  # fmt: skip
    return table


def _trials(trials: list[dict[str, Any]]) -> Table:
    table = Table("cameras", title="trials, milliseconds")
    for column in ("p50", "p99", "in time", "dropped", "our cores", "others' cores", ""):
        table.add_column(column, justify="right")
    for each in trials:
        times = ("-" if each[p] is None else f"{each[p]:.0f}" for p in ("p50", "p99"))
        table.add_row(
            str(each["cameras"]), *times, f"{each['in_time']:.1%}", str(each["dropped"]),
            f"{each['cores']:.2f}", f"{each['other_cores']:.2f}", "carried" if each["carried"] else "",
        )  # fmt: skip
    return table


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
