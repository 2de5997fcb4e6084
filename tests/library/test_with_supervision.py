import sys
from typing import Any

import numpy as np
import pytest

from edgevision.core import Size
from edgevision.core.types import Detections, Mask
from edgevision.errors import EdgevisionError
from edgevision.library.with_supervision import from_supervision, to_supervision
from tests.builders import detections, track

SIZE = Size(40, 30)
PIXELS = np.array([[True, False, True], [True, True, True]])


@pytest.fixture
def sv() -> Any:
    """The real one (pip install 'edgevision[supervision]')."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it likes opencv-python better than none
        return pytest.importorskip("supervision", reason="supervision is not installed")


def some() -> Detections:
    return Detections(
        np.array([[4.2, 5.5, 6.9, 7.0], [0, 0, 40, 30]], np.float32), np.array([0.9, 0.25], np.float32),
        np.array([2, 0], np.int32), (Mask(4, 5, PIXELS), Mask(0, 0, np.zeros((30, 40), bool))),
        ("car", "bus", "van"),
    )  # fmt: skip


def test_detections_are_the_same_over_there(sv: Any) -> None:
    theirs = to_supervision(some(), SIZE)
    assert isinstance(theirs, sv.Detections)
    assert theirs.xyxy.tolist() == some().boxes.tolist()
    assert theirs.confidence.tolist() == pytest.approx([0.9, 0.25])
    assert (theirs.class_id.tolist(), theirs["class_name"].tolist()) == ([2, 0], ["van", "car"])
    assert theirs.mask.shape == (2, 30, 40)
    assert theirs.mask.sum(axis=(1, 2)).tolist() == [5, 0]
    assert theirs.mask[0, 5:7, 4:7].tolist() == PIXELS.tolist()


def test_detections_come_back(sv: Any) -> None:
    back = from_supervision(to_supervision(some(), SIZE))
    np.testing.assert_array_equal(back.boxes, some().boxes)
    np.testing.assert_array_equal(back.scores, some().scores)
    assert back.class_ids.tolist() == [2, 0]
    assert back.names() == ("car", "1", "van")
    assert back.masks is not None
    assert back.masks[0][:2] == (4, 5)
    assert back.masks[0].pixels.tolist() == PIXELS.tolist()


def test_what_supervision_filters_and_joins_comes_back(sv: Any) -> None:
    theirs = to_supervision(some(), SIZE)
    both = sv.Detections.merge([theirs[theirs.confidence > 0.5], theirs])
    assert from_supervision(both).class_ids.tolist() == [2, 2, 0]


def test_nothing_goes_and_comes_back(sv: Any) -> None:
    assert len(to_supervision(Detections.empty())) == len(to_supervision([])) == 0
    for nothing in (to_supervision(Detections.empty()), to_supervision([]), sv.Detections.empty()):
        assert len(from_supervision(nothing)) == 0


def test_tracks_have_their_ids(sv: Any) -> None:
    theirs = to_supervision([track(20, 20, id=7, side=10), track(30, 20, id=9, side=10, missed=0.5)])
    assert theirs.tracker_id.tolist() == [7, 9]
    assert theirs["missed"].tolist() == [0, 0.5]
    assert theirs.xyxy[0].tolist() == [15, 10, 25, 20]
    assert theirs.mask is None
    assert theirs["class_name"].tolist() == ["car", "car"]


def test_supervision_counts_them_on_its_own_line(sv: Any) -> None:
    line = sv.LineZone(start=sv.Point(0, 50), end=sv.Point(100, 50))
    for y in (20, 30, 40, 70, 80, 90):
        line.trigger(to_supervision([track(50, y, side=10)]))
    assert line.in_count + line.out_count == 1


def test_masks_want_the_size(sv: Any) -> None:
    with pytest.raises(ValueError, match=r"to_supervision\(found, frame.size\)"):
        to_supervision(some())


@pytest.mark.parametrize("lacking", ["confidence", "class_id"])
def test_what_a_tracker_needs_must_be_there(sv: Any, lacking: str) -> None:
    theirs = to_supervision(detections((0, 0, 9, 9)))
    setattr(theirs, lacking, None)
    with pytest.raises(ValueError, match=f"have no {lacking}"):
        from_supervision(theirs)


def test_without_it_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "supervision", None)
    with pytest.raises(EdgevisionError, match=r"pip install 'edgevision\[supervision\]'"):
        to_supervision(detections((0, 0, 9, 9)))
