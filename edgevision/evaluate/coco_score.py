"""Average precision by COCO's rules, computed by faster-coco-eval, and its arithmetic of masks."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgevision.core.types import Floats, Mask, Size
from edgevision.errors import DataError, ModelError
from edgevision.evaluate.dataset import Outline

try:
    from faster_coco_eval import COCO, COCOeval_faster
    from faster_coco_eval import mask as codes
except ImportError:
    raise ModelError("measuring needs the package faster-coco-eval: pip install 'edgevision[eval]'") from None

Code = dict[str, Any]  # a run-length code: `size` (height, width) and `counts`


def as_coco(picture: int, label: int, box: Floats) -> dict[str, Any]:
    """A box (4,) xyxy px as COCO writes it: left, top, width, height."""
    x1, y1, x2, y2 = (float(side) for side in box)
    size = (x2 - x1, y2 - y1)
    return {"image_id": picture, "category_id": label, "bbox": [x1, y1, *size], "area": size[0] * size[1]}


def precisions(
    pictures: int,
    labels: int,
    truths: list[dict[str, Any]],
    found: list[dict[str, Any]],
    sizes: Sequence[Size] | None = None,
) -> Floats:
    """(10, 101, labels): precision at overlaps .5 to .95 and recalls 0 to 1; -1 for a label with no truth.

    truths, found: as as_coco makes them, pictures from 1, labels from 0; truths with `iscrowd`, found with
    `score`, both with `segmentation` (a run-length code) where masks are scored; then sizes are those of the
    pictures. At most 100 found ones are taken of a picture.
    """
    known = COCO(
        {
            "images": [
                {"id": number, "height": size.height, "width": size.width}
                for number, size in enumerate(sizes or [Size(0, 0)] * pictures, start=1)
            ],
            "annotations": [each | {"id": index} for index, each in enumerate(truths, start=1)],
            "categories": [{"id": number, "name": str(number)} for number in range(labels)],
        }
    )
    judge = COCOeval_faster(known, known.loadRes(found), "segm" if sizes else "bbox")
    judge.evaluate()
    judge.accumulate()
    precision: Floats = judge.eval["precision"][:, :, :, 0, -1]
    return precision


def box_overlaps(found: Floats, truths: Floats, crowd: NDArray[np.bool_]) -> Floats:
    """(D, T) intersection over union; over the found one's area with a crowd. Boxes (D or T, 4)."""
    return _overlaps(_corner_sizes(found), _corner_sizes(truths), crowd)


def mask_overlaps(found: Sequence[Code], truths: Sequence[Code], crowd: NDArray[np.bool_]) -> Floats:
    """The same of masks."""
    return _overlaps(list(found), list(truths), crowd)


def encode(mask: Mask, size: Size) -> Code:
    """A cut-out mask as run lengths over the whole picture."""
    whole = np.zeros((size.height, size.width), np.uint8, order="F")
    height, width = mask.pixels.shape
    whole[mask.top : mask.top + height, mask.left : mask.left + width] = mask.pixels
    code: Code = codes.encode(whole)
    return code


def decode(code: Code) -> NDArray[np.bool_]:
    """(H, W)."""
    pixels: NDArray[np.bool_] = codes.decode(code).astype(bool)
    return pixels


def outline_code(outline: Outline, size: Size, where: str) -> Code:
    """What a data set says of a mask as run lengths. Raises DataError; `where` begins its text."""
    if isinstance(outline, dict) and list(outline["size"]) != [size.height, size.width]:
        height, width = outline["size"]
        raise DataError(
            f"{where}: a mask is of a picture of {width}x{height}, this one is {size.width}x{size.height}"
        )
    try:
        code: Code = codes.segmToRle(outline, size.width, size.height)
    except (ValueError, TypeError, RuntimeError) as error:
        raise DataError(f"{where}: a mask cannot be read: {error}") from None
    return code


def _corner_sizes(boxes: Floats) -> Floats:
    return np.hstack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]]).astype(np.float64)


def _overlaps(found: Any, truths: Any, crowd: NDArray[np.bool_]) -> Floats:
    if len(found) == 0 or len(truths) == 0:
        return np.zeros((len(found), len(truths)))
    overlaps: Floats = np.asarray(codes.iou(found, truths, crowd.astype(np.uint8).tolist()))
    return overlaps
