"""A packed data set of real pictures: `images.bin`, encoded pictures end to end, and `index.npz`.

index.npz    off, len (n,)      where each picture lies, bytes
             ds (n,)            the set it is of
             split (n,)         0: to learn from; above: held out
             known (n, classes) 0/1: which classes are labelled in it
             bi (n + 1,)        where its boxes begin
             box (boxes, 5)     class, x0 y0 x1 y1 px; class -1: a region in which nothing is judged
meta.json    names of the classes and of the sets
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgevision.core.types import Image
from edgevision.opencv import cv2
from models.train.labels import LABELS


class Pack:
    """Pictures with boxes of our labels; other classes of the pack are left out."""

    def __init__(self, folder: Path) -> None:
        with np.load(folder / "index.npz") as index:
            self._index = dict(index)
        meta = json.loads((folder / "meta.json").read_text())
        self._ours = np.array([LABELS.index(n) if n in LABELS else -2 for n in meta["classes"]])
        self._bytes = np.memmap(folder / "images.bin", np.uint8, "r")
        self.sets = [meta["sets"][number] for number in self._index["ds"]]

    def of_split(self, *, train: bool) -> list[int]:
        """Numbers of the pictures to learn from, or else of those held out."""
        split = self._index["split"]
        chosen: list[int] = np.flatnonzero(split == 0 if train else split > 0).tolist()
        return chosen

    def image(self, i: int) -> Image:
        """(H, W, 3) uint8 BGR."""
        begin = self._index["off"][i]
        return np.asarray(cv2.imdecode(self._bytes[begin : begin + self._index["len"][i]], cv2.IMREAD_COLOR))

    def objects(self, i: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """labels (N,), -1 for regions to be ignored, and boxes (N, 4) xyxy px."""
        rows = self._index["box"][self._index["bi"][i] : self._index["bi"][i + 1]]
        numbers = rows[:, 0].astype(int)
        labels = np.where(numbers < 0, -1, self._ours[numbers])
        kept = labels > -2
        return labels[kept].astype(np.int64), rows[kept, 1:].astype(np.float32)

    def known(self, i: int) -> NDArray[np.bool_]:
        """(labels,): which of our labels are labelled in the picture."""
        known = np.zeros(len(LABELS), bool)
        for theirs, ours in enumerate(self._ours):
            if ours >= 0:
                known[ours] = bool(self._index["known"][i][theirs])
        return known
