import json
import logging
from collections.abc import Iterator

import pytest

from edgevision import log
from edgevision.log import fields


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(False)


def test_text_is_key_value(capsys: pytest.CaptureFixture[str]) -> None:
    log.setup("info", "text")
    logging.getLogger("x").info("stream is up", extra=fields(camera="gate", note='say "hi"'))
    line = capsys.readouterr().err
    assert line.startswith("time=20")
    assert line.endswith('Z level=info camera=gate note="say \\"hi\\"" msg="stream is up"\n')


def test_json_is_one_object_per_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.setup("info", "json")
    logging.getLogger("x").warning("retry", extra=fields(camera="gate", retry_in=1.5))
    record = json.loads(capsys.readouterr().err)
    assert (record["level"], record["camera"], record["retry_in"], record["msg"]) == (
        "warning",
        "gate",
        1.5,
        "retry",
    )


def test_levels_below_the_set_one_are_silent(capsys: pytest.CaptureFixture[str]) -> None:
    log.setup("warning")
    logging.getLogger("x").info("quiet")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("style", ["text", "json"])
def test_no_secret_in_messages_fields_and_tracebacks(
    capsys: pytest.CaptureFixture[str], style: log.Format
) -> None:
    log.setup("info", style)
    url = "rtsp://viewer:hunter22@cam/1"
    try:
        raise ValueError(f"cannot open {url}")
    except ValueError:
        logging.getLogger("x").exception("failed for %s", url, extra=fields(source=url))
    text = capsys.readouterr().err
    assert "hunter22" not in text
    assert text.count("rtsp://***@cam/1") == 3
    assert "ValueError" in text
    assert text.count("\n") == 1


def test_addresses_of_requests_are_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A webhook's is a secret as a whole, whether it stands in the file or in the environment."""
    log.setup("debug", "text")
    logging.getLogger("httpx").info("HTTP Request: POST https://hooks.example/T0/B0/secret")
    logging.getLogger("httpcore.connection").debug("connect_tcp.started host='hooks.example'")
    logging.getLogger("httpx").warning("kept")
    assert [line.rpartition("msg=")[2] for line in capsys.readouterr().err.splitlines()] == ["kept"]
