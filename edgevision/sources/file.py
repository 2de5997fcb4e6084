"""Video files. They wait for us: every frame is used, in order, with its own media time."""

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

from edgevision.errors import SourceError
from edgevision.opencv import as_image, cv2
from edgevision.sources.base import UNMADE, LiveSettings, Picture, Wanted, all_of_them

# A file's announced number of frames may be off by a few; one cut short lacks far more.
MISSING_SHARE = 0.02
MISSING_FRAMES = 3


class FileSource:
    """One video file, from its first frame to its last."""

    live = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self.frame_rate: float | None = None
        self.length: int | None = None  # frames, as announced

    def pictures(self, stop: Event) -> Iterator[Picture]:
        return self.chosen(stop, all_of_them)

    def chosen(self, stop: Event, wanted: Wanted) -> Iterator[Picture]:
        capture = self._open()
        try:
            given = 0
            while not stop.is_set():
                began = time.monotonic()
                decoded = capture.grab()
                ts, image = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000, UNMADE
                if decoded and wanted(ts):
                    decoded, made = capture.retrieve()
                    image = as_image(made)
                if not decoded:
                    self._check_complete(given)
                    return
                yield Picture(image, ts, began)
                given += 1
        finally:
            capture.release()

    def _open(self) -> cv2.VideoCapture:
        problem = why_unreadable(self._path)
        if problem:
            raise SourceError("open_failed", problem)
        # From the root: FFmpeg takes `cache:clip.mp4`, a file's name here, for a protocol.
        capture = cv2.VideoCapture(str(self._path.absolute()), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        if not capture.isOpened():
            capture.release()
            raise SourceError(
                "open_failed", f"{self._path} is not a video, or is cut short: no decoder understands it"
            )
        self.frame_rate = capture.get(cv2.CAP_PROP_FPS) or None
        announced = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        self.length = announced if announced > 0 else None
        return capture

    def _check_complete(self, given: int) -> None:
        missing = (self.length or given) - given
        if missing > max(MISSING_FRAMES, MISSING_SHARE * given):
            raise SourceError(
                "truncated",
                f"{self._path} ended after {given} of {self.length} frames: it is cut short or damaged; "
                "what was counted until there is kept",
            )


def why_unreadable(path: Path) -> str | None:
    """What is wrong with a path that should be a file with something in it, or None."""
    if not path.exists():
        return f"{path} does not exist"
    if not path.is_file():
        return f"{path} is not a file"
    if path.stat().st_size == 0:
        return f"{path} is empty"
    return None


def open_source(location: str, live: LiveSettings) -> FileSource:
    return FileSource(Path(location))
