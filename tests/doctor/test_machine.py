"""The box: what limits it is told, and what is fine is not complained of."""

import ctypes
import datetime
import os
import resource
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from edgevision.doctor import machine
from edgevision.doctor.machine import check_machine, cpu_limit, disk, memory_limit


def group(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_max", ".max").replace("cfs", "cpu.cfs")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return folder


def test_cores_that_a_control_group_grants(tmp_path: Path) -> None:
    assert cpu_limit(tmp_path) is None
    assert cpu_limit(group(tmp_path, cpu_max="max 100000")) is None
    assert cpu_limit(group(tmp_path, cpu_max="150000 100000")) == 1.5


def test_cores_by_the_first_version_of_control_groups(tmp_path: Path) -> None:
    group(tmp_path, cpu__cfs_quota_us="-1", cpu__cfs_period_us="100000")
    assert cpu_limit(tmp_path) is None
    assert cpu_limit(group(tmp_path, cpu__cfs_quota_us="50000")) == 0.5


def test_memory_that_a_control_group_grants(tmp_path: Path) -> None:
    assert memory_limit(tmp_path) is None
    assert memory_limit(group(tmp_path, memory_max="max")) is None
    assert memory_limit(group(tmp_path, memory_max="1000000")) == 1_000_000


def test_the_tightest_group_above_us_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "system.slice" / "ours.service"
    group(own, cpu_max="300000 100000", memory_max="9000")
    group(own.parent, cpu_max="200000 100000", memory_max="max")
    text = machine._text
    said = "3:cpu:/\n0::/system.slice/ours.service"
    monkeypatch.setattr(machine, "_text", lambda path: said if path.name == "cgroup" else text(path))
    assert (cpu_limit(tmp_path), memory_limit(tmp_path)) == (2.0, 9000)


def test_little_of_everything_is_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (256, 4096))
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2, 3})
    group(tmp_path, cpu_max="50000 100000", memory_max="200000000")
    found = {each.subject: each for each in check_machine(tmp_path)}
    for subject in ("cores", "memory", "open files"):
        assert found[subject].level == "warn", subject
        assert found[subject].todo
    assert "0.5 of them" in found["cores"].found


class Usage(NamedTuple):
    free: int


@pytest.mark.parametrize(("free", "level"), [(5 * 10**9, "ok"), (10**8, "warn")])
def test_a_disk_that_is_nearly_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(free))
    assert disk(tmp_path, "disk").level == level


def test_a_folder_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    assert disk(tmp_path / "gone", "disk").level == "fail"


@pytest.mark.parametrize(("state", "level"), [(0, "ok"), (5, "warn"), (-1, "ok")])
def test_a_clock_that_nobody_sets(monkeypatch: pytest.MonkeyPatch, state: int, level: str) -> None:
    class Kernel:
        def adjtimex(self, buffer: object) -> int:
            return state

    monkeypatch.setattr(ctypes, "CDLL", lambda name: Kernel())
    found = machine._clock()
    assert (found.level, bool(found.todo)) == (level, level == "warn")


def test_a_clock_that_never_ran(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "BUILT", datetime.datetime(2999, 1, 1, tzinfo=datetime.UTC))
    assert machine._clock().level == "fail"


def test_cameras_at_the_box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [each.subject for each in machine._cameras(tmp_path, tmp_path)] == ["USB cameras"]
    (tmp_path / "video0").touch()
    named = tmp_path / "class" / "video0"
    named.mkdir(parents=True)
    (named / "name").write_text("HD Webcam\n")
    (seen,) = machine._cameras(tmp_path, named.parent)
    assert (seen.level, seen.found) == ("ok", "HD Webcam")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    (refused,) = machine._cameras(tmp_path, named.parent)
    assert (refused.level, refused.todo) == ("warn", "usermod -aG video USER, and log in again")
