"""Pictures of what a network got right and wrong, as JPEG."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgevision.core.types import Floats, Image, Size
from edgevision.draw import PALETTE
from edgevision.evaluate.coco_score import Code, decode
from edgevision.evaluate.dataset import Dataset, read_picture
from edgevision.evaluate.matching import FREE, NONE
from edgevision.evaluate.measure import Candidate, ClassMeasure, MapMeasure, ObjectMeasure, Scores, true_map
from edgevision.evaluate.score_classes import Labelled
from edgevision.evaluate.score_maps import UNJUDGED
from edgevision.evaluate.score_objects import Judged, believed
from edgevision.opencv import as_image, cv2

MOST = 6  # of the best, and of the worst
WIDTH = 720  # px; a page of 24 such pictures is some 2 MB
QUALITY = 82  # of JPEG
# BGR, told apart also by people who see red and green alike (Okabe and Ito, 2008).
RIGHT, FALSE_ALARM, MISSED, CROWD = (115, 158, 0), (0, 159, 230), (233, 180, 86), (150, 150, 150)
FONT, TEXT_SCALE = cv2.FONT_HERSHEY_SIMPLEX, 0.42
OTHERS = (40, 40, 40)  # pixels of no class


class Shot(NamedTuple):
    title: str
    text: str
    jpeg: bytes


def shots(
    candidate: Candidate, scores: Scores, dataset: Dataset, confidence: float
) -> tuple[list[Shot], list[Shot]]:
    """The pictures that it did best and worst."""
    grades = _grades(scores)
    order = sorted((i for i, (grade, _) in enumerate(grades) if grade == grade), key=lambda i: grades[i])
    each = min(MOST, len(order) // 2 or 1)
    worst, best = order[:each], order[::-1][:each]
    return (
        [_shot(candidate, i, dataset, confidence) for i in best],
        [_shot(candidate, i, dataset, confidence) for i in worst if i not in best],
    )


def _grades(scores: Scores) -> list[tuple[float, int]]:
    """How well each picture went: higher is better, among equal ones by how much there was to do."""
    objects = scores.masks or scores.boxes
    if objects:
        return [(each.f1, each.hits - each.misses - each.false_alarms) for each in objects.pictures]
    if scores.maps:
        return [(share, 0) for share in scores.maps.pictures]
    return [(margin, 0) for margin in scores.classes.pictures] if scores.classes else []


def _shot(candidate: Candidate, index: int, dataset: Dataset, confidence: float) -> Shot:
    example, measure = candidate.shown[index], candidate.measure
    image = read_picture(example.image)
    if isinstance(measure, ObjectMeasure) and measure.judged:
        text, drawn = _objects(image, measure.judged[index], dataset.names, confidence)
    elif isinstance(measure, ObjectMeasure | MapMeasure):
        size = Size(image.shape[1], image.shape[0])
        truth = true_map(dataset, example, size, candidate.matching)
        found = measure.map_of(image)
        text = f"left, true: {_present(truth, dataset)}; right, found: {_present(found, dataset)}"
        drawn = _maps(image, truth, found)
    else:
        assert isinstance(measure, ClassMeasure)
        text, drawn = _classes(measure.labelled[index], candidate, dataset.names), _fit(image)[0]
    coded = cv2.imencode(".jpg", drawn, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
    return Shot(example.image.name, text, coded.tobytes())


def _objects(image: Image, judged: Judged, names: list[str], confidence: float) -> tuple[str, Image]:
    kind: Literal["bbox", "segm"] = "segm" if judged.found.codes is not None else "bbox"
    found, taken = believed(judged, confidence, kind)
    truth = judged.truth
    missed = np.setdiff1d(np.flatnonzero(~truth.crowd), taken)
    canvas, scale = _fit(image)
    for i in np.flatnonzero(truth.crowd).tolist():
        _draw(canvas, truth.boxes[i] * scale, _code(truth.outlines, i), "", CROWD)
    for i in missed.tolist():
        name = f"missed {names[truth.classes[i]]}"
        _draw(canvas, truth.boxes[i] * scale, _code(truth.outlines, i), name, MISSED)
    for i, of in enumerate(taken.tolist()):
        color = CROWD if of == FREE else RIGHT if of >= 0 else FALSE_ALARM
        text = f"{names[found.classes[i]]} {found.scores[i]:.2f}"
        _draw(canvas, found.boxes[i] * scale, _code(found.codes, i), text, color)
    wrong = int((taken == NONE).sum())
    return f"{int((taken >= 0).sum())} right, {len(missed)} missed, {wrong} false", canvas


def _code(codes: Sequence[Code] | None, index: int) -> Code | None:
    return codes[index] if codes else None


def _draw(canvas: Image, box: Floats, code: Code | None, text: str, color: tuple[int, int, int]) -> None:
    """A box, or a mask's outline, with a plate of text."""
    x1, y1, x2, y2 = (round(float(side)) for side in box)
    if code is None:
        cv2.rectangle(canvas, (x1, y1), (x2, y2), color, 2, cv2.LINE_AA)
    else:
        mask = cv2.resize(decode(code).astype(np.uint8), (canvas.shape[1], canvas.shape[0]))
        lines = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
        inside = mask.astype(bool)
        canvas[inside] = (0.65 * canvas[inside] + 0.35 * np.array(color)).astype(np.uint8)
        cv2.drawContours(canvas, lines, -1, color, 2, cv2.LINE_AA)
    if text:
        (width, height), below = cv2.getTextSize(text, FONT, TEXT_SCALE, 1)
        x = int(np.clip(x1, 0, max(0, canvas.shape[1] - width)))
        y = int(np.clip(y1, height + below, canvas.shape[0]))
        cv2.rectangle(canvas, (x, y - height - below), (x + width, y), color, cv2.FILLED)
        cv2.putText(canvas, text, (x, y - below // 2 - 1), FONT, TEXT_SCALE, (0, 0, 0), 1, cv2.LINE_AA)


def _maps(image: Image, truth: NDArray[np.int16], found: NDArray[np.int16]) -> Image:
    """Side by side what is true and what was found; what is not judged is left as it is."""
    halves = []
    for each in (truth, np.where(truth == UNJUDGED, UNJUDGED, found)):
        tinted = image.copy()
        for number in np.unique(each).tolist():
            if number != UNJUDGED:
                color = OTHERS if number < 0 else PALETTE[number % len(PALETTE)]
                inside = each == number
                tinted[inside] = (0.45 * tinted[inside] + 0.55 * np.array(color)).astype(np.uint8)
        halves.append(_fit(tinted, WIDTH // 2)[0])
    both: Image = np.hstack(halves)
    return both


def _present(numbers: NDArray[np.int16], dataset: Dataset) -> str:
    names = [dataset.names[number] for number in np.unique(numbers).tolist() if number >= 0]
    return ", ".join(names) or "nothing"


def _classes(labelled: Labelled, candidate: Candidate, names: list[str]) -> str:
    """What it is, and the three best answers."""
    best = np.argsort(-labelled.scores)[:3]
    answers = ", ".join(f"{candidate.network.labels[i]} {labelled.scores[i]:.2f}" for i in best)
    truth = ", ".join(names[number] for number in labelled.classes) or "nothing"
    return f"is {truth}; answers {answers}"


def _fit(image: Image, width: int = WIDTH) -> tuple[Image, float]:
    """At most so wide, and the scale that made it so."""
    scale = min(1.0, width / image.shape[1])
    size = (round(image.shape[1] * scale), max(1, round(image.shape[0] * scale)))
    return as_image(cv2.resize(image, size, interpolation=cv2.INTER_AREA)), scale
