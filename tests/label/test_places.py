from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from edgevision.analytics import ANALYTICS
from edgevision.config import check
from edgevision.core.types import Shape, Size
from edgevision.document import parse
from edgevision.label.places import places_of, shapes_of

CAMERA = """
cameras:
  gate:
    source: synthetic:carpark
    lines: {road: {from: [0.1, 0.5], to: [0.9, 0.5], classes: [car]}}
    zones: {lot: {polygon: [[0, 0], [0.5, 0], [0.5, 0.25]]}}
    trips: {flow: {places: [road, lot]}}
"""


class Park:
    """An analytic of two parts."""

    kinds, places = ("occupied", "freed", "unknown"), ("A1", "A2")

    def shape(self, size: Size) -> list[Shape]:
        return [Shape(np.eye(3, 2, dtype=np.float32) * size.width, True, name) for name in self.places]


def camera() -> Any:
    return check(parse(CAMERA, "x.yaml", {}), Path()).settings.cameras["gate"]


def test_lines_and_areas_and_what_can_be_said_of_them() -> None:
    road, lot = places_of(camera())
    assert (road.name, road.kinds, road.closed, road.classes) == (
        "road", ["crossed_in", "crossed_out"], False, ["car"],
    )  # fmt: skip
    assert np.allclose(road.points, [(0.1, 0.5), (0.9, 0.5)])
    assert (lot.name, lot.kinds, lot.closed) == ("lot", ["entered", "left"], True)


def test_each_part_of_an_analytic_of_many_is_a_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ANALYTICS, "zone", SimpleNamespace(KEY="zones", build=lambda settings: Park()))
    assert [(place.name, place.kinds) for place in places_of(camera())[1:]] == [
        ("A1", ["occupied", "freed"]), ("A2", ["occupied", "freed"]),
    ]  # fmt: skip
    assert list(shapes_of(camera())) == ["road", "A1", "A2"]
