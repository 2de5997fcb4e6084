"""A file's text is changed where what it says changes, and nowhere else."""

import difflib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from edgevision.document import plain, tree
from edgevision.errors import ConfigError
from edgevision.shapes import replaced
from edgevision.yaml_edit import rewrite

CONFIGS = Path(__file__).parents[1] / "configs"
NEW = {"from": [0.1, 0.2], "to": [0.3, 0.4]}


def data_of(text: str) -> Any:
    return plain(tree(text))


def changed(before: str, after: str) -> list[str]:
    """The lines that went and came, as `- old` and `+ new`."""
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


def test_a_new_line_stands_after_the_others_and_before_the_comment_about_zones() -> None:
    text = (CONFIGS / "demo.yaml").read_text()
    data = data_of(text)
    data["cameras"]["carpark"]["lines"]["second"] = NEW
    after = rewrite(text, data)
    assert changed(text, after) == ["+       second: {from: [0.1, 0.2], to: [0.3, 0.4]}"]
    at = after.splitlines().index("      second: {from: [0.1, 0.2], to: [0.3, 0.4]}")
    assert after.splitlines()[at - 1].endswith("with big objects close by, the center")


def test_a_moved_point_changes_its_numbers_only() -> None:
    text = (CONFIGS / "demo.yaml").read_text()
    data = data_of(text)
    data["cameras"]["carpark"]["zones"]["lot"]["polygon"][5][1] = 0.36
    old = "                  [1.0, 0.402], [0.460, 0.354], [0.435, 0.424], [0.318, 0.412]]"
    new = old.replace("0.354", "0.36")
    assert changed(text, rewrite(text, data)) == [f"- {old}", f"+ {new}"]


def test_what_is_deleted_takes_its_own_comments_and_no_others() -> None:
    text = """\
cameras:
  gate:
    lines:
      # the door
      door: {from: [0, 0], to: [1, 1]}  # wide
      # the window
      window:
        from: [0, 0]  # left
        to: [0, 1]
        # hold: 1s
    # what is inside
    zones: {}
"""
    data = data_of(text)
    del data["cameras"]["gate"]["lines"]["window"]
    assert changed(text, rewrite(text, data)) == [
        "-       # the window",
        "-       window:",
        "-         from: [0, 0]  # left",
        "-         to: [0, 1]",
        "-         # hold: 1s",
    ]
    data = data_of(text)
    del data["cameras"]["gate"]["lines"]["door"]
    assert changed(text, rewrite(text, data)) == [
        "-       # the door",
        "-       door: {from: [0, 0], to: [1, 1]}  # wide",
    ]


@pytest.mark.parametrize(
    ("text", "wanted", "after"),
    [
        ("a:\nb: 1\n", {"a": {"x": 1}, "b": 1}, "a: {x: 1}\nb: 1\n"),
        ("a: {x: 1, y: 2} # why\n", {"a": {"y": 2, "z": [1]}}, "a: {y: 2, z: [1]} # why\n"),
        ("a: {x: '1', y: 2}\n", {"a": {"x": "1", "y": 3}}, "a: {x: '1', y: 3}\n"),
        ("a:\n  - 1\n  - 2 # two\nb: 1\n", {"a": [1, 3], "b": 1}, "a:\n  - 1\n  - 3 # two\nb: 1\n"),
        ("a:\n  - 1\n  - 2\nb: 1\n", {"a": [1], "b": 1}, "a: [1]\nb: 1\n"),
        ("a: 1", {"a": 1, "b": {"c": {"d": [1]}}}, "a: 1\nb:\n  c: {d: [1]}\n"),
        ("a: {}\n", {"a": {"b": "true"}}, 'a: {b: "true"}\n'),
        ("a: ${X}\nb: 1\n", {"a": "${X}", "b": 2}, "a: ${X}\nb: 2\n"),
    ],
)
def test_all_forms(text: str, wanted: dict[str, Any], after: str) -> None:
    assert rewrite(text, wanted) == after


def test_a_renamed_line_keeps_its_place_and_is_followed() -> None:
    text = """\
cameras:
  gate:
    lines:
      a: {from: [0, 0], to: [1, 1], hold: 1s}  # first
      b: {from: [0, 1], to: [1, 0]}
    trips: {way: {places: [a, b]}}
"""
    wish = {"lines": {"door": {"from": [0, 0], "to": [1, 0.5]}, "b": {"from": [0, 1], "to": [1, 0]}}}
    data, renamed = replaced(data_of(text), "gate", wish, {"lines": {"a": "door"}})
    after = rewrite(text, data, renamed)
    assert after == text.replace("a: {from: [0, 0], to: [1, 1]", "door: {from: [0, 0], to: [1, 0.5]").replace(
        "[a, b]", "[door, b]"
    )


def test_the_last_of_a_section_takes_the_section_along() -> None:
    text = (
        "cameras:\n  gate:\n    source: x\n    # counted\n    lines:\n      a: {from: [0, 0], to: [1, 1]}\n"
    )
    data, renamed = replaced(data_of(text), "gate", {"lines": {}}, {})
    assert rewrite(text, data, renamed) == "cameras:\n  gate:\n    source: x\n"
    data, renamed = replaced(data_of(text), "gate", {"spots": {"A1": [[0, 0], [1, 0], [1, 1]]}}, {})
    added = "    spots:\n      places:\n        A1: [[0, 0], [1, 0], [1, 1]]\n"
    assert rewrite(text, data, renamed) == text + added


def test_what_cannot_be_changed_is_said() -> None:
    with pytest.raises(ConfigError, match="by hand"):
        rewrite("a: &x {b: 1}\nc: *x\n", {"a": {"b": 1}, "c": {"b": 2}})
    with pytest.raises(ConfigError, match="keys and values"):
        rewrite("- 1\n", {"a": 1})


names = st.text("abcdxyz", min_size=1, max_size=3)
numbers = st.integers(0, 100).map(lambda number: number / 100)
values = st.recursive(
    numbers | st.booleans() | st.sampled_from(["text", "true", "a: b", "# no"]),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3) | st.dictionaries(names, inner, min_size=1, max_size=3)
    ),
    max_leaves=12,
)
documents = st.dictionaries(names, values, min_size=1, max_size=4)


@given(documents, documents, st.sampled_from([None, True, False]))
def test_it_says_what_it_was_told_to(
    before: dict[str, Any], after: dict[str, Any], flow: bool | None
) -> None:
    """Read by PyYAML itself, whatever was there before and in whatever style."""
    text = yaml.safe_dump(before, default_flow_style=flow)
    assert yaml.safe_load(rewrite(text, after)) == after
    assert rewrite(text, before) == text
