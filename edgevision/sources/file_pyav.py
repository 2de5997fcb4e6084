"""The keyframes of a video file, by PyAV; OpenCV decodes every picture, whatever is wanted of it."""

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import av
import av.logging
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame

from edgevision.core.types import Image
from edgevision.opencv import MOST_PIXELS
from edgevision.sources.base import UNMADE, Picture, Wanted, all_of_them
from edgevision.sources.file import check_complete, check_readable, not_a_video
from edgevision.sources.rtsp_pyav import image_of, keyframe


class KeyframesFile:
    """As FileSource, but only keyframes have an image; all else comes without, and is not decoded."""

    live = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self.frame_rate: float | None = None
        self.length: int | None = None  # frames, as announced

    def pictures(self, stop: Event) -> Iterator[Picture]:
        return self.chosen(stop, all_of_them)

    def chosen(self, stop: Event, wanted: Wanted) -> Iterator[Picture]:
        given, ts = 0, 0.0
        with self._open() as container:
            stream = container.streams.video[0]
            begin = float((stream.start_time or 0) * (stream.time_base or 0))
            packets = container.demux(stream)
            while not stop.is_set():
                began, image = time.monotonic(), UNMADE
                try:
                    packet = next(packets)
                    if packet.size == 0:
                        break  # it would empty the decoder
                    frames = keyframe(packet)
                except StopIteration:
                    break
                except FFmpegError:
                    frames = []  # damaged
                for frame in frames:
                    ts = float(frame.time or 0) - begin
                    image = upright(frame) if wanted(ts) else UNMADE
                yield Picture(image, ts, began)
                given += 1
        if not stop.is_set():
            check_complete(self._path, given, self.length)

    def _open(self) -> InputContainer:
        check_readable(self._path)
        try:
            container = av.open(str(self._path.absolute()))
        except (FFmpegError, OSError):
            raise not_a_video(self._path) from None
        if not container.streams.video:
            container.close()
            raise not_a_video(self._path)
        stream = container.streams.video[0]
        stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
        stream.codec_context.thread_count = 1
        self.frame_rate = float(stream.average_rate or stream.guessed_rate or 0) or None
        self.length = stream.frames or None
        return container


def upright(frame: VideoFrame) -> Image:
    """(H, W, 3) uint8 BGR, turned as the file says, which OpenCV does by itself."""
    image: Image = np.ascontiguousarray(np.rot90(image_of(frame), frame.rotation // 90))
    return image
