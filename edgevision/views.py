"""What a network of any task saw in a picture: in words, as JSON, as a drawing."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from edgevision.core.types import Detections, Image, Size
from edgevision.draw import annotate_detections
from edgevision.drawmap import Line, annotate_lines, annotate_map
from edgevision.errors import ConfigError
from edgevision.inference.classifier import Classifier, best
from edgevision.inference.detector import Detector, check_classes
from edgevision.inference.network import Network
from edgevision.inference.seams import merge
from edgevision.inference.segmenter import Segmenter
from edgevision.inference.tiles import Tiles, views_of
from edgevision.outlines import outlines_of

TOP = 5  # labels shown of a classifier
MOST_LINES = 8  # classes in the corner of a drawn map
LEAST_SHARE = 0.001  # of the picture, for a class to be told


class Look(NamedTuple):
    """One picture, looked at."""

    facts: dict[str, Any]  # for JSON
    lines: list[str]  # in words: the sum, then each thing
    draw: Callable[[], Image]


class View(Protocol):
    """How the results of a task are shown."""

    def look(self, image: Image) -> Look:
        """What the network sees in a picture (H, W, 3) uint8 BGR."""

    def sum_up(self, found: Sequence[dict[str, Any]]) -> list[str]:
        """What was in the pictures of a video, a line for each label."""


def view_of(network: Network, least: float, classes: list[str], tiles: Tiles | None = None) -> View:
    """The view of a network's task. least: score 0..1 to show; classes: show only these, all if empty."""
    check_classes(classes, network.labels)
    if tiles and not isinstance(network, Detector):
        raise ConfigError(f"{network.path.name} finds no objects: tiles are for networks that do")
    if isinstance(network, Classifier):
        return LabelView(network, classes)
    if isinstance(network, Segmenter):
        return MapView(network, classes)
    return ObjectView(network, least, tiles)


class ObjectView:
    """Boxes, with masks where the network has them."""

    def __init__(self, detector: Detector, least: float, tiles: Tiles | None) -> None:
        self._detector = detector  # which knows the wanted classes itself
        self._least = least
        self._tiles = tiles
        self._preprocess = detector.preprocessor()

    def look(self, image: Image) -> Look:
        frame = Size(image.shape[1], image.shape[0])
        if self._tiles:
            views = views_of(frame, self._tiles, self._detector.input.size)
            found = merge((view, self._detect(view.of(image))) for view in views)
        else:
            found = self._detect(image)
        objects = objects_of(found, self._detector.labels, frame)
        counts = Counter(each["label"] for each in objects)
        lines = [", ".join(f"{number} {label}" for label, number in counts.most_common()) or "nothing"]
        for each in objects:
            x1, y1, x2, y2 = each["box"]
            lines.append(
                f"{each['label']:<14} {each['score']:.2f}  x {x1:.0f}..{x2:.0f}  y {y1:.0f}..{y2:.0f}"
            )
        return Look(
            {"objects": objects}, lines, lambda: annotate_detections(image, found, self._detector.labels)
        )

    def _detect(self, image: Image) -> Detections:
        tensor, placement = self._preprocess(image)
        return self._detector.decode(self._detector.infer(tensor), placement, self._least)

    def sum_up(self, found: Sequence[dict[str, Any]]) -> list[str]:
        frames = [Counter(each["label"] for each in picture["objects"]) for picture in found]
        lines = []
        for label in sorted({label for frame in frames for label in frame}):
            seen = [frame[label] for frame in frames if frame[label]]
            lines.append(f"{label}: in {len(seen)} frames, at most {max(seen)} at once")
        return lines


class LabelView:
    """The best labels of a whole picture."""

    def __init__(self, classifier: Classifier, classes: list[str]) -> None:
        self._classifier = classifier
        self._wanted = set(classes)
        self._preprocess = classifier.preprocessor()

    def look(self, image: Image) -> Look:
        tensor, _ = self._preprocess(image)
        found = self._classifier.decode(self._classifier.infer(tensor))
        named = [(self._classifier.labels[index], score) for index, score in best(found, len(found.scores))]
        top = [(label, score) for label, score in named if not self._wanted or label in self._wanted][:TOP]
        lines = [f"{label} {score:.2f}" for label, score in top]
        facts = {"labels": [{"label": label, "score": round(score, 4)} for label, score in top]}
        words = [lines[0], *(f"{label:<30} {score:.3f}" for label, score in top)]
        return Look(facts, words, lambda: annotate_lines(image, [Line(line) for line in lines]))

    def sum_up(self, found: Sequence[dict[str, Any]]) -> list[str]:
        first = Counter(picture["labels"][0]["label"] for picture in found)
        return [f"{label}: in {number} frames the best" for label, number in first.most_common()]


class MapView:
    """How much of the picture each class takes."""

    def __init__(self, segmenter: Segmenter, classes: list[str]) -> None:
        self._segmenter = segmenter
        self._wanted = set(classes)
        self._preprocess = segmenter.preprocessor()

    def look(self, image: Image) -> Look:
        tensor, placement = self._preprocess(image)
        found = self._segmenter.decode(self._segmenter.infer(tensor), placement)
        labels = self._segmenter.labels
        counts = np.bincount(found.class_ids.ravel(), minlength=len(labels)) / found.class_ids.size
        order = [index for index in np.argsort(-counts, kind="stable") if counts[index] >= LEAST_SHARE]
        shares = {labels[i]: float(counts[i]) for i in order if not self._wanted or labels[i] in self._wanted}
        lines = [f"{label} {share:.1%}" for label, share in shares.items()]
        facts = {"shares": {label: round(share, 4) for label, share in shares.items()}}
        words = [
            ", ".join(lines) or "nothing",
            *(f"{name:<14} {share:.1%}" for name, share in shares.items()),
        ]
        return Look(facts, words, lambda: annotate_map(image, found, labels, lines[:MOST_LINES]))

    def sum_up(self, found: Sequence[dict[str, Any]]) -> list[str]:
        total: Counter[str] = Counter()
        for picture in found:
            total.update(picture["shares"])
        return [f"{label}: {share / len(found):.1%} of the pictures" for label, share in total.most_common()]


def objects_of(found: Detections, labels: Sequence[str], frame: Size) -> list[dict[str, Any]]:
    """Detections as JSON: label, score, box x1 y1 x2 y2 px, and the mask if there is one."""
    objects = []
    for row in range(len(found)):
        each: dict[str, Any] = {
            "label": labels[found.class_ids[row]],
            "score": round(float(found.scores[row]), 3),
            "box": [round(float(side), 1) for side in found.boxes[row]],
        }
        if found.masks is not None:
            each |= outlines_of(found.masks[row], frame, ("polygons", "rle"))
        objects.append(each)
    return objects
