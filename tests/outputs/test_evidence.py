"""Pictures and clips of events, read back from the disk: a drawn object that moves over a plain ground."""

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from edgevision.conceal import GREY
from edgevision.core import Event, Frame, Shape
from edgevision.core.types import Region
from edgevision.draw import color_of
from edgevision.evidence import found
from edgevision.metrics import Metrics
from edgevision.opencv import cv2
from edgevision.outputs import Result, clips
from edgevision.outputs.evidence import FASTEST, MOST_PENDING, Config, Evidence, build
from edgevision.pipeline.crew import Crew, join
from edgevision.pipeline.delivery import Delivery
from tests.builders import track
from tests.commands.process import check_failure, edgevision

START = 1_795_222_923.0  # 2026-11-21T01:02:03Z
SIZE = (360, 640)
GROUND, GREEN, RED = 60, (40, 200, 30), (30, 40, 220)  # BGR
LINE = Shape(np.array([[0, 300], [640, 300]], np.float32), closed=False, text="in: in 1  out 0")
SIDE = 40


def event(number: int = 1, at: float = 0.0, **other: Any) -> Event:
    id = f"gate:in:{number:08d}"
    return replace(Event(id, "gate", "line", "in", "crossed_in", "car", 1, 1.0, 0.9, START + at, at), **other)


def scene(ts: float, *events: Event, chequered: bool = False, live: bool = False, **other: Any) -> Result:
    """A green object that goes right by 20 px/s from x = 100, and a red one that stands."""
    image = np.full((*SIZE, 3), GROUND, np.uint8)
    green, red = track(100 + 20 * ts, 200, id=1), track(500, 120, id=2)
    for each, color in ((green, GREEN), (red, RED)):
        x1, y1, x2, y2 = each.box.astype(int)
        image[y1:y2, x1:x2] = color
        if chequered and each is green:
            image[y1:y2, x1:x2] = np.indices((SIDE, SIDE)).sum(axis=0)[..., None] // 4 % 2 * 255
    frame = Frame("gate", 1, 0, image, ts, START + ts, 0.0)
    return Result("gate", events, frame, [green, red], [LINE], live=live, **other)


def output(folder: Path, **settings: Any) -> Evidence:
    return build(Config.model_validate({"type": "evidence", "folder": str(folder), **settings}), "evidence-0")


def play(evidence: Evidence, seconds: float, fps: float, *events: Event) -> None:
    """Frames from 0 s on, with each event in the first one that is not before it; and the end of the file."""
    waiting = list(events)
    for ts in np.arange(0, seconds, 1 / fps).tolist():
        now = [each for each in waiting if each.ts <= ts + 1e-9]
        waiting = [each for each in waiting if each not in now]
        evidence.write(scene(ts, *now))
    evidence.close()


def path(folder: Path, ending: str, number: int = 1, clock: str = "010203000") -> Path:
    return folder / f"2026-11-21/gate/gate~in~{number:08d}~{clock}{ending}"


def image(path: Path) -> np.ndarray:
    return np.asarray(cv2.imread(str(path)))


def film(path: Path) -> tuple[list[np.ndarray], list[float]]:
    """Pictures and their times, s."""
    capture = cv2.VideoCapture(str(path))
    images: list[np.ndarray] = []
    times: list[float] = []
    while True:
        decoded, picture = capture.read()
        if not decoded:
            return images, times
        images.append(picture)
        times.append(capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)


def near(pixel: np.ndarray, color: tuple[int, int, int], tolerance: float = 20) -> bool:
    return bool(np.abs(pixel.astype(float) - color).max() <= tolerance)


def pattern(part: np.ndarray) -> float:
    """How much of squares of 4 px can be seen: what pixels 4 px apart differ by, in the median."""
    return float(np.median(np.abs(part[:, 4:].astype(int) - part[:, :-4])))


def test_the_picture_shows_the_object_that_it_was_and_no_other(tmp_path: Path) -> None:
    evidence = output(tmp_path)
    evidence.write(scene(0.0, event(1), event(2, track_id=2)))
    evidence.close()
    for number, color, other in ((1, GREEN, RED), (2, RED, GREEN)):
        crop = image(path(tmp_path, ".crop.jpg", number))
        assert crop.shape[:2] == (60, 60)  # 40 px, and a quarter of that on each side
        assert near(crop[30, 30], color)
        assert near(crop[4, 4], (GROUND,) * 3)
        assert not any(near(pixel, other, 60) for pixel in crop.reshape(-1, 3))
    whole = image(path(tmp_path, ".jpg"))
    assert whole.shape == (*SIZE, 3)
    assert near(whole[180, 100], GREEN)
    assert near(whole[100, 500], RED)
    assert whole[300, 300].mean() > 200  # the line
    assert whole[158:202, 79:83].std() > 20  # the box around the object
    assert len(list(tmp_path.rglob("*.*"))) == 4


