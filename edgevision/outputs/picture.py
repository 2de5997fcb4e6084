"""The picture of a result as it may leave the process. Every output that shows or stores pictures takes it
from here, so that what is to be hidden is hidden before anything else happens to it."""

from edgevision.conceal import Redaction, conceal
from edgevision.core.types import Floats, Frame, Image
from edgevision.draw import annotate
from edgevision.drawheat import draw_heat, to_png
from edgevision.drawmap import tint_map
from edgevision.errors import OutputError
from edgevision.events import utc
from edgevision.outputs.base import Result


def picture(result: Result, redaction: Redaction | None) -> Image:
    """A new picture (H, W, 3) uint8 BGR: redacted, then with the map, the objects and the analytics on it."""
    frame, image = _hidden(result, redaction)
    if result.segmentation:
        image = image.copy() if image is frame.image else image
        tint_map(image, result.segmentation.class_ids, result.labels)
    return annotate(image, result.tracks, result.shapes, f"{frame.camera}  {utc(frame.wall)}")


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
