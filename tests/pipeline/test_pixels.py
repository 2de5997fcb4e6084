"""Tiles, maps, masks and areas in the whole pipeline, with real threads."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from edgevision.analytics.area import AreaShare
from edgevision.analytics.area import Config as AreaConfig
from edgevision.analytics.zone import Config as ZoneConfig
from edgevision.analytics.zone import Zone
from edgevision.core import Size
from edgevision.core.boxes import Placement
from edgevision.core.types import Detections, Image
from edgevision.inference.detector import Detector
from edgevision.inference.network import load_network
from edgevision.inference.segmenter import Segmenter
from edgevision.inference.settings import ModelSettings
from edgevision.inference.tiles import Tiles
from edgevision.metrics import STAGES, Metrics
from edgevision.pipeline.named import NamedAnalytic
from edgevision.pipeline.pipeline import Pipeline
from edgevision.pipeline.plans import CameraPlan, ModelPlan
from edgevision.sources import Picture
from tests.blobs import Blobs, connected, drawn
from tests.networks import pooling_network
from tests.pipeline.test_delivery import Recorder
from tests.pipeline.test_pipeline import run_to_end

FRAME = Size(480, 320)
ALL = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
RIGHT = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))


class Film:
    """A source of 60 drawn pictures, ten a second."""

    live = False
    frame_rate: float | None = 10.0

    def __init__(self, draw: Callable[[int], Image]) -> None:
        self.draw = draw

    def pictures(self, stop: threading.Event) -> Iterator[Picture]:
        for number in range(60):
            yield Picture(self.draw(number), number / 10, time.monotonic())


def passing(number: int) -> Image:
    """20 small spots, half of which move over the seams into the right half, and half of which stand."""
    standing = [(20 + 40 * n, 20, 26 + 40 * n, 26) for n in range(10)]
    moving = [(40 + 5 * number, 60 + 24 * n, 48 + 5 * number, 68 + 24 * n) for n in range(10)]
    return drawn(FRAME, [*standing, *moving])


def run(
    network: Detector | Segmenter,
    draw: Callable[[int], Image],
    analytic: NamedAnalytic,
    *,
    workers: int = 2,
    shown: bool = False,
    tiles: Tiles | None = None,
    outlines: tuple[str, ...] = (),
) -> tuple[Recorder, Metrics]:
    output, metrics = Recorder("recorder", wants_frames=shown), Metrics()
    plan = CameraPlan("a", "m", Film(draw), [analytic], 0.5, tiles=tiles, outlines=outlines)
    run_to_end(Pipeline([plan], {"m": ModelPlan(network, workers)}, [output], metrics))
    return output, metrics


def zone(**settings: object) -> NamedAnalytic:
    return NamedAnalytic("zone", "right", Zone(ZoneConfig.model_validate({"polygon": RIGHT} | settings)))


TILES = Tiles(columns=3, rows=2)


def test_tiles_give_the_same_events_whatever_the_number_of_workers() -> None:
    found = []
    for workers in (1, 2, 4):
        output, _ = run(Blobs(160).as_detector(), passing, zone(), workers=workers, tiles=TILES)
        found.append([(e.id, e.kind, e.ts, e.track_id, e.value) for r in output.results for e in r.events])
    assert found[0] == found[1] == found[2]
    # Four of the ten that stand are on the right, from x = 260 on; all ten that move get there. Each is one.
    assert [kind for _, kind, *_ in found[0]] == ["entered"] * 14
    assert max(value for *_, value in found[0]) == 14


def test_the_stages_of_a_frame_in_tiles_add_up_to_its_latency_and_are_told_apart() -> None:
    class Slow(Blobs):
        def infer(self, tensor: np.ndarray) -> list[np.ndarray]:
            time.sleep(0.002)
            return super().infer(tensor)

    network = Slow(160)
    _, metrics = run(network.as_detector(), passing, zone(), workers=1, tiles=TILES)
    assert metrics.value("latency_seconds_count", camera="a") == 60
    sums = {s: metrics.value("stage_seconds_sum", camera="a", stage=s) or 0 for s in STAGES}
    assert sum(sums.values()) == pytest.approx(metrics.value("latency_seconds_sum", camera="a"), rel=1e-9)
    assert min(sums.values()) >= 0
    assert sums["infer"] >= 60 * 7 * 0.002  # of all seven runs of each frame


def test_only_the_camera_that_asks_for_tiles_has_them() -> None:
    class Counting(Blobs):
        runs = 0

        def infer(self, tensor: np.ndarray) -> list[np.ndarray]:
            self.runs += 1
            return super().infer(tensor)

    network = Counting(160)
    cameras = [
        CameraPlan("tiled", "m", Film(passing), [zone()], 0.5, tiles=TILES),
        CameraPlan("plain", "m", Film(passing), [zone()], 0.5),
    ]
    run_to_end(Pipeline(cameras, {"m": ModelPlan(network.as_detector(), 1)}, [], Metrics()))
    assert network.runs == 60 * 7 + 60


class Masks(Blobs):
    """Draws masks as well; pictures are shown to it as they are."""

    def preprocessor(self) -> Callable[[Image], tuple[np.ndarray, Placement]]:  # type: ignore[override]
        return lambda image: (image, Placement(Size(image.shape[1], image.shape[0]), 1, 1, 0, 0))

    def decode(self, outputs: list[np.ndarray], placement: Placement, least: float = 0.1) -> Detections:
        return connected(outputs[0][:, :, 0] > 127)


def area(**settings: object) -> NamedAnalytic:
    config = AreaConfig.model_validate({"polygon": RIGHT, "above": 0.2, "hold": "1s"} | settings)
    return NamedAnalytic("area", "lane", AreaShare(config))


def gauge(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"edgevision_{name}", {"camera": "a", "name": "lane", **labels})


@pytest.mark.parametrize("tiles", [None, Tiles(columns=2, rows=2, whole=False)])
def test_masks_go_the_whole_way(tiles: Tiles | None) -> None:
    """An object of two arms drives into the right half; tiles cut it and change nothing."""

    def draw(number: int) -> Image:
        x = 5 * number
        return drawn(FRAME, [(x, 40, x + 100, 80), (x, 80, x + 30, 280)])

    network = cast(Detector, Masks(160))
    output, metrics = run(
        network,
        draw,
        area(classes=["blob"], above=0.08),
        shown=True,
        tiles=tiles,
        outlines=("polygons", "rle"),
    )
    (event,) = [event for result in output.results for event in result.events]
    # Of the right half's 76800 px 0.08 are 6144. In frame 45 it has 85 x 40 px of the upper arm and 15 x 200
    # of the lower, 6400, and less before; a second later, when that is believed, it has all 10000.
    assert (event.kind, event.ts, event.label) == ("above", 5.5, "blob")
    assert event.value == pytest.approx(10_000 / 76_800, abs=0.001)
    last = output.results[-1]
    (track,) = last.tracks
    assert track.mask is not None
    assert (track.mask.left, track.mask.top) == (295, 40)
    assert int(track.mask.pixels.sum()) == 10_000
    assert gauge(metrics, "area_covered") == pytest.approx(0.13, abs=0.001)
    assert gauge(metrics, "area_share", label="blob") == pytest.approx(0.13, abs=0.001)


def test_events_carry_outlines_where_they_are_asked_for() -> None:
    def draw(number: int) -> Image:
        return drawn(FRAME, [(300, 100, 340, 160)])

    network = cast(Detector, Masks(160))
    for outlines in ((), ("polygons",), ("rle", "polygons")):
        output, _ = run(network, draw, zone(), outlines=outlines)
        (event,) = [event for result in output.results for event in result.events]
        assert set(event.outlines or {}) == set(outlines)
    assert event.outlines
    corners = np.array(event.outlines["polygons"][0])
    assert corners.min(axis=0).tolist() == [300.25, 100.25]
    assert corners.max(axis=0).tolist() == [339.75, 159.75]
    counts = event.outlines["rle"]["counts"]
    assert event.outlines["rle"]["size"] == [320, 480]
    assert (counts[0], sum(counts[1::2]), sum(counts)) == (300 * 320 + 100, 40 * 60, 320 * 480)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_a_segmenter_measures_areas(tmp_path: Path, workers: int) -> None:
    """Colours are its classes: the right half is red, and from 2 s on its lower three quarters are blue."""
    names = {"names": "{0: 'red', 1: 'green', 2: 'blue'}"}
    path = pooling_network(tmp_path / "x.onnx", stride=1, side=64, metadata=names)
    network = load_network(ModelSettings(path=str(path), device="cpu"), Path(), threads=1)
    assert isinstance(network, Segmenter)

    def draw(number: int) -> Image:
        image = np.full((64, 64, 3), (0, 0, 255), np.uint8)
        image[16 if 20 <= number < 40 else 64 :, 32:] = (255, 0, 0)
        return image

    output, metrics = run(network, draw, area(classes=["blue", "green"]), workers=workers, shown=True)
    found = [(e.id, e.kind, e.label, e.ts, e.value) for r in output.results for e in r.events]
    assert found == [
        ("a:lane:00000001", "above", "blue", 3.0, 0.75),
        ("a:lane:00000002", "below", "blue", 5.0, 0.0),
    ]
    assert all(result.tracks == [] for result in output.results)
    assert output.results[30].segmentation is not None
    assert output.results[30].labels[2] == "blue"
    assert gauge(metrics, "area_covered") == 0.0


def test_all_that_may_be_in_a_picture_goes_to_where_it_is_shown() -> None:
    """The boxes of the first frames, of which there are no tracks yet, and what is remembered of the last."""

    def draw(number: int) -> Image:
        return drawn(FRAME, [(300, 100, 340, 160)] if number < 30 else [])

    output, _ = run(Blobs(480).as_detector(), draw, zone(), shown=True)
    first, lost = output.results[0], output.results[35]
    assert first.tracks == []
    assert [region.label for region in first.regions] == ["blob", "blob"]  # as a box, and as remembered
    assert first.regions[0].box == pytest.approx([300, 100, 340, 160], abs=1)
    (region,) = lost.regions
    assert region.box[0] < 295
    assert region.box[2] > 345
