"""edgevision eval count CONFIG --truth FILE: how far counts are from what truly happened in the videos."""

import json
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from edgevision.analytics import ANALYTICS
from edgevision.commands.count_tables import as_json, tables
from edgevision.commands.counting import Counted, count, only_files
from edgevision.config import LoadedConfig, load
from edgevision.core.types import Shape
from edgevision.errors import DataError, OutputError
from edgevision.evaluate.count_labels import Labels, read_labels
from edgevision.evaluate.read_counts import Key, Mark, Truth, read_truth
from edgevision.evaluate.score_counts import CountScores, score_counts, wanted_keys
from edgevision.events import to_json
from edgevision.explain import did_you_mean
from edgevision.label.places import shapes_of
from edgevision.settings import Duration

WIDTH = 180  # characters, where no terminal says


def run(options: Namespace) -> int:
    tolerance = _seconds(options.tolerance)
    config = load(options.config)
    only_files(config)
    starts = {name: camera.start.timestamp() for name, camera in config.settings.cameras.items()}
    truth = read_truth(options.truth, starts)
    _check_names(truth, config)
    labels = read_labels(options.map)
    if options.report:
        _check_folder(options.report)
    began = time.monotonic()
    counted = count(config, sorted({key.camera for key in truth.keys}))
    took = time.monotonic() - began
    _check_times(truth, counted, tolerance)
    ours, true = _alike(counted, truth, labels, config)
    scores = score_counts(ours, true, counted.lengths, tolerance)
    for note in [*labels.notes, *_notes(counted, truth)]:
        print(f"note: {note}", file=sys.stderr)
    if options.report:
        _report(options.report, scores, counted, config)
    if options.json:
        print(json.dumps(as_json(scores) | {"frames": counted.frames, "seconds": round(took, 2)}))
    else:
        _print(scores, counted, took, options)
    wrong = scores.over + scores.under
    if options.max_error is not None and wrong > options.max_error:
        print(f"{wrong} over and under are more than --max-error {options.max_error}", file=sys.stderr)
        return 1
    return 0


def _report(folder: Path, scores: CountScores, counted: Counted, config: LoadedConfig) -> None:
    from edgevision.evaluate.count_report import write_report  # drawing is not needed otherwise

    videos: dict[str, Path] = {}
    shapes: dict[tuple[str, str], Shape] = {}
    for camera in counted.lengths:
        settings = config.settings.cameras[camera]
        address = settings.address(config.base)
        if address.scheme == "file":
            videos[camera] = Path(address.location)
        shapes |= {(camera, name): shape for name, shape in shapes_of(settings).items()}
    write_report(folder, scores, videos, shapes, counted.lengths)
    events = "".join(f"{to_json(event)}\n" for event in counted.events)
    (folder / "events.jsonl").write_text(events, encoding="utf-8")


def _alike(counted: Counted, truth: Truth, labels: Labels, config: LoadedConfig) -> tuple[list[Mark], Truth]:
    """Ours and the truth in the same words, and only what both can tell."""
    ours = [Mark(e.camera, e.name, e.kind, labels.coarse(e.label), e.ts) for e in counted.events]
    asked = {
        (camera, name): labels.coarsened(getattr(settings, "classes", []))
        for camera in counted.lengths
        for _, name, settings in config.settings.cameras[camera].analytics()
    }
    known = {camera: labels.coarsened(names) for camera, names in counted.labels.items()}
    return ours, labels.judge(truth, known, asked)


def _check_names(truth: Truth, config: LoadedConfig) -> None:
    """Raises DataError for kinds that nothing at a place can find: they would all be `under`."""
    problems = []
    for key in sorted(truth.keys):
        camera = config.settings.cameras[key.camera]
        kinds = {name: ANALYTICS[kind].build(each).kinds for kind, name, each in camera.analytics()}
        # What has a name of its own may be a part of an analytic: a spot. It must then be a kind of one.
        possible = kinds.get(key.name) or [kind for each in kinds.values() for kind in each]
        if key.kind not in possible:
            hint = f"{did_you_mean(key.name, kinds)}; there are {', '.join(kinds) or 'none'}"
            if key.name in kinds:
                hint = f"{did_you_mean(key.kind, possible)}; there it finds {', '.join(possible)}"
            problems.append(
                f"{truth.lines[key]}: camera {key.camera} has no {key.kind} at {key.name!r}{hint}"
            )
    if problems:
        raise DataError("\n".join(problems))


def _check_times(truth: Truth, counted: Counted, tolerance: float) -> None:
    """Raises DataError for a truth of another video, or of one that began at another time."""
    for mark in truth.marks:
        length = counted.lengths[mark.camera]
        if not 0 <= mark.at <= length + tolerance:
            raise DataError(
                f"{truth.lines[mark.key]}: {mark.kind} at {mark.name} is {mark.at:.1f} s after the beginning "
                f"of a video of {length:.1f} s; is it of another one? Where the truth has `time`, the "
                "camera's `start:` must be the time of the first frame"
            )


def _notes(counted: Counted, truth: Truth) -> Iterator[str]:
    """What is in one of the two only."""
    wanted = wanted_keys(truth)
    seen = {Key(event.camera, event.name, event.kind) for event in counted.events}
    silent = sorted({key[:2] for key in wanted} - {key[:2] for key in seen})
    for camera, name in silent:
        yield f"nothing was counted at {name} of camera {camera}"
    others = sorted({f"{key.name} ({key.kind})" for key in seen - wanted if key.camera in counted.lengths})
    if others:
        yield f"the truth says nothing of {', '.join(others)}: not judged"


def _seconds(text: str) -> float:
    number = float(text) if text.replace(".", "", 1).isdigit() else text
    try:
        seconds: float = TypeAdapter(Duration).validate_python(number)
    except ValidationError:
        raise DataError(f"--tolerance: expected a duration such as 1.5s or 500ms, got {text!r}") from None
    return seconds


def _check_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"--report {folder}: cannot make this folder: {error.strerror}") from None


def _print(scores: CountScores, counted: Counted, took: float, options: Namespace) -> None:
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    length = sum(counted.lengths.values())
    print(
        f"{counted.frames} frames, {length:.1f} s of video, in {took:.1f} s; a count is right within "
        f"{scores.tolerance:g} s of the truth"
    )
    for table in tables(scores):
        console.print(table)
    print(
        f"mean error: of the count in {scores.bin:.3g} s, with its 95 % interval; late s: median of counted "
        "minus true moments; p90 s: of how far apart they are"
    )
    if options.report:
        print(f"report: {options.report / 'index.html'}")
