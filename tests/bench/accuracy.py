"""How right every network of a folder is read: its accuracy beside that measured elsewhere, in one table.

    python tests/bench/accuracy.py DATA

DATA is the folder of real networks and labelled pictures (models/, labels/) that the tests use too. The
figures to reach were measured by straightforward decoders of their own; 0.005 below is still the same.
"""

import argparse
import os
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from edgevision.commands.eval_networks import look
from edgevision.evaluate.dataset import open_dataset
from edgevision.evaluate.measure import Candidate, Scores
from edgevision.evaluate.networks import load

SLACK = 0.005


class Case(NamedTuple):
    task: str
    file: str
    data: str  # below labels/
    figure: str
    expected: float | None  # None: nobody measured it


BOXES, OUTLINES = "coco_val128/boxes_val2017_128.json", "coco_val128/instances_val2017_100.json"
MAPS, CLASSES = "coco_val128/semantic_png", "imagenet50"
# Figures on other pictures of the same kind are marked: they can only tell a gross mistake.
OTHER_PICTURES = {"segment", "classify"}
CASES = [
    Case("detect", "yolov5n_fp16.onnx", BOXES, "AP", 0.339),
    Case("detect", "yolov8n_int8_640.onnx", BOXES, "AP", 0.419),
    Case("detect", "yolo26n_int8_640_end2end.onnx", BOXES, "AP", 0.425),
    Case("detect", "yolox_nano_416.onnx", BOXES, "AP", 0.340),
    Case("detect", "picodet_s_320_coco.onnx", BOXES, "AP", 0.320),
    Case("detect", "yolov8n-seg_int8_320.onnx", BOXES, "AP", 0.335),
    Case("segment", "yolov8n-seg_int8_320.onnx", OUTLINES, "mask AP", 0.262),
    Case("segment", "deeplab_v3_1_default_1.onnx", MAPS, "IoU of person", 0.62),
    Case("segment", "deeplab_v3_1_default_1.onnx", MAPS, "mIoU", None),
    Case("classify", "mobilenet_v2_uint8.onnx", CLASSES, "top 1", 0.655),
    Case("classify", "mobilenet_v2_uint8.onnx", CLASSES, "top 5", 0.940),
]


def figure(scores: Scores, name: str) -> float:
    if scores.classes:
        return scores.classes.top1 if name == "top 1" else scores.classes.top5
    if name == "mask AP" and scores.masks:
        return scores.masks.ap
    if scores.maps and not scores.boxes:
        return scores.maps.miou if name == "mIoU" else scores.maps.classes["person"]
    assert scores.boxes
    return scores.boxes.ap


def compared(here: float, case: Case) -> tuple[str, str]:
    if case.expected is None:
        return "-", ""
    where = f"{case.expected:.3f}" + (" (other pictures)" if case.task in OTHER_PICTURES else "")
    return where, "same" if here >= case.expected - SLACK else "WORSE"


def main() -> None:
    parser = argparse.ArgumentParser(description="Accuracy of real networks beside figures from elsewhere.")
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    os.environ.setdefault("COLUMNS", "110")
    table = Table("network", "task", "figure", "here", "elsewhere", "")
    for task, source in dict.fromkeys((case.task, case.data) for case in CASES):
        dataset = open_dataset(task, data / "labels" / source, None)
        cases = [case for case in CASES if (case.task, case.data) == (task, source)]
        labels = {"segment": "voc" if source == MAPS else "coco", "classify": "imagenet"}.get(task, "coco")
        files = dict.fromkeys(case.file for case in cases)
        candidates = {
            file: Candidate(task, load(str(data / "models" / file), labels, "cpu"), dataset, {}, 0.35)
            for file in files
        }
        look(list(candidates.values()), dataset)
        for case in cases:
            here = figure(candidates[case.file].measure.scores(), case.figure)
            table.add_row(case.file, task, case.figure, f"{here:.3f}", *compared(here, case))
    Console().print(table)


if __name__ == "__main__":
    main()
