"""edgevision demo: the whole program over a drawn car park, what it counted beside what is true."""

import json
import sys
from argparse import Namespace
from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from edgevision import log
from edgevision.app import App
from edgevision.builtin import builtin_path
from edgevision.commands.run import stop_on_signals
from edgevision.config import LoadedConfig, check
from edgevision.document import Document
from edgevision.errors import OutputError
from edgevision.metrics import STAGES
from edgevision.scene.world import Scene

CAMERA, GATE, LOT = "carpark", "gate", "lot"
KINDS = {"in": "crossed_in", "out": "crossed_out"}
FPS = 15
AFTER = """
Look at   {folder}/demo.mp4
Events    {folder}/events.jsonl

Try next  {program} demo --seed 2        another car park
          {program} demo --serve         live, with http://127.0.0.1:9108/metrics
          {program} detect YOUR_PICTURE.jpg --save found
          {program} run CONFIG           your own camera: begin with a copy of
          {example}"""


def run(options: Namespace) -> int:
    folder: Path = options.output
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "events.jsonl").unlink(missing_ok=True)  # it would be appended to
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror}; use --output") from None
    log.setup("warning")
    scene = Scene(options.seed, options.seconds)
    app = App(_config(scene, folder, live=False))
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("counting", total=options.seconds * FPS)
        stop_on_signals(app)
        app.run(lambda: progress.update(task, completed=app.pipeline.frame_counts()[CAMERA].processed))
        progress.update(task, completed=app.pipeline.frame_counts()[CAMERA].processed)
    result = _result(scene, app)
    if options.json:
        print(json.dumps(result))
    else:
        _print(result, folder)
    return _serve(scene, folder) if options.serve else 0


def _config(scene: Scene, folder: Path, live: bool) -> LoadedConfig:
    """The demo as anybody could write it into a file; only the gate's place depends on the scene."""
    source = f"synthetic:carpark?seed={scene.seed}&seconds={int(scene.seconds)}&fps={FPS}&live={int(live)}"
    start, end = scene.gate
    outputs: list[dict[str, Any]] = [{"type": "jsonl", "path": str(folder / "events.jsonl")}]
    if not live:
        outputs.append({"type": "video", "camera": CAMERA, "path": str(folder / "demo.mp4")})
    data = {
        "models": {"vehicles": {"path": "builtin:drawn"}},
        "cameras": {
            CAMERA: {
                "source": source,
                "sight": "off",  # each scene has another view
                "lines": {GATE: {"from": list(start), "to": list(end)}},
                "zones": {LOT: {"polygon": [list(point) for point in scene.lot], "dwell": True}},
            }
        },
        "outputs": outputs,
        "http": {"listen": "127.0.0.1:9108"} if live else None,
        "log": {"level": "info" if live else "warning"},
    }
    return check(Document("demo", data, {}, []), Path())


def _result(scene: Scene, app: App) -> dict[str, Any]:
    """Counts and truth by direction and label, and the mean milliseconds a frame spent in each stage."""
    counted = app.pipeline.counts(CAMERA)
    truth = Counter((KINDS[crossing.direction], crossing.label) for crossing in scene.crossings)
    seen = {(kind, label) for name, kind, label in counted if name == GATE}
    rows = [
        {"kind": kind, "label": label, "counted": counted[GATE, kind, label], "truth": truth[kind, label]}
        for kind, label in sorted(seen | truth.keys())
    ]
    frames = app.pipeline.frame_counts()[CAMERA].processed
    total = {
        stage: app.metrics.value("stage_seconds_sum", camera=CAMERA, stage=stage) or 0.0 for stage in STAGES
    }
    return {
        "seed": scene.seed,
        "seconds": scene.seconds,
        "frames": frames,
        "gate": rows,
        "exact": all(row["counted"] == row["truth"] for row in rows),
        "stages_ms": {stage: round(1000 * seconds / max(1, frames), 2) for stage, seconds in total.items()},
    }


def _print(result: dict[str, Any], folder: Path) -> None:
    console = Console()
    table = Table("at the gate", "", "counted", "truth", "", title=f"car park {result['seed']}")
    for row in result["gate"]:
        right = row["counted"] == row["truth"]
        verdict = "[green]right[/]" if right else f"[red]{row['counted'] - row['truth']:+d}[/]"
        way = "in" if row["kind"] == KINDS["in"] else "out"
        table.add_row(row["label"], way, str(row["counted"]), str(row["truth"]), verdict)
    console.print(table)
    if result["exact"]:
        console.print("Every count equals the truth.")
    else:
        console.print("[red]Some counts differ from the truth.[/]")
    stages = ", ".join(f"{stage} {ms:g}" for stage, ms in result["stages_ms"].items())
    print(f"{result['frames']} frames; mean milliseconds by stage: {stages}")
    program = sys.argv[0] if Path(sys.argv[0]).name == "edgevision" else "edgevision"  # as it was called
    print(AFTER.format(folder=folder, program=program, example=builtin_path("configs/parking.yaml")))


def _serve(scene: Scene, folder: Path) -> int:
    """The same car park in real time, until Ctrl-C."""
    log.setup("info")
    app = App(_config(scene, folder, live=True))
    stop_on_signals(app)
    app.run()
    return 0
