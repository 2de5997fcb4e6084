"""What `edgevision eval` measured, as tables for people and as JSON for programs."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich import box
from rich.table import Table

from edgevision.evaluate.matching import Point
from edgevision.evaluate.result import Result
from edgevision.evaluate.score_objects import ObjectScores


def tables(found: Sequence[Result], confidence: float) -> Iterator[Table]:
    """One of the networks, then the classes of each."""
    yield _networks(found, confidence)
    for result in found:
        classes = _classes(result)
        if classes.row_count:
            yield classes


def as_json(found: Sequence[Result], pictures: int) -> dict[str, Any]:
    """The first network's figures, and all networks' under `models`."""
    models = [_as_json(result) for result in found]
    return {**models[0], "pictures": pictures, "models": models}


def _networks(found: Sequence[Result], confidence: float) -> Table:
    table = _table("network", title=f"confidence {confidence:g}")
    rows = [_summary(result) for result in found]
    for name in rows[0]:
        table.add_column(name, justify="right", no_wrap=True)
    for result, row in zip(found, rows, strict=True):
        table.add_row(result.name, *row.values())
    return table


def _summary(result: Result) -> dict[str, str]:
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


def _classes(result: Result) -> Table:
    scores = result.scores
    objects = scores.masks or scores.boxes
    iou = scores.maps.classes if scores.maps else {}
    table = _table("class", title=result.name)
    if objects:
        names = ["objects", "AP", "AP50", "precision", "recall", "F1", *(["IoU"] if iou else [])]
        for name in names:
            table.add_column(name, justify="right", no_wrap=True)
        for each in sorted(objects.classes, key=lambda each: -each.truths):
            row = [str(each.truths), f"{each.ap:.3f}", f"{each.ap50:.3f}", *_point(each.at).values()]
            table.add_row(
                each.name, *row, *([f"{iou[each.name]:.3f}" if each.name in iou else ""] if iou else [])
            )
    elif scores.classes:
        for name in ("pictures", "AP", "precision", "recall", "F1"):
            table.add_column(name, justify="right", no_wrap=True)
        for one in scores.classes.classes:
            table.add_row(one.name, str(one.truths), f"{one.ap:.3f}", *_point(one.at).values())
    else:
        table.add_column("IoU", justify="right", no_wrap=True)
        for name, value in sorted(iou.items(), key=lambda pair: -pair[1]):
            table.add_row(name, f"{value:.3f}")
    return table


def _point(point: Point) -> dict[str, str]:
    return {
        "precision": f"{point.precision:.3f}",
        "recall": f"{point.recall:.3f}",
        "F1": f"{point.f1:.3f}",
    }


def _table(first: str, title: str) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
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
