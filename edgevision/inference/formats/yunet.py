"""YuNet faces, 2023: for grids of 8, 16 and 32 px two scores, a box and five points of each cell.

score = sqrt(cls * obj), centre = (column + x, row + y) * stride, size = e^(w, h) * stride (OpenCV's
FaceDetectorYN, modules/objdetect/src/face_detect.cpp). The five points are not used.
"""

from collections.abc import Mapping

import numpy as np

from edgevision.inference.formats.base import (
    STRIDES,
    Candidates,
    Decode,
    Signature,
    corners,
    plain,
    strongest,
)
from edgevision.inference.formats.yolox import grid

LAYOUT = "of each of 3 grids twice (1, cells, 1), (1, cells, 4) and (1, cells, 10): scores; box; points"
INPUT: Mapping[str, object] = {
    "color": "bgr",
    "resize": "letterbox_top_left",
    "pad": 0,
    "std": (1.0, 1.0, 1.0),
}
NEEDS_NMS = True


def fits(signature: Signature) -> bool:
    return len(signature.outputs) == 12 and find(signature) is not None


def find(signature: Signature) -> dict[str, list[int]] | None:
    """Positions of the outputs, by grid. Which of the two scores is which makes no difference."""
    forms = [plain(output).shape for output in signature.outputs]
    found: dict[str, list[int]] = {"scores": [], "others": [], "boxes": []}
    for stride in STRIDES:
        cells = signature.level(stride)
        scores = [n for n, form in enumerate(forms) if form == (cells, 1)]
        boxes = [n for n, form in enumerate(forms) if form == (cells, 4)]
        if len(scores) != 2 or len(boxes) != 1:
            return None
        found["scores"].append(scores[0])
        found["others"].append(scores[1])
        found["boxes"].append(boxes[0])
    return found


def classes(signature: Signature) -> int:
    return 1


def decoder(signature: Signature) -> Decode:
    found = find(signature)
    assert found is not None  # it fits
    cells, strides = grid(signature.size, STRIDES)

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        first, second, boxes = (
            np.concatenate([plain(outputs[n]) for n in positions]).astype(np.float32)
            for positions in found.values()
        )
        scores = np.sqrt(np.clip(first, 0, 1) * np.clip(second, 0, 1))[:, 0]
        kept = strongest(scores, least)
        stride = strides[kept, None]
        centres = (cells[kept] + boxes[kept, :2]) * stride
        sizes = np.exp(np.minimum(boxes[kept, 2:], 20)) * stride  # e^20 is beyond any picture
        return Candidates(corners(np.hstack([centres, sizes])), scores[kept], np.zeros(len(kept), np.int32))

    return decode
