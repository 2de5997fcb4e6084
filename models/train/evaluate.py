"""How well a network finds the actors of scenes that it has never seen, by COCO's rules.

    python -m models.train.evaluate models/default.onnx --seeds 1 20

Prints AP50 and AP for each label. Objects of which less than half is seen are neither demanded nor held
against the network.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from faster_coco_eval import COCO, COCOeval_faster

from edgevision.core.types import Detections
from edgevision.inference.detector import Detector, load_detector
from edgevision.inference.settings import ModelSettings
from edgevision.scene.render import Renderer
from edgevision.scene.world import LABELS, Scene, Truth

SEEN = 0.5  # share of an object that must be visible for it to be demanded
LEAST_SCORE = 0.02  # boxes below are not looked at


def evaluate(detector: Detector, seeds: Iterable[int], every: float) -> dict[str, tuple[float, float]]:
    """AP50 and AP (mean over overlaps .5 to .95), 0..1, of each label over scenes seen every `every` s."""
    pictures: list[tuple[Truth, Detections]] = []
    for seed in seeds:
        scene = Scene(seed)
        renderer = Renderer(scene)
        times = np.arange(0.0, scene.seconds, every).tolist()
        pictures += [(scene.truth(t), detector.detect(renderer.frame(t), LEAST_SCORE)) for t in times]
    return score(pictures)


def score(pictures: list[tuple[Truth, Detections]]) -> dict[str, tuple[float, float]]:
    """AP50 and AP of each label; -1 for a label that no picture shows."""
    objects: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    for number, (truth, detections) in enumerate(pictures, start=1):
        for label, box, visible in zip(truth.labels, truth.boxes, truth.visible, strict=True):
            known = _coco(number, LABELS.index(label), box)
            objects.append(known | {"id": len(objects) + 1, "iscrowd": int(visible < SEEN)})
        for box, sure, label_id in zip(
            detections.boxes, detections.scores, detections.class_ids, strict=True
        ):
            found.append(_coco(number, int(label_id), box) | {"score": float(sure)})
    truths = COCO(
        {
            "images": [{"id": number} for number in range(1, len(pictures) + 1)],
            "annotations": objects,
            "categories": [{"id": number, "name": label} for number, label in enumerate(LABELS)],
        }
    )
    judge = COCOeval_faster(truths, truths.loadRes(found), "bbox")
    judge.evaluate()
    judge.accumulate()
    precision = judge.eval["precision"]  # (overlaps, recalls, labels, sizes, detections per picture)
    return {
        label: (float(precision[0, :, k, 0, -1].mean()), float(precision[:, :, k, 0, -1].mean()))
        for k, label in enumerate(LABELS)
    }


def _coco(picture: int, label_id: int, box: np.ndarray) -> dict[str, Any]:
    """A box (4,) xyxy px as COCO writes it: left, top, width, height."""
    x1, y1, x2, y2 = (float(side) for side in box)
    size = (x2 - x1, y2 - y1)
    return {
        "image_id": picture,
        "category_id": label_id,
        "bbox": [x1, y1, *size],
        "area": size[0] * size[1],
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m models.train.evaluate", description="Measure a detector on drawn scenes."
    )
    parser.add_argument("model", type=Path, help="an ONNX file, with its card beside it")
    parser.add_argument("--seeds", type=int, nargs=2, default=(1, 20), help="first and last (default 1 20)")
    parser.add_argument("--every", type=float, default=0.5, help="seconds from picture to picture")
    args = parser.parse_args()
    detector = load_detector(ModelSettings(path=str(args.model)), Path(), threads=1)
    first, last = args.seeds
    scores = evaluate(detector, range(first, last + 1), args.every)
    print("label        AP50     AP")
    for label, (ap50, ap) in scores.items():
        print(f"{label:10} {ap50:6.3f} {ap:6.3f}")


if __name__ == "__main__":
    main()
