"""The annotated picture of one camera as a live stream, encoded by ffmpeg: pushed to an RTSP server, or as a
folder of HLS files that any web server can give out."""

import re
import threading
import time
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from edgevision.conceal import Redaction
from edgevision.core.moments import next_due
from edgevision.core.types import Image
from edgevision.errors import InternalError, OutputError
from edgevision.outputs.base import Result
from edgevision.outputs.ffmpeg import Encoder, program
from edgevision.outputs.picture import picture
from edgevision.redact import redact
from edgevision.settings import Name, Settings

SEGMENT, SEGMENTS = 2, 6  # s of a file of HLS, and files in its list: who looks is 6 to 12 s behind
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # s before it is started again
WORKS = 3.0  # s for which it must have taken pictures to be called working: it connects only meanwhile
END = 3.0  # s for the thread to end
_BLANK = re.compile(r"[\s\x00-\x20\x7f]")


class Config(Settings):
    """The annotated picture of one camera, live."""

    type: Literal["restream"]
    camera: Name
    url: str | None = Field(None, description="rtsp://server:8554/name: a server to push it to")
    folder: str | None = Field(None, description="or a folder for CAMERA.m3u8 and its files, the newest only")
    fps: float = Field(10.0, ge=1, le=60, description="pictures a second, constant")
    redact: Redaction | None = Field(None, description="what must not be recognised in it")

    @field_validator("url")
    @classmethod
    def _understood(cls, url: str | None) -> str | None:
        if url is None:
            return None
        try:
            parts = urlsplit(url)
            good = parts.scheme in ("rtsp", "rtsps") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            good = False
        if not good or _BLANK.search(url):
            raise ValueError(f"expected rtsp://server:8554/name, or rtsps://, got {redact(url)!r}")
        return url

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.url is None) == (self.folder is None):
            raise ValueError("say either `url:`, a server to push to, or `folder:`, for files of HLS")
        return self


class Restream:
    """Draws in the output's thread; a thread of its own feeds ffmpeg, and starts it again when it ends."""

    wants_frames = True

    def __init__(self, config: Config, name: str) -> None:
        self.name = name
        self.address = f"restream {redact(config.url or '') or config.folder}"
        self.camera: str | None = config.camera
        self._config = config
        self._program, self._codec = program()
        self._folder = Path(config.folder or "/")
        if config.folder:
            _try(self._folder)
        self._due = float("-inf")  # time.monotonic() of the next picture
        self._changed = threading.Condition()
        self._newest: Image | None = None  # one picture; those before it are forgotten
        self._stop = False
        self._trouble: str | None = None
        self._thread: threading.Thread | None = None

    def write(self, result: Result) -> None:
        """Raises OutputError while ffmpeg fails."""
        now = time.monotonic()
        if result.frame is not None and now >= self._due:
            self._due = next_due(self._due, now, 1 / self._config.fps)
            self._show(picture(result, self._config.redact))
        if self._trouble is not None:
            raise OutputError(self._trouble)

    def close(self) -> None:
        with self._changed:
            self._stop = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(END)

    def _show(self, image: Image) -> None:
        height, width = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2  # H.264 halves its colours
        with self._changed:
            self._newest = image[:height, :width]
            self._changed.notify_all()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=f"restream {self.camera}", daemon=True)
            self._thread.start()
        elif not self._thread.is_alive():
            raise InternalError(f"thread {self._thread.name} has failed")

    def _run(self) -> None:
        """Until it is closed: one process after the other."""
        pause = FIRST_PAUSE
        while not self._stop:
            began = time.monotonic()
            try:
                self._stream()
            except OutputError as error:
                if time.monotonic() - began > WORKS:
                    pause = FIRST_PAUSE
                self._trouble = f"{error}; tried again in {pause:g} s"
                self._wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _stream(self) -> None:
        """One process, until pictures have another size. Raises OutputError."""
        image = self._newest
        assert image is not None  # the thread begins with the first one
        shape, began = image.shape, time.monotonic()
        if self._config.folder:
            _sweep(self._folder, self._config.camera)
        encoder = Encoder(self._command(shape[1], shape[0]), self._folder)
        try:
            due = began
            while not self._stop and image is not None and image.shape == shape:
                encoder.feed(image, lambda: self._stop)
                now = time.monotonic()
                if now - began > WORKS:
                    self._trouble = None
                due = max(due + 1 / self._config.fps, now - 1)  # who was held up catches up for a second
                self._wait(due - now)
                image = self._newest
        finally:
            encoder.close()

    def _command(self, width: int, height: int) -> list[str]:
        """No text of the configuration stands where ffmpeg could take it for an option: a URL begins with
        rtsp, the name of a camera with a letter or a digit, and the folder is where it runs."""
        fps = f"{self._config.fps:g}"
        taken = [
            self._program, "-hide_banner", "-loglevel", "error", "-nostdin",
            "-f", "rawvideo", "-pixel_format", "bgr24", "-video_size", f"{width}x{height}",
            "-framerate", fps, "-i", "pipe:0",
            "-an", *self._codec, "-pix_fmt", "yuv420p", "-g", f"{round(SEGMENT * self._config.fps)}",
        ]  # fmt: skip
        if self._config.url:
            return [*taken, "-f", "rtsp", "-rtsp_transport", "tcp", self._config.url]
        name = self._config.camera
        return [
            *taken, "-f", "hls", "-hls_time", f"{SEGMENT}", "-hls_list_size", f"{SEGMENTS}",
            "-hls_flags", "delete_segments+temp_file+independent_segments+program_date_time",
            "-hls_start_number_source", "epoch",  # so that a player goes on after a new start
            "-hls_segment_filename", f"{name}-%d.ts", f"{name}.m3u8",
        ]  # fmt: skip

    def _wait(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stop, max(0.0, seconds))


def _sweep(folder: Path, camera: str) -> None:
    """Remove what a process before has left: it deletes only files of its own."""
    ours = re.compile(rf"{re.escape(camera)}(-\d+\.ts|\.m3u8)(\.tmp)?")
    try:
        for path in folder.iterdir():
            if ours.fullmatch(path.name):
                path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror}") from None


def _try(folder: Path) -> None:
    """Whether files can be written there. Raises OutputError."""
    probe = folder / ".edgevision"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise OutputError(
            f"cannot write a stream to {folder}: {error.strerror}; "
            "choose a folder that exists and that this user may write to"
        ) from None


def build(config: Config, name: str) -> Restream:
    return Restream(config, name)
