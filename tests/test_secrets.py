"""No secret in anything that leaves the process: logs, metrics, pages, events, errors, tracebacks, arguments.

Secrets are given as an operator gives them, by ${NAME}, ${file:PATH} or in the file itself, with all that a
password may consist of; then everything is searched for them, as they are and as URLs, JSON and Python show
them.
"""

import io
import json
import logging
import string
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgevision import cli, log
from edgevision.config import LoadedConfig, check
from edgevision.document import parse
from edgevision.errors import ConfigError, EdgevisionError, SourceError
from edgevision.lint import warnings
from edgevision.metrics import Metrics
from edgevision.pipeline.crew import Crew
from edgevision.redact import redact
from edgevision.service import Notifier
from edgevision.sources import LiveSettings, open_source
from tests.commands.process import Service, edgevision
from tests.rtsp_server import rtsp_server

ODD = string.ascii_letters + string.digits + "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ äß日"
# Ends that are never part of harmless text, so that finding one is finding the secret.
secrets = st.text(ODD, min_size=1, max_size=20).map(lambda text: f"Zq7{text}Kx9")
CONFIG = """
models: {d: {path: builtin:drawn}}
cameras:
  gate: {source: "rtsp://viewer:${PW}@127.0.0.1:1/live?user=viewer&password=${PW}"}
http: {listen: 127.0.0.1:0, token: "${TOKEN}"}
"""


def forms(secret: str) -> set[str]:
    """How it may be found somewhere."""
    return {
        secret, quote(secret, safe=""), quote(secret), repr(secret)[1:-1],
        json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1],
    }  # fmt: skip


def assert_hidden(text: str, *hidden: str) -> None:
    for secret in hidden:
        for form in forms(secret):
            assert form not in text, f"{form!r} is in {text!r}"


def loaded(password: str, token: str) -> LoadedConfig:
    return check(parse(CONFIG, "x.yaml", {"PW": password, "TOKEN": token}), Path())


@contextmanager
def logged(style: log.Format) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    log.setup("debug", style)
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    stream = io.StringIO()
    handler.setStream(stream)
    try:
        yield stream
    finally:
        root.handlers[:], root.level = before
        logging.captureWarnings(False)


@settings(max_examples=20)
@given(secrets, secrets)
def test_settings_and_errors_do_not_show_them(password: str, token: str) -> None:
    config = loaded(password, token + "x" * 16)
    shown = f"{config.settings!r} {config.settings} {config.settings.cameras!r} {config.settings.http!r}"
    assert_hidden(shown, password, token)
    assert_hidden(redact(" ".join(warnings(config))), password, token)


@settings(max_examples=20)
@given(secrets)
def test_wrong_settings_are_told_without_them(secret: str) -> None:
    for text in (
        "http: {token: '${S}', listen: '${S}', hosts: ['${S}']}",
        "cameras: {a: {source: '${S}', model: '${S}', fps: '${S}', start: '${S}', then: '${S}'}}",
        "cameras: {a: {source: 'rtsps:${S}', stall_timeout: '${S}', lines: {b: {from: '${S}'}}}}",
        "outputs: [{type: '${S}', path: '${S}'}, {type: sqlite, path: a, size: '${S}', keep: '${S}'}]",
        "models: {a: {path: '${S}', labels: '${S}', device: '${S}'}}",
    ):
        with pytest.raises(ConfigError) as caught:
            check(parse(text, "x.yaml", {"S": secret}), Path("/nowhere"))
        assert_hidden(redact(str(caught.value)), secret)


@pytest.mark.parametrize("token", ["tooshort-Zq7", 12345678, ["Zq7tooshort"]])
def test_a_wrong_token_that_stands_in_the_file_is_not_repeated(token: object) -> None:
    text = f"cameras: {{a: {{source: 'synthetic:carpark'}}}}\nhttp: {{token: {json.dumps(token)}}}"
    with pytest.raises(ConfigError) as caught:
        check(parse(text, "x.yaml"), Path())
    assert "Zq7" not in str(caught.value)
    assert "12345678" not in str(caught.value)


@settings(max_examples=20)
@given(secrets, st.sampled_from(["text", "json"]))
def test_logs_do_not_show_them_in_text_fields_or_tracebacks(secret: str, style: log.Format) -> None:
    address = loaded(secret, secret + "x" * 16).settings.cameras["gate"].source
    with logged(style) as stream:
        logger = logging.getLogger("x")
        logger.info("open %s with %r", address, secret)
        logger.info(secret, extra=log.fields(url=address, header={"Authorization": f"Bearer {secret}"}))
        try:
            raise RuntimeError(f"cannot open {address!r}: {secret}")
        except RuntimeError:
            logger.exception("failed: %s", [secret])
    assert_hidden(stream.getvalue(), secret)
    if style == "json":
        assert all(json.loads(line)["level"] for line in stream.getvalue().splitlines())


