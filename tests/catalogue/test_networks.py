"""Every entry of the catalogue. No file of it is fetched here."""

from hashlib import sha256
from pathlib import Path

import pytest

from edgevision.builtin import NETWORKS
from edgevision.catalogue import FILE, load_catalogue
from edgevision.commands.models_pull import Plan, card_text
from edgevision.document import parse, read
from edgevision.explain import validate
from edgevision.inference.formats import FORMATS
from edgevision.inference.labels import read_labels
from edgevision.inference.settings import Card

ENTRIES = load_catalogue()
PERMISSIVE = {"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause"}
CLASSES = {"coco": 80, "coco91": 80, "voc": 21, "imagenet": 1000}


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_says_all_that_is_needed(name: str) -> None:
    entry = ENTRIES[name]
    assert entry.licence in PERMISSIVE
    assert name not in NETWORKS
    assert entry.url.endswith(".onnx")
    labels = read_labels(entry.card.labels or [], Path())
    wanted = CLASSES.get(entry.card.labels, 0) if isinstance(entry.card.labels, str) else len(labels)
    assert len(labels) == wanted > 0
    given = entry.card.input
    assert None not in (given.size, given.color, given.resize, given.mean, given.std)
    assert (entry.card.format in FORMATS) == (entry.task == "detect")
    assert (given.pad is not None) == (given.resize in ("letterbox", "letterbox_top_left"))
    assert (given.crop is not None) == (given.resize == "crop")
    # These the catalogue says itself; a card that says them too could contradict it.
    assert not {"task", "name", "licence", "sha256", "description"} & entry.card.model_fields_set


@pytest.mark.parametrize("name", ENTRIES)
def test_a_card_reads_back_as_it_was_written(name: str) -> None:
    entry = ENTRIES[name]
    text = card_text(Plan(name, entry.url, entry.sha256, 1, entry.card), "0" * 64)
    assert validate(Card, parse(text, "card.yaml")) == entry.card.model_copy(update={"sha256": "0" * 64})
    assert text.startswith(f"# Card of {name}.onnx, pulled from {entry.url} on 2")


def test_no_two_are_the_same_file() -> None:
    assert read(FILE).problems == []  # a name that stands twice would be one
    sums = [entry.sha256 for entry in ENTRIES.values() if entry.sha256]
    urls = [entry.url for entry in ENTRIES.values()]
    assert len(set(sums)) == len(sums)
    assert len(set(urls)) == len(urls)


def test_a_sum_is_that_of_the_file(data: Path) -> None:
    """Of the one file that the test material has."""
    content = (data / "models" / "deeplab_v3_1_default_1.onnx").read_bytes()
    entry = ENTRIES["deeplab_v3"]
    assert (sha256(content).hexdigest(), len(content)) == (entry.sha256, entry.bytes)


def test_the_names_of_imagenet_are_in_its_order() -> None:
    names = read_labels("imagenet", Path())
    assert len(set(names)) == 1000
    # By their numbers in imagenet_class_index.json, which Keras publishes.
    known = {
        0: "tench",
        281: "tabby",
        407: "ambulance",
        555: "fire engine",
        817: "sports car",
        999: "toilet tissue",
    }
    assert {number: names[number] for number in known} == known
