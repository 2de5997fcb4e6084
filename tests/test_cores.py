"""Control groups as the kernel's documentation shows them, written into a folder."""

import os
from pathlib import Path

import pytest

from edgevision.cores import cpu_quota, usable_cores


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "cgroup"


def own(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own"
    path.write_text(text)
    return path


def test_version_2_takes_the_least_of_all_above(root: Path, tmp_path: Path) -> None:
    write(root / "system.slice/cpu.max", "300000 100000\n")
    write(root / "system.slice/edgevision.service/cpu.max", "max 100000\n")
    me = own(tmp_path, "0::/system.slice/edgevision.service\n")
    assert cpu_quota(root, me) == 3.0
    write(root / "system.slice/edgevision.service/cpu.max", "150000 100000\n")
    assert cpu_quota(root, me) == 1.5


def test_version_1_by_its_controllers(root: Path, tmp_path: Path) -> None:
    write(root / "cpu,cpuacct/docker/abc/cpu.cfs_quota_us", "50000\n")
    write(root / "cpu,cpuacct/docker/abc/cpu.cfs_period_us", "20000\n")
    write(root / "cpu,cpuacct/cpu.cfs_quota_us", "-1\n")
    write(root / "cpu,cpuacct/cpu.cfs_period_us", "100000\n")
    me = own(tmp_path, "5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n")
    assert cpu_quota(root, me) == 2.5


def test_in_a_container_the_group_is_at_the_root(root: Path, tmp_path: Path) -> None:
    write(root / "cpu.max", "200000 100000\n")
    assert cpu_quota(root, own(tmp_path, "0::/host/path/that/is/not/here\n")) == 2.0


@pytest.mark.parametrize("text", ["", "nonsense", "0::/", "1:cpu", ":::", "3:cpu,cpuacct:/../..\n"])
def test_no_limit_where_none_can_be_read(text: str, root: Path, tmp_path: Path) -> None:
    assert cpu_quota(root, own(tmp_path, text)) is None
    assert cpu_quota(root, tmp_path / "absent") is None


@pytest.mark.parametrize("limit", ["0 100000", "max", "100000", "1 2 3", "x y", "100000 0"])
def test_a_limit_that_makes_no_sense_is_none(limit: str, root: Path, tmp_path: Path) -> None:
    write(root / "cpu.max", limit)
    assert cpu_quota(root, own(tmp_path, "0::/\n")) is None


@pytest.mark.parametrize(
    ("allowed", "limit", "expected"),
    [(4, None, 4), (4, 8.0, 4), (4, 1.5, 2), (4, 0.5, 1), (4, 3.0, 3), (1, 1.0, 1)],
)
def test_a_part_of_a_core_is_worth_a_worker(
    allowed: int, limit: float | None, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(allowed)))
    monkeypatch.setattr("edgevision.cores.cpu_quota", lambda root, own: limit)
    assert usable_cores().number == expected
