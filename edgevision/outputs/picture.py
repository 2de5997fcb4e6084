"""The picture of a result as it may leave the process. Every output that shows or stores pictures takes it
from here, so that what is to be hidden is hidden before anything else happens to it."""

from dataclasses import replace

import numpy as np

from edgevision.conceal import Redaction, conceal
from edgevision.core.types import Floats, Frame, Image
from edgevision.draw import annotate
from edgevision.drawheat import draw_heat, to_png
from edgevision.drawmap import tint_map
from edgevision.errors import OutputError
from edgevision.events import utc
from edgevision.opencv import as_image, cv2
from edgevision.outputs.base import Result

AROUND = 0.25  # of an object's longer side, on all sides of a picture of it

MOST_OF = 0.6  # of the whole picture: a larger part of it shows nothing more than that


def picture(result: Result, redaction: Redaction | None) -> Image:
    """A new picture (H, W, 3) uint8 BGR: redacted, then with the map, the objects and the analytics on it."""
    frame, image = _hidden(result, redaction)
    if result.segmentation:
        image = image.copy() if image is frame.image else image
        tint_map(image, result.segmentation.class_ids, result.labels)
    return annotate(image, result.tracks, result.shapes, f"{frame.camera}  {utc(frame.wall)}")


def evidence(
    result: Result,
    redaction: Redaction | None,
    widest: int,
    about: Floats | None = None,
    longest: int = 0,
) -> tuple[Image, Image | None]:
    """Two new pictures, redacted: the whole, at most `widest` px wide, with the objects' boxes and the
    analytics on it; and, with nothing on it and at most `longest` px long, what is in and around the box
    `about` (4,) px, if one is given. The whole has even sides, as video needs them."""
    frame, image = _hidden(result, redaction)
    height, width = image.shape[:2]
    scale = min(1.0, widest / width)
    size = max(2, round(width * scale) // 2 * 2), max(2, round(height * scale) // 2 * 2)
    small = as_image(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
    by = np.array([size[0] / width, size[1] / height] * 2, np.float32)
    tracks = [replace(track, box=track.box * by, mask=None) for track in result.tracks]
    shapes = [replace(shape, points=shape.points * by[:2]) for shape in result.shapes]
    whole = annotate(small, tracks, shapes, f"{frame.camera}  {utc(frame.wall)}")
    return whole, None if about is None else _around(image, about, longest)


def _around(image: Image, box: Floats, longest: int) -> Image | None:
    """A copy of the box (4,) px with a quarter of its longer side around it; None: that is nothing, or most
    of the picture."""
    margin = AROUND * float(max(box[2] - box[0], box[3] - box[1]))
    height, width = image.shape[:2]
    left, top = np.clip(np.floor(box[:2] - margin), 0, (width, height)).astype(int)
    right, bottom = np.clip(np.ceil(box[2:] + margin), 0, (width, height)).astype(int)
    part = image[top:bottom, left:right]
    if not 0 < part.size <= MOST_OF * image.size:
        return None
    scale = min(1.0, longest / max(part.shape[:2]))
    size = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
    return as_image(cv2.resize(part, size, interpolation=cv2.INTER_AREA))


def to_jpeg(image: Image, quality: int) -> bytes:
    """quality: 0..100."""
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])


def from_jpeg(content: bytes) -> Image:
    return as_image(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR))


def heat_picture(result: Result, seconds: Floats, redaction: Redaction | None) -> bytes:
    """A PNG file of the result's picture, redacted, under a heatmap: a grid (rows, columns) float32 s."""
    return to_png(heat_image(result, seconds, redaction))


def heat_image(result: Result, seconds: Floats, redaction: Redaction | None) -> Image:
    """The same as a picture (H, W, 3) uint8 BGR."""
    return draw_heat(_hidden(result, redaction)[1], seconds)


def _hidden(result: Result, redaction: Redaction | None) -> tuple[Frame, Image]:
    """A result's frame, and its picture without what must not be seen: the frame's own if that is nothing."""
    frame = result.frame
    if frame is None:
        raise OutputError("a picture was asked for of a result that has none")
    if redaction is None:
        return frame, frame.image
    of = (result.tracks, result.regions, result.segmentation, result.labels)
    return frame, conceal(frame.image, redaction, *of)
