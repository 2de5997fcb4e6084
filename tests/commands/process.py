"""Runs the program as a user does: as a process of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Self

import httpx

ENVIRONMENT = {**os.environ, "PYTHONWARNINGS": "default"}


def edgevision(*arguments: str, cwd: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "edgevision", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**ENVIRONMENT, **environ},
        timeout=110,
        check=False,
    )


def check_failure(done: subprocess.CompletedProcess[str], status: int, message: str) -> None:
    """It failed with one line for the user that matches, and without a traceback."""
    complaints = [line for line in done.stderr.splitlines() if line.startswith("edgevision: ")]
    assert done.returncode == status, done.stderr
    assert len(complaints) == 1, done.stderr
    assert re.search(message, complaints[0]), complaints[0]
    assert "Traceback" not in done.stderr


class Service:
    """`edgevision run` in the background, with its HTTP server on a free port."""

    program: Sequence[str] = ("-m", "edgevision")

    def __init__(self, folder: Path, config: str, **environ: str) -> None:
        self.folder = folder
        self.config = folder / "config.yaml"
        self.config.write_text(config)
        self.process = subprocess.Popen(
            [sys.executable, *self.program, "run", str(self.config)],
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={**ENVIRONMENT, **environ},
        )
        self.log = ""
        assert self.process.stderr
        self._stderr: IO[str] = self.process.stderr
        self.url = self.wait_for_log(r"url=(\S+)")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def wait_for_log(self, pattern: str) -> str:
        """Read its log until something matches; what is in the first group, if there is one."""
        while not (found := re.search(pattern, self.log)):
            line = self._stderr.readline()
            assert line, f"it ended without {pattern!r}: {self.log}"
            self.log += line
        return found[1] if found.groups() else found[0]

    def metrics(self) -> dict[str, float]:
        """Every sample of one scrape, by its name and labels without the prefix."""
        lines = httpx.get(self.url + "/metrics").text.splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name.removeprefix("edgevision_"): float(value) for name, value in pairs}

    def wait_for(self, name: str, least: float) -> dict[str, float]:
        deadline = time.monotonic() + 60
        while (metrics := self.metrics()).get(name, -1) < least:
            assert time.monotonic() < deadline, f"{name} stayed below {least}"
            time.sleep(0.05)
        return metrics

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end within the 5 seconds that it promises; its exit status."""
        self.process.send_signal(how)
        try:
            self.process.wait(5)
        finally:
            self.kill()
        return self.process.returncode

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if not self._stderr.closed:
            self.log += self._stderr.read()
            self._stderr.close()
