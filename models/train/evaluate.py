"""How well networks find people and vehicles, by COCO's rules, and how fast they are beside each other.

    python -m models.train.evaluate models/default.onnx --scenes 1 20
    python -m models.train.evaluate models/default.onnx other.onnx --pack FOLDER
    python -m models.train.evaluate models/default.onnx other.onnx --coco boxes.json --images FOLDER

One row for each network: AP50 of each label, the means of AP50 and AP (over overlaps .5 to .95), and its
frames/s as a multiple of the first one's. All go through the program's own preprocessing and decoding. Labels
that a network has under no such name are left out of its row and of its means.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from edgevision.core.types import Image
from edgevision.errors import ModelError
from edgevision.evaluate.networks import load
from edgevision.inference.detector import Detector
from edgevision.opencv import cv2
from edgevision.scene.render import Renderer
from edgevision.scene.world import Scene
from models.train.labels import LABELS
from models.train.pack import Pack
from models.train.score import Judged, Known, score

LEAST_SCORE = 0.02  # boxes below are not looked at
SEEN = 0.5  # share of a drawn object that must be visible for it to be demanded
EVERY = 0.5  # s from picture to picture of a scene

Case = tuple[Image, Known]


def scene_cases(first: int, last: int, every: float = EVERY) -> Iterator[Case]:
    """Pictures of drawn scenes."""
    everything = np.ones(len(LABELS), bool)
    for seed in range(first, last + 1):
        scene = Scene(seed)
        renderer = Renderer(scene)
        for t in np.arange(0.0, scene.seconds, every).tolist():
            truth = scene.truth(t)
            labels = np.array([LABELS.index(label) for label in truth.labels])
            yield renderer.frame(t), Known(labels, truth.boxes, truth.visible < SEEN, everything)


def pack_cases(folder: Path) -> Iterator[Case]:
    """The held-out pictures of a pack; a label counts where it is labelled."""
    pack = Pack(folder)
    for i in pack.of_split(train=False):
        labels, boxes = pack.objects(i)
        yield pack.image(i), Known(labels, boxes, labels < 0, pack.known(i))


def coco_cases(truth: Path, images: Path) -> Iterator[Case]:
    """Pictures with boxes in COCO's own JSON."""
    data = json.loads(truth.read_text())
    names = {each["id"]: each["name"] for each in data["categories"]}
    everything = np.ones(len(LABELS), bool)
    for picture in data["images"]:
        objects = [
            each
            for each in data["annotations"]
            if each["image_id"] == picture["id"] and names[each["category_id"]] in LABELS
        ]
        labels = np.array([LABELS.index(names[each["category_id"]]) for each in objects], int)
        corners = np.array([each["bbox"] for each in objects], np.float32).reshape(-1, 4)
        corners[:, 2:] += corners[:, :2]
        crowds = np.array([bool(each.get("iscrowd")) for each in objects], bool)
        image = np.asarray(cv2.imread(str(images / picture["file_name"])))
        yield image, Known(labels, corners, crowds, everything)


class Candidate:
    """A network, what it found so far, in our labels, and how long it took."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self.judged: list[Judged] = []
        self.seconds: list[float] = []  # for each picture, resizing included
        self._ours = np.array([LABELS.index(name) if name in LABELS else -1 for name in detector.labels])

    def look(self, image: Image, known: Known) -> None:
        began = time.perf_counter()
        found = self.detector.detect(image, LEAST_SCORE)
        self.seconds.append(time.perf_counter() - began)
        labels = self._ours[found.class_ids]
        kept = labels >= 0
        self.judged.append(Judged(known, labels[kept], found.boxes[kept], found.scores[kept]))

    def row(self, reference: Candidate) -> list[str]:
        scores = {label: each for label, each in score(self.judged).items() if label in self.detector.labels}
        shown = [f"{scores[label][0]:.3f}" if label in scores else "-" for label in LABELS]
        means = [f"{float(np.mean([each[k] for each in scores.values()])):.3f}" for k in (0, 1)]
        faster = float(np.median(reference.seconds) / np.median(self.seconds))
        return [self.detector.path.name, *shown, *means, f"{faster:.2f} x"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m models.train.evaluate")
    parser.add_argument("models", type=Path, nargs="+", help="ONNX files, with a card or names inside")
    parser.add_argument("--scenes", type=int, nargs=2, metavar=("FIRST", "LAST"), help="seeds")
    parser.add_argument("--pack", type=Path, help="a packed data set: its held-out pictures")
    parser.add_argument("--coco", type=Path, help="boxes in COCO's JSON")
    parser.add_argument("--images", type=Path, help="the folder of its pictures")
    args = parser.parse_args()
    cases: Callable[[], Iterator[Case]]
    if args.scenes:
        cases = partial(scene_cases, *args.scenes)
    elif args.pack:
        cases = partial(pack_cases, args.pack)
    elif args.coco and args.images:
        cases = partial(coco_cases, args.coco, args.images)
    else:
        parser.error("say what to measure on: --scenes, --pack, or --coco with --images")
    candidates = [Candidate(_load(path)) for path in args.models]
    for image, known in track(cases(), "looking", console=Console(stderr=True)):
        for candidate in candidates:  # in turn, so that what else the machine does slows all alike
            candidate.look(image, known)
    table = Table("network", *LABELS, "mean AP50", "mean AP", "speed")
    for candidate in candidates:
        table.add_row(*candidate.row(candidates[0]))
    Console(width=140).print(table)


def _load(path: Path) -> Detector:
    """With COCO's names if neither file nor card has any. Raises ModelError."""
    network = load(str(path.resolve()), "coco", "cpu")
    if not isinstance(network, Detector):
        raise ModelError(f"{path} finds no objects")
    return network


if __name__ == "__main__":
    main()
