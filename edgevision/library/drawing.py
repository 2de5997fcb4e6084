"""Pictures with what was found in them, which a notebook shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edgevision.analytics import Analytic
from edgevision.core.types import Detections, Image, Shape, Size, Track
from edgevision.draw import annotate as draw_tracks
from edgevision.draw import annotate_detections
from edgevision.errors import OutputError
from edgevision.opencv import as_image, cv2

WIDEST = 1280  # px: what a notebook is given of a picture


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A drawn picture. A notebook shows it by itself."""

    image: Image  # (H, W, 3) uint8 BGR

    def save(self, path: str | Path) -> None:
        """As a file of the kind that its name says. Raises OutputError."""
        try:
            written = cv2.imwrite(str(path), self.image)
        except cv2.error:  # a name that says no kind of picture
            written = False
        if not written:
            raise OutputError(
                f"cannot write {path}: expected a name such as found.jpg in a folder that exists"
            )

    def __repr__(self) -> str:
        height, width = self.image.shape[:2]
        return f"Drawing({width}x{height})"

    def _repr_png_(self) -> bytes:
        """For notebooks."""
        height, width = self.image.shape[:2]
        image = self.image
        if width > WIDEST:
            small = (WIDEST, max(1, round(height * WIDEST / width)))
            image = as_image(cv2.resize(image, small, interpolation=cv2.INTER_AREA))
        return bytes(cv2.imencode(".png", image)[1])


def annotate(image: Image, found: Detections | Sequence[Track], *analytics: Analytic) -> Drawing:
    """A copy of a picture (H, W, 3) uint8 BGR with boxes, masks and names on it, and what analytics count."""
    size = Size(image.shape[1], image.shape[0])
    tracks: Sequence[Track] = []
    if isinstance(found, Detections):
        image = annotate_detections(image, found, found.names())
    else:
        tracks = found
    shapes = [shape for each in analytics for shape in _shapes(each, size)]
    return Drawing(draw_tracks(image, tracks, shapes, ""))


def _shapes(analytic: Analytic, size: Size) -> Iterator[Shape]:
    shown = analytic.shape(size)
    if isinstance(shown, Shape):
        yield shown
    elif shown:
        yield from shown
