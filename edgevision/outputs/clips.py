"""Short clips: the last pictures of each camera, and a thread that makes videos of them.

Pictures are held as JPEG, redacted already. Videos are H.264 in MP4, which every browser plays; OpenCV's own
MPEG-4 none does, and its VP8 took 7.8 ms a picture of 640x360 (x264: 1.7 ms) and 17 times the bytes.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from fractions import Fraction
from io import BytesIO
from queue import Empty, Full, Queue
from threading import Thread
from typing import Any, NamedTuple

from edgevision.errors import OutputError
from edgevision.outputs.picture import from_jpeg

MOST_BYTES = 16 << 20  # of one camera's pictures; 10 s are some 5 MB. Above it the oldest go
LATE = 5.0  # s beyond a clip's length that pictures are held: an event may be believed a little after it was
MOST_WAITING = 4  # clips with their pictures, handed to the thread
CODEC = "libx264"
OPTIONS = {"preset": "veryfast", "crf": "26", "g": "20"}  # a whole picture every 20, to seek to
LIVE_END = 0.7  # s to finish clips when the process ends; outputs have 1 s in all
FILE_END = 120.0  # s likewise at the end of a file, for which nobody waits

log = logging.getLogger(__name__)


class Shot(NamedTuple):
    """One picture of a clip."""

    ts: float  # s
    jpeg: bytes


class Reel:
    """The last pictures of one camera, bounded in seconds and bytes."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._shots: deque[Shot] = deque()
        self._bytes = 0

    def add(self, shot: Shot) -> None:
        self._shots.append(shot)
        self._bytes += len(shot.jpeg)
        oldest = shot.ts - self._seconds
        while len(self._shots) > 1 and (self._bytes > MOST_BYTES or self._shots[0].ts < oldest):
            self._bytes -= len(self._shots.popleft().jpeg)

    def between(self, begin: float, end: float) -> list[Shot]:
        return [shot for shot in self._shots if begin <= shot.ts <= end]


class Clips:
    """One thread, which makes and saves one clip after the other; what it cannot do goes to `lose`."""

    def __init__(
        self, name: str, save: Callable[[str, bytes], None], lose: Callable[[Exception], None]
    ) -> None:
        self._save, self._lose = save, lose
        self._av = _library()
        self._queue: Queue[tuple[str, list[Shot]] | None] = Queue(MOST_WAITING)
        self._thread = Thread(target=self._run, name=f"{name} clips", daemon=True)

    def put(self, path: str, shots: list[Shot], live: bool) -> bool:
        """live: never wait; False: there are clips enough to make already."""
        if not self._thread.is_alive():
            self._thread.start()
        try:
            self._queue.put((path, shots), block=not live)
        except Full:
            return False
        return True

    def close(self, live: bool) -> None:
        """What waits is still made, as long as there is time."""
        if not self._thread.is_alive():
            return
        try:
            self._queue.put(None, timeout=LIVE_END / 2 if live else FILE_END)
        except Full:
            self._drop()
        self._thread.join(LIVE_END / 2 if live else FILE_END)

    def _drop(self) -> None:
        """No time for what waits: the end comes after the clip that is being made."""
        try:
            while True:
                self._queue.get_nowait()
                self._lose(OutputError("the process ends before its clips are made"))
        except Empty:
            self._queue.put(None)

    def _run(self) -> None:
        while wanted := self._queue.get():
            path, shots = wanted
            try:
                self._save(path, encode(self._av, shots))
            except (OSError, OutputError) as error:
                self._lose(error)
            except Exception as error:  # a defect costs a clip, and not all that come after it
                log.exception("a clip cannot be made")
                self._lose(error)


def encode(av: Any, shots: Sequence[Shot]) -> bytes:
    """An MP4 file with each picture at its time. Raises OutputError."""
    content = BytesIO()
    try:
        with av.open(content, "w", format="mp4") as file:
            stream = file.add_stream(CODEC, rate=10, options=OPTIONS)
            first = from_jpeg(shots[0].jpeg)
            stream.height, stream.width = first.shape[:2]
            stream.pix_fmt = "yuv420p"
            stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
            stream.codec_context.thread_count = 1  # the rest of the machine has better things to do
            last = -1
            for shot in shots:
                frame = av.VideoFrame.from_ndarray(from_jpeg(shot.jpeg), format="bgr24")
                last = frame.pts = max(last + 1, round((shot.ts - shots[0].ts) * 1000))
                frame.time_base = stream.codec_context.time_base
                file.mux(stream.encode(frame))
            file.mux(stream.encode())
    except av.FFmpegError as error:
        raise OutputError(f"a clip cannot be made: {error}") from None
    return content.getvalue()


def _library() -> Any:
    try:
        import av
    except ImportError:
        raise OutputError(
            "clips need the extra: pip install 'edgevision[pyav]'; or say `clip: off`"
        ) from None
    if CODEC not in av.codecs_available:
        raise OutputError(f"this build of PyAV has no {CODEC}, which clips need; or say `clip: off`")
    return av
