import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevision.redact import holds_secret, redact, remember


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("open rtsp://user:secret@cam/1 failed", "open rtsp://***@cam/1 failed"),
        ("rtsp://user:se@cret@cam/1", "rtsp://***@cam/1"),
        ("rtsp://cam/1?user=admin&password=secret&x=1", "rtsp://cam/1?user=***&password=***&x=1"),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic ***"),
        ("mail to somebody@example.org", "mail to somebody@example.org"),
        ("http://127.0.0.1:9108/metrics", "http://127.0.0.1:9108/metrics"),
    ],
)
def test_secrets_go_and_the_rest_stays(text: str, expected: str) -> None:
    assert redact(text) == expected


words = st.text(string.ascii_letters + string.digits + "!$%&'()*+,;=:-._~", min_size=1, max_size=20)


@given(words, words, st.sampled_from(["", " failed", "'", " and rtsp://other/2"]))
def test_no_password_of_a_url_survives(user: str, password: str, after: str) -> None:
    secret = f"{password}x7Qz"
    assert secret not in redact(f"cannot open rtsp://{user}:{secret}@camera:554/live{after}")


@given(st.text(min_size=8, max_size=40))
def test_a_remembered_secret_survives_nowhere(secret: str) -> None:
    remember(secret)
    assert secret not in redact(f"before {secret} after {secret}").replace("***", "")


@pytest.mark.parametrize(
    "text",
    [
        "source: rtsp://viewer:${GATE_PASSWORD}@192.168.1.20/stream1",
        "source: rtsp://${USER}:${file:/run/secrets/gate}@192.168.1.20/stream1  # ours",
        "url: 'mqtts://edge:${MQTT_PASSWORD}@broker:8883'",
        '{url: "https://host/hook?token=${HOOK}", secret: "${HOOK_SECRET}"}',
        '- {name: alice, role: admin, hash: "sha256:5c4f"}',
    ],
)
def test_what_only_names_a_secret_holds_none(text: str) -> None:
    assert not holds_secret(text)
    assert holds_secret(text + "\nsource: rtsp://viewer:hunter2@192.168.1.20/1")


@pytest.mark.parametrize(
    "text",
    [
        "rtsp://viewer:hunter2@cam/1",
        "rtsp://viewer:hunter2${X}@cam/1",
        "rtsp://viewer:${X}hunter2@cam/1",
        "https://host/hook?token=hunter2",
        "https://host/hook?token=${X}&key=hunter2",
    ],
)
def test_half_a_secret_is_one(text: str) -> None:
    assert holds_secret(text)


def test_a_secret_that_is_written_out_besides_its_name_is_one() -> None:
    remember("written-out-7")
    assert holds_secret("rtsp://v:${X}@cam/1 # written-out-7")
