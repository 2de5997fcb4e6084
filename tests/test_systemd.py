"""The unit, as systemd itself judges it."""

import re
import shutil
import subprocess

import pytest

from edgevision.builtin import builtin_path

UNIT = builtin_path("systemd/edgevision.service")


def analyze(*arguments: str) -> str:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_systemd_understands_every_line() -> None:
    said = analyze("verify", "--recursive-errors=no", str(UNIT))
    complaints = [line for line in said.splitlines() if UNIT.name in line]
    # The program is not installed where the unit expects it; everything else would be a mistake.
    assert [line for line in complaints if "is not executable" not in line] == []


def test_the_service_is_exposed_to_little() -> None:
    said = analyze("security", "--offline=yes", str(UNIT))
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert found, said
    assert float(found[1]) <= 1.5
