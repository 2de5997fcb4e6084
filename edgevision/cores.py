"""How many cores this process may use: those of the machine, less what its affinity and its control group
keep from it. More threads than that are slower, not faster: 3 that spin on 2 cores gave 7 instead of 20
frames/s.
"""

import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")


class Cores(NamedTuple):
    number: int
    why: str  # what the number comes from, in words


def usable_cores() -> Cores:
    allowed = len(os.sched_getaffinity(0))
    quota = cpu_quota(ROOT, OWN)
    if quota is None or quota >= allowed:
        machine = os.cpu_count() or allowed
        return Cores(allowed, "all of them" if allowed == machine else f"of {machine}, by its affinity")
    # Rounded up, as a quota of 1.5 is used up by no single worker; so does Go 1.25 (GOMAXPROCS).
    return Cores(max(1, math.ceil(quota)), f"of {allowed}, by a control group's limit of {quota:g}")


def cpu_quota(root: Path, own: Path) -> float | None:
    """Cores that control groups allow a process, or None without a limit: the least of its group's and of all
    above. root: where they are mounted. own: /proc/self/cgroup, whose lines are `number:controllers:path`.

    Version 2 has `cpu.max` with `quota period` or `max` (docs.kernel.org, cgroup-v2); version 1
    `cpu.cfs_quota_us`, -1 for none, and `cpu.cfs_period_us` (sched-bwc).
    """
    return min(_quotas(root, own), default=None)


def _quotas(root: Path, own: Path) -> Iterator[float]:
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers == "":
            for folder in _upwards(root, path):
                yield from _ratio(_words(folder / "cpu.max"))
        elif "cpu" in controllers.split(","):
            # Mounted under the names of all its controllers, or linked to under each one's.
            for mount in (root / controllers, root / "cpu"):
                for folder in _upwards(mount, path):
                    quota = _words(folder / "cpu.cfs_quota_us")
                    yield from _ratio(quota + _words(folder / "cpu.cfs_period_us"))


def _upwards(root: Path, path: str) -> Iterator[Path]:
    """The group's folder and all above. In a container the path may be the host's, and only the root
    be there."""
    folder = root / path.strip("/")
    while folder != root and root in folder.parents:
        yield folder
        folder = folder.parent
    yield root


def _words(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except OSError:
        return []


def _ratio(words: list[str]) -> Iterator[float]:
    """quota / period of two numbers; nothing for `max`, -1, or what is not there."""
    if len(words) == 2 and words[0].isdigit() and words[1].isdigit() and int(words[0]) > 0 < int(words[1]):
        yield int(words[0]) / int(words[1])
