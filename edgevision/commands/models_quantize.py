"""edgevision models quantize FILE: an 8-bit network, which is only kept if it is as good as the float one."""

import hashlib
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import yaml
from rich.console import Console
from rich.progress import track

from edgevision.commands.pictures import sample_pictures
from edgevision.document import read
from edgevision.errors import ConfigError, DataError, ModelError, OutputError
from edgevision.evaluate.dataset import Dataset, open_dataset, read_picture
from edgevision.evaluate.gate import judge, own_truth
from edgevision.evaluate.measure import Candidate
from edgevision.evaluate.networks import load
from edgevision.evaluate.result import results
from edgevision.explain import validate
from edgevision.inference.detector import Detector
from edgevision.inference.quantize import PASSING, behind_convolutions, quantize
from edgevision.inference.settings import Card

# The quicker first; one that loses too much may be saved by the other.
RECIPES = {"convolutions and what lies between them": ("Conv", *PASSING), "convolutions alone": ("Conv",)}
REFUSED = (
    "edgevision: refused, nothing was written: calibrate with pictures like those it will see, allow more "
    "with --max-loss, or keep the float network"
)
PICTURES = 120  # taken of the data, every other one for the ranges, the rest to judge by


def run(options: Namespace) -> int:
    full = _load(options.model, options.names)
    out: Path = options.out or Path(f"{full.path.stem}_int8.onnx")
    if full.precision != "fp32":
        raise ModelError(f"{full.path} is {full.precision}; export it in float32, without quantisation")
    if out.suffix != ".onnx":
        raise OutputError(f"--out {out} must end in .onnx")
    if out.resolve() == full.path.resolve():
        raise OutputError(f"--out {out} is the network itself: give another name")
    _check_card(out.with_suffix(".yaml"))
    try:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".quantize-") as folder:
            written = _write(options, full, out, Path(folder))
    except OSError as error:
        raise OutputError(f"cannot write to {out.parent}: {error.strerror}") from None
    if not written:
        _say(REFUSED)
        return 1
    print(f"written: {out} and its card {out.with_suffix('.yaml').name}")
    return 0


def _write(options: Namespace, full: Detector, out: Path, work: Path) -> bool:
    """Whether one was good enough to be written to `out`. work: a folder beside it."""
    pictures = sample_pictures(options.data, PICTURES, work)
    if len(pictures) < 2:
        raise DataError(f"--data {options.data}: one picture is too few; a minute of video is enough")
    small = work / out.name
    dataset = _truth(options, full, pictures[1::2])
    good = any(_made(options, full, small, pictures[::2], dataset, each) for each in RECIPES)
    if good:
        for file in (small.with_suffix(".yaml"), small):
            file.replace(out.with_name(file.name))
    return good


def _made(
    options: Namespace, full: Detector, small: Path, pictures: list[Path], dataset: Dataset, recipe: str
) -> bool:
    """Write `small` and its card; whether it is good enough."""
    print(f"8 bits in {recipe}:")
    _say(f"calibrating with {len(pictures)} pictures")
    tensors = _tensors(full, pictures)
    quantize(full.path, small, tensors, RECIPES[recipe], behind_convolutions, full.beside)
    _write_card(full, small)
    return _gate(options, full, _load(str(small.resolve()), None), dataset)


def _load(model: str, names: str | None) -> Detector:
    network = load(model, names, "cpu")
    if not isinstance(network, Detector):
        raise ModelError(f"{network.path} does not find objects; only such networks can be judged yet")
    return network


def _truth(options: Namespace, full: Detector, pictures: list[Path]) -> Dataset:
    if options.labels:
        return open_dataset("detect", options.labels, options.images).some(options.limit)
    return own_truth(full, pictures)


def _tensors(network: Detector, pictures: list[Path]) -> Iterator[np.ndarray]:
    preprocess = network.preprocessor()
    return (preprocess(read_picture(path))[0] for path in pictures)


def _gate(options: Namespace, full: Detector, small: Detector, dataset: Dataset) -> bool:
    """Measure both on the same pictures and say so; whether the loss is small enough."""
    candidates = [Candidate("detect", network, dataset, {}, options.confidence) for network in (full, small)]
    console = Console(stderr=True)
    for example in track(dataset.examples, "judging", console=console, disable=not console.is_terminal):
        image = read_picture(example.image)
        for candidate in candidates:
            candidate.look(image, example)
    verdict = judge(candidates[0], candidates[1], options.confidence, labelled=bool(options.labels))
    speed = results(candidates)[1].speed
    accepted = bool(verdict.loss <= options.max_loss)
    print(f"  judged by {verdict.objects} objects in {len(dataset.examples)} pictures: {dataset.kind}")
    print(f"  speed: {speed:.2f} times the float network's, on this machine")
    print(
        f"  {verdict.kind}: {verdict.full:.3f} -> {verdict.small:.3f}, a loss of {verdict.loss:.3f}, "
        f"{'accepted' if accepted else 'refused'} with --max-loss {options.max_loss:g}"
    )
    if accepted:
        print(f"  use `confidence: {verdict.confidence:.2f}` where it was {options.confidence:g}")
    return accepted


def _check_card(path: Path) -> None:
    """Raises OutputError if a file lies where the card goes that is none, such as a configuration."""
    try:
        if path.is_file():
            validate(Card, read(path))
    except ConfigError:
        raise OutputError(
            f"{path} is no card of a network, and would be replaced by one: give another name with --out"
        ) from None


def _write_card(full: Detector, small: Path) -> None:
    """The float network's card, or how it is read, with the new file's checksum."""
    card_path = full.path.with_suffix(".yaml")
    card = dict(read(card_path).data) if card_path.is_file() else {}
    how = {"format": full.format, "labels": full.card_labels}
    told = {
        "name": small.stem,
        "sha256": hashlib.sha256(small.read_bytes()).hexdigest(),
        "description": f"8-bit convolutions, made of {full.path.name} by `edgevision models quantize`",
        "measured": "",  # the old figures are not its own
    }
    text = yaml.safe_dump(how | card | told, sort_keys=False, allow_unicode=True, width=110)
    small.with_suffix(".yaml").write_text(text, encoding="utf-8")


def _say(text: str) -> None:
    print(text, file=sys.stderr)