def test_large_pictures_are_made_small_and_what_is_drawn_fits(tmp_path: Path) -> None:
    shown = np.full((2160, 3840, 3), GROUND, np.uint8)
    big = track(3000, 1800, side=1200)
    x1, y1, x2, y2 = big.box.astype(int)
    shown[y1:y2, x1:x2] = GREEN
    evidence = output(tmp_path)
    frame = Frame("gate", 1, 0, shown, 0.0, START, 0.0)
    across = Shape(np.array([[0, 300], [3840, 300]], np.float32), closed=False, text="")
    evidence.write(Result("gate", [event()], frame, [big], [across]))
    whole, crop = image(path(tmp_path, ".jpg")), image(path(tmp_path, ".crop.jpg"))
    assert whole.shape == (720, 1280, 3)
    assert whole[100, 200].mean() > 200  # 300 of 2160 lines is 100 of 720
    assert near(whole[400, 1000], GREEN)
    for x, y in ((800, 400), (1199, 300), (1000, 599)):  # sides of the box, at a third of their places
        assert near(whole[y, x], color_of(0), 50)
    assert max(crop.shape) == 480
    assert near(crop[crop.shape[0] // 2, crop.shape[1] // 2], GREEN)


def test_an_event_of_a_place_shows_the_place(tmp_path: Path) -> None:
    spot = Shape(np.array([[80, 150], [120, 150], [120, 210], [80, 210]], np.float32), True, "B7")
    evidence = output(tmp_path)
    evidence.write(replace(scene(0.0, event(name="B7", track_id=None, id="gate:B7:00000001")), shapes=[spot]))
    crop = image(tmp_path / "2026-11-21/gate/gate~B7~00000001~010203000.crop.jpg")
    assert crop.shape[:2] == (90, 70)  # 60 x 40 px, and a quarter of 60 on each side
    assert near(crop[45, 35], GREEN)
    evidence.write(scene(0.1, event(2, track_id=99)))  # it is gone: no other is shown in its place
    assert path(tmp_path, ".jpg", 2).exists()
    assert not path(tmp_path, ".crop.jpg", 2).exists()


def test_a_clip_shows_the_seconds_before_and_after(tmp_path: Path) -> None:
    evidence = output(tmp_path, picture=False, clip={"before": "1.5s", "after": "2s"})
    play(evidence, 10, 20, event(at=4.0))
    images, times = film(path(tmp_path, ".mp4", clock="010207000"))
    expected = np.arange(2.5, 6.01, 1 / FASTEST)  # of a camera with 20 frames/s each second one
    assert len(images) == len(expected) == 36
    assert np.array(times) == pytest.approx(expected - 2.5, abs=0.002)
    for picture, ts in zip(images, expected, strict=True):
        assert near(picture[170, round(100 + 20 * ts)], GREEN, 60)
        assert not near(picture[170, round(100 + 20 * ts) - SIDE], GREEN, 60)
    assert not list(tmp_path.rglob("*.jpg"))


def test_times_in_a_clip_are_those_of_the_pictures(tmp_path: Path) -> None:
    """A camera that was away for a second: the clip stands still meanwhile, and does not run faster."""
    evidence = output(tmp_path, clip={"before": "2s", "after": "2s"})
    for ts in (0.0, 0.5, 1.0, 2.5, 3.0, 3.25, 9.0):
        evidence.write(scene(ts, *([event(at=2.5)] if ts == 2.5 else [])))
    evidence.close()
    _, times = film(path(tmp_path, ".mp4", clock="010205500"))
    assert times == pytest.approx([0.0, 0.5, 2.0, 2.5, 2.75], abs=0.002)


def test_a_file_that_ends_or_begins_in_a_clip_cuts_it_short(tmp_path: Path) -> None:
    evidence = output(tmp_path, clip=True)
    play(evidence, 4.0, 10, event(1, 0.5), event(2, 3.5))
    assert len(film(path(tmp_path, ".mp4", 1, "010203500"))[0]) == 40
    assert len(film(path(tmp_path, ".mp4", 2, "010206500"))[0]) == 40
    assert evidence.lost() == 0


def test_what_is_held_for_clips_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reel = clips.Reel(3.0)
    for second in range(1000):
        reel.add(clips.Shot(float(second), bytes(10)))
        assert len(reel.between(0.0, 1e9)) <= 4
    monkeypatch.setattr(clips, "MOST_BYTES", 25)
    reel.add(clips.Shot(1000.0, bytes(10)))
    assert [shot.ts for shot in reel.between(0.0, 1e9)] == [999.0, 1000.0]
    monkeypatch.undo()
    evidence = output(tmp_path, picture=False, clip=True)
    for number in range(MOST_PENDING + 3):
        evidence.write(scene(number / 100, event(number, number / 100), live=True))
    assert evidence.lost() == 3


@pytest.mark.parametrize("how", ["fill", "pixelate", "blur"])
def test_what_is_to_be_hidden_is_hidden_in_all_that_is_stored(tmp_path: Path, how: str) -> None:
    redact = {"classes": ["person"], "how": how}
    plain, hiding = output(tmp_path / "a", clip=True), output(tmp_path / "b", clip=True, redact=redact)
    for evidence in (plain, hiding):
        for ts in (0.0, 0.1, 0.2):
            person = Region("person", track(100 + 20 * ts, 200).box)
            events = [event()] if ts == 0 else []
            evidence.write(scene(ts, *events, chequered=True, regions=[person]))
        evidence.close()
    inside = {".jpg": (slice(170, 192), slice(90, 112)), ".crop.jpg": (slice(15, 45), slice(15, 45))}
    for ending, window in inside.items():
        assert pattern(image(path(tmp_path / "a", ending))[window]) > 200
        assert pattern(image(path(tmp_path / "b", ending))[window]) < 12
    for folder, chequered in (("a", True), ("b", False)):
        images, _ = film(path(tmp_path / folder, ".mp4"))
        assert len(images) == 3
        found = [pattern(picture[170:192, 95:111]) for picture in images]
        assert all(each > 120 if chequered else each < 12 for each in found), found
    if how == "fill":
        crop = image(path(tmp_path / "b", ".crop.jpg"))
        assert near(crop[30, 30], (GREY,) * 3, 8)


def test_only_what_is_asked_for_is_kept(tmp_path: Path) -> None:
    evidence = output(tmp_path, kinds=["crossed_in"], names=["in"])
    out = event(2, kind="crossed_out")
    other = event(3, name="side", id="gate:side:00000003")
    evidence.write(scene(0.0, event(1), out, other))
    assert {each.name for each in tmp_path.rglob("*.jpg")} == {
        path(tmp_path, ".jpg").name,
        path(tmp_path, ".crop.jpg").name,
    }
    with pytest.raises(ValidationError, match="expected on, off or"):
        output(tmp_path, clip="sometimes")
    assert output(tmp_path, clip="off")._config.clip is None


def test_nothing_is_encoded_when_nothing_is_to_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cv2, "imencode", lambda *_: pytest.fail("a picture was encoded"))
    evidence = output(tmp_path)
    for ts in range(5):
        evidence.write(scene(float(ts)))
    evidence.close()


def test_a_disk_that_fills_up_is_told_once_and_what_is_left_out_is_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Under the real delivery, beside another output; the folder goes away and comes back."""
    folder, away = tmp_path / "proof", tmp_path / "away"
    evidence, metrics, crew = output(folder, clip=True), Metrics(), Crew(on_error=lambda: None)
    delivery = Delivery([evidence], metrics)
    delivery.start(crew)
    folder.rename(away)
    with caplog.at_level(logging.INFO):
        for number in range(20):
            delivery.hand_on(scene(number / 10, event(number, number / 10)), live=False)
        while metrics.value("events_dropped_total", output="evidence-0") != 40:  # crops and pictures
            assert crew.error is None
            assert delivery.threads[0].is_alive()
        away.rename(folder)
        delivery.hand_on(scene(3.0, event(99, 0.0)), live=False)
        delivery.close()
        assert join(delivery.threads, 30) == []
    told = [record.message for record in caplog.records]
    assert told == [
        f"evidence is left out, counting goes on: cannot write to {folder}: No such file or directory"
    ]
    assert crew.error is None
    assert path(folder, ".jpg", 99).exists()
    assert len(list(folder.rglob("*.mp4"))) == 21  # those waited until it was back


def test_clips_that_cannot_be_made_in_time_are_left_out_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clips.Clips, "put", lambda *_: False)
    evidence = output(tmp_path, picture=False, clip={"before": "1s", "after": "1s"})
    for ts in np.arange(0, 9, 0.1).tolist():
        evidence.write(scene(ts, *([event()] if ts == 0 else []), live=True))
        lost = evidence.lost()
        assert lost == (1 if 6.0 < ts <= 6.11 else 0), ts  # LATE after its end its pictures go
    assert not list(tmp_path.rglob("*.mp4"))


CONFIG = """\
models: {vehicles: {path: builtin:drawn}}
cameras:
  carpark:
    source: synthetic:carpark?seed=5&seconds=12&fps=10&width=320&height=180
    sight: off
    zones: {all: {polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], hold: 0.2s}}
outputs:
  - {type: jsonl, path: events.jsonl}
  - {type: evidence, folder: kept/evidence, clip: {before: 1s, after: 1s}}
http: null
"""


def test_of_a_recording_every_event_has_its_picture_and_its_clip(tmp_path: Path) -> None:
    """However fast it is read: nothing is left out of what waits for nobody."""
    (tmp_path / "config.yaml").write_text(CONFIG)
    done = edgevision("run", str(tmp_path / "config.yaml"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "left out" not in done.stderr
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert len(events) >= 5
    kept = [found([tmp_path / "kept/evidence"], each) for each in events]
    assert all({"picture", "clip"} <= each.keys() for each in kept), kept
    for each in kept:
        images, times = film(tmp_path / "kept/evidence" / each["clip"])
        assert 10 <= len(images) <= 21
        assert times[-1] == pytest.approx((len(images) - 1) / 10, abs=0.01)


def test_a_folder_that_cannot_be_made_is_one_clear_error_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "kept").touch()
    done = edgevision("run", str(tmp_path / "config.yaml"), cwd=tmp_path)
    check_failure(done, 1, r"config\.yaml:9: outputs\[1\]: cannot keep evidence in kept/evidence: Not a dir")
