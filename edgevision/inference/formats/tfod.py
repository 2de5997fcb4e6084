"""TensorFlow's Object Detection API: boxes with y first in shares of the picture, class numbers from 1."""

from collections.abc import Mapping

import numpy as np

from edgevision.inference.formats import roles
from edgevision.inference.formats.base import Candidates, Decode, Signature

LAYOUT = "(1, N, 4), (1, N), (1, N) and (1) count in any order: y1 x1 y2 x2 in 0..1; class from 1; score"
INPUT: Mapping[str, object] = {
    "size": (320, 320),
    "color": "rgb",
    "resize": "stretch",
    "std": (1.0, 1.0, 1.0),  # the graph does the rest
}
NEEDS_NMS = False
# Exports of TensorFlow 2 also give what came before the suppression; then only names tell.
NAMES = ("detection_boxes", "detection_scores", "detection_classes", "num_detections")


def fits(signature: Signature) -> bool:
    found = find(signature)
    return found is not None and found.total is not None


def find(signature: Signature) -> roles.Roles | None:
    names = [name.split(":")[0] for name in signature.names]
    if all(name in names for name in NAMES):
        boxes, scores, classes, count = (names.index(name) for name in NAMES)
        return roles.Roles(boxes, scores, classes, count, None)
    return roles.find_roles(signature)


def shows(signature: Signature) -> bool:
    """Its class numbers are floats. So are those of a few others, but then their names are not its names."""
    found = find(signature)
    if found is None:
        return False
    names = [name.split(":")[0] for name in signature.names]
    if NAMES[0] in names:
        return True
    return signature.outputs[found.classes].dtype.kind == "f" and "num_dets" not in names


def classes(signature: Signature) -> int:
    return 0


def decoder(signature: Signature) -> Decode:
    found = find(signature)
    assert found is not None  # it fits
    size = np.array([signature.size.width, signature.size.height] * 2, np.float32)

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        boxes, scores, numbers, _ = roles.read(found, outputs, least)
        return Candidates(boxes[:, [1, 0, 3, 2]] * size, scores, numbers)

    return decode
