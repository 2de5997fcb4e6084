"""What was measured of each network, ready to be shown."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from edgevision.errors import DataError
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
