"""The units, as systemd itself judges them, and what installing and removing them leaves."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from edgevision.builtin import builtin_path

UNITS = [builtin_path("systemd/edgevision.service"), builtin_path("systemd/edgevision@.service")]
REPORT = [builtin_path(f"systemd/edgevision-report.{each}") for each in ("service", "timer")]
INSTALL = builtin_path("systemd/install.sh")


def analyze(*arguments: str) -> str:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("unit", UNITS + REPORT, ids=lambda unit: unit.name)
def test_systemd_understands_every_line(unit: Path) -> None:
    said = analyze("verify", "--recursive-errors=no", str(unit))
    complaints = [line for line in said.splitlines() if unit.stem in line]
    # The program is not installed where the unit expects it; everything else would be a mistake.
    assert [line for line in complaints if "is not executable" not in line] == []


@pytest.mark.parametrize("unit", [*UNITS, REPORT[0]], ids=lambda unit: unit.name)
def test_the_service_is_exposed_to_little(unit: Path) -> None:
    said = analyze("security", "--offline=yes", str(unit))
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert found, said
    assert float(found[1]) <= 1.5


def test_one_of_many_differs_from_the_only_one_in_its_name_alone() -> None:
    one, many = (
        [line for line in unit.read_text().splitlines() if not line.startswith("#")] for unit in UNITS
    )
    assert len(one) == len(many)
    differing = [line for line, other in zip(many, one, strict=True) if line != other]
    assert len(differing) == 6
    assert all("%i" in line for line in differing)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_what_is_installed_is_removed(tmp_path: Path) -> None:
    (tmp_path / "etc/edgevision").mkdir(parents=True)
    (tmp_path / "etc/edgevision/edgevision.yaml").touch()
    (tmp_path / "var/lib/edgevision").mkdir(parents=True)
    (tmp_path / "var/lib/edgevision/events.db").touch()
    (tmp_path / "var/lib/other").touch()
    (tmp_path / "var/cache/edgevision/engines").mkdir(parents=True)
    (tmp_path / "var/cache/edgevision/engines/x.engine").touch()

    def install(*arguments: str) -> None:
        environ = {"DESTDIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
        subprocess.run([INSTALL, *arguments], env=environ, check=True, capture_output=True)

    before = files(tmp_path)
    install()
    assert set(files(tmp_path)) - set(before) == {
        "etc/systemd/system/edgevision-report.service",
        "etc/systemd/system/edgevision-report.timer",
        "etc/systemd/system/edgevision.service",
        "etc/systemd/system/edgevision@.service",
        "etc/sysusers.d/edgevision.conf",
        "etc/tmpfiles.d/edgevision.conf",
    }
    install("uninstall")
    assert files(tmp_path) == before
    install()
    install("purge")
    assert files(tmp_path) == ["var/lib/other"]
