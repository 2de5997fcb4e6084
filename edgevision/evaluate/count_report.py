"""One HTML page of how right counts are, with every miss; nothing in it is fetched from anywhere. Beside it,
the events as JSON lines, which `edgevision label count --check` goes through."""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

import numpy as np

from edgevision.core.types import Image, Shape
from edgevision.draw import annotate
from edgevision.errors import OutputError, SourceError
from edgevision.evaluate.count_charts import EXTRA, MISSED, OURS, TRUE, clock, over_time
from edgevision.evaluate.read_counts import Mark
from edgevision.evaluate.score_counts import CountScores, KeyScore, mean_error
from edgevision.evaluate.style import STYLE
from edgevision.opencv import cv2
from edgevision.videoframes import VideoFrames

MOST_SHOTS = 24  # pictures in a page
SHOT_WIDTH = 480  # px
MORE = """
.verdict{font-size:19px;margin:14px 0 4px}.verdict b{font-variant-numeric:tabular-nums}
.time{max-width:760px;min-width:560px;font-size:12px;display:block}
.moments{padding-left:20px;margin:8px 0;columns:3 200px}
.bad{color:#a33c00;font-weight:600}td.none{color:#8b949e}
"""


def write_report(
    folder: Path,
    scores: CountScores,
    videos: Mapping[str, Path],
    shapes: Mapping[tuple[str, str], Shape],
    lengths: Mapping[str, float],
) -> None:
    """videos: by camera, those that are video files. shapes: by camera and name, what to draw over pictures,
    in shares of the frame. lengths: s, by camera. Raises OutputError."""
    shown = _shots(scores, videos, shapes)
    head = f"<h1>edgevision eval count</h1>{_verdict(scores)}{_table(scores)}{_states(scores)}"
    rows = "".join(_row(row, lengths[row.key.camera], shown) for row in scores.rows if row.timed)
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width,initial-scale=1"><title>edgevision eval count</title>'
        f"<style>{STYLE}{MORE}</style><body>{head}{rows}</body></html>\n"
    )
    try:
        (folder / "index.html").write_text(page, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write {folder / 'index.html'}: {error.strerror}") from None


def _verdict(scores: CountScores) -> str:
    counted, true = sum(row.counted for row in scores.rows), sum(row.true for row in scores.rows)
    late = scores.late
    timing = (
        f" Half of the moments agree within {np.median(np.abs(late)):.2f} s, nine in ten within "
        f"{np.percentile(np.abs(late), 90):.2f} s." if len(late) else ""
    )  # fmt: skip
    return (
        f"<p class='verdict'>Counted <b>{counted}</b> of <b>{true}</b>: <b>{scores.over}</b> too many, "
        f"<b>{scores.under}</b> missed, net error <b>{scores.error:+d}</b>.</p>"
        f"<p class='quiet'>A count is right within {scores.tolerance:g} s of the truth.{timing}</p>"
    )


def _table(scores: CountScores) -> str:
    names = ("counted", "true", "over", "under", "net error", "mean error")
    head = "".join(f'<th scope="col">{name}</th>' for name in ("place, kind", *names))
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in scores.rows)
    return (
        f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        f"<p class='quiet'>Mean error: of the count in {scores.bin:.3g} s, with its 95 % interval.</p>"
    )


def _cells(row: KeyScore) -> str:
    mean = mean_error([row])
    about = "" if row.timed else "≥ "
    cells = [str(row.counted), str(row.true)]
    cells += [f"{about}{row.over}", f"{about}{row.under}", f"{row.error:+d}" if row.error else "0"]
    marked = (
        f"<td{' class=bad' if n > 1 and text not in '0' else ''}>{text}</td>" for n, text in enumerate(cells)
    )
    last = f"{mean[0]:.2f} ({mean[1]:.2f} to {mean[2]:.2f})" if mean else "–"
    return f'<th scope="row">{escape(title(row))}</th>{"".join(marked)}<td>{last}</td>'


def title(row: KeyScore) -> str:
    return f"{row.key.camera}: {row.key.name}, {row.key.kind}"


