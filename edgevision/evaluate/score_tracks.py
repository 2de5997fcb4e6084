"""How well identities are kept, by TrackEval (Luiten et al., "HOTA", IJCV 2021): HOTA, CLEAR and Identity."""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgevision.core.boxes import iou_matrix
from edgevision.core.tracker import Tracker
from edgevision.core.types import Ints
from edgevision.errors import ModelError
from edgevision.evaluate import read_mot

try:
    from trackeval.metrics import CLEAR, HOTA, Identity
except ImportError:
    raise ModelError(
        "measuring tracks needs the package trackeval: pip install 'edgevision[eval-track]'"
    ) from None

SHARES = ("HOTA", "DetA", "AssA", "MOTA", "IDF1")


@dataclass(frozen=True, slots=True)
class TrackScores:
    """0..1, higher is better (MOTA may be below 0), but for `switches`."""

    hota: float  # geometric mean of the next two, mean over overlaps .05 to .95
    deta: float  # detection: how many objects and boxes are pairs
    assa: float  # association: over what share of their lives they are pairs
    mota: float  # 1 - (missed + wrong + switches) / objects, at an overlap of 0.5
    idf1: float  # F1 of one-to-one pairs of whole lives, at an overlap of 0.5
    switches: int  # times an object is seen under another identity than before

    def named(self) -> dict[str, float]:
        shares = (self.hota, self.deta, self.assa, self.mota, self.idf1)
        return dict(zip(SHARES, shares, strict=True)) | {"IDSW": self.switches}


def score_tracks(
    sequences: Sequence[read_mot.Sequence], every: int = 1
) -> tuple[dict[str, TrackScores], TrackScores]:
    """Of each sequence, by name, and of all as if they were one; of every n-th frame, from the first."""
    metrics = _metrics()
    found = {}
    for sequence in sequences:
        data = _data(sequence, every)
        with np.errstate(all="ignore"):  # it divides by how many objects there are, which may be none
            found[sequence.name] = {name: each.eval_sequence(data) for name, each in metrics.items()}
    with np.errstate(all="ignore"):
        together = {
            name: each.combine_sequences({key: results[name] for key, results in found.items()})
            for name, each in metrics.items()
        }
    return {name: _scores(results) for name, results in found.items()}, _scores(together)


def _metrics() -> dict[str, Any]:
    with contextlib.redirect_stdout(io.StringIO()):  # it prints its settings
        return {"hota": HOTA(), "clear": CLEAR(), "identity": Identity()}


def _scores(results: dict[str, Any]) -> TrackScores:
    hota, clear, identity = results["hota"], results["clear"], results["identity"]
    return TrackScores(
        hota=float(np.mean(hota["HOTA"])),
        deta=float(np.mean(hota["DetA"])),
        assa=float(np.mean(hota["AssA"])),
        mota=float(clear["MOTA"]),
        idf1=float(identity["IDF1"]),
        switches=int(clear["IDSW"]),
    )


def _data(sequence: read_mot.Sequence, every: int) -> dict[str, Any]:
    """What our tracker makes of a sequence, beside the truth, as TrackEval wants it.

    What is remembered but not seen is not scored: the tracker does not claim to know where it is.
    """
    tracker = Tracker(["object"])
    ids, truths, overlaps = [], [], []
    for number, moment in list(enumerate(sequence.moments))[::every]:
        tracks = [each for each in tracker.update(moment.seen, number / sequence.rate) if each.missed == 0]
        boxes = np.array([each.box for each in tracks], np.float32).reshape(-1, 4)
        ids.append(np.array([each.id for each in tracks], np.int32))
        truths.append(moment.ids)
        overlaps.append(iou_matrix(moment.boxes, boxes))
    truth_ids, truth_count = _from_zero(truths)
    track_ids, track_count = _from_zero(ids)
    return {
        "num_timesteps": len(overlaps),
        "num_gt_ids": truth_count,
        "num_tracker_ids": track_count,
        "num_gt_dets": sum(map(len, truths)),
        "num_tracker_dets": sum(map(len, ids)),
        "gt_ids": truth_ids,
        "tracker_ids": track_ids,
        "similarity_scores": overlaps,
    }


def _from_zero(ids: list[Ints]) -> tuple[list[np.ndarray], int]:
    """The same ids as 0, 1, 2, ..., and how many there are."""
    known = np.unique(np.concatenate(ids))
    return [np.searchsorted(known, each) for each in ids], len(known)
