"""Second looks with real networks: a detector that sees boxes at fixed places, and a classifier whose
classes are the means of the colours."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgevision.analytics.line import Config as LineConfig
from edgevision.analytics.line import LineCounter
from edgevision.analytics.look import Config as LookConfig
from edgevision.analytics.look import Look
from edgevision.analytics.zone import Config as ZoneConfig
from edgevision.analytics.zone import Zone
from edgevision.core import Frame, Track
from edgevision.core.types import Image
from edgevision.events import to_json
from edgevision.inference.classifier import Classifier
from edgevision.inference.crops import CropReader
from edgevision.inference.detector import Detector, load_detector
from edgevision.inference.network import load_network
from edgevision.inference.settings import InputSettings, ModelSettings
from edgevision.metrics import STAGES, Metrics
from edgevision.pipeline.chain import MOST, Chain, Place, Second
from edgevision.pipeline.named import NamedAnalytic
from edgevision.pipeline.pipeline import Pipeline
from edgevision.pipeline.plans import CameraPlan, ModelPlan
from edgevision.sources import Picture
from tests.builders import track
from tests.networks import constant_network, pooling_network
from tests.pipeline.test_delivery import Recorder
from tests.pipeline.test_pipeline import run_to_end
from tests.waiting import wait_until

SIDE = 128  # px of a picture; the detector's input is as large
BOXES = [(8, 8, 40, 40), (80, 8, 112, 40), (8, 80, 40, 112)]
PLACE = (80, 80, 120, 120)  # where no object is
COLORS = {"red": (0, 0, 255), "green": (0, 255, 0), "blue": (255, 0, 0)}
ALL = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
Paint = Callable[[int], Sequence[str]]  # number of a picture -> the colours of its boxes, and of its place


class Painted:
    """A source of 10 pictures a second with coloured boxes."""

    live = False
    frame_rate: float | None = 10.0

    def __init__(self, frames: int, paint: Paint) -> None:
        self.frames = frames
        self.paint = paint

    def pictures(self, stop: threading.Event) -> Iterator[Picture]:
        for number in range(self.frames):
            if stop.is_set():
                return
            yield Picture(painted(self.paint(number)), number / 10, time.monotonic())


def painted(colors: Sequence[str]) -> Image:
    image = np.full((SIDE, SIDE, 3), 60, np.uint8)
    for (x1, y1, x2, y2), color in zip([*BOXES, PLACE], colors, strict=False):
        image[y1:y2, x1:x2] = COLORS[color]
    return image


@pytest.fixture
def detector(tmp_path: Path) -> Detector:
    """It sees BOXES in every picture, all as class `thing`."""
    output = np.zeros((1, 5, sum((SIDE // stride) ** 2 for stride in (8, 16, 32))), np.float32)
    for cell, (x1, y1, x2, y2) in enumerate(BOXES):
        output[0, :, cell] = ((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1, 0.9)
    path = constant_network(
        tmp_path / "boxes.onnx", output, input_shape=(1, 3, SIDE, SIDE), metadata={"names": "{0: 'thing'}"}
    )
    return load_detector(ModelSettings(path=str(path), device="cpu"), Path(), threads=1)


class Counting:
    """A classifier that knows how many crops went through it, and how many at a time."""

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier
        self.runs: list[int] = []
        infer = classifier.infer

        def counted(tensor: np.ndarray) -> list[np.ndarray]:
            self.runs.append(len(tensor))
            return infer(tensor)

        classifier.infer = counted  # type: ignore[method-assign]

    def crops(self) -> CropReader:
        self.classifier.batches  # noqa: B018 - tried now, so that its runs are not counted
        self.runs.clear()
        return CropReader(self.classifier, ModelSettings(confidence=0.1), MOST)


@pytest.fixture
def colors(tmp_path: Path) -> Counting:
    return counting(tmp_path)


def counting(folder: Path, batch: int | str = "n") -> Counting:
    path = pooling_network(folder / "colors.onnx", batch=batch)
    plain = InputSettings(mean=(0, 0, 0), std=(255, 255, 255), resize="stretch")
    settings = ModelSettings(path=str(path), labels=list(COLORS), activation="softmax", input=plain)
    network = load_network(settings, Path(), threads=1)
    assert isinstance(network, Classifier)
    return Counting(network)


def second(crops: CropReader, every: float = 1.0, classes: Sequence[str] = ()) -> Second:
    return Second("color", crops, every, 0.0, frozenset(classes))


def build(
    detector: Detector, paint: Paint, frames: int, crops: CropReader, every: float = 1.0,
    workers: int = 2, output: Recorder | None = None,
) -> tuple[Pipeline, Metrics]:  # fmt: skip
    """One camera with a zone, a zone of red things only, and a place that is looked at every second."""
    metrics = Metrics()
    corners = np.array([(x, y) for x in PLACE[0::2] for y in PLACE[1::2]])[[0, 1, 3, 2]] / SIDE
    look = Look(
        LookConfig.model_validate({"model": "c", "polygon": corners.tolist(), "every": 1, "hold": 0.3})
    )
    camera = CameraPlan(
        name="a",
        model="boxes",
        source=Painted(frames, paint),
        analytics=[
            NamedAnalytic("zone", "all", Zone(ZoneConfig(polygon=ALL, hold=0.5))),
            NamedAnalytic("zone", "reds", Zone(ZoneConfig(polygon=ALL, hold=0.5, classes=["red"]))),
            NamedAnalytic("look", "shelf", look),
        ],
        confidence=0.5,
        seconds=[second(crops, every)],
        places=[Place("shelf", crops, look)],
    )
    outputs = [output] if output else []
    return Pipeline([camera], {"boxes": ModelPlan(detector, workers)}, outputs, metrics), metrics


def steady(number: int) -> Sequence[str]:
    return ["red", "green", "blue", "green"]


def lines(output: Recorder) -> list[str]:
    return [to_json(event) for result in output.results for event in result.events]


def test_each_object_gets_its_own_label_and_events_carry_it(detector: Detector, colors: Counting) -> None:
    output = Recorder()
    run_to_end(build(detector, steady, 20, colors.crops(), output=output)[0])
    events = [json.loads(line) for line in lines(output)]
    entered = {event["track_id"]: event["looks"] for event in events if event["name"] == "all"}
    assert {verdict["color"]["label"] for verdict in entered.values()} == set(COLORS)
    assert all(verdict["color"]["share"] == 1.0 for verdict in entered.values())
    reds = [event for event in events if event["name"] == "reds"]
    assert [(event["label"], event["looks"]["color"]["label"]) for event in reds] == [("thing", "red")]


# 5 s at 10 frames/s. Objects are confirmed at 0.2 s, so they are looked at 0.2, 1.2, 2.2, 3.2, 4.2 s, or
# 4.7 / 0.25 + 1 times until 4.9 s. The place at 0 s, 0.3 s to be sure, and 1.3, 2.3, 3.3, 4.3 s.
@pytest.mark.parametrize(("every", "per_object"), [(1.0, 5), (0.25, 19), (0.0, 48), (60.0, 1)])
def test_it_runs_exactly_as_often_as_it_was_told(
    detector: Detector, colors: Counting, every: float, per_object: int
) -> None:
    pipeline, metrics = build(detector, steady, 50, colors.crops(), every)
    run_to_end(pipeline)
    assert metrics.value("looks_total", camera="a", name="color") == 3 * per_object
    assert metrics.value("looks_total", camera="a", name="shelf") == 6
    assert sum(colors.runs) == 3 * per_object + 6
    assert max(colors.runs) <= MOST


def test_a_fifth_of_wrong_looks_does_not_win(detector: Detector, colors: Counting) -> None:
    def flicker(number: int) -> Sequence[str]:
        return ["blue" if number % 5 == 4 else "red", "green", "blue"]

    output = Recorder(wants_frames=True)
    pipeline, metrics = build(detector, flicker, 100, colors.crops(), every=0.0, output=output)
    run_to_end(pipeline)
    red = {t.id for r in output.results[2:3] for t in r.tracks if t.box[0] < 20 and t.box[1] < 20}
    seen = [track for result in output.results for track in result.tracks if track.id in red]
    assert len(seen) == 98
    assert {track.looks["color"].label for track in seen} == {"red"}
    wrong = sum(number % 5 == 4 for number in range(2, 100))
    assert seen[-1].looks["color"].share == pytest.approx(1 - wrong / 98, abs=1e-6)
    assert seen[-1].looks["color"].seen == 98
    assert metrics.value("verdicts", camera="a", name="color", label="red") == 1


@pytest.mark.parametrize("batch", [1, "n"])
def test_a_file_gives_the_same_events_whatever_the_number_of_workers(
    tmp_path: Path, detector: Detector, batch: int | str
) -> None:
    names = list(COLORS)

    def lively(number: int) -> Sequence[str]:
        return [names[(number * number // 7 + box) % 3] for box in range(4)]

    told = []
    for workers in (1, 2, 4):
        output = Recorder()
        crops = counting(tmp_path, batch).crops()
        run_to_end(build(detector, lively, 150, crops, every=0.2, workers=workers, output=output)[0])
        told.append(lines(output))
    assert len(told[0]) > 5
    assert any('"kind": "changed"' in line for line in told[0])
    assert told[0] == told[1] == told[2]


def test_a_place_that_changes_is_told_and_one_odd_look_is_not(detector: Detector, colors: Counting) -> None:
    def shelf(number: int) -> Sequence[str]:
        odd = 13 <= number < 15  # the look at 1.3 s
        return ["red", "green", "blue", "blue" if odd or number >= 41 else "green"]

    output = Recorder()
    pipeline, metrics = build(detector, shelf, 60, colors.crops(), output=output)
    run_to_end(pipeline)
    changed = [event for event in map(json.loads, lines(output)) if event["kind"] == "changed"]
    # In doubt at 1.3 s, it is seen to be green again at 1.6 s; then 2.6, 3.6 and, blue, 4.6 and 4.9 s.
    assert [(e["time"][17:23], e["from"], e["to"], e["label"], e["value"]) for e in changed] == [
        ("04.900", "green", "blue", "blue", 4.6)
    ]
    assert changed[0]["name"] == "shelf"
    assert changed[0]["track_id"] is None
    assert metrics.value("look_state", camera="a", name="shelf", label="blue") == 1
    assert metrics.value("look_state", camera="a", name="shelf", label="green") == 0
    assert metrics.value(
        "count_total", camera="a", analytic="look", name="shelf", kind="changed", label="blue"
    )


def test_its_time_is_a_stage_of_its_own_and_all_add_up(detector: Detector, colors: Counting) -> None:
    crops = colors.crops()
    infer = colors.classifier.infer

    def slow(tensor: np.ndarray) -> list[np.ndarray]:
        time.sleep(0.02)
        return infer(tensor)

    colors.classifier.infer = slow  # type: ignore[method-assign]
    pipeline, metrics = build(detector, steady, 30, crops, every=0.0, workers=1)
    run_to_end(pipeline)
    spent = {s: metrics.value("stage_seconds_sum", camera="a", stage=s) or 0 for s in STAGES}
    assert spent["chain"] >= 28 * 0.02
    assert spent["track"] + spent["analytics"] + spent["output"] < spent["chain"] / 2
    assert sum(spent.values()) == pytest.approx(metrics.value("latency_seconds_sum", camera="a"), rel=1e-9)
    assert min(spent.values()) >= 0


def test_a_second_network_that_hangs_is_named_and_other_cameras_go_on(
    tmp_path: Path, detector: Detector, colors: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    crops = colors.crops()
    colors.classifier.infer = lambda tensor: release.wait(60) and []  # type: ignore
    monkeypatch.setattr("edgevision.pipeline.pipeline.STUCK", 0.2)
    fine = CameraPlan("b", "boxes", Painted(40, steady), [], confidence=0.5)
    hung = replace(fine, name="a", source=Painted(40, steady), seconds=[second(crops)])
    pipeline = Pipeline([hung, fine], {"boxes": ModelPlan(detector, 2)}, [], Metrics())
    pipeline.start()
    wait_until(lambda: pipeline.frame_counts()["b"].processed == 40)
    wait_until(lambda: bool(pipeline.stuck()))
    assert pipeline.stuck()[0].startswith("a commit: ")
    assert pipeline.frame_counts()["a"].processed < 40
    assert pipeline.stop() == ["a commit"]
    release.set()


def frame(number: int, image: Image | None = None) -> Frame:
    image = painted(steady(0)) if image is None else image
    return Frame("a", 1, number, image, number / 10, 0.0, 0.0)


def objects(count: int, x: float = 24.0, y: float = 40.0) -> list[Track]:
    return [track(x, y, id=number + 1, side=32.0) for number in range(count)]


def test_work_per_frame_is_bounded_and_the_oldest_is_next(colors: Counting) -> None:
    metrics = Metrics()
    chain = Chain([second(colors.crops())], [], metrics.camera("a"))
    crowd = objects(2 * MOST + 1)
    seen = [{t.id for t in chain.look(frame(number), crowd) if t.looks} for number in range(4)]
    everybody = {track.id for track in crowd}
    first, later = set(range(1, MOST + 1)), set(range(1, 2 * MOST + 1))
    assert seen == [first, later, everybody, everybody]
    assert colors.runs == [MOST, MOST, 1]
    assert metrics.value("looks_waiting", camera="a") == 0
    # All are due again at 1.0 s. Who comes at 1.1 s waits until those have had their turn.
    chain.look(frame(10), crowd)
    assert metrics.value("looks_waiting", camera="a") == MOST + 1
    new = [track(24, 40, id=number, side=32.0) for number in range(90, 90 + MOST)]
    seen = [{t.id for t in chain.look(frame(number), [*new, *crowd]) if t.looks} for number in (11, 12, 13)]
    assert [len(ids - everybody) for ids in seen] == [0, MOST - 1, MOST]


def test_the_crop_is_of_the_frame_in_which_the_object_is(colors: Counting) -> None:
    """An object on its way through the picture, each time of another colour, on a ground of the third."""
    chain = Chain([second(colors.crops(), every=0.0)], [], Metrics().camera("a"))
    for number in range(9):
        name = ("red", "green")[number % 2]
        image = np.full((SIDE, SIDE, 3), COLORS["blue"], np.uint8)
        x = 20 + 10 * number
        image[8:40, x - 16 : x + 16] = COLORS[name]
        (judged,) = chain.look(frame(number, image), objects(1, x=x))
        reds = (number + 2) // 2
        assert judged.looks["color"].seen == number + 1
        assert judged.looks["color"].label == "red"  # of equals the first
        assert judged.looks["color"].share == pytest.approx(reds / (number + 1), abs=1e-6)


def test_votes_die_with_their_track(colors: Counting) -> None:
    chain = Chain([second(colors.crops(), every=0.0)], [], Metrics().camera("a"))
    for number in range(5):
        (judged,) = chain.look(frame(number), objects(1))
    assert judged.looks["color"].seen == 5
    (hidden,) = chain.look(frame(5), [replace(objects(1)[0], missed=0.1)])
    assert hidden.looks["color"].seen == 5
    assert chain.look(frame(6), []) == []
    (again,) = chain.look(frame(7), objects(1))
    assert again.looks["color"].seen == 1


def test_only_the_wanted_classes_are_looked_at(colors: Counting) -> None:
    chain = Chain([second(colors.crops(), classes=["truck"])], [], Metrics().camera("a"))
    seen = chain.look(frame(0), [*objects(1), track(24, 40, id=2, label="truck", side=32.0)])
    assert [sorted(t.looks) for t in seen] == [[], ["color"]]
    assert colors.runs == [1]


def test_an_object_outside_the_picture_takes_no_turn(colors: Counting) -> None:
    metrics = Metrics()
    chain = Chain([second(colors.crops())], [], metrics.camera("a"))
    outside = [track(-100, -100, id=number) for number in range(10, 10 + MOST)]
    chain.look(frame(0), outside)
    (*_, inside) = chain.look(frame(1), [*outside, *objects(1)])
    assert inside.looks["color"].label == "red"
    assert metrics.value("looks_total", camera="a", name="color") == 1


def test_a_line_counts_what_a_second_look_says(colors: Counting) -> None:
    taxis = LineCounter(LineConfig.model_validate({"from": (0.0, 0.5), "to": (1.0, 0.5), "classes": ["red"]}))
    chain = Chain([second(colors.crops())], [], Metrics().camera("a"))
    found = []
    for number, y in enumerate((40, 50, 60, 70, 90, 100)):
        image = np.full((SIDE, SIDE, 3), 60, np.uint8)
        image[y - 32 : y, 8:40], image[y - 32 : y, 80:112] = COLORS["red"], COLORS["green"]
        seen = [track(24, y, id=1, side=32.0), track(96, y, id=2, side=32.0)]
        found += taxis.update(chain.look(frame(number, image), seen), number / 10, frame(0).size)
    assert [(f.kind, f.track_id, f.looks["color"].label) for f in found] == [("crossed_in", 1, "red")]
