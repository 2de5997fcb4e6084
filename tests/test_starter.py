"""Configurations to begin with."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from edgevision.cli_init import USES
from edgevision.config import load
from edgevision.errors import ConfigError
from edgevision.redact import redact
from edgevision.starter import SPOTS, fill, relative, with_spots, without_secrets

OUTPUT = Path("mine.yaml")


@pytest.mark.parametrize("use", USES)
def test_each_loads_as_it_is_and_filled_in(use: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CAMERA_PASSWORD", "GATE_PASSWORD"):
        monkeypatch.setenv(name, "pass-word-1")
    path = tmp_path / "mine.yaml"
    plain, filled = (
        fill(use, path, None, None),
        fill(use, path, "rtsp://a:b-c-d@h.example/1", "builtin:drawn"),
    )
    for starter in (plain, filled):
        path.write_text(starter.text)
        loaded = load(path).settings
    (camera,) = loaded.cameras.values()
    assert camera.source == "rtsp://a:pass-word-1@h.example/1"
    assert next(iter(loaded.models.values())).path == "builtin:drawn"
    assert list(camera.analytics())
    assert filled.text.count("\n") == plain.text.count("\n")
    assert f"edgevision run {path}" in filled.text
    assert "configs/" + use not in filled.text + plain.text


def test_a_comment_behind_what_is_put_in_stays() -> None:
    text = fill("parking", OUTPUT, "/dev/video0", "builtin:drawn").text
    assert "path: builtin:drawn          # or your own ONNX file" in text
    assert "    source: /dev/video0\n" in text
    assert "#   edgevision run mine.yaml" in text


@pytest.mark.parametrize(
    ("source", "shown", "secrets"),
    [
        ("rtsp://10.0.0.2/1", "rtsp://10.0.0.2/1", {}),
        ("rtsp://bob@10.0.0.2/1", "rtsp://bob@10.0.0.2/1", {}),
        ("rtsp://bob:p%40ss@h:554/1", "rtsp://bob:${CAMERA_PASSWORD}@h:554/1", {"CAMERA_PASSWORD": "p@ss"}),
        ("rtsp://bob:a@b:c@h/1", "rtsp://bob:${CAMERA_PASSWORD}@h/1", {"CAMERA_PASSWORD": "a@b:c"}),
        (
            "rtsp://h/1?user=a&password=b-c&x=1",
            "rtsp://h/1?user=a&password=${CAMERA_PASSWORD}&x=1",
            {"CAMERA_PASSWORD": "b-c"},
        ),
        (
            "rtsp://a:b@h/1?token=t0",
            "rtsp://a:${CAMERA_PASSWORD}@h/1?token=${CAMERA_TOKEN}",
            {"CAMERA_PASSWORD": "b", "CAMERA_TOKEN": "t0"},
        ),
        ("rtsp://a:${MINE}@h/1", "rtsp://a:${MINE}@h/1", {}),
        ("clip.mp4", "clip.mp4", {}),
        ("rtsp://[::1", "rtsp://[::1", {}),
    ],
)
def test_passwords_become_variables(source: str, shown: str, secrets: dict[str, str]) -> None:
    assert without_secrets(source) == (shown, secrets)


@given(
    st.text(
        st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="/?#[]\\\"'${}%"), min_size=6
    )
)
def test_no_password_gets_into_the_file(password: str) -> None:
    address = f"rtsp://viewer:{password}@192.168.1.20/stream1"
    starter = fill("gate", OUTPUT, address, None)
    assert f":{password}@" not in starter.text
    assert starter.secrets == {"CAMERA_PASSWORD": password}
    source = yaml.safe_load(starter.text)["cameras"]["gate"]["source"]
    assert source == "rtsp://viewer:${CAMERA_PASSWORD}@192.168.1.20/stream1"
    assert password not in redact(address)


@pytest.mark.parametrize("use", USES)
def test_an_alert_is_one_of_its_outputs_and_its_address_is_not_in_the_file(use: str, tmp_path: Path) -> None:
    starter = fill(use, tmp_path / "mine.yaml", "rtsp://a:b-c-d@h/1", None, "https://chat.example/hook/Zq81")
    assert starter.secrets == {"ALERT_URL": "https://chat.example/hook/Zq81", "CAMERA_PASSWORD": "b-c-d"}
    assert "Zq81" not in starter.text
    first = yaml.safe_load(starter.text)["outputs"][0]
    assert first == {"type": "webhook", "url": "${ALERT_URL}"}
    assert "ALERT_URL=... CAMERA_PASSWORD=... edgevision run" in starter.text
    with pytest.raises(ConfigError, match="https://host/path"):
        fill(use, tmp_path / "mine.yaml", None, None, "chat.example")


def test_what_is_wrong_is_told_and_no_file_is_made() -> None:
    with pytest.raises(ConfigError, match=r"mine.yaml:\d+: cameras.gate.source: unknown scheme 'htp'"):
        fill("gate", OUTPUT, "htp://x", None)
    with pytest.raises(ConfigError, match=r"mine.yaml:\d+: models.traffic.path: none.onnx does not exist"):
        fill("gate", OUTPUT, None, "none.onnx")


def test_paths_are_meant_from_the_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    assert relative("clip.mp4", Path("sub")) == "../clip.mp4"
    assert relative("images:folder?fps=2", Path("sub")) == "images:../folder?fps=2"
    assert relative("clip 1.mp4", Path()) == "clip 1.mp4"
    for same in ("rtsp://h/1", "/dev/video0", "builtin:drawn", "pulled:x", "synthetic:carpark"):
        assert relative(same, Path("sub")) == same
    (tmp_path / "clip #1.mp4").touch()
    text = fill("gate", Path("sub/mine.yaml"), "clip #1.mp4", None).text
    assert yaml.safe_load(text)["cameras"]["gate"]["source"] == "../clip #1.mp4"


def test_the_line_about_spots_can_be_switched_on() -> None:
    text = with_spots(fill("parking", OUTPUT, None, None).text)
    assert yaml.safe_load(text)["cameras"]["gate"]["spots"] == {"file": "spots.yaml"}
    assert SPOTS in text
