"""What is installed beside us."""

import re
import tomllib

import pytest

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"].values()
WANTED = PROJECT["dependencies"] + [each for extra in EXTRAS for each in extra]


@pytest.mark.parametrize("wanted", [each for each in WANTED if not each.startswith("edgevision[")])
def test_each_has_an_oldest_version(wanted: str) -> None:
    """Else pip keeps what is there, however old and broken."""
    assert re.match(r"[A-Za-z0-9._-]+(>=|==)\d", wanted)
