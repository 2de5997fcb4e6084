"""The picture of a result as it may leave the process. Every output that shows or stores pictures takes it
from here, so that what is to be hidden is hidden before anything else happens to it."""

from edgevision.conceal import Redaction, conceal
from edgevision.core.types import Image
from edgevision.draw import annotate
from edgevision.drawmap import tint_map
from edgevision.errors import OutputError
from edgevision.events import utc
from edgevision.outputs.base import Result


def picture(result: Result, redaction: Redaction | None) -> Image:
    """A new picture (H, W, 3) uint8 BGR: redacted, then with the map, the objects and the analytics on it."""
    frame = result.frame
    if frame is None:
        raise OutputError("a picture was asked for of a result that has none")
    image = frame.image
    if redaction:
        image = conceal(image, redaction, result.tracks, result.regions, result.segmentation, result.labels)
    if result.segmentation:
        image = image.copy() if image is frame.image else image
        tint_map(image, result.segmentation.class_ids, result.labels)
    return annotate(image, result.tracks, result.shapes, f"{frame.camera}  {utc(frame.wall)}")
