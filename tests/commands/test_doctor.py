"""edgevision doctor and edgevision completion, as a user runs them."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.commands.process import edgevision

COMMANDS = ("run", "demo", "detect", "eval", "models", "check", "counts", "init", "doctor", "completion")


def test_a_look_at_this_box(tmp_path: Path) -> None:
    done = edgevision("doctor", "--json", cwd=tmp_path)
    said = json.loads(done.stdout)
    levels = [each["level"] for each in said["findings"]]
    assert (said["failures"], said["warnings"]) == (levels.count("fail"), levels.count("warn"))
    assert done.returncode == (1 if said["failures"] else 0), done.stderr
    found = {each["subject"]: each for each in said["findings"]}
    assert {"Python", "packages", "cores", "memory", "clock", "CPU", "GPU", "video"} <= found.keys()
    assert all(each["todo"] for each in said["findings"] if each["level"] != "ok")
    assert found["CPU"]["found"] == "a tiny network ran on it"


def test_a_configuration_that_cannot_run_is_exit_1_and_shows_no_secret(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("cameras: {a: {source: 'rtsp://viewer:pass-word-1@10.0.0.1/x', fsp: 3}}")
    done = edgevision("doctor", str(config), cwd=tmp_path)
    assert done.returncode == 1
    assert "fail  configuration: config.yaml:1: cameras.a.fsp: unknown key; did you mean 'fps'" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("1 that must be put right")
    assert "pass-word-1" not in done.stdout + done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_know_the_commands_and_are_right_for_their_shell(shell: str, tmp_path: Path) -> None:
    done = edgevision("completion", shell)
    assert done.returncode == 0, done.stderr
    for command in COMMANDS:
        assert command in done.stdout
    assert shell != "zsh" or done.stdout.startswith("#compdef edgevision")
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed: its syntax was not looked at")
    script = tmp_path / "completion"
    script.write_text(done.stdout)
    assert subprocess.run([shell, "-n", str(script)], check=False).returncode == 0


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("mod", "models"),
        ("models ins", "inspect"),
        ("run --js", "--json"),
        ("init pa", "parking"),
        ("run conf", "config.yaml"),
    ],
)
def test_bash_completes_what_is_typed(typed: str, offered: str, tmp_path: Path) -> None:
    if not shutil.which("bash"):
        pytest.skip("bash is not installed")
    (tmp_path / "completion").write_text(edgevision("completion", "bash").stdout)
    (tmp_path / "config.yaml").touch()
    words = ["edgevision", *typed.split()]
    ask = f"""
source completion
COMP_WORDS=({" ".join(words)}); COMP_CWORD={len(words) - 1}
_shtab_edgevision edgevision {words[-1]} {words[-2]}
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["bash", "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert offered in [line.strip() for line in done.stdout.splitlines()], done.stdout + done.stderr
