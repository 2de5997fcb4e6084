"""YuNet faces, 2021 and 2022: offsets from prior boxes, two scores each.

score = sqrt(conf_1 * iou); centre = prior + offset * 0.1 * side; size = side * e^(offset * v), v = 0.1 for
the width and 0.2 for the height: so OpenCV's FaceDetectorYN had it when these files were its own (4.5.4,
modules/objdetect/src/face_detect.cpp).
"""

from collections.abc import Mapping

import numpy as np

from edgevision.core.types import Floats, Size
from edgevision.inference.formats.base import Candidates, Decode, Signature, corners, plain, strongest

LAYOUT = "(N, 14), (N, 2) and (N, 1): offsets of box and points; scores of background and face; overlap"
INPUT: Mapping[str, object] = {
    "size": (320, 320),
    "color": "bgr",
    "resize": "letterbox_top_left",
    "pad": 0,
    "std": (1.0, 1.0, 1.0),
}
NEEDS_NMS = True
PRIORS = {8: (10, 16, 24), 16: (32, 48), 32: (64, 96), 64: (128, 192, 256)}  # stride: sides, px


def fits(signature: Signature) -> bool:
    shapes = sorted(plain(output).shape for output in signature.outputs)
    rows = len(priors(signature.size))
    return shapes == [(rows, 1), (rows, 2), (rows, 14)]


def priors(size: Size) -> Floats:
    """(P, 3): centre x, centre y and side of the squares that faces are told relative to, px."""
    # Each convolution with a stride halves the map; the first rounds up, the others down.
    columns, rows = (size.width + 1) // 2 // 2, (size.height + 1) // 2 // 2
    found = []
    for stride, sides in PRIORS.items():
        columns, rows = columns // 2, rows // 2
        y, x = np.mgrid[:rows, :columns]
        centres = (np.stack([x, y], axis=-1).reshape(-1, 1, 2) + 0.5) * stride
        squares = np.broadcast_to(np.array(sides)[None, :, None], (len(centres), len(sides), 1))
        found.append(np.concatenate([np.repeat(centres, len(sides), axis=1), squares], axis=2).reshape(-1, 3))
    return np.concatenate(found).astype(np.float32)


def classes(signature: Signature) -> int:
    return 1


def decoder(signature: Signature) -> Decode:
    squares = priors(signature.size)
    widths = [plain(output).shape[1] for output in signature.outputs]
    offsets_at, scores_at, overlaps_at = (widths.index(width) for width in (14, 2, 1))

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        offsets, pairs, overlaps = (plain(outputs[n]) for n in (offsets_at, scores_at, overlaps_at))
        scores = np.sqrt(np.clip(pairs[:, 1], 0, 1) * np.clip(overlaps[:, 0], 0, 1)).astype(np.float32)
        kept = strongest(scores, least)
        found, square = offsets[kept, :4].astype(np.float32), squares[kept]
        side = square[:, 2:]
        centres = square[:, :2] + found[:, :2] * np.float32(0.1) * side
        # e^20 is beyond any picture.
        sizes = side * np.exp(np.minimum(found[:, 2:] * np.array([0.1, 0.2], np.float32), 20))
        return Candidates(corners(np.hstack([centres, sizes])), scores[kept], np.zeros(len(kept), np.int32))

    return decode
