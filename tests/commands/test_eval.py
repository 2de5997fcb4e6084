import json
import os
import re
from pathlib import Path

import numpy as np
import pytest

from edgevision.opencv import cv2
from edgevision.scene.render import Renderer
from edgevision.scene.world import Scene
from tests.commands.process import check_failure, edgevision
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six drawn pictures and what is in them, as COCO's JSON; what is mostly hidden is a crowd."""
    folder = tmp_path_factory.mktemp("scene")
    (folder / "images").mkdir()
    scene = Scene(seed=1)
    renderer, images, annotations = Renderer(scene), [], []
    labels = ["person", "car", "motorcycle", "bus", "truck", "tree"]
    for number, t in enumerate((4.0, 9.0, 14.0, 19.0, 24.0, 29.0)):
        cv2.imwrite(str(folder / "images" / f"{number}.png"), renderer.frame(t))
        images.append({"id": number, "file_name": f"{number}.png"})
        seen = scene.truth(t)
        for label, (x1, y1, x2, y2), share in zip(
            seen.labels, seen.boxes.tolist(), seen.visible.tolist(), strict=True
        ):
            box = {"bbox": [x1, y1, x2 - x1, y2 - y1], "category_id": labels.index(label)}
            annotations.append({"image_id": number, "iscrowd": int(share < 0.5), **box})
    annotations.append({"image_id": 0, "category_id": 5, "bbox": [0, 0, 9, 9]})
    categories = [{"id": number, "name": label} for number, label in enumerate(labels)]
    data = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "truth.json").write_text(json.dumps(data))
    return folder / "truth.json"


def test_two_networks_as_json(truth: Path) -> None:
    done = edgevision(
        "eval", "detect", "builtin:drawn", "--compare", "builtin:default", "--data", str(truth), "--json"
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["AP50"] > 0.9  # the network was made for this
    assert answer["AP"] <= answer["AP50"]
    assert answer["per_class"]["car"]["objects"] > 5
    assert "tree" not in answer["per_class"]
    assert "not known to the network, so left out of every figure: tree (1)" in done.stderr
    assert [each["model"]["file"] for each in answer["models"]] == ["drawn.onnx", "default.onnx"]
    assert answer["models"][0]["AP"] == answer["AP"]
    assert answer["models"][0]["speed"] == 1.0


def test_a_table_and_a_page_that_needs_nothing_else(truth: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    done = edgevision(
        "eval", "detect", "builtin:drawn", "--data", str(truth), "--limit", "3", "--report", str(page)
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("3 pictures, COCO's JSON")
    assert re.search(r"drawn\.onnx +\d\.\d{3} +\d\.\d{3}", done.stdout)
    text = page.read_text()
    assert all(
        source.startswith("data:image/jpeg;base64,/9j/") for source in re.findall(r'src="([^"]+)', text)
    )
    assert text.count("<img") >= 2
    assert text.count("<polyline") >= 2
    assert not re.search(r"https?://|@import|url\(|<script", text)


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["detect", "builtin:drawn", "--data", "gone.json"], 1, r"--data gone\.json does not exist"),
        (["detect", "builtin:x", "--data", "TRUTH"], 1, "no built-in network 'x'"),
        (["classify", "builtin:drawn", "--data", "TRUTH"], 1, "needs a network that classifies"),
        (["detect", "builtin:drawn", "--data", "TRUTH", "--map", "tree=oak"], 1, "no class 'oak'"),
        (["detect", "builtin:drawn", "--data", "TRUTH", "--report", "gone/a.html"], 1, "no folder gone"),
    ],
)
def test_a_mistake_is_one_line(truth: Path, arguments: list[str], status: int, message: str) -> None:
    given = [str(truth) if argument == "TRUTH" else argument for argument in arguments]
    check_failure(edgevision("eval", *given), status, message)


def test_without_the_extra_it_says_what_to_install(truth: Path, tmp_path: Path) -> None:
    (tmp_path / "faster_coco_eval.py").write_text("raise ImportError")
    path = f"{tmp_path}{os.pathsep}{ROOT}"
    done = edgevision("eval", "detect", "builtin:drawn", "--data", str(truth), PYTHONPATH=path)
    check_failure(done, 1, r"pip install 'edgevision\[eval\]'")


SCENE = "synthetic:carpark?seed=1&seconds=24&fps=1"


def test_a_good_8_bit_network_is_written_with_its_card(tmp_path: Path, truth: Path) -> None:
    out = tmp_path / "small.onnx"
    done = edgevision(
        "models", "quantize", "builtin:drawn", "--data", SCENE, "--out", str(out), "--max-loss", "0.1"
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"judged by \d+ objects in 12 pictures: what drawn\.onnx itself is sure of", done.stdout)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.onnx", "small.yaml"]
    measured = edgevision("eval", "detect", str(out), "--data", str(truth), "--json")
    answer = json.loads(measured.stdout)
    assert answer["model"]["precision"] == "int8"
    assert answer["AP50"] > 0.8


def test_a_bad_calibration_is_refused_and_leaves_nothing(tmp_path: Path, truth: Path) -> None:
    """Black pictures: what is brighter is cut off."""
    (tmp_path / "black").mkdir()
    for number in range(4):
        cv2.imwrite(str(tmp_path / "black" / f"{number}.png"), np.zeros((540, 960, 3), np.uint8))
    (tmp_path / "out").mkdir()
    given = ["--data", str(tmp_path / "black"), "--out", str(tmp_path / "out" / "small.onnx")]
    done = edgevision("models", "quantize", "builtin:drawn", *given, "--labels", str(truth))
    check_failure(done, 1, "refused, nothing was written: calibrate with pictures like those")
    losses = re.findall(r"a loss of (\d\.\d+), refused with --max-loss 0\.02", done.stdout)
    assert len(losses) == 2  # of the two recipes
    assert all(float(loss) > 0.02 for loss in losses)
    assert list((tmp_path / "out").iterdir()) == []
    own = edgevision("models", "quantize", "builtin:drawn", *given)
    check_failure(own, 1, r"is sure of \d objects in the 2 pictures to judge by")
    assert list((tmp_path / "out").iterdir()) == []
