"""One HTML page of what was measured; nothing in it is fetched from anywhere."""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from edgevision.errors import OutputError
from edgevision.evaluate.charts import Line, confusion_table, curves
from edgevision.evaluate.dataset import Dataset
from edgevision.evaluate.measure import Candidate
from edgevision.evaluate.result import Result, class_rows, summary
from edgevision.evaluate.shots import Shot, shots
from edgevision.evaluate.style import STYLE

MOST_LINES = 6  # classes in one chart

KEYS = {"#009e73": "right", "#e69f00": "false alarm", "#56b4e9": "missed", "#969696": "not judged"}


def write_report(
    path: Path, task: str, dataset: Dataset, candidates: Sequence[Candidate], found: Sequence[Result],
    confidence: float,
) -> None:  # fmt: skip
    """Raises OutputError."""
    head = (
        f"<h1>edgevision eval {task}</h1><p class='quiet'>{len(dataset.examples)} pictures, "
        f"{escape(dataset.kind)}; precision, recall and F1 at confidence {confidence:g}. Speed is that of a "
        "picture's whole way, all networks in turn in one run.</p>"
    )
    body = [head, _table(["network"], [(each.name, summary(each)) for each in found]), _compared(found)]
    for candidate, result in zip(candidates, found, strict=True):
        body += _network(candidate, result, dataset, confidence)
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width,initial-scale=1"><title>edgevision eval {task}</title>'
        f"<style>{STYLE}</style><body>{''.join(body)}</body></html>\n"
    )
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None


def _compared(found: Sequence[Result]) -> str:
    """All networks in one chart."""
    pairs = [(each.name, each.scores.masks or each.scores.boxes) for each in found]
    lines = [Line(name, each.curve, each.at) for name, each in pairs if each]
    if not lines:
        return ""
    return f"<h3>Precision by recall, all classes together</h3><p class='quiet'>{_DOT}</p>{curves(lines)}"


_DOT = "The dot is at the chosen confidence. Lower confidences lie to the right of it."


def _network(candidate: Candidate, result: Result, dataset: Dataset, confidence: float) -> Iterable[str]:
    yield f"<h2>{escape(result.name)}</h2>"
    facts = ", ".join(f"{key} {value}" for key, value in result.facts.items() if key != "file")
    yield f"<p class='quiet'>{escape(facts)}</p>"
    yield "".join(f"<p>{escape(note)}</p>" for note in result.notes)
    objects = result.scores.masks or result.scores.boxes
    if objects:
        common = sorted(objects.classes, key=lambda each: -each.truths)[:MOST_LINES]
        chart = curves([Line(f"{each.name} ({each.truths})", each.curve, each.at) for each in common])
        table = confusion_table(objects.confusion, dataset.names, "nothing")
        yield (
            f"<div class='two'><div><h3>Its commonest classes</h3>{chart}</div>"
            f"<div><h3>What it took for what</h3><p class='quiet'>Rows are true, columns found. Last row: "
            f"false alarms; last column: missed.</p>{table}</div></div>"
        )
    elif result.scores.classes and result.scores.classes.confusion is not None:
        yield "<h3>What it took for what</h3><p class='quiet'>Rows are true, columns found.</p>"
        yield confusion_table(result.scores.classes.confusion, dataset.names, "another label")
    yield _classes(result)
    best, worst = shots(candidate, result.scores, dataset, confidence)
    swatches = (f'<li><i style="background:{color}"></i>{text}</li>' for color, text in KEYS.items())
    key = f'<ul class="legend">{"".join(swatches)}</ul>' if objects else ""
    yield f"<h3>The worst pictures</h3>{key}{_pictures(worst)}<h3>The best pictures</h3>{_pictures(best)}"


def _classes(result: Result) -> str:
    rows = class_rows(result)
    return f"<details><summary>{len(rows)} classes, one by one</summary>{_table(['class'], rows)}</details>"


def _table(first: Sequence[str], rows: Sequence[tuple[str, dict[str, str]]]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in [*first, *(rows[0][1] if rows else [])])
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{escape(t)}</td>" for t in row.values())}'
        "</tr>"
        for name, row in rows
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _pictures(found: Sequence[Shot]) -> str:
    if not found:
        return "<p class='quiet'>none</p>"
    return f"<div class='shots'>{''.join(_figure(each) for each in found)}</div>"


def _figure(shot: Shot) -> str:
    data = base64.b64encode(shot.jpeg).decode()
    return (
        f'<figure><img loading="lazy" alt="{escape(shot.text)}" src="data:image/jpeg;base64,{data}">'
        f"<figcaption><b>{escape(shot.title)}</b> {escape(shot.text)}</figcaption></figure>"
    )
