"""Shows labelled pictures to a network and keeps what it needs to score the answers."""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from edgevision.core.types import Classification, Detections, Image, Ints, Segmentation, Size
from edgevision.errors import DataError
from edgevision.evaluate.coco_score import decode, encode, outline_code
from edgevision.evaluate.dataset import Dataset, Example, Objects
from edgevision.evaluate.names import Matching, match_names
from edgevision.evaluate.networks import Classifier, Finder, Mapper, Network
from edgevision.evaluate.read_semantic import read_map
from edgevision.evaluate.score_classes import ClassificationScores, Labelled, score_classes
from edgevision.evaluate.score_maps import OTHER, UNJUDGED, MapScorer, MapScores
from edgevision.evaluate.score_objects import Found, Judged, ObjectScores, score_objects

LEAST = 0.01  # score down to which objects are looked at: the curve behind AP needs the doubtful ones


class Scores(NamedTuple):
    """What a network was measured in; the rest is None."""

    boxes: ObjectScores | None = None
    masks: ObjectScores | None = None
    maps: MapScores | None = None
    classes: ClassificationScores | None = None


class Measure(Protocol):
    """One kind of measuring."""

    def answer(self, image: Image) -> Any:
        """What the network says of a picture."""

    def take(self, answer: Any, example: Example, size: Size) -> None:
        """Keep the answer beside the truth."""

    def scores(self) -> Scores: ...


class Candidate:
    """A network on the labelled pictures, and how long it took."""

    def __init__(
        self, task: str, network: Network, dataset: Dataset, given: Mapping[str, str], confidence: float
    ) -> None:
        """given: data set's class name -> network's. Raises DataError if the two have nothing in common."""
        self.network = network
        self.matching = match_names(network.labels, dataset.names, dataset.counts(), given)
        self.seconds: list[float] = []  # for each picture, from its pixels to the answer
        self.shown: list[Example] = []  # in the order of the scores' pictures
        self.measure = _measure(task, network, dataset, self.matching, confidence)

    def look(self, image: Image, example: Example) -> None:
        began = time.perf_counter()
        answer = self.measure.answer(image)
        self.seconds.append(time.perf_counter() - began)
        if example.classes is not None and not self.matching.known & set(example.classes):
            return  # of a class that the network cannot name, which the notes say
        self.shown.append(example)
        self.measure.take(answer, example, Size(image.shape[1], image.shape[0]))


def _measure(task: str, network: Network, dataset: Dataset, matching: Matching, confidence: float) -> Measure:
    if task == "classify" and isinstance(network, Classifier):
        return ClassMeasure(network, dataset, matching, confidence)
    if task == "segment" and isinstance(network, Mapper):
        return MapMeasure(network, dataset, matching)
    if task in ("detect", "segment") and isinstance(network, Finder):
        if any(each.objects is None for each in dataset.examples) and task == "detect":
            raise DataError(f"{dataset.kind}: no boxes are labelled; detect needs them")
        return ObjectMeasure(network, dataset, matching, confidence, masks=task == "segment")
    wanted = {"detect": "finds objects", "segment": "segments", "classify": "classifies whole pictures"}
    raise DataError(f"eval {task} needs a network that {wanted[task]}, and {network.path} is none")


class ObjectMeasure:
    """Boxes; with `masks` also masks, and the pixels of all masks of a class together."""

    def __init__(
        self, network: Finder, dataset: Dataset, matching: Matching, confidence: float, *, masks: bool
    ) -> None:
        self._network, self._dataset, self._matching = network, dataset, matching
        self._confidence, self._masks = confidence, masks
        self.judged: list[Judged] = []
        self._maps = MapScorer(dataset.names)

    def answer(self, image: Image) -> Detections:
        return self._network.detect(image, LEAST)

    def take(self, answer: Detections, example: Example, size: Size) -> None:
        found = self._found(answer, size)
        if self._masks:
            true = true_map(self._dataset, example, size, self._matching)
            self._maps.add(true, self._painted(found, size))
        if example.objects is not None:
            truth = known_objects(example, size, self._matching, masks=self._masks)
            self.judged.append(Judged(size, truth, found))

    def scores(self) -> Scores:
        names, confidence = self._dataset.names, self._confidence
        boxes = score_objects(self.judged, names, confidence, "bbox") if self.judged else None
        if not self._masks:
            return Scores(boxes)
        masks = score_objects(self.judged, names, confidence, "segm") if self.judged else None
        return Scores(boxes, masks, self._maps.scores())

    def map_of(self, image: Image) -> NDArray[np.int16]:
        """(H, W): the masks that it finds in a picture, painted."""
        size = Size(image.shape[1], image.shape[0])
        return self._painted(self._found(self.answer(image), size), size)

    def _found(self, answer: Detections, size: Size) -> Found:
        """What is of the data set's classes."""
        classes = self._matching.theirs[answer.class_ids]
        kept = classes >= 0
        codes = self._codes(answer[kept], size) if self._masks else None
        return Found(answer.boxes[kept], answer.scores[kept], classes[kept], codes)

    def _codes(self, found: Detections, size: Size) -> tuple[dict[str, Any], ...]:
        if found.masks is None:
            if len(found):
                raise DataError(
                    f"{self._network.path} finds boxes without masks: measure it with `eval detect`"
                )
            return ()
        return tuple(encode(mask, size) for mask in found.masks)

    def _painted(self, found: Found, size: Size) -> NDArray[np.int16]:
        """(H, W): all believed masks, the surest on top."""
        canvas = np.full((size.height, size.width), OTHER, np.int16)
        for i in np.argsort(found.scores, kind="stable"):
            if found.codes and found.scores[i] >= self._confidence:
                canvas[decode(found.codes[i])] = found.classes[i]
        return canvas