def _states(scores: CountScores) -> str:
    if not scores.states:
        return ""
    names = ("spot", "wrong", "unknown", "flips", "true flips", "flips per hour beyond the truth")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join(
        f'<tr><th scope="row">{escape(each.camera)}: {escape(each.name)}</th><td>{each.wrong:.1%}</td>'
        f"<td>{each.unknown:.1%}</td><td>{each.flips}</td><td>{each.true_flips}</td>"
        f"<td>{each.flips_per_hour:+.1f}</td></tr>"
        for each in scores.states
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<h2>Spots</h2><div class="wide">{table}</div>'


def _row(row: KeyScore, length: float, shown: Mapping[Mark, bytes]) -> str:
    keys = {TRUE: "true", OURS: "counted", MISSED: "missed", EXTRA: "too many"}
    legend = "".join(f'<li><i style="background:{color}"></i>{text}</li>' for color, text in keys.items())
    chart = (
        over_time(row, length) if row.counted or row.true else "<p class='quiet'>Nothing, as it truly is.</p>"
    )
    legend = f'<ul class="legend">{legend}</ul>' if row.counted or row.true else ""
    wrong = [("missed", mark) for mark in row.missed] + [("too many", mark) for mark in row.extra]
    wrong.sort(key=lambda pair: pair[1].at)
    return (
        f"<h2>{escape(title(row))}</h2><div class='wide'>{chart}</div>{legend}{''.join(_wrong(wrong, shown))}"
    )


def _wrong(wrong: Sequence[tuple[str, Mark]], shown: Mapping[Mark, bytes]) -> Iterator[str]:
    pictured = [(what, mark) for what, mark in wrong if mark in shown]
    figures = "".join(_figure(what, mark, shown[mark]) for what, mark in pictured)
    if figures:
        yield f"<div class='shots'>{figures}</div>"
    rest = [f"<li>{_said(what, mark)}</li>" for what, mark in wrong if mark not in shown]
    if rest:
        yield f"<ul class='moments'>{''.join(rest)}</ul>"


def _said(what: str, mark: Mark) -> str:
    return escape(f"{clock(mark.at)}: {what}" + (f", {mark.label}" if mark.label else ""))


def _figure(what: str, mark: Mark, jpeg: bytes) -> str:
    data = base64.b64encode(jpeg).decode()
    return (
        f'<figure><img loading="lazy" alt="{_said(what, mark)}" src="data:image/jpeg;base64,{data}">'
        f"<figcaption><b>{_said(what, mark)}</b></figcaption></figure>"
    )


def _shots(
    scores: CountScores, videos: Mapping[str, Path], shapes: Mapping[tuple[str, str], Shape]
) -> dict[Mark, bytes]:
    """Pictures of the first moments that are wrong, the same number of each row."""
    wrong = [sorted([*row.missed, *row.extra], key=lambda mark: mark.at) for row in scores.rows]
    each = max(1, MOST_SHOTS // max(1, sum(map(bool, wrong))))
    chosen = sorted((mark for marks in wrong for mark in marks[:each]), key=lambda mark: mark.at)[:MOST_SHOTS]
    found: dict[Mark, bytes] = {}
    for camera, path in videos.items():
        marks = [mark for mark in chosen if mark.camera == camera]
        if marks:
            found |= dict(_of_video(path, marks, shapes))
    return found


def _of_video(
    path: Path, marks: Iterable[Mark], shapes: Mapping[tuple[str, str], Shape]
) -> Iterator[tuple[Mark, bytes]]:
    frames = VideoFrames(path)
    frames.scan()
    for mark in marks:
        try:
            image = frames.image(frames.nearest(mark.at))
        except (SourceError, IndexError):
            continue  # the count went to the end of the file, so this is no more than a picture missing
        yield mark, _shot(image, shapes.get(mark[:2]), clock(mark.at))
    frames.close()


def _shot(image: Image, shape: Shape | None, text: str) -> bytes:
    height, width = image.shape[:2]
    size = (SHOT_WIDTH, round(SHOT_WIDTH * height / width))
    small: Image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    drawn = [Shape(shape.points * np.array(size, np.float32), shape.closed, "")] if shape else []
    ok, data = cv2.imencode(".jpg", annotate(small, [], drawn, text), [cv2.IMWRITE_JPEG_QUALITY, 85])
    return data.tobytes() if ok else b""
