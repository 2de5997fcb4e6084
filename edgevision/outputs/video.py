"""The annotated picture of one camera as a video file."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from edgevision.conceal import Redaction
from edgevision.errors import OutputError
from edgevision.outputs.base import Result
from edgevision.outputs.picture import picture
from edgevision.place import Place, place_of
from edgevision.settings import Name, Settings
from edgevision.videofile import CODECS, VideoFile

LEAST_ROOM = 8 << 20  # bytes: the end of an .mp4, without which it cannot be read, needs some

NOWHERE = (-1, -1)


class Config(Settings):
    """The annotated picture of one camera."""

    type: Literal["video"]
    camera: Name
    path: str = Field(description="a file that is replaced; its ending, .mp4 or .avi, chooses the format")
    redact: Redaction | None = Field(None, description="what must not be recognised in it")

    @field_validator("path")
    @classmethod
    def _known_ending(cls, path: str) -> str:
        if Path(path).suffix.lower() not in CODECS:
            raise ValueError(f"expected a file ending in {' or '.join(CODECS)}, got {path!r}")
        return path


class Video:
    """Draws in its own thread, so that drawing and encoding hold up no camera."""

    wants_frames = True

    def __init__(self, config: Config, name: str) -> None:
        self.name = name
        self.address = f"video {config.path}"
        self.camera: str | None = config.camera
        self._redact = config.redact
        self._path = Path(config.path)
        self._file = VideoFile(self._path)
        self._made: Place | None = place_of(self._path)

    def write(self, result: Result) -> None:
        if result.frame is not None:
            self._follow_path()
            self._file.write(picture(result, self._redact), result.frame_rate)

    def close(self) -> None:
        self._file.close()

    def _follow_path(self) -> None:
        """OpenCV says nothing of a disk that takes no more, and writes on into a file that was removed."""
        left = os.statvfs(self._path.parent)
        if left.f_bavail * left.f_frsize < LEAST_ROOM:
            raise OutputError(f"the disk of {self._path} is full: less than {LEAST_ROOM >> 20} MB are left")
        if place_of(self._path) != self._made:
            self._made = NOWHERE
            self._file.close()
            self._file = VideoFile(self._path)  # begins anew
            self._made = place_of(self._path)


def build(config: Config, name: str) -> Video:
    return Video(config, name)
