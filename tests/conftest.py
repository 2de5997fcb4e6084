"""Fixtures that many tests share."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

import edgevision.redact

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"

CHROMIUM = shutil.which("chromium")
# Without these it asks hosts of its maker at every start.
QUIET = ["--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update"]  # fmt: skip

# Whoever runs them in the background may have them ignore Ctrl-C, and the programs that they start, too.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Machines that run tests are busy with other things: no test here is about time.
settings.register_profile("edgevision", deadline=None, database=None)
settings.load_profile("edgevision")


@pytest.fixture(autouse=True)
def _nothing_to_hide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret of one test is a plain word in the next."""
    monkeypatch.setattr(edgevision.redact, "_known", set())


@pytest.fixture(scope="session")
def data() -> Path:
    """Real networks and videos, which are no part of the project; tests that want them skip without."""
    if not DATA.is_dir():
        pytest.skip(f"the test material is not at {DATA}")
    return DATA


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright (pip install 'edgevision[browser]')."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no chromium")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()
