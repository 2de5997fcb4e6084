from collections.abc import Iterator

import pytest

from edgevision import download
from tests.download.fetching import CONTENT
from tests.file_server import FileServer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """It has CONTENT. Nobody waits between attempts, of which there are three."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setattr(download, "WAITS", (0.0, 0.0))
    with FileServer(CONTENT).running() as running:
        yield running
