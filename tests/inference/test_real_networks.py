"""Networks as people export them, on pictures that people labelled."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from edgevision.core.boxes import iou_matrix
from edgevision.inference.detector import load_detector
from edgevision.inference.settings import ModelSettings
from edgevision.sources.images import read_image

# Of COCO's val2017: two cars, two players, a cat on a keyboard, a train.
PICTURES = ("000000001532.jpg", "000000000872.jpg", "000000001675.jpg", "000000006040.jpg")


@pytest.mark.parametrize(
    ("file", "output_format", "precision"),
    [
        ("yolov5n_fp16.onnx", "yolov5", "fp16"),
        ("yolov8n_fp32_640.onnx", "yolov8", "fp32"),
        ("yolov8n_int8_640.onnx", "yolov8", "int8"),
        ("yolo26n_int8_640_end2end.onnx", "end2end", "int8"),
        ("yolox_nano_416.onnx", "yolox", "fp32"),
        ("yolox_nano_tfod.onnx", "tfod", "fp32"),
        ("yolox_nano_rtdetr_style.onnx", "rtdetr", "fp32"),
        ("picodet_s_320_coco.onnx", "picodet", "fp32"),
        ("yolov8n-seg_int8_320.onnx", "yolov8_seg", "int8"),
    ],
)
def test_real_networks_see_what_people_saw(
    data: Path, truth: dict[str, list[tuple[str, list[float]]]], file: str, output_format: str, precision: str
) -> None:
    """Each large object of four pictures of COCO, by class; a wrong scale, order or offset loses most."""
    labels = None if file.startswith("yolo") and "yolox" not in file else "coco"
    settings = ModelSettings(path=str(data / "models" / file), labels=labels)
    detector = load_detector(settings, Path(), threads=len(os.sched_getaffinity(0)))
    assert (detector.format, detector.precision) == (output_format, precision)
    overlaps = []
    for name, objects in truth.items():
        found = detector.detect(read_image(data / "labels/coco_val128/images" / name), 0.35)
        assert len(found) < 25
        assert (found.masks is not None) == output_format.endswith("_seg")
        for label, box in objects:
            seen = found[found.class_ids == detector.labels.index(label)]
            iou = iou_matrix(np.array([box], np.float32), seen.boxes)
            overlaps.append(iou.max() if len(seen) else 0.0)
    # Two cars, two players, cat, keyboard, train. The weakest network misses the cat and the keyboard.
    assert len(overlaps) == 7
    assert min(overlaps[:2]) > 0.8
    assert np.sum(np.array(overlaps) > 0.55) >= 5, overlaps


@pytest.fixture
def truth(data: Path) -> dict[str, list[tuple[str, list[float]]]]:
    """Label and x1 y1 x2 y2 of the large, objects of these pictures."""
    annotations = json.loads((data / "labels/coco_val128/boxes_val2017_128.json").read_text())
    names = {each["id"]: each["name"] for each in annotations["categories"]}
    pictures = {each["id"]: each["file_name"] for each in annotations["images"]}
    found: dict[str, list[tuple[str, list[float]]]] = {name: [] for name in PICTURES}
    for each in annotations["annotations"]:
        x, y, width, height = each["bbox"]
        if pictures[each["image_id"]] in found and width * height > 96 * 96:
            box = [x, y, x + width, y + height]
            found[pictures[each["image_id"]]].append((names[each["category_id"]], box))
    return found
