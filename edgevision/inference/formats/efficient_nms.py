"""Exports that end in EfficientNMS: a count, boxes, scores and whole class numbers."""

from edgevision.inference.formats import roles, tfod
from edgevision.inference.formats.base import LETTERBOXED, Decode, Signature

LAYOUT = "(1, 1) count, (1, N, 4), (1, N), (1, N) integers in any order: x1 y1 x2 y2; score; class from 0"
INPUT = LETTERBOXED
NEEDS_NMS = False


def fits(signature: Signature) -> bool:
    found = roles.find_roles(signature)
    return found is not None and found.total is not None


def shows(signature: Signature) -> bool:
    return not tfod.shows(signature)


def classes(signature: Signature) -> int:
    return 0


def decoder(signature: Signature) -> Decode:
    return roles.finished_decoder(signature)