class MapMeasure:
    """Every pixel's class."""

    def __init__(self, network: Mapper, dataset: Dataset, matching: Matching) -> None:
        self._network, self._dataset, self._matching = network, dataset, matching
        self._maps = MapScorer(dataset.names)

    def answer(self, image: Image) -> Segmentation:
        return self._network.segment(image)

    def take(self, answer: Segmentation, example: Example, size: Size) -> None:
        self._maps.add(true_map(self._dataset, example, size, self._matching), self._mapped(answer))

    def map_of(self, image: Image) -> NDArray[np.int16]:
        """(H, W): what it says of each pixel, in the data set's classes."""
        return self._mapped(self.answer(image))

    def _mapped(self, answer: Segmentation) -> NDArray[np.int16]:
        numbers = np.where(self._matching.theirs < 0, OTHER, self._matching.theirs).astype(np.int16)
        found: NDArray[np.int16] = numbers[answer.class_ids]
        return found

    def scores(self) -> Scores:
        return Scores(maps=self._maps.scores())


class ClassMeasure:
    """Whole pictures; where the data has objects, a picture is of every class that it shows."""

    def __init__(self, network: Classifier, dataset: Dataset, matching: Matching, confidence: float) -> None:
        self._network, self._dataset, self._matching = network, dataset, matching
        self._confidence = confidence
        self.labelled: list[Labelled] = []

    def answer(self, image: Image) -> Classification:
        return self._network.classify(image)

    def take(self, answer: Classification, example: Example, size: Size) -> None:
        classes = set(true_classes(example)) & self._matching.known
        self.labelled.append(Labelled(tuple(sorted(classes)), answer.scores, answer.exclusive))

    def scores(self) -> Scores:
        return Scores(
            classes=score_classes(self.labelled, self._dataset.names, self._matching.theirs, self._confidence)
        )


def true_classes(example: Example) -> tuple[int, ...]:
    """What a picture is, or else what it shows."""
    if example.classes is not None:
        return example.classes
    if example.objects is None:
        raise DataError(f"{example.image}: neither a class nor objects are labelled; classify needs them")
    return tuple(sorted(set(example.objects.classes.tolist())))


def known_objects(example: Example, size: Size, matching: Matching, *, masks: bool) -> Objects:
    """The true objects of classes that the network knows, in px; with `masks`, outlines as run lengths."""
    truth = (example.objects or Objects(*_nothing())).at(size)
    truth = truth.take(np.isin(truth.classes, list(matching.known)), truth.classes)
    if not masks:
        return truth
    if truth.outlines is None and len(truth.boxes):
        raise DataError(f"{example.image}: its objects have boxes but no masks; segment needs them")
    codes = tuple(outline_code(each, size, str(example.image)) for each in truth.outlines or ())
    return Objects(truth.boxes, truth.classes, truth.crowd, codes)


def true_map(dataset: Dataset, example: Example, size: Size, matching: Matching) -> NDArray[np.int16]:
    """(H, W): what each pixel is, of the classes that the network knows, else OTHER or UNJUDGED."""
    if example.semantic and dataset.values is not None:
        found = read_map(example.semantic, dataset.values, size)
        found[(found >= 0) & ~np.isin(found, list(matching.known))] = OTHER
        return found
    truth = known_objects(example, size, matching, masks=True)
    canvas = np.full((size.height, size.width), OTHER, np.int16)
    masks = [decode(code) for code in truth.outlines or ()]
    for i in sorted(range(len(masks)), key=lambda i: -masks[i].sum()):  # the smaller lie on top
        canvas[masks[i]] = UNJUDGED if truth.crowd[i] else truth.classes[i]
    return canvas


def _nothing() -> tuple[NDArray[np.float32], Ints, NDArray[np.bool_]]:
    return np.zeros((0, 4), np.float32), np.zeros(0, np.int32), np.zeros(0, bool)
