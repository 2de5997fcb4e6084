"""edgevision models optimize FILE: the fastest way to run a network on this machine that is as good as it is.

What it found lies beside the network, and `precision: auto` goes by it.
"""

import json
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import track

from edgevision.bench.ways import Timed, take_turns
from edgevision.commands.bytes_twin import make_twin, remove_twin
from edgevision.commands.pictures import sample_pictures
from edgevision.cores import usable_cores
from edgevision.errors import DataError, ModelError, OutputError
from edgevision.evaluate.dataset import Dataset, open_dataset, read_picture
from edgevision.evaluate.gate import f1_loss, judge, own_truth
from edgevision.evaluate.measure import Candidate
from edgevision.evaluate.networks import load
from edgevision.inference.detector import Detector
from edgevision.inference.openvino_package import is_installed
from edgevision.inference.processor import has_bf16
from edgevision.inference.settings import EngineName, Precision
from edgevision.inference.verdict import Verdict, Way, keep, sum_of, this_machine, verdict_path

PICTURES = 60  # taken of the data
COMPARED = 8  # of them, on which a twin that takes bytes must say the same
INT8 = "_int8.onnx"  # what `models quantize` writes beside a network


class Tried(NamedTuple):
    """A way that can be gone here."""

    network: Detector
    sha256: str  # `sum_of` its file, when it was loaded: it may be replaced while others are tried
    engine: EngineName
    precision: Precision
    folded: bool  # whether it is the twin that takes bytes


def run(options: Namespace) -> int:
    if not options.data and not options.labels:
        raise DataError("give --data of what it will see, or labelled pictures with --labels")
    full = _load(options.model, "onnxruntime", "as_is", options.names)
    digest = sum_of(full.path)
    with tempfile.TemporaryDirectory() as folder:
        dataset = _truth(options, full, Path(folder))
        _say(f"judging by {dataset.kind}, {len(dataset.examples)} pictures")
        tried = [Tried(full, digest, "onnxruntime", "as_is", folded=False), *_others(options, full, dataset)]
        looked = [_look(each.network, dataset, options.confidence) for each in tried]
    _say("taking turns to find the fastest")
    times = take_turns([each.network for each in tried], usable_cores().number)
    verdict = Verdict(
        machine=this_machine(),
        judged=f"{dataset.kind}, {len(dataset.examples)} pictures",
        confidence=options.confidence,
        max_loss=options.max_loss,
        ways=[
            _judged(options, each, looked[0], candidate, time)
            for each, candidate, time in zip(tried, looked, times, strict=True)
        ],
    )
    try:
        kept = keep(full.path, verdict)
        if not any(each.best().folded for each in kept):  # another machine may go by it
            remove_twin(full.path)
    except OSError as error:
        raise OutputError(f"cannot write beside {full.path}: {error.strerror}") from None
    written = verdict_path(full.path)
    if options.json:
        best = verdict.best().model_dump()
        print(json.dumps({"written": str(written), "best": best, **verdict.model_dump()}))
    else:
        _print(verdict, written)
    return 0


def _others(options: Namespace, full: Detector, dataset: Dataset) -> Iterator[Tried]:
    """All other ways that this machine has."""
    wanted: list[tuple[Path, EngineName, Precision, bool]] = []
    floats: tuple[EngineName, Precision] = ("openvino", "bf16" if has_bf16() else "as_is")
    if is_installed():
        wanted += [(full.path, "openvino", "as_is", False)]
        wanted += [(full.path, *floats, False)] if has_bf16() else []
    else:
        _say("openvino is not installed, and not tried: pip install 'edgevision[openvino]'")
    small = full.path.with_name(full.path.stem + INT8)
    if small.is_file():
        wanted += [(small, "onnxruntime", "as_is", False)]
        wanted += [(small, "openvino", "as_is", False)] if is_installed() else []
    twin = _bytes_twin(full, dataset)
    if twin:
        wanted += [(twin, "onnxruntime", "as_is", True)]
        wanted += [(twin, *floats, True)] if is_installed() else []
    for file, engine, precision, folded in wanted:
        try:
            network = _load(str(file), engine, precision, options.names)
        except ModelError as error:
            _say(f"left out: {error}")
            continue
        yield Tried(network, sum_of(file), engine, precision, folded)


def _bytes_twin(full: Detector, dataset: Dataset) -> Path | None:
    if full.input.dtype == "uint8":
        return None  # it takes them itself
    try:
        return make_twin(full, [read_picture(each.image) for each in dataset.examples[:COMPARED]])
    except ModelError as error:
        _say(f"left out, to give it bytes: {error}")
        return None


def _load(model: str, engine: EngineName, precision: Precision, names: str | None) -> Detector:
    cores = usable_cores().number
    network = load(model, names, "cpu", engine=engine, precision=precision, workers=cores)
    if not isinstance(network, Detector):
        raise ModelError(f"{network.path} does not find objects; only such networks can be judged yet")
    return network


def _truth(options: Namespace, full: Detector, folder: Path) -> Dataset:
    if options.labels:
        return open_dataset("detect", options.labels, options.images).some(options.limit)
    return own_truth(full, sample_pictures(options.data, options.limit or PICTURES, folder))


def _look(network: Detector, dataset: Dataset, confidence: float) -> Candidate:
    candidate = Candidate("detect", network, dataset, {}, confidence)
    console = Console(stderr=True)
    about = f"{network.path.name}, {network.provider}, {network.precision}"
    for example in track(dataset.examples, about, console=console, disable=not console.is_terminal):
        candidate.look(read_picture(example.image), example)
    return candidate


def _judged(options: Namespace, tried: Tried, full: Candidate, other: Candidate, time: Timed) -> Way:
    loss, confidence = 0.0, options.confidence
    if other is not full:
        verdict = judge(full, other, options.confidence, labelled=bool(options.labels))
        loss, confidence = max(verdict.loss, f1_loss(full, other)), verdict.confidence
    return Way(
        file=tried.network.path.name,
        sha256=tried.sha256,
        engine=tried.engine,
        precision=tried.precision,
        folded=tried.folded,
        runs=tried.network.precision,
        cpu_ms=round(time.cpu_ms, 3),
        fps=round(time.fps, 2),
        loss=round(loss, 4),
        confidence=round(confidence, 3),
        passed=loss <= options.max_loss,
    )


def _print(verdict: Verdict, written: Path) -> None:
    print(f"{'file':32} {'engine':12} {'runs in':8} {'CPU ms':>8} {'frames/s':>9} {'loss':>7}")
    best = verdict.best()
    for way in verdict.ways:
        told = "  <- the best" if way is best else "" if way.passed else "  refused"
        figures = f"{way.cpu_ms:8.1f} {way.fps:9.1f} {way.loss:7.3f}"
        print(f"{way.file:32} {way.engine:12} {way.runs:8} {figures}{told}")
    print(f"judged by {verdict.judged}; a way that loses more than {verdict.max_loss:g} is refused")
    print(f"written: {written}; `precision: auto` goes by it")


def _say(text: str) -> None:
    print(text, file=sys.stderr)
