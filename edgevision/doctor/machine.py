"""The box: cores, memory, disk, clock, language, open files, cameras at it, programs."""

import ctypes
import datetime
import locale
import os
import platform
import resource
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from edgevision.doctor.finding import Finding, fail, ok, warn

GB = 10**9
LEAST_MEMORY = 5 * 10**8  # bytes; a camera with the built-in network takes 217 MB, measured on 2 cores
LEAST_DISK = GB
LEAST_FILES = 1024  # a camera takes about four, and so does a viewer
UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)
BUILT = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)  # a clock before this is wrong
PROGRAMS = {
    "systemctl": "runs edgevision as a service",
    "ffmpeg": "outputs of type restream; looks at streams by hand: ffprobe rtsp://...",
    "promtool": "checks the rules for Prometheus in deploy/",
    "chromium": "tests of pages, for developers only",
}


def check_machine(cgroups: Path = Path("/sys/fs/cgroup")) -> Iterator[Finding]:
    yield _cores(cgroups)
    yield _memory(cgroups)
    yield disk(Path.cwd(), "disk of this folder")
    yield _files()
    yield _clock()
    yield _language()
    yield from _cameras(Path("/dev"), Path("/sys/class/video4linux"))
    for program, use in PROGRAMS.items():
        where = shutil.which(program)
        yield ok(program, f"{where}: {use}" if where else f"not here; {use}")


def _cores(cgroups: Path) -> Finding:
    usable, there = len(os.sched_getaffinity(0)), os.cpu_count() or 1
    text = f"{usable} of {there}, {platform.machine()}"
    granted = cpu_limit(cgroups)
    if granted is not None and granted < usable:
        more = f"{text}; the container or service may use {granted:.2g} of them"
        return warn(
            "cores", more, "set `workers:` of the models to that number, or grant more (CPUQuota=, --cpus)"
        )
    return ok("cores", text)


def cpu_limit(cgroups: Path) -> float | None:
    """Cores that a control group grants, by cpu.max (version 2) or cpu.cfs_quota_us (1); None: no limit.

    Source: the kernel's admin-guide/cgroup-v2 and scheduler/sched-bwc.
    """
    limits = [float(quota) / float(period) for quota, period in _pairs(cgroups) if quota not in ("max", "-1")]
    return min(limits, default=None)


def _pairs(cgroups: Path) -> Iterator[tuple[str, str]]:
    for folder in _groups(cgroups):
        words = _text(folder / "cpu.max").split()
        if len(words) == 2:
            yield words[0], words[1]
    old = cgroups / "cpu"
    quota, period = _text(old / "cpu.cfs_quota_us"), _text(old / "cpu.cfs_period_us")
    if quota and period:
        yield quota, period


def _memory(cgroups: Path) -> Finding:
    lines = dict(line.split(":", 1) for line in _text(Path("/proc/meminfo")).splitlines() if ":" in line)
    total, free = (int(lines.get(key, "0").split()[0]) * 1024 for key in ("MemTotal", "MemAvailable"))
    limit = memory_limit(cgroups)
    text = f"{free / GB:.1f} of {total / GB:.1f} GB free"
    if limit is not None and limit < total:
        text, free = f"{text}; the container or service may use {limit / GB:.1f} GB", min(free, limit)
    if free < LEAST_MEMORY:
        return warn(
            "memory", text, "stop something else, grant more (MemoryMax=, --memory), or take one camera only"
        )
    return ok("memory", text)


def memory_limit(cgroups: Path) -> int | None:
    """Bytes that a control group grants; None: no limit."""
    texts = [_text(folder / "memory.max") for folder in _groups(cgroups)]
    texts.append(_text(cgroups / "memory" / "memory.limit_in_bytes"))
    return min((int(text) for text in texts if text.isdigit()), default=None)


def _groups(cgroups: Path) -> Iterator[Path]:
    """The folder of our own group and of those above it, version 2."""
    own = next(
        (line[3:] for line in _text(Path("/proc/self/cgroup")).splitlines() if line.startswith("0::")), "/"
    )
    folder = cgroups / own.lstrip("/")
    yield from (each for each in (folder, *folder.parents) if each.is_relative_to(cgroups))


def disk(folder: Path, subject: str) -> Finding:
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return fail(subject, f"{folder}: {error.strerror}", "create the folder, or choose another")
    text = f"{free / GB:.1f} GB free in {folder}"
    if not os.access(folder, os.W_OK):
        return warn(
            subject, f"{text}, where this user may not write", "run it in another folder, or as another user"
        )
    if free < LEAST_DISK:
        return warn(
            subject,
            text,
            "make room: `du -xh / | sort -h | tail`; events need 200 bytes each, video far more",
        )
    return ok(subject, text)


def _files() -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    text = f"{soft} at once, up to {hard} if asked for"
    if soft < LEAST_FILES:
        return warn("open files", text, f"ulimit -n {LEAST_FILES}, or LimitNOFILE= in the unit")
    return ok("open files", text)


def _clock() -> Finding:
    now = datetime.datetime.now().astimezone()
    text = f"{now:%Y-%m-%d %H:%M:%S} {time.tzname[time.localtime().tm_isdst > 0]}"
    todo = "events have the time of this clock: timedatectl set-ntp true, or install chrony"
    if now < BUILT:
        return fail("clock", f"{text} cannot be", todo)
    state = ctypes.CDLL(None).adjtimex(
        ctypes.create_string_buffer(512)
    )  # a zeroed struct timex asks, and sets nothing
    if state == UNSYNCHRONISED:
        return warn("clock", f"{text}, not set by a time server", todo)
    return ok(
        "clock", f"{text}, set by a time server" if state >= 0 else f"{text}; who sets it cannot be seen here"
    )


def _language() -> Finding:
    codes = {sys.getfilesystemencoding().lower(), locale.getpreferredencoding(False).lower()}
    if codes <= {"utf-8", "utf8"}:
        return ok("characters", "UTF-8")
    return warn(
        "characters",
        ", ".join(sorted(codes)),
        "export LC_ALL=C.UTF-8, else names with other letters come out wrong",
    )


def _cameras(devices: Path, described: Path) -> Iterator[Finding]:
    nodes = sorted(devices.glob("video[0-9]*"))
    if not nodes:
        yield ok("USB cameras", "none (no /dev/video*); IP cameras need none")
    for node in nodes:
        name = _text(described / node.name / "name") or "a video device"
        if os.access(node, os.R_OK | os.W_OK):
            yield ok(str(node), name)
        else:
            yield warn(
                str(node),
                f"{name}, but this user may not open it",
                "usermod -aG video USER, and log in again",
            )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
