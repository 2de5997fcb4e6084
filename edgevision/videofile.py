"""Writes pictures to a video file: MPEG-4 in .mp4, or Motion JPEG in .avi."""

from pathlib import Path

from edgevision.core.types import Image
from edgevision.errors import OutputError
from edgevision.opencv import cv2

CODECS = {".mp4": "mp4v", ".avi": "MJPG"}


class VideoFile:
    """One video file. The first picture sets its size; later ones of another size are fitted to it."""

    def __init__(self, path: Path) -> None:
        """Replaces what is there. Raises OutputError."""
        if path.suffix.lower() not in CODECS:
            raise OutputError(f"expected a file ending in {' or '.join(CODECS)}, got {path}")
        try:
            path.open("wb").close()
        except OSError as error:
            raise OutputError(
                f"cannot write a video to {path}: {error.strerror}; "
                "choose a folder that exists and that this user may write to"
            ) from None
        self._path = path
        self._size = (0, 0)
        self._writer: cv2.VideoWriter | None = None

    def write(self, image: Image, frame_rate: float) -> None:
        """Add a picture (H, W, 3) uint8 BGR. The first one's frame rate, per second, is the file's."""
        if self._writer is None:
            self._writer = self._begin((image.shape[1], image.shape[0]), frame_rate)
        if (image.shape[1], image.shape[0]) != self._size:
            image = cv2.resize(image, self._size)  # type: ignore[assignment]
        self._writer.write(image)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.release()

    def _begin(self, size: tuple[int, int], frame_rate: float) -> cv2.VideoWriter:
        codec = cv2.VideoWriter.fourcc(*CODECS[self._path.suffix.lower()])
        writer = cv2.VideoWriter(str(self._path), cv2.CAP_FFMPEG, codec, frame_rate, size)
        if not writer.isOpened():
            raise OutputError(f"cannot write a video of {size[0]}x{size[1]} pixels to {self._path}")
        self._size = size
        return writer
