"""Which pixels are people and vehicles in training pictures that have boxes only.

    python -m models.train.masks PACK TEACHER.onnx FOLDER

The teacher, DeepLabV3 on MobileNetV2 trained on Pascal VOC (Apache-2.0), looks at a square around each
object, enlarged: in whole pictures of 320 px it misses most. What it is not sure of is not judged, nor is
what it takes for a person or a vehicle outside all boxes. Its weights go nowhere.

FOLDER gets one PNG (H, W) uint8 for each picture, named by its number: 0 background, 1 person, 2 vehicle,
255 not judged.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from edgevision.core.types import Image
from edgevision.inference.session import Session
from edgevision.opencv import cv2
from models.train.labels import LABELS, pixel_label
from models.train.pack import Pack

UNJUDGED = 255
VOC_PERSON, VOC_VEHICLES = 15, (2, 6, 7, 14, 19)  # bicycle, bus, car, motorbike, train
TEACHER_SIDE = 257  # px of its square input
AROUND = 1.3  # sides of the square that is looked at, in longer sides of the box
SURE = 0.65  # probability from which the teacher is believed
LEAST_SIDE = 20.0  # px; smaller objects are not judged: the teacher sees a handful of cells of them
LEAST_FILLED = 0.2  # share of its box that an object fills; of less, the teacher did not see it
MOST_OBJECTS = 12  # per picture, the largest

# How many pictures of each set are looked at: people and everyday scenes most.
PICTURES = {
    "cap": 900, "coco128": 128, "cocominitrain": 80, "cocotinytrain": 80, "penn": 136, "hwy": 450, "oiv": 400,
    "modes": 150, "bd": 350, "pmm": 300, "nep": 250, "cross": 60, "tvid": 80, "atl": 80,
}  # fmt: skip

Floats = NDArray[np.float32]


class Teacher:
    """Probabilities (H, W, 3) of PIXEL_LABELS for a picture (H, W, 3) uint8 BGR."""

    def __init__(self, path: Path) -> None:
        self._session = Session(path, "cpu", threads=1)

    def __call__(self, image: Image) -> Floats:
        side = (TEACHER_SIDE, TEACHER_SIDE)
        small = cv2.resize(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), side, interpolation=cv2.INTER_LINEAR)
        logits = self._session.run((small.astype(np.float32) / 127.5 - 1)[None])[0][0]
        odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
        person, vehicle = odds[..., VOC_PERSON], odds[..., list(VOC_VEHICLES)].sum(-1)
        three = np.stack([odds.sum(-1) - person - vehicle, person, vehicle], -1) / odds.sum(-1, keepdims=True)
        return np.asarray(cv2.resize(three, image.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def judge(image: Image, labels: NDArray[np.int64], boxes: Floats, teacher: Teacher) -> Image:
    """(H, W) uint8: what each pixel is, or UNJUDGED."""
    whole = teacher(image)
    pixels = np.where(whole[..., 0] > 0.5, 0, UNJUDGED).astype(np.uint8)
    sides = boxes[:, 2:] - boxes[:, :2]
    by_size = np.argsort(-sides.prod(axis=1), kind="stable")
    for rank, i in enumerate(by_size.tolist()):  # smaller ones last: they stand before larger ones
        x0, y0, x1, y1 = whole(boxes[i], image.shape)
        if labels[i] < 0 or rank >= MOST_OBJECTS or sides[i].min() < LEAST_SIDE:
            pixels[y0:y1, x0:x1] = UNJUDGED
            continue
        near = _enlarged(image, boxes[i], teacher)
        sure = near.max(-1) >= SURE
        own = pixel_label(LABELS[labels[i]])
        filled = (near.argmax(-1) == own).mean() >= LEAST_FILLED
        pixels[y0:y1, x0:x1] = np.where(sure, near.argmax(-1), UNJUDGED) if filled else UNJUDGED
    return pixels


def _enlarged(image: Image, box: Floats, teacher: Teacher) -> Floats:
    """The teacher's probabilities (h, w, 3) of the pixels that a box touches, the middle of what it sees."""
    x0, y0, x1, y1 = whole(box, image.shape)
    side = int(AROUND * max(x1 - x0, y1 - y0)) + 1
    left, top = (x0 + x1 - side) // 2, (y0 + y1 - side) // 2
    u0, v0, u1, v1 = (
        max(0, left),
        max(0, top),
        min(image.shape[1], left + side),
        min(image.shape[0], top + side),
    )
    square = cv2.copyMakeBorder(
        image[v0:v1, u0:u1], v0 - top, top + side - v1, u0 - left, left + side - u1, cv2.BORDER_REPLICATE
    )
    return teacher(np.asarray(square))[y0 - top : y1 - top, x0 - left : x1 - left]


def whole(box: Floats, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """The pixels that a box xyxy touches."""
    (x0, y0), (x1, y1) = np.floor(box[:2]), np.ceil(box[2:])
    return max(0, int(x0)), max(0, int(y0)), min(shape[1], int(x1)), min(shape[0], int(y1))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m models.train.masks")
    parser.add_argument("pack", type=Path)
    parser.add_argument("teacher", type=Path)
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    pack, teacher, rng = Pack(args.pack), Teacher(args.teacher), np.random.default_rng(0)
    todo: list[int] = []
    train = np.array(pack.of_split(train=True))
    for name, count in PICTURES.items():
        of_set = [i for i in train if pack.sets[i] == name]
        todo += rng.permutation(of_set)[:count].tolist()
    for i in track(todo, "judging pixels"):
        path = args.folder / f"{i}.png"
        if not path.exists():
            cv2.imwrite(str(path), judge(pack.image(i), *pack.objects(i), teacher))


if __name__ == "__main__":
    main()
