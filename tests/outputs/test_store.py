"""A folder with bounds: what is in it, asked of the disk."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edgevision.errors import OutputError
from edgevision.evidence import PART, look_up
from edgevision.outputs import store as module
from edgevision.outputs.store import Store
from tests.outputs.test_storage import disk, fill

__all__ = ["disk"]
DAY = 86400.0
ROOMY = 10**9


def name(number: int, ending: str = ".jpg") -> str:
    return f"2026-11-{21 + number // 2000:02d}/gate/gate~in~{number:08d}~010203456{ending}"


def on_disk(folder: Path) -> dict[str, int]:
    """Every file below it, with its bytes; also what the store does not know."""
    return {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file()
    }


class Clock:
    def __init__(self, at: float) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def roomless(monkeypatch: pytest.MonkeyPatch) -> None:
    """No part of the disk is left to others."""
    monkeypatch.setattr(module, "LEAST_ROOM", 0)


def test_thousands_of_files_never_take_more_than_allowed_and_the_oldest_go_first(tmp_path: Path) -> None:
    store = Store(tmp_path, most=50_000, keep=DAY)
    sizes = {}
    for number in range(4000):
        sizes[name(number)] = 100 + number * 37 % 900
        store.save(name(number), bytes(sizes[name(number)]))
        if number % 100 == 0 or number > 3980:
            assert sum(on_disk(tmp_path).values()) <= 50_000
    left = on_disk(tmp_path)
    expected, room = {}, 50_000  # the newest that fit
    for number in range(3999, -1, -1):
        room -= sizes[name(number)]
        if room < 0:
            break
        expected[name(number)] = sizes[name(number)]
    assert left == expected
    assert [path.name for path in tmp_path.iterdir()] == ["2026-11-22"]  # the day before is gone as a whole


def test_the_bounds_hold_over_a_restart(tmp_path: Path) -> None:
    first = Store(tmp_path, most=ROOMY, keep=DAY)
    for number in range(30):
        first.save(name(number), bytes(1000))
        os.utime(tmp_path / name(number), (1e9, 1_900_000_000 - number))  # the later ones are older
    second = Store(tmp_path, most=10_000, keep=100 * 366 * DAY)
    assert set(on_disk(tmp_path)) == {name(number) for number in range(10)}
    second.save(name(100), bytes(1000))
    assert set(on_disk(tmp_path)) == {name(number) for number in [*range(9), 100]}


def test_what_was_kept_for_long_enough_goes_by_itself(tmp_path: Path) -> None:
    clock = Clock(1_795_000_000.0)
    store = Store(tmp_path, ROOMY, keep=7 * DAY, now=clock)
    for number in range(10):
        clock.at += DAY
        store.save(name(number), b"x")
    assert set(on_disk(tmp_path)) == {name(number) for number in range(2, 10)}
    clock.at += 5.5 * DAY
    store.tidy()
    assert set(on_disk(tmp_path)) == {name(number) for number in range(8, 10)}
    clock.at -= 400 * DAY  # a clock that was set back removes nothing
    store.tidy()
    assert len(on_disk(tmp_path)) == 2


def test_the_number_of_files_is_bounded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FILES", 5)
    store = Store(tmp_path, ROOMY, keep=DAY)
    for number in range(12):
        store.save(name(number), b"x")
        assert len(on_disk(tmp_path)) <= 5
    assert set(on_disk(tmp_path)) == {name(number) for number in range(7, 12)}


def test_a_file_that_is_written_again_counts_once(tmp_path: Path) -> None:
    store = Store(tmp_path, most=3000, keep=DAY)
    store.save(name(0), bytes(1000))
    store.save(name(1), bytes(1000))
    for size in (500, 900, 1000):
        store.save(name(0), bytes(size))  # it is the newest now
    store.save(name(2), bytes(1000))
    assert on_disk(tmp_path) == {name(0): 1000, name(1): 1000, name(2): 1000}
    store.save(name(3), bytes(1000))
    assert set(on_disk(tmp_path)) == {name(0), name(2), name(3)}


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    for path in ("notes.txt", "2026-11-21/gate/holiday.jpg", "2026-11-21/gate/x.part", "1/2/3"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(bytes(5000))
    others = on_disk(tmp_path)
    store = Store(tmp_path, most=1000, keep=DAY)
    for number in range(5):
        store.save(name(number), bytes(600))
    assert on_disk(tmp_path) == {**others, name(4): 600}


def test_what_is_larger_than_the_bound_is_refused_and_costs_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path, most=1000, keep=DAY)
    store.save(name(0), bytes(500))
    with pytest.raises(OSError, match="File too large"):
        store.save(name(1), bytes(1001))
    assert on_disk(tmp_path) == {name(0): 500}


def test_some_of_the_disk_is_left_to_others(disk: Path) -> None:
    store = Store(disk, ROOMY, keep=DAY)  # 1 MB in all, which is less than is to be left
    with pytest.raises(OSError, match="No space left on device"):
        store.save(name(0), b"x")
    assert on_disk(disk) == {}


@pytest.mark.usefixtures("roomless")
def test_a_disk_that_fills_up_meanwhile_leaves_nothing_half(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(disk, ROOMY, keep=DAY)
    store.save(name(0), bytes(1000))
    fill(disk / "others")
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result((4096, 4096, *[10**6] * 9)))
    with pytest.raises(OSError, match="No space left on device"):
        store.save(name(1), bytes(10_000))
    assert set(on_disk(disk)) == {name(0), "others"}
    (disk / "others").unlink()
    store.save(name(1), bytes(10_000))
    assert on_disk(disk) == {name(0): 1000, name(1): 10_000}


def test_a_process_that_is_killed_while_it_writes_leaves_nothing_that_is_shown(tmp_path: Path) -> None:
    """SIGKILL between the last byte and the name."""
    script = f"""
import os, signal
from pathlib import Path
from edgevision.outputs.store import Store
store = Store(Path({str(tmp_path)!r}), 10**9, 86400.0)
store.save({name(0)!r}, b"whole")
Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
store.save({name(1)!r}, b"half")
"""
    died = subprocess.run([sys.executable, "-c", script], check=False)
    assert died.returncode == -signal.SIGKILL
    assert set(on_disk(tmp_path)) == {name(0), name(1) + PART}
    assert look_up([tmp_path], name(0)) == tmp_path / name(0)
    assert look_up([tmp_path], name(1)) is None
    assert look_up([tmp_path], name(1) + PART) is None
    Store(tmp_path, 10**9, DAY)
    assert set(on_disk(tmp_path)) == {name(0)}


def test_a_folder_that_cannot_be_written_to_is_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"cannot keep evidence in .*/file/proof: Not a directory; choose"):
        Store(tmp_path / "file" / "proof", ROOMY, DAY)
