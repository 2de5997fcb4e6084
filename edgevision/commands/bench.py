"""edgevision bench: how near the whole service comes to what its network alone could do on this machine,
where the time goes, and how many cameras it carries."""

import functools
import json
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from edgevision import log
from edgevision.bench.bare import Bare, Read
from edgevision.bench.cameras import Carrying, Trial, most_cameras
from edgevision.bench.ceiling import Ceiling
from edgevision.bench.drawn import draw_clip
from edgevision.bench.peers import PeerProcess, missing
from edgevision.bench.playing import Playing
from edgevision.bench.report import BARE, CEILING, OURS, PLAN, carried, report
from edgevision.bench.task import Plan, Task, plain_task, task_of
from edgevision.bench.turns import Subject, long_enough, rounds_of, take_turns
from edgevision.bench.usage import resident
from edgevision.builtin import asked_network
from edgevision.commands.bench_tables import print_tables
from edgevision.config import LoadedConfig
from edgevision.cores import usable_cores
from edgevision.errors import ConfigError, ModelError, OutputError
from edgevision.sources import open_source

WARM_UP = 1.0  # s, after each camera's first frame

PLANS: dict[str, Plan] = {
    "throughput": {"mode": "throughput"},
    "latency": {"mode": "latency"},
    "one worker": {"workers": 1},
}


def run(options: Namespace) -> int:
    if options.html and not options.html.parent.is_dir():
        raise OutputError(f"--html {options.html}: there is no folder {options.html.parent}")
    log.setup("error" if options.json else "warning")
    with tempfile.TemporaryDirectory(prefix="edgevision-bench-") as folder:
        task, model, clip = _task(options, Path(folder))
        found = _measure(options, task, model, clip)
        try:
            if options.cameras:
                found["cameras"] = _carry(options, task, found)
        finally:  # of minutes of measuring, what there is when somebody presses Ctrl-C
            _tell(options, found)
    return 0


def _tell(options: Namespace, found: dict[str, Any]) -> None:
    try:
        if options.json:
            print(json.dumps(found))
        else:
            print_tables(found)
    finally:  # what cannot be printed can still be written
        if options.html:
            from edgevision.bench.page import write_page

            write_page(options.html, found)
    if options.html and not options.json:
        print(f"page: {options.html}")


def _task(options: Namespace, folder: Path) -> tuple[Task, Path | None, str | None]:
    """What to measure, and the network and clip that peers are given."""
    if options.config and (options.model or options.labels):
        raise ConfigError("give a configuration or --model, not both: the configuration names its networks")
    clip = _clip(options, folder)
    if options.config:
        return task_of(options.config, clip, folder), None, clip
    name = options.model or "builtin:default"
    path = asked_network(name, "--model")
    labels = {"labels": options.labels} if options.labels else {}
    assert clip
    how = {"device": options.device, "engine": options.engine, "precision": options.precision}
    return plain_task({"path": name, **how, **labels}, clip, folder), path, clip


def _clip(options: Namespace, folder: Path) -> str | None:
    """An absolute path, as the configuration's own folder is not ours."""
    if options.source:
        path = Path(options.source)
        return str(path.resolve()) if path.exists() else str(options.source)
    return None if options.config else str(draw_clip(folder / "carpark.mp4"))


def _measure(options: Namespace, task: Task, model: Path | None, clip: str | None) -> dict[str, Any]:
    config = task.config(options.streams)
    with ExitStack() as stack:
        ours = stack.enter_context(Playing(config))
        used = {config.settings.model_of(name) for name in config.settings.cameras}
        networks = {name: each for name, each in config.settings.models.items() if name in used}
        ours.turn(WARM_UP)
        memory = resident()  # with pictures under way, and before other networks are loaded
        ceiling = Ceiling(networks, config.base, usable_cores().number)
        bare = Bare(ceiling.per_core, _reads(config))
        subjects: dict[str, Subject] = {CEILING: ceiling, BARE: bare, OURS: ours}
        if options.plans:
            for name, plan in PLANS.items():
                subjects[PLAN + name] = stack.enter_context(Playing(task.config(options.streams, plan)))
        for name in options.against:
            try:
                if why := _cannot(name, model, clip):
                    raise ModelError(why)
                assert model
                assert clip
                subjects[name] = stack.enter_context(PeerProcess(name, model, clip))
            except ModelError as error:
                print(f"note: {error}", file=sys.stderr)
        seconds = long_enough(options.seconds, len(subjects), ceiling.fps)
        rounds = rounds_of(seconds, len(subjects), ceiling.fps)
        with _progress("measuring", rounds * len(subjects)) as tick:
            found = report(take_turns(subjects, seconds, rounds, tick))
        plans = ours.assembly.models
        return {
            **found,
            "memory_mb": round(memory / 2**20, 1),
            "streams": len(config.settings.cameras),
            "cores": usable_cores().number,
            "models": {
                name: {
                    **plan.detector.facts(),
                    "workers": plan.workers,
                    "threads": plan.threads,
                    "why": plan.why,
                }
                for name, plan in plans.items()
            },
        }


def _reads(config: LoadedConfig) -> dict[str, Read]:
    """By network, what its first camera looks at."""
    reads: dict[str, Read] = {}
    for name, camera in config.settings.cameras.items():
        address, live = camera.address(config.base), camera.live()
        reads.setdefault(
            config.settings.model_of(name),
            Read(functools.partial(open_source, address, live), camera.tiles, camera.window(), camera.fps),
        )
    return reads


def _cannot(name: str, model: Path | None, clip: str | None) -> str | None:
    """Why a peer cannot be measured, or None."""
    if model is None or clip is None or not Path(clip).is_file():
        return f"{name} is compared with --model FILE and --source FILE, not with a configuration"
    return missing(name)


def _carry(options: Namespace, task: Task, found: dict[str, Any]) -> dict[str, Any]:
    """Try numbers of cameras out, from what the machine does at its fastest."""
    console = Console(stderr=True)

    def told(trial: Trial) -> None:
        verdict = "carried" if trial.carried else "too many"
        if not options.json:
            console.print(
                f"{trial.cameras} cameras: {trial.in_time:.1%} of frames in time, "
                f"{trial.dropped} dropped, {verdict}"
            )

    carrying = Carrying(task, options.fps, options.latency, options.trial, told=told)
    carrying.try_out(1, least=0)  # what one takes of memory, before more have been there
    guess = int(found["fps"] / options.fps)
    count = most_cameras(carrying.try_out, guess)
    return carried(count, options.fps, options.latency, carrying.trials)


@contextmanager
def _progress(text: str, total: int) -> Iterator[Any]:
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(text, total=total)
        yield lambda: progress.advance(task)
