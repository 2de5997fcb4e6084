"""The bare loop: that it takes pictures the whole way, and counts runs of the network, not pictures."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edgevision.bench.bare import Bare, Read
from edgevision.bench.ceiling import Way
from edgevision.errors import SourceError
from edgevision.inference.detector import load_detector
from edgevision.inference.region import Window
from edgevision.inference.settings import ModelSettings
from edgevision.inference.tiles import Tiles
from edgevision.sources import Picture
from tests.benchmark.test_turns import Three
from tests.networks import echo_network


def test_runs_of_tiles_are_counted_one_by_one(tmp_path: Path) -> None:
    network = load_detector(ModelSettings(path=str(echo_network(tmp_path / "echo.onnx"))), Path(), threads=1)
    seen: list[int] = []
    infer = network.infer

    def counted(tensor: np.ndarray) -> list[np.ndarray]:
        seen.append(1)
        return infer(tensor)

    network.infer = counted  # type: ignore[method-assign]
    tensor = np.zeros(network.input.shape, network.input.dtype)
    for tiles, runs in ((None, 1), (Tiles(columns=2, rows=1, overlap=0.1, whole=True), 3)):
        bare = Bare({"echo": Way(network, tensor, 1)}, {"echo": Read(Three, tiles)})
        seen.clear()
        turn = bare.turn(0.2)
        assert len(seen) % runs == 0
        # Pictures end after their runs, so that the time taken is that of whole pictures.
        assert 0 < turn.by_model["echo"] * 0.2 <= len(seen) + 1e-6
        assert turn.fps == pytest.approx(turn.by_model["echo"])
        assert [loop.runs for loop in bare._loops["echo"]] == [runs]


def test_the_loop_sees_what_the_cameras_network_sees() -> None:
    """The right half, of every second picture of a recording with ten a second."""
    bare = Bare({}, {})
    pictures = bare._pictures(Read(Three, region=Window(0.5, 0, 1, 1), fps=5))
    seen = [next(pictures) for _ in range(4)]
    assert [each.shape for each in seen] == [(2, 1, 3)] * 4
    assert [int(each[0, 0, 0]) for each in seen] == [0, 2, 1, 0]


def test_a_recording_that_is_cut_short_is_told(tmp_path: Path) -> None:
    """The loops come to its end before the cameras do, where these are many."""

    class Cut(Three):
        def pictures(self, stop: threading.Event) -> Iterator[Picture]:
            yield from super().pictures(stop)
            raise SourceError("truncated", "clip.mp4 ended after 3 of 40 frames")

    network = load_detector(ModelSettings(path=str(echo_network(tmp_path / "echo.onnx"))), Path(), threads=1)
    tensor = np.zeros(network.input.shape, network.input.dtype)
    bare = Bare({"echo": Way(network, tensor, 2)}, {"echo": Read(Cut)})
    with pytest.raises(SourceError, match="3 of 40 frames"):
        bare.turn(1.0)
