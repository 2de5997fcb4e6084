"""What was measured of each network, ready to be shown."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from edgevision.errors import DataError
from edgevision.evaluate.matching import Point
from edgevision.evaluate.measure import Candidate, Scores


class Result(NamedTuple):
    name: str  # of the file
    facts: dict[str, str]  # of the network
    notes: list[str]  # what was not compared
    scores: Scores
    milliseconds: float  # median of a picture's whole way
    speed: float  # pictures per second, as a multiple of the first network's


def results(candidates: Sequence[Candidate]) -> list[Result]:
    """In the order of the candidates, which have seen the same pictures."""
    reference = float(np.median(candidates[0].seconds))
    found = []
    for each in candidates:
        if not each.shown:
            raise DataError(f"{each.network.path.name}: no picture is of a class that it knows")
        seconds = float(np.median(each.seconds))
        found.append(
            Result(
                each.network.path.name, each.network.facts(), each.matching.notes, each.measure.scores(),
                seconds * 1000, reference / seconds,
            )
        )  # fmt: skip
    return found


def summary(result: Result) -> dict[str, str]:
    """Column and value."""
    scores = result.scores
    row: dict[str, str] = {}
    for kind, each in (("mask ", scores.masks), ("" if not scores.masks else "box ", scores.boxes)):
        if each:
            row |= {f"{kind}AP": f"{each.ap:.3f}", f"{kind}AP50": f"{each.ap50:.3f}"}
    objects = scores.masks or scores.boxes
    if objects:
        row |= _point(objects.at) | {"best F1": f"{objects.best.f1:.3f} at {objects.best.confidence:.2f}"}
    if scores.maps:
        row |= {"mIoU": f"{scores.maps.miou:.3f}", "pixels right": f"{scores.maps.accuracy:.3f}"}
    if scores.classes:
        row |= {"top 1": f"{scores.classes.top1:.3f}", "top 5": f"{scores.classes.top5:.3f}"}
        row |= {"mAP": f"{scores.classes.map:.3f}"}
    return row | {"ms": f"{result.milliseconds:.1f}", "speed": f"{result.speed:.2f} x"}


def class_rows(result: Result) -> list[tuple[str, dict[str, str]]]:
    """Name, and column and value, of each class of which there is one."""
    scores = result.scores
    iou = scores.maps.classes if scores.maps else {}
    objects = scores.masks or scores.boxes
    if objects:
        return [
            (
                each.name,
                {"objects": str(each.truths), "AP": f"{each.ap:.3f}", "AP50": f"{each.ap50:.3f}"}
                | _point(each.at)
                | {"best F1": f"{each.best.f1:.3f} at {each.best.confidence:.2f}"}
                | ({"IoU": f"{iou[each.name]:.3f}" if each.name in iou else ""} if iou else {}),
            )
            for each in sorted(objects.classes, key=lambda each: -each.truths)
        ]
    if scores.classes:
        return [
            (one.name, {"pictures": str(one.truths), "AP": f"{one.ap:.3f}"} | _point(one.at))
            for one in scores.classes.classes
        ]
    return [(name, {"IoU": f"{value:.3f}"}) for name, value in sorted(iou.items(), key=lambda pair: -pair[1])]


def _point(point: Point) -> dict[str, str]:
    return {
        "precision": f"{point.precision:.3f}",
        "recall": f"{point.recall:.3f}",
        "F1": f"{point.f1:.3f}",
    }
