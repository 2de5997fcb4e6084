"""Cuts objects out of their pictures and puts them into others, so that people are seen before anything.

After Ghiasi et al., "Simple Copy-Paste is a Strong Data Augmentation Method", CVPR 2021, arXiv 2012.07177,
where it helps most when there are few pictures. Outlines are those of models.train.masks.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgevision.core.boxes import iou_matrix
from edgevision.core.types import Image
from edgevision.opencv import cv2
from models.train.labels import LABELS, pixel_label
from models.train.masks import UNJUDGED, whole
from models.train.pack import Pack

LEAST_SIDE = 24.0  # px of an object worth cutting out
LEAST_FILLED, MOST_UNJUDGED = 0.25, 0.25  # shares of its box
PEOPLE = (
    0.6  # share of the objects put into pictures that are people: two thirds of those cut out are vehicles
)
ALONE = 0.15  # overlap (IoU) with another object up to which its pixels are its own
MOST = 3  # objects put into one picture
LARGEST = 1.3  # times their own size
HIDDEN = 0.6  # share of a box that is covered from which nothing is said of it


class Cutout(NamedTuple):
    """An object without what is around it."""

    image: Image  # (h, w, 3) uint8 BGR
    alpha: NDArray[np.float32]  # (h, w) 0..1, soft at the edge
    label: int


def cut_out(pack: Pack, masks: Path) -> list[Cutout]:
    """All objects whose outline is clear, and that stand alone and whole in their picture."""
    found = []
    for path in sorted(masks.glob("*.png")):
        i = int(path.stem)
        image, pixels = pack.image(i), np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))
        labels, boxes = pack.objects(i)
        overlap = iou_matrix(boxes, boxes) - np.eye(len(boxes))
        sides = boxes[:, 2:] - boxes[:, :2]
        edge = np.array(image.shape[1::-1]) - 1
        inside = (boxes[:, :2] > 1).all(axis=1) & (boxes[:, 2:] < edge).all(axis=1)
        clear = (labels >= 0) & (sides.min(axis=1) >= LEAST_SIDE) & inside
        clear &= overlap.max(axis=1, initial=0) <= ALONE
        for n in np.flatnonzero(clear):
            x0, y0, x1, y1 = whole(boxes[n], image.shape)
            cut = _cutout(image[y0:y1, x0:x1], pixels[y0:y1, x0:x1], int(labels[n]))
            found += [cut] if cut else []
    return found


def _cutout(image: Image, pixels: Image, label: int) -> Cutout | None:
    name = LABELS[label]
    ridden = name in ("bicycle", "motorcycle")  # with who rides it, as its box has it
    own = np.isin(pixels, (1, 2)) if ridden else pixels == pixel_label(name)
    if own.mean() < LEAST_FILLED or (pixels == UNJUDGED).mean() > MOST_UNJUDGED:
        return None
    count, parts, facts, _ = cv2.connectedComponentsWithStats(own.astype(np.uint8))
    largest = 1 + int(facts[1:, cv2.CC_STAT_AREA].argmax())
    alpha = cv2.GaussianBlur((parts == largest).astype(np.float32), (3, 3), 0.8)
    return Cutout(image.copy(), np.asarray(alpha, np.float32), label) if count > 1 else None


def paste(
    image: Image,
    labels: NDArray[np.int64],
    boxes: NDArray[np.float32],
    cutouts: list[Cutout],
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Put some of the cutouts into the image, in place; labels and boxes with them, -1 for what they hide."""
    people = [cut for cut in cutouts if LABELS[cut.label] == "person"]
    others = [cut for cut in cutouts if LABELS[cut.label] != "person"]
    for _ in range(int(rng.integers(1, MOST + 1))):
        group = (people if rng.random() < PEOPLE else others) or cutouts
        cut = group[int(rng.integers(len(group)))]
        height, width = cut.alpha.shape
        most = min(LARGEST, 0.8 * min(image.shape[0] / height, image.shape[1] / width))
        scale = float(np.exp(rng.uniform(np.log(min(most, 20 / min(height, width))), np.log(most))))
        size = max(4, round(width * scale)), max(4, round(height * scale))
        x, y = (
            int(rng.integers(image.shape[1] - size[0] + 1)),
            int(rng.integers(image.shape[0] - size[1] + 1)),
        )
        alpha = cv2.resize(cut.alpha, size, interpolation=cv2.INTER_AREA)[..., None]
        picture = cv2.resize(cut.image, size, interpolation=cv2.INTER_AREA)
        if rng.random() < 0.5:
            alpha, picture = alpha[:, ::-1], picture[:, ::-1]
        window = image[y : y + size[1], x : x + size[0]]
        window[:] = np.rint(window * (1 - alpha) + picture * alpha).astype(np.uint8)
        solid = np.argwhere(alpha[..., 0] > 0.5)
        if len(solid) == 0:
            continue
        (top, left), (bottom, right) = solid.min(axis=0), solid.max(axis=0) + 1
        box = np.array([[x + left, y + top, x + right, y + bottom]], np.float32)
        labels = np.where(_covered(boxes, alpha[..., 0], x, y) > HIDDEN, -1, labels)
        labels, boxes = np.append(labels, cut.label), np.concatenate([boxes, box])
    return labels, boxes


def _covered(boxes: NDArray[np.float32], alpha: NDArray[np.float32], x: int, y: int) -> NDArray[np.float64]:
    """(N,) 0..1: which share of each box what lies at (x, y) hides."""
    shares = np.zeros(len(boxes))
    for n, box in enumerate(boxes - np.array([x, y, x, y], np.float32)):
        x0, y0, x1, y1 = whole(box, alpha.shape)
        area = max(1.0, float((box[2] - box[0]) * (box[3] - box[1])))
        shares[n] = float(alpha[y0:y1, x0:x1].sum()) / area if x1 > x0 and y1 > y0 else 0.0
    return shares
