"""Each form, from files small enough to be written by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from edgevision.core.types import Size
from edgevision.errors import ConfigError
from edgevision.spotfiles import read

SQUARE = [[10, 20], [30, 20], [30, 40], [10, 40]]  # px of a picture of 100 x 200
SHARES = ((0.1, 0.1), (0.3, 0.1), (0.3, 0.2), (0.1, 0.2))
BESIDE = ((0.5, 0.1), (0.7, 0.1), (0.7, 0.2), (0.5, 0.2))
FLAT, FLAT_BESIDE = [10, 20, 30, 20, 30, 40, 10, 40], [50, 20, 70, 20, 70, 40, 50, 40]


def file(folder: Path, content: Any, name: str = "drawn.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def coco(*annotations: dict[str, Any]) -> dict[str, Any]:
    return {
        "images": [{"id": 7, "width": 100, "height": 200}, {"id": 8, "width": 1, "height": 1}],
        "categories": [{"id": 1, "name": "bay"}, {"id": 2, "name": "Disabled 1"}],
        "annotations": [{"image_id": 7, "category_id": 1, **each} for each in annotations],
    }


def labelme(*shapes: dict[str, Any]) -> dict[str, Any]:
    return {"version": "5.4", "imageWidth": 100, "imageHeight": 200, "shapes": list(shapes)}


def cvat(shapes: str, size: str = 'width="100" height="200"') -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>\n'
        f'<image id="0" name="lot.jpg" {size}>\n{shapes}</image>\n</annotations>\n'
    )


POLYGON = '<polygon label="bay" points="10.0,20;30,20;30,40;10,40">{}</polygon>\n'


def test_our_own(tmp_path: Path) -> None:
    text = 'places:\n  "12": [[0.1, 0.1], [0.3, 0.1], [0.3, 0.2], [0.1, 0.2]]\n'
    assert read(file(tmp_path, text, "spots.yaml")) == {"12": SHARES}


def test_our_own_as_json(tmp_path: Path) -> None:
    assert read(file(tmp_path, {"places": {"P-1": SHARES}})) == {"P-1": SHARES}


def test_a_plain_list_is_named_by_rows(tmp_path: Path) -> None:
    near = [[x, y + 0.5] for x, y in SHARES]
    found = read(file(tmp_path, json.dumps([near, BESIDE, SHARES]), "list.yaml"))
    assert found == {"A1": SHARES, "A2": BESIDE, "B1": tuple((x, y) for x, y in near)}


def test_coco_with_names_from_attributes_classes_and_places(tmp_path: Path) -> None:
    """Two of one class are no names; a class of one is, and an attribute before all."""
    box = {"bbox": [10, 80, 20, 20]}
    data = coco(
        {"segmentation": [FLAT_BESIDE], "attributes": {"occluded": False, "name": "P 12"}},
        {"segmentation": [FLAT]},
        {**box, "category_id": 2},
    )
    assert read(file(tmp_path, data)) == {
        "P-12": BESIDE,
        "A1": SHARES,
        "Disabled-1": ((0.1, 0.4), (0.3, 0.4), (0.3, 0.5), (0.1, 0.5)),
    }


def test_labelme_with_groups_and_rectangles(tmp_path: Path) -> None:
    data = labelme(
        {"label": "spot", "group_id": 4, "points": SQUARE, "shape_type": "polygon"},
        {"label": "guest", "group_id": None, "points": [[70, 40], [50, 20]], "shape_type": "rectangle"},
    )
    found = read(file(tmp_path, data))
    assert found["spot-4"] == SHARES
    assert sorted(found["guest"]) == sorted(BESIDE)


def test_cvat_with_attributes_and_boxes(tmp_path: Path) -> None:
    box = '<box label="bay" xtl="50" ytl="20" xbr="70" ybr="40"></box>\n'
    attribute = '<attribute name="number">A17</attribute>'
    found = read(file(tmp_path, cvat(POLYGON.format(attribute) + box), "annotations.xml"))
    assert found == {"A17": SHARES, "A1": BESIDE}


def test_ultralytics(tmp_path: Path) -> None:
    path = file(tmp_path, [{"points": SQUARE}, {"points": [[50, 20], [70, 20], [70, 40], [50, 40]]}])
    assert read(path, Size(100, 200)) == {"A1": SHARES, "A2": BESIDE}
    with pytest.raises(ConfigError, match=r"drawn.json is in pixels .*--size 1280x720"):
        read(path)


def test_a_point_just_beside_the_picture_is_brought_in(tmp_path: Path) -> None:
    found = read(file(tmp_path, labelme({"label": "a", "points": [[-1, 20], [30, 203], [0, 40]]})))
    assert found == {"A1": ((0.0, 0.1), (0.3, 1.0), (0.0, 0.2))}


def test_all_that_is_wrong_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    data = labelme(
        {"label": "a", "points": [[10, 10], [20, 20]]},
        {"label": "b", "points": [[10, 10], [20, 20], [30, 30]]},
        {"label": "c", "points": [[10, 10], [20, "x"], [30, 10]]},
        {"label": "d", "points": [[10, 10], [2000, 20], [30, 10]]},
        {"label": "e", "points": [[10, 10], [float("nan"), 20], [30, 10]]},
        {"label": "f", "points": [[10, 10], [10**400, 20], [30, 10]]},
    )
    with pytest.raises(ConfigError) as caught:
        read(file(tmp_path, data))
    assert [problem.split(":")[1] for problem in caught.value.problems] == [f" shapes[{i}]" for i in range(6)]
    assert "at least 3 points, got 2" in caught.value.problems[0]
    assert "on one line" in caught.value.problems[1]
    assert "2000, 20 lies outside the picture of 100x200 px" in caught.value.problems[3]


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n<annotations>&b;</annotations>'
BAD = {
    "a document type is refused": (BOMB, "drawn:1: a document type"),
    "broken xml": (cvat("<polygon>"), "drawn:5: not valid XML: mismatched tag"),
    "another root": ("<annotation/>", "expected <annotations>"),
    "a track of a video": (cvat("<track></track>"), "drawn:5: expected <polygon> or <box>"),
    "an image without size": (cvat("", ""), "drawn:4: expected <image> with width and height"),
    "no shapes": (cvat(""), "drawn holds no polygon"),
    "points that are none": (cvat(POLYGON.format("").replace("30,40", "30;40")), r"drawn:5: expected points"),
    "a name twice": (
        cvat(2 * POLYGON.format('<attribute name="name">A</attribute>')),
        r"drawn:6: the name 'A' is taken by drawn:5",
    ),
    "two pictures": (
        coco({"segmentation": [FLAT]}, {"segmentation": [FLAT], "image_id": 8}),
        "annotations are of 2 pictures",
    ),
    "a mask": (coco({"segmentation": {"counts": "x", "size": [1, 1]}}), "it is a mask in run lengths"),
    "odd numbers": (coco({"segmentation": [[1, 2, 3]]}), r"annotations\[0\].segmentation: .* even"),
    "several polygons": (coco({"segmentation": [FLAT, FLAT]}), "a spot is one polygon, got 2"),
    "no outline": (coco({}), r"annotations\[0\]: expected points"),
    "a picture that is not there": (coco({"segmentation": [FLAT], "image_id": []}), "no width and height"),
    "annotations that are no list": ({"annotations": 3}, "annotations: expected a list"),
    "labelme without size": ({"shapes": []}, "imageWidth and imageHeight"),
    "a circle": (labelme({"label": "a", "shape_type": "circle", "points": []}), "polygon or rectangle"),
    "a shape that is none": (labelme(3), r"shapes\[0\]: expected keys"),  # type: ignore[arg-type]
    "dicts without points": ([{"x": 1}], r"\[0\]: expected the key `points`"),
    "something else": ({"cameras": {}}, "no file of spots that is known"),
    "a number": (3, "no file of spots that is known"),
    "a coordinate in pixels": ("places: {A1: [[10, 20], [1, 1], [0, 1]]}", "drawn:1: places.A1.* got 10"),
    "a list with a bad one": ("- [[0, 0], [0, 1], [1, 1]]\n- [[0, 0], [0, 1]]", r"drawn:2: .* 3 points"),
    "nothing": ("", "no file of spots that is known"),
    "too many": ([{"points": SQUARE}] * 1001, "holds 1001 polygons"),
    "too long": ([{"points": [[i, i % 7] for i in range(101)]}], "at most 100 points, got 101"),
    "too deep": ("[" * 100_000, "nested too deeply"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_told_with_their_place(tmp_path: Path, name: str) -> None:
    content, message = BAD[name]
    with pytest.raises(ConfigError, match=message):
        read(file(tmp_path, content, "drawn"), Size(100, 200))


def test_broken_json_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"drawn.json:2: not valid JSON"):
        read(file(tmp_path, '{"shapes":\n[}'))


def test_a_file_that_is_too_large_or_no_text(tmp_path: Path) -> None:
    large = tmp_path / "large.json"
    with large.open("wb") as sparse:
        sparse.truncate(20 * 2**20 + 1)
    with pytest.raises(ConfigError, match="larger than 20 MB"):
        read(large)
    (tmp_path / "picture.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(ConfigError, match="not a text file"):
        read(tmp_path / "picture.jpg")
    with pytest.raises(ConfigError, match="No such file"):
        read(tmp_path / "none.json")