def test_a_thread_that_fails_does_not_show_them(capsys: pytest.CaptureFixture[str]) -> None:
    address = loaded("Zq7\"p'ä\\w@Kx9", "x" * 16).settings.cameras["gate"].source

    def fails() -> None:
        raise RuntimeError(f"cannot open {address}")

    crew = Crew(on_error=lambda: None)
    with logged("text") as stream:
        crew.start("x", fails).join()
    assert isinstance(crew.error, EdgevisionError)
    assert_hidden(stream.getvalue() + redact(str(crew.error)), "Zq7\"p'ä\\w@Kx9")
    try:
        fails()
    except RuntimeError as error:
        cli._last_words(type(error), error, error.__traceback__)
    shown = capsys.readouterr().err
    assert "Traceback" in shown
    assert "cannot open rtsp://***@" in shown
    assert_hidden(shown, "Zq7\"p'ä\\w@Kx9")


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(secrets)
def test_a_camera_that_refuses_does_not_show_them(tmp_path: Path, secret: str) -> None:
    (tmp_path / "password").write_text(secret)
    text = f"cameras: {{a: {{source: 'rtsp://u:${{file:{tmp_path / 'password'}}}@127.0.0.1:1/x'}}}}"
    address = check(parse(text, "x.yaml"), Path()).settings.cameras["a"].address(Path())
    with pytest.raises(SourceError) as caught:
        next(open_source(address, LiveSettings(open=1.0, stall=1.0)).pictures(threading.Event()))
    assert_hidden(str(caught.value), secret)
    assert_hidden(redact("".join(traceback.format_exception(caught.value))), secret)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("rtsp://viewer:pa/ss@camera/1", "pa/ss"),
        ("rtsp://viewer:pa@ss@camera/1", "pa@ss"),
        ("rtsp://viewer:'pa\"ss@camera/1", "pa\"ss"),
        ("//viewer:geheim@camera/1", "geheim"),
        ("rtsp://camera/user=admin_password=geheim_channel=1_stream=0.sdp", "geheim"),
        ("rtsp://camera/1?token=gehe'im&x=1", "gehe'im"),
        ("Authorization: Digest username=\"a\", response=\"geheim\"", "geheim"),
    ],
)  # fmt: skip
def test_what_nobody_remembered_is_known_by_its_form(text: str, secret: str) -> None:
    assert secret not in redact(f"cannot open {text}")


@settings(max_examples=10)
@given(secrets)
def test_systemd_is_not_told_and_gets_one_line(secret: str) -> None:
    address = loaded(secret, "x" * 16).settings.cameras["gate"].source
    sent: list[str] = []
    notifier = Notifier({})
    notifier._send = sent.append  # type: ignore[method-assign,assignment]
    notifier.status(f"camera a: {address}\nMAINPID=1\n{secret}")
    notifier.ready(f"{secret}\nMAINPID=1")
    assert_hidden("".join(sent), secret)
    assert [message.count("\n") for message in sent] == [0, 1]


def test_a_service_shows_them_nowhere(tmp_path: Path) -> None:
    """Its log, its pages, its events, its arguments, as others on the machine see them."""
    password, token = "Zq7!p%a&s=s'Kx9", "Zq7-a-token-of-24-letters"
    with rtsp_server(password=password) as camera:
        config = (
            "models: {d: {path: builtin:drawn}}\n"
            f"cameras: {{gate: {{source: 'rtsp://viewer:${{PW}}@127.0.0.1:{camera.port}/cam'}},\n"
            "  away: {source: 'rtsp://viewer:${PW}@127.0.0.1:1/cam?password=${PW}'}}\n"
            "http: {listen: 127.0.0.1:0, token: '${TOKEN}'}\nlog: {level: debug}\n"
            "outputs: [{type: jsonl, path: events.jsonl}, {type: sqlite, path: events.db}]\n"
        )
        service = Service(tmp_path, config, PW=password, TOKEN=token)
        try:
            service.wait_for_log('camera=gate .*msg="pictures arrive"')
            service.wait_for_log("camera=away .*retry_in")
            pages = ""
            for path in ("/metrics", "/readyz", "/healthz", "/openapi.json", "/nothing"):
                for given_token in (token, "wrong"):
                    headers = {"Authorization": f"Bearer {given_token}"}
                    answer = httpx.get(service.url + path, headers=headers, verify=False)
                    pages += f"{answer.status_code} {answer.headers} {answer.text}"
            arguments = Path(f"/proc/{service.process.pid}/cmdline").read_text()
            assert "401" in pages
            assert "camera away: " in pages
        finally:
            service.stop()
        probed = edgevision(
            "check", "--probe", "--json", str(service.config), cwd=tmp_path, PW=password, TOKEN=token
        )
    files = b"".join(file.read_bytes() for file in tmp_path.glob("events*")).decode(errors="replace")
    everything = service.log + pages + arguments + probed.stdout + probed.stderr + files
    assert_hidden(everything, password, token)


def test_metrics_have_no_room_for_them() -> None:
    """Labels are configured names, and a name cannot be an address."""
    with pytest.raises(ConfigError):
        check(parse("cameras: {'rtsp://u:Zq7@h': {source: synthetic:carpark}}", "x.yaml"), Path())
    assert b"://" not in Metrics().text()


def test_arguments_that_are_wrong_are_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["detect", "a.jpg", "--device=rtsp://viewer:geheim@camera/1"])
    assert "geheim" not in capsys.readouterr().err
    assert sys.excepthook is not cli._last_words
