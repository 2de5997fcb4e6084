"""The same truth in every form that it comes in, and what is wrong with files that are not right."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgevision.core.types import Size
from edgevision.errors import DataError
from edgevision.evaluate.dataset import Dataset, open_dataset
from edgevision.evaluate.read_semantic import read_map
from edgevision.opencv import cv2

SIZE = Size(200, 100)
BOXES = {
    "a.jpg": [("car", [10, 20, 60, 70])],
    "b.jpg": [("bus", [0, 0, 200, 50]), ("car", [100, 50, 150, 100])],
}


def picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.zeros((SIZE.height, SIZE.width, 3), np.uint8))


def write_coco(folder: Path) -> Path:
    annotations = [
        {"image_id": n, "category_id": 7 if name == "car" else 3, "bbox": [x1, y1, x2 - x1, y2 - y1]}
        for n, objects in enumerate(BOXES.values())
        for name, (x1, y1, x2, y2) in objects
    ]
    data = {
        "images": [{"id": n, "file_name": name} for n, name in enumerate(BOXES)],
        "categories": [{"id": 3, "name": "bus"}, {"id": 7, "name": "car"}],
        "annotations": annotations,
    }
    for name in BOXES:
        picture(folder / "images" / name)
    (folder / "truth.json").write_text(json.dumps(data))
    return folder / "truth.json"


def write_voc(folder: Path) -> Path:
    for name, objects in BOXES.items():
        picture(folder / "JPEGImages" / name)
        parts = "".join(
            f"<object><name>{label}</name><bndbox><xmin>{x1}</xmin><ymin>{y1}</ymin><xmax>{x2}</xmax>"
            f"<ymax>{y2}</ymax></bndbox></object>"
            for label, (x1, y1, x2, y2) in objects
        )
        file = folder / "Annotations" / f"{name[0]}.xml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"<annotation><filename>{name}</filename>{parts}</annotation>")
    return folder


def write_yolo(folder: Path) -> Path:
    for name, objects in BOXES.items():
        picture(folder / "images" / "val" / name)
        rows = [
            f"{int(label == 'car')} {(x1 + x2) / 400} {(y1 + y2) / 200} {(x2 - x1) / 200} {(y2 - y1) / 100}"
            for label, (x1, y1, x2, y2) in objects
        ]
        file = folder / "labels" / "val" / f"{name[0]}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(rows) + "\n")
    (folder / "data.yaml").write_text("val: images/val\nnames: {0: bus, 1: car}\n")
    return folder / "data.yaml"


def truth_of(dataset: Dataset) -> dict[str, list[tuple[str, list[float]]]]:
    found = {}
    for each in dataset.examples:
        assert each.objects is not None
        objects = each.objects.at(SIZE)
        names = [dataset.names[number] for number in objects.classes]
        found[each.image.name] = list(zip(names, objects.boxes.round(2).tolist(), strict=True))
    return found


@pytest.mark.parametrize("write", [write_coco, write_voc, write_yolo])
def test_every_form_says_the_same(write: Callable[[Path], Path], tmp_path: Path) -> None:
    dataset = open_dataset("detect", write(tmp_path), None)
    assert truth_of(dataset) == BOXES
    assert {dataset.names[n]: count for n, count in dataset.counts().items()} == {"car": 2, "bus": 1}


def test_yolo_and_coco_polygons_are_the_same_mask(tmp_path: Path) -> None:
    picture(tmp_path / "y" / "images" / "a.jpg")
    (tmp_path / "y" / "labels").mkdir()
    (tmp_path / "y" / "labels" / "a.txt").write_text("0 0.1 0.1 0.5 0.1 0.5 0.6\n")
    (tmp_path / "y" / "classes.txt").write_text("sign\n")
    dataset = open_dataset("segment", tmp_path / "y", None)
    assert dataset.examples[0].objects
    objects = dataset.examples[0].objects.at(SIZE)
    assert objects.boxes.round(3).tolist() == [[20, 10, 100, 60]]
    assert objects.outlines
    assert np.allclose(objects.outlines[0], [[20, 10, 100, 10, 100, 60]])


def test_the_challenge_itself_counts_pixels_from_one_and_has_difficult_ones(tmp_path: Path) -> None:
    file = write_voc(tmp_path) / "Annotations" / "a.xml"
    mark = "<source><annotation>PASCAL VOC2007</annotation></source><object><difficult>1</difficult>"
    file.write_text(file.read_text().replace("<object>", mark, 1))
    objects = open_dataset("detect", tmp_path, None).examples[0].objects
    assert objects is not None
    assert objects.boxes.tolist() == [[9, 19, 60, 70]]
    assert objects.crowd.tolist() == [True]


def test_class_folders_and_imagenets_sample_names(tmp_path: Path) -> None:
    for name in ("full/0.jpg", "empty/1.jpg", "empty/2.jpg"):
        picture(tmp_path / "folders" / name)
    dataset = open_dataset("classify", tmp_path / "folders", None)
    assert dataset.names == ["empty", "full"]
    assert [each.classes for each in dataset.examples] == [(0,), (0,), (1,)]
    assert [each.image.name for each in dataset.some(2).examples] == ["1.jpg", "0.jpg"]
    picture(tmp_path / "flat" / "40_n02823428_beer_bottle.jpg")
    assert open_dataset("classify", tmp_path / "flat", None).names == ["beer bottle"]


def test_maps_of_numbers_and_of_palette_colours(tmp_path: Path) -> None:
    """A PNG with a palette is written by hand: two pixels, the second and third of its colours."""
    picture(tmp_path / "images" / "a.jpg")
    numbers = np.array([[0, 5, 255]], np.uint8)
    (tmp_path / "maps").mkdir()
    cv2.imwrite(str(tmp_path / "maps" / "a.png"), numbers)
    (tmp_path / "maps" / "classes.yaml").write_text("classes: {0: unlabeled, 5: road}\n")
    dataset = open_dataset("segment", tmp_path / "maps", None)
    assert dataset.names == ["road"]
    assert dataset.values is not None
    assert read_map(tmp_path / "maps" / "a.png", dataset.values, Size(3, 1)).tolist() == [[-1, 0, -1]]
    (tmp_path / "palette.png").write_bytes(palette_png([1, 2], [(9, 9, 9), (200, 0, 0), (0, 0, 200)]))
    assert read_map(tmp_path / "palette.png", {0: 0, 1: 1, 2: 2}, Size(2, 1)).tolist() == [[1, 2]]


def palette_png(row: list[int], colors: list[tuple[int, int, int]]) -> bytes:
    """One row of palette indices (PNG 1.2, sections 4.1 and 3.2)."""
    import struct
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", len(row), 1, 8, 3, 0, 0, 0)
    palette = bytes(value for color in colors for value in color)
    pixels = zlib.compress(bytes([0, *row]))
    parts = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, body) for kind, body in parts)


def spoilt(tmp_path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    file = write_coco(tmp_path)
    data = json.loads(file.read_text())
    change(data)
    file.write_text(json.dumps(data))
    return file


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.pop("images"), "must hold the lists images, annotations, categories"),
        (lambda d: d["annotations"][1].pop("bbox"), r"annotations\[1\] has no bbox"),
        (lambda d: d["annotations"][1].update(bbox=[1, 2, -3, 4]), r"annotations\[1\] .*\[left, top, width"),
        (lambda d: d["annotations"][0].update(category_id=4), "category_id 4 is none of the categories"),
        (lambda d: d["annotations"][0].update(segmentation=[[1, 2, 3]]), "at least three points"),
        (lambda d: d["images"][0].update(file_name="gone.jpg"), r"gone\.jpg, which is not in .*--images"),
    ],
)
def test_a_fault_in_coco_is_named(
    change: Callable[[dict[str, Any]], None], message: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=message):
        open_dataset("detect", spoilt(tmp_path, change), None)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("0 100 200 30 40", r"a\.txt:1: expected shares of the picture, 0\.\.1, not pixels"),
        ("5 0.5 0.5 0.1 0.1", "class 5 is none of the 2 names"),
        ("1 0.5 0.5 0.1", "expected 4 numbers of a box, or points"),
        ("car 0.5 0.5 0.1 0.1", r"a\.txt:1: could not convert"),
        ("0 nan 0.5 0.1 0.1", "not pixels"),
    ],
)
def test_a_fault_in_yolo_is_named(row: str, message: str, tmp_path: Path) -> None:
    file = write_yolo(tmp_path)
    (tmp_path / "labels" / "val" / "a.txt").write_text(row)
    with pytest.raises(DataError, match=message):
        open_dataset("detect", file, None)


def test_entities_in_xml_are_refused(tmp_path: Path) -> None:
    file = write_voc(tmp_path) / "Annotations" / "a.xml"
    file.write_text('<!DOCTYPE a [<!ENTITY b "c">]>' + file.read_text())
    with pytest.raises(DataError, match="defines entities"):
        open_dataset("detect", tmp_path, None)


def test_what_is_no_data_set_is_told_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no labelled data that is known: a JSON file in COCO's form"):
        open_dataset("detect", tmp_path, None)
    with pytest.raises(DataError, match="does not exist"):
        open_dataset("detect", tmp_path / "gone", None)
    write_coco(tmp_path)
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(DataError, match=r"several JSON files \(other\.json, truth\.json\): name one"):
        open_dataset("detect", tmp_path, None)
