"""`spots:` of a camera: in place, in a file of its own, and what is wrong with either."""

from pathlib import Path

import pytest

from tests.test_config import CAMERA, config, problems

SPOTS = "{A1: [[0, 0], [0.1, 0], [0.1, 0.1]]}"


def test_spots_stand_in_place_or_in_a_file_or_both(tmp_path: Path) -> None:
    (tmp_path / "spots.yaml").write_text("places:\n  B1: [[0, 0], [0.5, 0], [0.5, 0.5]]\n")
    text = CAMERA + f"    spots: {{file: spots.yaml, places: {SPOTS}, classes: [car], hold: 8s}}"
    camera = config(text, tmp_path).settings.cameras["gate"]
    ((kind, name, spots),) = camera.analytics()
    assert (kind, name, spots.hold) == ("spots", "spots", 8)
    assert spots.spots == {"B1": ((0, 0), (0.5, 0), (0.5, 0.5)), "A1": ((0, 0), (0.1, 0), (0.1, 0.1))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "spots.yaml:1: expected keys with values, got nothing"),
        ("places: {}", "spots.yaml:1: places: at least 1 is needed"),
        ("spots: {}", "spots.yaml:1: spots: unknown key; allowed are places"),
        (
            "places:\n  A2: [[0, 0], [1, 1]]\n  B 1: [[0, 0], [1, 0], [1, 1]]",
            "spots.yaml:2: places.A2: an area needs at least 3 points, got 2; spots.yaml:3: places.B 1: a",
        ),
        ("places:\n  A2: [[0, 0], [1, 0], [1, 2]]", "spots.yaml:2: places.A2[2][1]: a coordinate is a share"),
        ("places:\n  A1: [[0, 0], [1, 0], [1, 1]]", "A1 stands in the file and in `places`; choose another"),
    ],
)
def test_what_is_wrong_in_a_file_of_spots_is_told_with_its_place(
    text: str, expected: str, tmp_path: Path
) -> None:
    (tmp_path / "spots.yaml").write_text(text)
    (said,) = problems(CAMERA + f"    spots: {{file: spots.yaml, places: {SPOTS}}}", tmp_path)
    assert said.startswith("x.yaml:4: cameras.gate.spots")
    assert expected in said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "spots: {file: none.yaml}",
            "4: cameras.gate.spots.file: cannot read /nowhere/none.yaml: No such file",
        ),
        ("spots: {file: 5}", "4: cameras.gate.spots.file: expected the path of a file"),
        ("spots: {}", "4: cameras.gate.spots: expected 1 to 1000 spots, in `file:` or `places:`, got 0"),
        (
            f"spots: {{places: {SPOTS}, held: 5s}}",
            "4: cameras.gate.spots.held: unknown key; did you mean 'hold'",
        ),
        (
            f"lines: {{A1: {{from: [0, 0], to: [1, 1]}}}}\n    spots: {{places: {SPOTS}}}",
            "5: cameras.gate.spots.places.A1: one of lines has this name already; choose another",
        ),
        (
            "zones: {spots: {polygon: [[0, 0], [1, 0], [1, 1]]}}",
            "4: cameras.gate.zones.spots: one of spots has this name already",
        ),
    ],
)
def test_what_is_wrong_with_spots(text: str, expected: str) -> None:
    (said,) = problems(CAMERA + f"    {text}")
    assert said.startswith(f"x.yaml:{expected}")


def test_a_name_in_a_file_of_spots_is_no_lines(tmp_path: Path) -> None:
    (tmp_path / "spots.yaml").write_text(f"places: {SPOTS}")
    text = CAMERA + "    lines: {A1: {from: [0, 0], to: [1, 1]}}\n    spots: {file: spots.yaml}"
    (said,) = problems(text, tmp_path)
    assert said.startswith("x.yaml:2: cameras.gate: spots.file: A1 is the name of one of lines already")
