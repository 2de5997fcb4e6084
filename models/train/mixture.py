"""The endless stream of pictures that the network learns from: real and drawn ones, alone or four in one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from edgevision.opencv import cv2
from models.train.augment import PAD, Sample, Zoom, bend, place, spoil
from models.train.cutouts import Cutout, paste
from models.train.labels import LABELS
from models.train.loss import Targets
from models.train.pack import Pack
from models.train.propose import SURE

CELL = 8  # px: what is labelled where is kept on this grid, that of the finest scale
FOUR, ALONE = Zoom(0.6, 1.9), Zoom(0.65, 1.8)
PASTED = 0.3  # share of the pictures that objects of others are put into
BENT = 0.2  # share of the pictures that stand alone which are bent as by a wide-angle lens

# How often a picture is used, for those of sets that differ from 1: there are few people, few buses and
# trucks, and few scenes of other kinds than roads.
OFTEN = {
    "penn": 2.0, "coco128": 4.0, "cocominitrain": 4.0, "cocotinytrain": 4.0, "hwy": 1.8, "oiv": 2.5,
    "cap": 2.0, "pmm": 1.2, "nep": 1.2, "bd": 1.2,
}  # fmt: skip


class Pictures(NamedTuple):
    """All pictures to learn from."""

    real: list[Sample]
    often: NDArray[np.float64]  # (real,): how often each is used
    drawn: list[Sample]
    cutouts: list[Cutout]

    def weights(self, drawn: float) -> NDArray[np.float64]:
        """How often each picture is used, real ones first, if a share `drawn` is to be of the drawn ones."""
        each = drawn / (1 - drawn) * self.often.sum() / max(1, len(self.drawn))
        return np.append(self.often, np.full(len(self.drawn), each))


def real_samples(pack: Pack, proposals: Path | None) -> tuple[list[Sample], NDArray[np.float64]]:
    """All training pictures of the pack, and how often each is used.

    proposals: the file that models.train.propose writes. A label that a picture's own boxes leave out is
    filled in from it, and counts as known where the teacher doubted nothing.
    """
    chosen = pack.of_split(train=True)
    more = _by_picture(proposals) if proposals else {}
    samples = []
    for i in chosen:
        labels, boxes = pack.objects(i)
        known = pack.known(i)
        if proposals:
            rows = more.get(i, np.zeros((0, 7), np.float32))
            sure = rows[:, 2] >= SURE
            labels = np.concatenate([labels, rows[sure, 1].astype(np.int64)])
            boxes = np.concatenate([boxes, rows[sure, 3:]])
            known |= ~np.isin(np.arange(len(LABELS)), rows[~sure, 1])
        samples.append(Sample(pack.image(i), labels, boxes, known))
    return samples, np.array([OFTEN.get(pack.sets[i], 1.0) for i in chosen])


def _by_picture(proposals: Path) -> dict[int, NDArray[np.float32]]:
    with np.load(proposals) as file:
        rows = file["rows"]
    begins = np.flatnonzero(np.diff(rows[:, 0], prepend=-1))
    return {int(part[0, 0]): part for part in np.split(rows, begins[1:])} if len(rows) else {}


class Mixed(torch.utils.data.IterableDataset["Mixed.Item"]):
    """Pictures of `size` x `size` px; shares 0..1 of them are put together of `four`, and `drawn`.

    An item is (image (size, size, 3) uint8 BGR, labels, boxes, known (size / 8, size / 8, labels) bool).
    Each worker has its own random numbers.
    """

    Item = tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.float32], NDArray[np.bool_]]

    def __init__(self, pictures: Pictures, size: int, four: float, drawn: float, seed: int) -> None:
        self.cutouts = pictures.cutouts
        self.samples, self.size, self.four, self.seed = [*pictures.real, *pictures.drawn], size, four, seed
        weights = pictures.weights(drawn)
        self._upto = np.cumsum(weights / weights.sum())

    def __iter__(self) -> Iterator[Item]:
        cv2.setNumThreads(1)
        worker = torch.utils.data.get_worker_info()
        rng = np.random.default_rng((self.seed, worker.id if worker else 0))
        while True:
            yield self._item(rng)

    def _item(self, rng: np.random.Generator) -> Item:
        size = self.size
        image = np.full((size, size, 3), PAD, np.uint8)
        known = np.ones((size // CELL, size // CELL, len(LABELS)), bool)
        labels, boxes = [], []
        x, y = (int(rng.uniform(0.3, 0.7) * size) for _ in range(2))
        four = rng.random() < self.four
        windows = ((0, 0, x, y), (x, 0, size, y), (0, y, x, size), (x, y, size, size))
        for x0, y0, x1, y1 in windows if four else ((0, 0, size, size),):
            sample = place(self._pick(rng), x1 - x0, y1 - y0, FOUR if four else ALONE, rng)
            if not four and rng.random() < BENT:
                sample = bend(sample, rng)
            image[y0:y1, x0:x1] = sample.image
            known[y0 // CELL : -(-y1 // CELL), x0 // CELL : -(-x1 // CELL)] &= sample.known
            labels.append(sample.labels)
            boxes.append(sample.boxes + np.array([x0, y0, x0, y0], np.float32))
        all_labels, all_boxes = np.concatenate(labels), np.concatenate(boxes)
        if self.cutouts and rng.random() < PASTED:
            all_labels, all_boxes = paste(image, all_labels, all_boxes, self.cutouts, rng)
        return spoil(image, rng), all_labels, all_boxes, known

    def _pick(self, rng: np.random.Generator) -> Sample:
        return self.samples[min(int(np.searchsorted(self._upto, rng.random())), len(self.samples) - 1)]


def collate(items: list[Mixed.Item]) -> tuple[torch.Tensor, Targets]:
    """Images (B, 3, size, size) uint8 BGR and the objects of all of them."""
    images, labels, boxes, known = zip(*items, strict=True)
    owners = np.concatenate([np.full(len(part), i) for i, part in enumerate(labels)])
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2), Targets(
        torch.from_numpy(owners).long(),
        torch.from_numpy(np.concatenate(labels)),
        torch.from_numpy(np.concatenate(boxes)),
        torch.from_numpy(np.stack(known)),
    )


def batches(dataset: Mixed, size: int, workers: int) -> Iterator[tuple[torch.Tensor, Targets]]:
    """Batches of `size` pictures for ever, prepared by `workers` processes."""
    loader = torch.utils.data.DataLoader(
        dataset, size, num_workers=workers, collate_fn=collate, prefetch_factor=4 if workers else None
    )
    return iter(loader)
