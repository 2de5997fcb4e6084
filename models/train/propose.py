"""Boxes that another network proposes for the classes that a picture's own labels leave out.

    python -m models.train.propose PACK TEACHER.onnx OUT.npz

The teacher only looks at training pictures; its weights go nowhere. Its licence must allow it: YOLOX is
Apache-2.0. What it is sure of is an object. What it doubts makes the label unknown in that picture: it doubts
six people for each one that it is sure of, and neither answer should be learnt.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
from rich.progress import track

from edgevision.core.boxes import iou_matrix
from edgevision.inference.detector import Detector, load_detector
from edgevision.inference.settings import ModelSettings
from models.train.labels import LABELS
from models.train.pack import Pack

SURE = 0.45  # score from which a proposal is an object
DOUBTFUL = 0.1  # score below which it is nothing
SAME = 0.4  # overlap (IoU) from which a proposal is an object that has a label already


def propose(pack: Pack, teacher: Detector, i: int) -> np.ndarray:
    """(N, 7) float32: picture number, our label, score, box xyxy px."""
    found = teacher.detect(pack.image(i), DOUBTFUL)
    unlabelled = {label for label, known in zip(LABELS, pack.known(i), strict=True) if not known}
    names = [teacher.labels[number] for number in found.class_ids]
    _, boxes = pack.objects(i)
    covered = iou_matrix(found.boxes, boxes).max(axis=1, initial=0.0) >= SAME
    rows = [
        (i, LABELS.index(name), score, *box)
        for name, score, box, has_label in zip(names, found.scores, found.boxes, covered, strict=True)
        if name in unlabelled and not has_label
    ]
    return np.array(rows, np.float32).reshape(-1, 7)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m models.train.propose")
    parser.add_argument("pack", type=Path)
    parser.add_argument("teacher", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    pack = Pack(args.pack)
    settings = ModelSettings(path=str(args.teacher.resolve()), device="cpu", labels="coco")
    teacher = load_detector(settings, Path(), threads=len(os.sched_getaffinity(0)))
    todo = [i for i in pack.of_split(train=True) if not pack.known(i).all()]
    rows = np.concatenate([propose(pack, teacher, i) for i in track(todo, "proposing")])
    np.savez_compressed(args.out, rows=rows)
    for number, label in enumerate(LABELS):
        scores = rows[rows[:, 1] == number, 2]
        print(f"{label}: {(scores >= SURE).sum()} sure, {(scores < SURE).sum()} doubtful")


if __name__ == "__main__":
    main()
