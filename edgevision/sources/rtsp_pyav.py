"""IP cameras and streams by PyAV: FFmpeg as OpenCV has it, but each stream has settings, timeouts and
complaints of its own, and says by a type why it was refused."""

import time
from collections.abc import Callable, Iterator
from threading import Event

import av
import av.logging
from av.codec.hwaccel import HWAccel, hwdevices_available
from av.container import InputContainer
from av.error import (
    FFmpegError,
    HTTPForbiddenError,
    HTTPNotFoundError,
    HTTPUnauthorizedError,
    InvalidDataError,
)
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from edgevision.core.types import Image
from edgevision.errors import SourceError
from edgevision.opencv import MOST_PIXELS, as_image
from edgevision.sources.base import UNMADE, LiveSettings, Picture, Wanted, all_of_them
from edgevision.sources.reach import check_name, refusal
from edgevision.sources.rtsp import STALL_SHARE

OPTIONS = {"rtsp_transport": "tcp", "protocol_whitelist": "rtsp,rtsps,rtp,tcp,tls,crypto,srtp,udp"}
DEVICES = {"nvdec": "cuda", "vaapi": "vaapi"}  # what FFmpeg calls them, and pictures that lie on them
KEYFRAME_WAIT = 60.0  # s: cameras that save bandwidth send one in 10 to 30 s
NO_KEYFRAME = (
    f"no keyframe for {KEYFRAME_WAIT:.0f} s: have the camera send some, or leave `decode: keyframes` out"
)
MOST_FAULTS = 20  # kept between two pictures: of a stream that is nothing but noise there are hundreds

# Each type's reason. No text of an error of PyAV may get out: it holds the URL with its password.
_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (HTTPUnauthorizedError, "auth"),
    (HTTPForbiddenError, "auth"),
    (HTTPNotFoundError, "not_found"),
    (TimeoutError, "open_timeout"),  # of TCP; its own has other types, and is told by how long it took
    (InvalidDataError, "open_failed"),
    (OSError, "refused"),
)

av.logging.set_level(av.logging.ERROR)  # less would take the interpreter's lock for lines nobody reads
av.logging.set_skip_repeated(
    False
)  # it is one memory for all threads, and would give one stream's to another


class PyavSource:
    """One stream over TCP. It belongs to the thread that iterates, as that of OpenCV."""

    live = True

    def __init__(self, url: str, live: LiveSettings) -> None:
        self._url = url
        self._live = live
        self.frame_rate: float | None = None
        self.facts: dict[str, str] = {}

    def pictures(self, stop: Event) -> Iterator[Picture]:
        return self.chosen(stop, all_of_them)

    def chosen(self, stop: Event, wanted: Wanted) -> Iterator[Picture]:
        patience = self._live.patience(self.frame_rate)
        check_name(self._url)
        with av.logging.Capture() as said, self._open(patience) as container:
            stream = container.streams.video[0]
            stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
            stream.codec_context.thread_count = 1
            packets = container.demux(stream)
            take = keyframe if self._live.decode == "keyframes" else Packet.decode
            faults: list[str] = []
            last = time.monotonic()  # picture with an image
            while not stop.is_set():
                asked = time.monotonic()
                decoded = _next(packets, said, take)
                now = time.monotonic()
                if now - asked >= STALL_SHARE * patience:
                    raise SourceError("stall", f"no picture for {now - asked:.1f} s")
                if decoded is None:
                    raise SourceError("ended", "the camera ended the stream")
                faults += [f"{name}: {text.strip()}" for _, name, text in said][:MOST_FAULTS]
                said.clear()
                if take is keyframe and not decoded:
                    if now - last > KEYFRAME_WAIT:
                        raise SourceError("stall", NO_KEYFRAME)
                    yield Picture(UNMADE, None, now)
                if decoded and "decoder" not in self.facts:
                    self.facts |= decoder_facts(stream.codec_context, self._live.hwaccel)
                for frame in decoded:
                    last = now
                    image = image_of(frame) if wanted(now) else UNMADE
                    yield Picture(image, None, now, float(frame.time or 0), tuple(faults))
                    faults.clear()
                del faults[MOST_FAULTS:]

    def _open(self, patience: float) -> InputContainer:
        device = accelerator(self._live.hwaccel)
        began = time.monotonic()
        try:
            container = av.open(
                self._url, options=OPTIONS, timeout=(self._live.open, patience), hwaccel=device
            )
        except (FFmpegError, OSError) as error:
            reason = next((reason for kind, reason in _REASONS if isinstance(error, kind)), "open_failed")
            if time.monotonic() - began >= STALL_SHARE * self._live.open:
                reason = "open_timeout"
            raise refusal(reason, self._url) from None
        if not container.streams.video:
            container.close()
            raise refusal("open_failed", self._url)
        stream = container.streams.video[0]
        self.frame_rate = float(stream.average_rate or stream.guessed_rate or 0) or None
        self.facts = {"backend": "pyav", "codec": stream.codec_context.name}
        return container


def decoder_facts(context: VideoCodecContext, wanted: str) -> dict[str, str]:
    """Which decoder works, and why not the one that was asked for. context: has given a picture. Before it is
    unknown: a device may be open (`is_hwaccel`) and not know this profile; the format then is the CPU's."""
    if context.is_hwaccel and context.pix_fmt in DEVICES.values():
        return {"decoder": "hardware"}
    if wanted == "none":
        return {"decoder": "software"}
    return {"decoder": "software", wanted: "no such device, or it cannot decode this codec"}


def accelerator(wanted: str) -> HWAccel | None:
    """What FFmpeg is to decode on, or None for the CPU: a device that is not there would fail the opening."""
    if wanted == "none":
        return None
    for name in DEVICES.values() if wanted == "auto" else [DEVICES[wanted]]:
        if name in hwdevices_available():
            device = HWAccel(name, allow_software_fallback=True)
            try:
                device.create(av.Codec("h264", "r"))
            except (FFmpegError, OSError, NotImplementedError):
                continue
            return device
    return None


def _next(
    packets: Iterator["Packet[VideoStream]"],
    said: list[tuple[int, str, str]],
    take: Callable[["Packet[VideoStream]"], list[VideoFrame]],
) -> list[VideoFrame] | None:
    """What the next packet gives. None when the stream has ended."""
    try:
        packet = next(packets)
    except (StopIteration, FFmpegError, OSError):
        return None
    if packet.dts is None and packet.size == 0:
        return None  # it empties the decoder after the stream's end
    try:
        return take(packet)
    except FFmpegError as error:
        said.append((av.logging.ERROR, "decoder", type(error).__name__))
        return []


def keyframe(packet: "Packet[VideoStream]") -> list[VideoFrame]:
    """The picture of a keyframe; nothing else is given to the decoder. It comes at once: by itself a decoder
    that expects pictures in another order gives it out two keyframes later."""
    if not packet.is_keyframe:
        return []
    context = packet.stream.codec_context
    frames = [*packet.decode(), *context.decode(None)]
    context.flush_buffers()
    for frame in frames:
        frame.time_base = packet.time_base  # which emptying the decoder does not tell
    return frames


def image_of(frame: VideoFrame) -> Image:
    """(H, W, 3) uint8 BGR"""
    # More threads than this one would come to each stream, and be woken for each picture.
    return as_image(frame.to_ndarray(format="bgr24", threads=1))
