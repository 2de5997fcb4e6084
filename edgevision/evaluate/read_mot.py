"""MOTChallenge: a folder for each video (Leal-Taixe et al., arXiv 1504.01942; Milan et al., 1603.00831).

seqinfo.ini    [Sequence] name, frameRate, seqLength
det/det.txt    frame, -1, left, top, width, height, score, ...     frames from 1, pixels
gt/gt.txt      frame, id, left, top, width, height, judged, ...    0: not to be judged
"""

import configparser
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgevision.core.types import Detections, Floats, Ints
from edgevision.errors import DataError

LEAST = 0.1  # score: from which a network's boxes reach the tracker in a service
WANTED = "seqinfo.ini, det/det.txt and gt/gt.txt"


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One frame: what a detector saw, and what was there."""

    seen: Detections
    ids: Ints  # (T,)
    boxes: Floats  # (T, 4) float32, x1 y1 x2 y2 px


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """One video."""

    name: str
    rate: float  # frames/s
    moments: list[Moment]


def read_sequences(path: Path) -> list[Sequence]:
    """Those in a folder, or the one that the folder is. Raises DataError."""
    if not path.is_dir():
        raise DataError(f"{path} is no folder; eval track wants a folder of sequences, each with {WANTED}")
    folders = (
        [path] if (path / "seqinfo.ini").is_file() else [file.parent for file in path.glob("*/seqinfo.ini")]
    )
    if not folders:
        raise DataError(f"{path}: there is no seqinfo.ini in it or in its folders; a sequence is {WANTED}")
    return [_sequence(folder) for folder in sorted(folders)]


def _sequence(folder: Path) -> Sequence:
    name, rate, length = _facts(folder / "seqinfo.ini")
    seen, true = _table(folder / "det" / "det.txt", length), _table(folder / "gt" / "gt.txt", length)
    true = true[true[:, 6] != 0]
    seen = seen[seen[:, 6] >= LEAST]
    if len(seen) and seen[:, 6].max() > 1:
        raise DataError(
            f"{folder / 'det' / 'det.txt'}: scores, the 7th number, must be 0..1, "
            f"and there is {seen[:, 6].max():g}"
        )
    moments = []
    for frame in range(1, length + 1):
        boxes, truth = seen[seen[:, 0] == frame], true[true[:, 0] == frame]
        classes = np.zeros(len(boxes), np.int32)
        moments.append(
            Moment(
                Detections(_corners(boxes), boxes[:, 6].astype(np.float32), classes),
                truth[:, 1].astype(np.int32),
                _corners(truth),
            )
        )
    return Sequence(name, rate, moments)


def _facts(file: Path) -> tuple[str, float, int]:
    ini = configparser.ConfigParser()
    try:
        ini.read_string(file.read_text(errors="replace"))
        facts = ini["Sequence"]
        rate, length = float(facts["frameRate"]), int(facts["seqLength"])
    except (configparser.Error, KeyError, ValueError):
        raise DataError(f"{file} must have [Sequence] with numbers for frameRate and seqLength") from None
    if not 0 < rate < np.inf or length < 1:
        raise DataError(f"{file}: frameRate and seqLength must be above 0, got {rate:g} and {length}")
    return facts.get("name", file.parent.name), rate, length


def _table(file: Path, length: int) -> Floats:
    """(K, 7): frame, id, left, top, width, height, and score or whether it is judged."""
    if not file.is_file():
        raise DataError(f"{file} does not exist; a sequence is {WANTED}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of an empty file, which says that nothing is there
            table: Floats = np.loadtxt(file, delimiter=",", ndmin=2)
    except ValueError as error:
        raise DataError(f"{file}: expected rows of numbers with commas between: {error}") from None
    if table.size == 0:
        return np.zeros((0, 7))
    if table.shape[1] < 7:
        raise DataError(
            f"{file}: expected frame, id, left, top, width, height, score; got {table.shape[1]} numbers a row"
        )
    if not np.isfinite(table[:, :7]).all():
        raise DataError(f"{file}: a number is missing or infinite")
    frames = table[:, 0]
    if frames.min() < 1 or frames.max() > length:
        raise DataError(
            f"{file} has frames {frames.min():g} to {frames.max():g}, seqinfo.ini says 1 to {length}: "
            "is it of another video?"
        )
    return table[:, :7]


def _corners(rows: Floats) -> Floats:
    """(K, 4) px, x1 y1 x2 y2."""
    return np.hstack([rows[:, 2:4], rows[:, 2:4] + rows[:, 4:6]]).astype(np.float32)
