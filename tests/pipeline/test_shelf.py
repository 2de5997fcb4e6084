"""A shelf in the pipeline: its rows have names, gauges and colours of their own."""

from pathlib import Path

import numpy as np
import pytest

from edgevision.assembly import Assembly
from edgevision.config import check
from edgevision.document import parse
from edgevision.metrics import Metrics
from edgevision.opencv import cv2
from tests.networks import echo_network
from tests.pipeline.test_pipeline import run_to_end

CONFIG = """
models: {echo: {path: echo.onnx, confidence: 0.5, device: cpu}}
cameras:
  aisle:
    source: images:frames?fps=4
    sight: off  # the pictures are plain
    shelves:
      cold:
        polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]
        rows: [{name: top, expect: [thing]}, {name: middle}, {name: bottom}]
        blockers: []
        hold: 1s
outputs:
  - {type: jsonl, path: events.jsonl}
  - {type: video, camera: aisle, path: aisle.mp4}
http: null
"""


def test_rows_are_told_counted_and_drawn_by_their_own_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network sees one thing, in the middle of the picture, while that is light: 60 of 90 frames."""
    monkeypatch.chdir(tmp_path)
    echo_network(tmp_path / "echo.onnx")
    (tmp_path / "frames").mkdir()
    for number in range(90):
        picture = np.full((64, 64, 3), 230 if number < 60 else 0, np.uint8)
        cv2.imwrite(str(tmp_path / "frames" / f"{number:03}.png"), picture)
    metrics = Metrics()
    pipeline = Assembly(check(parse(CONFIG, "x.yaml", {}), tmp_path), metrics).pipeline()
    of = {"camera": "aisle", "analytic": "shelf", "name": "cold-middle", "label": "thing"}
    assert metrics.value("count_total", kind="out_of_stock", **of) == 0
    run_to_end(pipeline)
    counts = pipeline.counts("aisle")
    assert counts == {
        ("cold-top", "out_of_stock", "thing"): 1, ("cold-top", "compliance", "all"): 1,
        ("cold-bottom", "out_of_stock", "all"): 1, ("cold-middle", "out_of_stock", "all"): 1,
    }  # fmt: skip
    row = {"camera": "aisle", "name": "cold", "row": "middle"}
    assert metrics.value("facings", label="thing", **row) == 0
    assert metrics.value("shelf_state", state="out_of_stock", **row) == 1
    assert metrics.value("shelf_state", state="in_stock", **row) == 0
    assert metrics.value("shelf_held_seconds", **row) == 0
    assert metrics.value("shelf_compliance", camera="aisle", name="cold", row="top") == 0
    assert metrics.value("shelf_compliance", **row) is None
    assert metrics.value("occupancy", camera="aisle", name="cold") == 0
    assert (tmp_path / "aisle.mp4").stat().st_size > 1000
