"""The networks that come with the package are those their cards describe, and do what the cards say."""

import ast
from hashlib import sha256
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import yaml

from edgevision.builtin import NETWORKS
from edgevision.inference.detector import Detector, load_detector
from edgevision.inference.settings import ModelSettings
from edgevision.scene.world import LABELS as SCENE_LABELS
from models.train.evaluate import Candidate, scene_cases
from models.train.labels import SHIPPED
from models.train.score import score

MODELS = Path(__file__).parents[2] / "models"


def test_all_of_them_and_no_others_are_there() -> None:
    assert {path.stem for path in MODELS.glob("*.onnx")} == set(NETWORKS)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_file_is_the_one_its_card_describes(name: str) -> None:
    content = (MODELS / f"{name}.onnx").read_bytes()
    card = yaml.safe_load((MODELS / f"{name}.yaml").read_text(encoding="utf-8"))
    labels = SCENE_LABELS if name == "drawn" else SHIPPED
    assert sha256(content).hexdigest() == card["sha256"]
    assert len(content) <= 5_000_000
    assert card["licence"] == "Apache-2.0"
    assert tuple(card["labels"]) == labels
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (image,), (boxes, scores, *pixels) = session.get_inputs(), session.get_outputs()
    width, height = card["input"]["size"]
    assert (image.name, image.type, image.shape) == ("image", "tensor(uint8)", [1, height, width, 3])
    cells = sum((height // stride) * (width // stride) for stride in (8, 16, 32))
    assert (boxes.name, boxes.type, boxes.shape) == ("boxes", "tensor(float)", [1, cells, 4])
    assert (scores.name, scores.type, scores.shape) == ("scores", "tensor(float)", [1, cells, len(labels)])
    facts = session.get_modelmeta().custom_metadata_map
    assert ast.literal_eval(facts["names"]) == dict(enumerate(labels))
    assert (facts["task"], facts["license"]) == ("detect", "Apache-2.0")
    assert [each.shape for each in pixels] == [[1, 3, height // 4, width // 4]] * ("segment" in name)


@pytest.mark.parametrize("name", [name for name in NETWORKS if "segment" in name])
def test_those_that_segment_find_what_the_default_finds(name: str) -> None:
    """Same weights, and one more head, which does not change the others."""
    plain = name.replace("_segment", "")
    picture = next(scene_cases(1, 1))[0]
    found, wanted = (load(each).detect(picture, 0.35) for each in (name, plain))
    assert len(wanted) > 3
    assert found.boxes == pytest.approx(wanted.boxes, abs=0.5 if "int8" not in name else 6)
    assert found.scores == pytest.approx(wanted.scores, abs=0.005 if "int8" not in name else 0.1)
    shares = [mask.pixels.mean() for mask in found.masks or ()]
    assert np.median(shares) > 0.2


def test_drawn_scenes_have_a_network_that_finds_all_that_is_to_be_seen_in_them() -> None:
    found = found_in_scenes("drawn")
    assert set(found) == {"person", "car", "motorcycle", "bus", "truck"}
    for label, (ap50, _) in found.items():
        assert ap50 > 0.95, label


@pytest.mark.parametrize("name", ["default", "default_int8"])
def test_the_default_finds_most_of_it_too(name: str) -> None:
    """It was trained on real pictures and on drawn ones; this alone can be measured everywhere."""
    assert np.mean([ap50 for ap50, _ in found_in_scenes(name).values()]) > 0.8


def found_in_scenes(name: str) -> dict[str, tuple[float, float]]:
    """AP50 and AP of each label in scenes that were not trained on."""
    candidate = Candidate(load(name))
    for seed in (1, 4):
        for image, known in scene_cases(seed, seed, every=3.0):
            candidate.look(image, known)
    return score(candidate.judged)


def load(name: str) -> Detector:
    return load_detector(ModelSettings(path=f"builtin:{name}"), Path(), threads=1)
