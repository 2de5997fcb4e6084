"""The annotated picture of one camera as a video file."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from edgevision.conceal import Redaction
from edgevision.outputs.base import Result
from edgevision.outputs.picture import picture
from edgevision.settings import Name, Settings
from edgevision.videofile import CODECS, VideoFile


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
        self._file = VideoFile(Path(config.path))

    def write(self, result: Result) -> None:
        if result.frame is not None:
            self._file.write(picture(result, self._redact), result.frame_rate)

    def close(self) -> None:
        self._file.close()


def build(config: Config, name: str) -> Video:
    return Video(config, name)
