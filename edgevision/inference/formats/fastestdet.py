"""FastestDet (github.com/dog-qiuqiu/FastestDet): one map with objectness, box and class scores of each cell.

score = obj^0.6 * class^0.4; centre = cell + tanh(x, y); size = sigmoid(w, h) of the picture. A map like this
may mean anything: a card must say it.
"""

from collections.abc import Mapping

import numpy as np

from edgevision.inference.formats.base import Candidates, Decode, Signature, corners, sigmoid, strongest

LAYOUT = "(1, 5 + classes, h, w): objectness, x y w h relative to the cell, class scores"
INPUT: Mapping[str, object] = {
    "size": (352, 352),
    "color": "bgr",
    "resize": "stretch",
    "std": (255.0, 255.0, 255.0),
}
NEEDS_NMS = True


def fits(signature: Signature) -> bool:
    shape = signature.shapes[0]
    return len(signature.shapes) == 1 and len(shape) == 4 and shape[0] == 1 and shape[1] > 5


def classes(signature: Signature) -> int:
    return signature.shapes[0][1] - 5


def decoder(signature: Signature) -> Decode:
    _, _, rows, columns = signature.shapes[0]
    size = np.array(signature.size, np.float32)

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        cells = outputs[0][0].reshape(outputs[0].shape[1], -1).astype(np.float32)
        best = np.clip(cells[5:].max(axis=0), 0, 1)
        scores = np.clip(cells[0], 0, 1) ** np.float32(0.6) * best ** np.float32(0.4)
        kept = strongest(scores, least)
        found = cells[:, kept]
        cell = np.stack([kept % columns, kept // columns]) + np.tanh(found[1:3])
        centres = cell.T / np.array([columns, rows], np.float32) * size
        boxes = np.hstack([centres, sigmoid(found[3:5]).T * size]).astype(np.float32)
        return Candidates(corners(boxes), scores[kept], found[5:].argmax(axis=0).astype(np.int32))

    return decode
