"""Paths that cannot be looked at, and an output that takes nothing, are told in a sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edgevision.cli import main
from tests.commands.process import ENVIRONMENT, check_failure, edgevision

LONG = "a" * 300 + ".mp4"
NAMED = [
    "detect PATH",
    "bench --source PATH",
    "eval detect builtin:default --data PATH",
    "counts PATH",
    "report PATH",
    "export PATH",
    "check PATH",
    "models quantize builtin:default --data PATH",
    "label count PATH",
]


@pytest.mark.parametrize("command", NAMED)
def test_a_name_that_is_too_long_is_told(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(command.replace("PATH", LONG).split()) in (1, 2)
    assert capsys.readouterr().err.endswith(f" {LONG}: File name too long\n")


def test_a_folder_that_is_shut_is_told(tmp_path: Path) -> None:
    shut = tmp_path / "shut"
    shut.mkdir()
    if os.geteuid() == 0:
        pytest.skip("no folder is shut to root")
    shut.chmod(0)
    check_failure(edgevision("counts", str(shut / "events.db")), 1, "shut/events.db: Permission denied")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_an_output_that_takes_nothing_is_told() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "edgevision", "models", "list"],
            stdout=full, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT, timeout=100, check=False,
        )  # fmt: skip
    check_failure(done, 1, "cannot use the standard output: No space left on device")


def test_a_defect_of_ours_is_not_taken_for_that(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(_: object) -> int:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr("edgevision.commands.models.run", wrong)
    with pytest.raises(OSError, match="Bad file"):
        main(["models", "list"])
