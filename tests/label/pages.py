"""A small video with known frames, and the page that labels it, served for real."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from edgevision.evaluate.read_counts import Row
from edgevision.label.places import Place
from edgevision.label.server import build_app
from edgevision.label.store import TruthStore
from edgevision.videofile import VideoFile
from edgevision.videoframes import VideoFrames
from edgevision.web.server import Server

RATE, COUNT = 10, 60  # frames/s, frames
LINE = Place("road", ["crossed_in", "crossed_out"], [(0.1, 0.5), (0.9, 0.5)], False, ["car"])
SPOT = Place("A1", ["occupied", "freed"], [(0.0, 0.0), (0.2, 0.0), (0.2, 0.2), (0.0, 0.2)], True, [])


def video(folder: Path) -> Path:
    path = folder / "drawn.mp4"
    file = VideoFile(path)
    for index in range(COUNT):  # each brighter than the one before, so that a frame is known by its picture
        file.write(np.full((240, 320, 3), 10 + 4 * index, np.uint8), RATE)
    file.close()
    return path


class Served:
    """The page of a video on a free port of this machine."""

    def __init__(
        self, folder: Path, places: Sequence[Place] = (LINE, SPOT), ours: Sequence[Row] = ()
    ) -> None:
        self.truth = folder / "truth.yaml"
        self.frames = VideoFrames(video(folder))
        self.frames.scan()
        self.store = TruthStore(self.truth, "drawn.mp4", "gate", True, 0.0)
        self.server = Server("127.0.0.1", 0)
        self.url = self.server.url
        self.host = f"127.0.0.1:{urlsplit(self.url).port}"
        self.server.start(
            build_app("drawn.mp4", self.frames, self.store, list(places), list(ours), {self.host})
        )

    def stop(self) -> None:
        self.server.stop()
        self.frames.close()
