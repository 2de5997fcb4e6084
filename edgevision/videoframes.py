"""Any frame of a video file, exactly: by its number, with the time that reading in order gives it.

Seeking by number is exact for some files only, as it goes by frame rate and what the container says. So all
times are read once in order; after a seek, the frame that came is known by its time, and what is missing to
the wanted one is read from there.
"""

import threading
from bisect import bisect_left
from pathlib import Path

from edgevision.core.types import Image
from edgevision.errors import SourceError
from edgevision.opencv import as_image, cv2

NEAR = 48  # frames: so far ahead is read on; to seek is slower, as that reads from a key frame on
BACK = (0, 64, 512)  # frames to go back further each time a seek came out behind the wanted frame
SAME = 5e-4  # s: times that differ by less are one; frames are at least 1 ms apart
MOST_FRAMES = 10_000_000  # their times take 32 bytes each; at 25 frames/s it is more than four days


class VideoFrames:
    """One file. `scan` may run in a thread of its own while `image` is asked, from any thread, for frames
    whose times are known already."""

    def __init__(self, path: Path) -> None:
        """Raises SourceError."""
        self._path = path
        self._lock = threading.Lock()
        self._times: list[float] = []
        self._rising = True
        self.scanned = False
        self._capture = self._open()
        self._at = -1  # the frame that was read last, from 0
        announced = int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT))
        self.announced = announced if announced > 0 else None  # frames, as the file says
        self.frame_rate = self._capture.get(cv2.CAP_PROP_FPS) or 25.0
        width, height = cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT
        self.size = int(self._capture.get(width)), int(self._capture.get(height))

    def scan(self, stop: threading.Event | None = None) -> None:
        """Read the times of all frames, until `stop` is set."""
        capture = self._open()
        try:
            while not (stop and stop.is_set()) and len(self._times) < MOST_FRAMES and capture.grab():
                ts = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
                self._rising = self._rising and (not self._times or ts > self._times[-1] + SAME)
                self._times.append(ts)
        finally:
            capture.release()
            self.scanned = True

    @property
    def known(self) -> int:
        """How many frames there are; until all is scanned, how many are known by now."""
        return len(self._times)

    def times(self, start: int = 0) -> list[float]:
        """Seconds, of the frames from `start` on that are known by now."""
        return self._times[start : self.known]

    def nearest(self, at: float) -> int:
        """The number of the frame that is shown at `at` seconds, or nearest to it."""
        after = bisect_left(self._times, at)
        places = [place for place in (after - 1, after) if 0 <= place < self.known]
        return min(places, key=lambda place: abs(self._times[place] - at), default=0)

    def image(self, index: int) -> Image:
        """(H, W, 3) uint8 BGR. Raises IndexError for one that is not known, SourceError for a damaged one."""
        if not 0 <= index < self.known:
            raise IndexError(index)
        with self._lock:
            if not self._at <= index <= self._at + NEAR:
                self._seek(index)
            while self._at < index:
                self._grab()
            decoded, image = self._capture.retrieve()
            if not decoded:
                raise SourceError("ended", f"frame {index} of {self._path} cannot be decoded")
            return as_image(image)

    def close(self) -> None:
        with self._lock:
            self._capture.release()

    def _seek(self, index: int) -> None:
        """To the wanted frame, or a little before it."""
        for back in BACK if self._rising else ():
            target = index - back
            if target <= 0 or not self._capture.set(cv2.CAP_PROP_POS_FRAMES, target):
                break
            if not self._capture.grab():
                continue
            place = self.nearest(self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
            if place <= index and self._is_at(place):
                self._at = place
                return
        self._capture.release()
        self._capture = self._open()
        self._at = -1

    def _is_at(self, place: int) -> bool:
        return abs(self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000 - self._times[place]) < SAME

    def _grab(self) -> None:
        if not self._capture.grab():
            raise SourceError("ended", f"{self._path} cannot be read after frame {self._at}")
        self._at += 1

    def _open(self) -> cv2.VideoCapture:
        capture = cv2.VideoCapture(str(self._path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        if not self._path.is_file() or not capture.isOpened():
            capture.release()
            raise SourceError("open_failed", f"{self._path} is not a video file that can be read")
        return capture
