import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevision.redact import redact, remember


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
