"""Teaches a trained detector which pixels are people and vehicles; what it knows already stays as it is.

    python -m models.train.segment OUT --pack PACK --masks FOLDER --minutes 5

OUT is the folder of models.train; default_segment*.onnx are written there. Only a small head is trained, on
what the detector makes of the pictures, so that boxes and scores do not move.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from math import cos, pi
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from edgevision.core.types import Image
from edgevision.opencv import cv2
from models.train.augment import Zoom, moved_image, moved_pixels, somewhere, spoil
from models.train.export import PIXEL_SIZES, export
from models.train.labels import LABELS, PIXEL_LABELS
from models.train.masks import UNJUDGED
from models.train.network import Detector, PixelHead
from models.train.pack import Pack

SIZE, BATCH, CELL = 320, 16, 4  # px, pictures, px of a cell
TOP_RATE = 2e-3
ZOOM = Zoom(0.7, 1.8)
WEIGHTS = (1.0, 2.0, 1.5)  # of PIXEL_LABELS: of 20 pixels that are judged one is a person's


class Judged(NamedTuple):
    """A picture and what each of its pixels is."""

    image: Image  # (H, W, 3) uint8 BGR
    pixels: Image  # (H, W) uint8


def judged_pictures(pack: Pack, masks: Path) -> list[Judged]:
    files = sorted(masks.glob("*.png"))
    return [
        Judged(pack.image(int(f.stem)), np.asarray(cv2.imread(str(f), cv2.IMREAD_GRAYSCALE))) for f in files
    ]


class Windows(torch.utils.data.IterableDataset[tuple[Image, Image]]):
    """Random pictures without end: image (SIZE, SIZE, 3) uint8 BGR, pixels (SIZE / CELL) squared, uint8."""

    def __init__(self, pictures: list[Judged]) -> None:
        self.pictures = pictures

    def __iter__(self) -> Iterator[tuple[Image, Image]]:
        cv2.setNumThreads(1)
        rng = np.random.default_rng(0)
        while True:
            image, pixels = self.pictures[rng.integers(len(self.pictures))]
            matrix = somewhere((image.shape[1], image.shape[0]), (SIZE, SIZE), ZOOM, rng)
            shown = moved_image(image, matrix, SIZE, SIZE)
            cells = moved_pixels(pixels, matrix / CELL, SIZE // CELL, SIZE // CELL)
            yield spoil(shown, rng), cells


def train(detector: Detector, pictures: list[Judged], minutes: float) -> PixelHead:
    """A head for the detector, which stays as it is."""
    torch.manual_seed(0)
    head = PixelHead(len(PIXEL_LABELS)).to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(head.parameters(), lr=TOP_RATE, weight_decay=0.01)
    batches = iter(torch.utils.data.DataLoader(Windows(pictures), BATCH, num_workers=1))
    started, step = time.monotonic(), 0
    while (share := (time.monotonic() - started) / 60 / minutes) < 1:
        images, pixels = next(batches)
        for group in optimiser.param_groups:
            group["lr"] = TOP_RATE * (0.02 + 0.49 * (1 + cos(pi * share)))
        loss = batch_loss(detector, head, images, pixels)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        if step % 50 == 0:
            print(f"{share * minutes:6.1f} min  step {step}  loss {loss.item():.3f}", flush=True)
        step += 1
    return head.eval()


def batch_loss(detector: Detector, head: PixelHead, images: Tensor, pixels: Tensor) -> Tensor:
    """Cross-entropy of a batch as Windows gives it; gradients for the head alone."""
    floats = images.permute(0, 3, 1, 2).float().div_(255).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        with torch.no_grad():
            x4, x8, *_ = detector.trunk(floats)
        logits = head(x4, x8)
    weights = torch.tensor(WEIGHTS)
    return functional.cross_entropy(logits.float(), pixels.long(), weights, ignore_index=UNJUDGED)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m models.train.segment")
    parser.add_argument("out", type=Path, help="the folder that models.train wrote to")
    parser.add_argument("--pack", type=Path, required=True, help="folder of the packed pictures")
    parser.add_argument(
        "--masks", type=Path, required=True, help="what models.train.masks wrote for the pack"
    )
    parser.add_argument("--minutes", type=float, default=5.0, help="training time (5)")
    args = parser.parse_args()
    detector = Detector(len(LABELS)).eval().to(memory_format=torch.channels_last)
    trained = torch.load(args.out / "checkpoint.pt", map_location="cpu", weights_only=True)
    detector.load_state_dict(trained["average"])
    head = train(detector, judged_pictures(Pack(args.pack), args.masks), args.minutes)
    for name, (width, height) in PIXEL_SIZES.items():
        export(detector, args.out / f"{name}.onnx", width, height, head)


if __name__ == "__main__":
    main()
