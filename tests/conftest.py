"""Fixtures that many tests share."""

from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"

# Machines that run tests are busy with other things: no test here is about time.
settings.register_profile("edgevision", deadline=None, database=None)
settings.load_profile("edgevision")


@pytest.fixture(scope="session")
def data() -> Path:
    """Real networks and videos, which are no part of the project; tests that want them skip without."""
    if not DATA.is_dir():
        pytest.skip(f"the test material is not at {DATA}")
    return DATA
