"""The one place that imports cv2, because its FFmpeg reads the environment first."""

import os
from typing import Any

# Videos and streams. Not among them are the lists that make FFmpeg open what they name, whatever they are
# called (an HLS or concat list named clip.mp4), numbered pictures and descriptions of sessions (SDP).
_FORMATS = (
    "rtsp,mov,matroska,avi,mpegts,mpeg,flv,asf,ogg,mxf,nut,dhav,"
    "h264,hevc,vvc,obu,ivf,mjpeg,m4v,mpegvideo,yuv4mpegpipe,gif"
)
# The variable replaces all of OpenCV's own options, so it must name the transport, or streams fall back to
# UDP. The lists keep what is opened from making FFmpeg open anything else; sources check the scheme before.
# `file` is on one because the variable serves the whole process and files are read by the same library.
_FFMPEG_OPTIONS = (
    "rtsp_transport;tcp|protocol_whitelist;file,rtsp,rtsps,rtp,tcp,tls,crypto,srtp,udp"
    f"|format_whitelist;{_FORMATS}"
)

MOST_PIXELS = 2**26  # of a picture: 67 megapixels, 200 MB decoded

for _name, _value in {
    "OPENCV_FFMPEG_CAPTURE_OPTIONS": _FFMPEG_OPTIONS,
    "OPENCV_FFMPEG_IS_THREAD_SAFE": "1",  # else one hung open() delays the opening of every other camera
    "OPENCV_FFMPEG_LOGLEVEL": "-8",  # a lossy stream writes 7 lines/s to stderr; failures are told by us
    "OPENCV_LOG_LEVEL": "SILENT",
    "OPENCV_IO_MAX_IMAGE_PIXELS": str(MOST_PIXELS),
    "RES_OPTIONS": "timeout:1 attempts:1",  # a dead DNS server holds open() for 20 s, outside its timeout
}.items():
    os.environ.setdefault(_name, _value)

import cv2  # noqa: E402

from edgevision.core.types import Image  # noqa: E402

cv2.setNumThreads(1)  # pictures are worked on in parallel, not parts of one: our threads, not its own

__all__ = ["MOST_PIXELS", "as_image", "cv2"]


def as_image(array: Any) -> Image:
    """What cv2 gave, known to be (H, W, 3) uint8 BGR; its type stubs say any number."""
    image: Image = array
    return image
