from itertools import product
from pathlib import Path
from random import Random

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from edgevision.errors import OutputError
from edgevision.settings import Name, Polygon
from edgevision.spotfiles import Spots, as_text, read, write
from edgevision.spotfiles.names import in_rows, letters

SPOTS: Spots = {"A1": ((0.1, 0.2), (0.3, 0.2), (0.3, 0.4)), "true": ((0.0, 0.0), (1.0, 0.0), (0.5, 0.0002))}


def test_what_is_written_is_read_again_by_anyone(tmp_path: Path) -> None:
    path = tmp_path / "spots.yaml"
    write(path, as_text(SPOTS, "Drawn by hand.", {"A1": "left of the tree"}))
    assert read(path) == SPOTS
    data = yaml.safe_load(path.read_text())
    assert list(data) == ["places"]
    assert list(TypeAdapter(dict[Name, Polygon]).validate_python(data["places"])) == ["A1", "true"]
    assert "# Drawn by hand." in path.read_text()
    assert "# left of the tree" in path.read_text()
    assert [each.name for each in tmp_path.iterdir()] == ["spots.yaml"]
    assert path.stat().st_mode & 0o777 == 0o644


def test_nothing_is_replaced_unless_told(tmp_path: Path) -> None:
    path = tmp_path / "spots.yaml"
    path.write_text("mine")
    with pytest.raises(OutputError, match="is there already"):
        write(path, "new")
    assert path.read_text() == "mine"
    write(path, "new", force=True)
    assert path.read_text() == "new"
    assert [each.name for each in tmp_path.iterdir()] == ["spots.yaml"]


def test_what_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="256 KiB"):
        write(tmp_path / "spots.yaml", "x" * (256 * 1024 + 1))
    with pytest.raises(OutputError, match="cannot write"):
        write(tmp_path / "none" / "spots.yaml", "x")
    assert not list(tmp_path.iterdir())


def test_letters_of_rows() -> None:
    assert [letters(n) for n in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


@given(st.integers(1, 4), st.integers(1, 8), st.floats(-0.4, 0.4), st.randoms(use_true_random=False))
def test_rows_are_found_however_they_tilt(rows: int, columns: int, tilt: float, random: Random) -> None:
    """Boxes 10 x 10 on a grid: rows 60 apart, in which each is up or down by `tilt` of its height."""
    grid = {}
    for row, column in product(range(rows), range(columns)):
        x, y = column * 12.0, row * 60.0 + column * tilt * 10
        grid[row, column] = (x, y, x + 10, y + 10)
    keys = list(grid)
    random.shuffle(keys)
    found = [[keys[index] for index in row] for row in in_rows([grid[key] for key in keys])]
    assert found == [[(row, column) for column in range(columns)] for row in range(rows)]
