"""What `edgevision eval` measured, as tables for people and as JSON for programs."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich import box
from rich.table import Table

from edgevision.evaluate.matching import Point
from edgevision.evaluate.result import Result, class_rows, summary
from edgevision.evaluate.score_objects import ObjectScores


def tables(found: Sequence[Result]) -> Iterator[Table]:
    """One of the networks, then the classes of each."""
    yield _networks(found)
    for result in found:
        classes = _classes(result)
        if classes.row_count:
            yield classes


def as_json(found: Sequence[Result], pictures: int) -> dict[str, Any]:
    """The first network's figures, and all networks' under `models`."""
    models = [_as_json(result) for result in found]
    return {**models[0], "pictures": pictures, "models": models}


def _networks(found: Sequence[Result]) -> Table:
    table = _table("network")
    rows = [summary(result) for result in found]
    for name in rows[0]:
        table.add_column(name, justify="right", no_wrap=True)
    for result, row in zip(found, rows, strict=True):
        table.add_row(result.name, *row.values())
    return table


def _classes(result: Result) -> Table:
    table = _table(result.name)
    rows = class_rows(result)
    for name in rows[0][1] if rows else []:
        table.add_column(name, justify="right", no_wrap=True)
    for name, row in rows:
        table.add_row(name, *row.values())
    return table


def _table(first: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column(first, no_wrap=True)
    return table


def _as_json(result: Result) -> dict[str, Any]:
    scores = result.scores
    answer: dict[str, Any] = {"model": result.facts, "notes": result.notes}
    objects = scores.masks or scores.boxes
    if objects:
        answer |= _objects(objects)
    if scores.masks and scores.boxes:
        answer["boxes"] = _objects(scores.boxes)
    if scores.maps:
        answer |= {"mIoU": _round(scores.maps.miou), "pixel_accuracy": _round(scores.maps.accuracy)}
        per_class = answer.setdefault("per_class", {})
        for name, iou in scores.maps.classes.items():
            per_class.setdefault(name, {})["IoU"] = _round(iou)
    if scores.classes:
        answer |= {"top1": _round(scores.classes.top1), "top5": _round(scores.classes.top5)}
        answer["mAP"] = _round(scores.classes.map)
        answer["per_class"] = {
            each.name: {"pictures": each.truths, "AP": _round(each.ap), **_rounded(each.at)}
            for each in scores.classes.classes
        }
    return answer | {"milliseconds": round(result.milliseconds, 3), "speed": round(result.speed, 3)}


def _objects(scores: ObjectScores) -> dict[str, Any]:
    return {
        "AP": _round(scores.ap),
        "AP50": _round(scores.ap50),
        "per_class": {
            each.name: {
                "objects": each.truths,
                "AP": _round(each.ap),
                "AP50": _round(each.ap50),
                **_rounded(each.at),
                "best": _rounded(each.best),
            }
            for each in scores.classes
        },
        "at": _rounded(scores.at),
        "best": _rounded(scores.best),
    }


def _rounded(point: Point) -> dict[str, float]:
    return {name: _round(value) for name, value in point._asdict().items()}


def _round(value: float) -> float:
    return round(value, 4)
