"""One service for all tests of a file in a browser: to start one takes longer than most of them. Not for all
files: it would take half a core from whatever runs beside it until the end."""

from collections.abc import Iterator

import pytest

from tests.rtsp_server import RtspServer
from tests.web.pages import Shown


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    camera = RtspServer(fps=10)
    shown = Shown(tmp_path_factory.mktemp("page"), camera)
    yield shown
    shown.service.kill()
    shown.lose_camera()


@pytest.fixture
def shown(running: Shown) -> Shown:
    """With the configuration that it began with."""
    running.begin_again()
    return running
