"""edgevision init, as a user runs it; the learning with a network for the drawn car park."""

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import yaml
from pydantic import TypeAdapter

from edgevision.cli import main
from edgevision.commands import init_learn
from edgevision.errors import SourceError
from edgevision.opencv import cv2
from edgevision.scene.world import Scene
from edgevision.settings import Name, Polygon
from edgevision.sources import LiveSettings, Picture, Source, open_source, parse_address
from tests.commands.process import edgevision

DRAWN = "synthetic:carpark?seed=2&seconds=90&fps=1"


def places(folder: Path) -> dict[str, tuple[tuple[float, float], ...]]:
    data = yaml.safe_load((folder / "spots.yaml").read_text())
    assert list(data) == ["places"]
    found: dict[str, tuple[tuple[float, float], ...]] = TypeAdapter(dict[Name, Polygon]).validate_python(
        data["places"]
    )
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one that the command is called in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def failure(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Exit status, and what is told on stderr as an error."""
    status = main(["init", *arguments])
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("edgevision: ")]
    return status, "\n".join(told)


def test_a_configuration_is_written_and_good(tmp_path: Path) -> None:
    address = "rtsp://bob:s3cret-word@192.0.2.1/1"
    done = edgevision("init", "gate", "--source", address, "--model", "builtin:drawn", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "s3cret" not in done.stdout + done.stderr + (tmp_path / "gate.yaml").read_text()
    assert "Next: CAMERA_PASSWORD=... edgevision check gate.yaml --probe" in done.stdout
    assert "Then: CAMERA_PASSWORD=... edgevision run gate.yaml --open" in done.stdout
    checked = edgevision("check", "gate.yaml", cwd=tmp_path, CAMERA_PASSWORD="x")
    assert checked.returncode == 0, checked.stderr


def test_nothing_is_replaced_unless_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = folder / "people.yaml"
    mine.write_text("mine")
    status, told = failure(capsys, "people")
    assert status == 1
    assert "people.yaml is there already: replace it with --force" in told
    assert mine.read_text() == "mine"
    assert main(["init", "people", "--force"]) == 0
    assert mine.read_text() != "mine"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["gate", "--spots", "x"], 2, "--spots and --learn are for `init parking`"),
        (["gate", "--output", "none/x.yaml"], 1, "the folder none does not exist"),
        (["gate", "--from-camera"], 2, "the camera that --source names"),
        (["gate", "--source", "http://x/y"], 2, "gate.yaml:.*unknown scheme"),
        (["parking", "--spots", "none.json"], 2, "cannot read none.json"),
        (["parking", "--learn", "none.mp4"], 2, "none.mp4 does not exist"),
    ],
)
def test_mistakes_are_told(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, message: str
) -> None:
    found, told = failure(capsys, *arguments)
    assert found == status
    assert re.search(message, told), told
    assert not list(folder.iterdir())


def test_spots_are_imported_with_the_size_of_the_camera(folder: Path) -> None:
    drawn = [{"points": [[96, 54], [192, 54], [192, 108], [96, 108]]}]
    (folder / "bays.json").write_text(json.dumps(drawn))
    assert main(["init", "parking", "--source", DRAWN, "--from-camera", "--spots", "bays.json"]) == 0
    snapshot = cv2.imread(str(folder / "parking.jpg"))
    assert snapshot is not None
    assert snapshot.shape == (540, 960, 3)
    assert places(folder) == {"A1": ((0.1, 0.1), (0.2, 0.1), (0.2, 0.2), (0.1, 0.2))}
    assert (folder / "parking.yaml").is_file()


def test_spots_are_learnt_and_drawn(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "parking", "--learn", DRAWN, "--model", "builtin:drawn"]) == 0
    found = places(folder)
    assert f"has {len(found)} spots" in capsys.readouterr().out
    stood = [name for name, taken in Scene(2, 90.0).occupied(30.0).items() if taken]
    assert len(stood) - 1 <= len(found) <= 12  # the drawn car park has 12 bays
    picture = cv2.imread(str(folder / "spots.png"))
    assert picture is not None
    assert picture.shape == (540, 960, 3)
    assert "parking.yaml is there already" in failure(capsys, "parking", "--learn", DRAWN)[1]


def test_learning_from_a_configuration_writes_no_other(folder: Path) -> None:
    config = folder / "mine.yaml"
    text = f"models: {{v: {{path: builtin:drawn}}}}\ncameras: {{a: {{source: '{DRAWN}'}}}}\n"
    config.write_text(text)
    assert main(["init", "parking", "--learn", str(config), "--for", "40s", "--every", "2s"]) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["mine.yaml", "spots.png", "spots.yaml"]
    assert config.read_text() == text
    assert places(folder)


def test_where_nothing_stands_nothing_is_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, told = failure(capsys, "parking", "--learn", "synthetic:carpark?seconds=1")
    assert status == 1
    assert "no spot was learnt" in told
    assert not list(folder.iterdir())


class Interrupted:
    """A source during which somebody presses Ctrl-C, after so many pictures."""

    live = False
    frame_rate: float | None = 1.0

    def __init__(self, source: Source, after: int) -> None:
        self._source, self._after = source, after
        self.given = 0

    def pictures(self, stop: Event) -> Iterator[Picture]:
        for picture in self._source.pictures(stop):
            if self.given == self._after:
                signal.raise_signal(signal.SIGINT)
            self.given += 1
            yield picture


def test_ctrl_c_writes_what_was_learnt(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = Interrupted(open_source(parse_address(DRAWN, Path()), LiveSettings()), after=40)
    monkeypatch.setattr(init_learn, "open_source", lambda *_: source)
    before = signal.getsignal(signal.SIGINT)
    assert main(["init", "parking", "--model", "builtin:drawn", "--learn", DRAWN]) == 0
    assert source.given in (40, 41)  # the one under way may still come
    assert signal.getsignal(signal.SIGINT) is before
    assert "stopping" in capsys.readouterr().err
    assert places(folder)


class Flaky:
    """A camera that gives two pictures when it is opened, and then is gone; in the end for good."""

    live = True
    frame_rate: float | None = 1.0

    def __init__(self, sessions: int) -> None:
        self._sessions = sessions

    def pictures(self, stop: Event) -> Iterator[Picture]:
        if not self._sessions:
            raise SourceError("open_failed", "rtsp://bob:s3cret-word@h/1 refused")
        self._sessions -= 1
        for _ in range(2):
            yield Picture(np.zeros((4, 4, 3), np.uint8), None, 0.0)
        raise SourceError("stall", "rtsp://bob:s3cret-word@h/1 fell silent")


def test_a_camera_that_goes_away_is_connected_anew(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stop, attempts = Event(), []

    def at_once(attempt: int) -> float:
        attempts.append(attempt)
        if len(attempts) == 3:
            stop.set()
        return 0.0

    monkeypatch.setattr(init_learn, "backoff", at_once)
    assert len(list(init_learn._pictures(Flaky(2), stop, 3600.0))) == 4
    assert attempts == [1, 1, 2]  # pictures in between begin the count anew
    told = capsys.readouterr().err
    assert "fell silent" in told
    assert "s3cret" not in told
    with pytest.raises(SourceError, match="refused"):
        list(init_learn._pictures(Flaky(0), Event(), 3600.0))
