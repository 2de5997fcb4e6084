"""ffmpeg as a process that is fed pictures. Whatever becomes of it, who feeds it never waits for long."""

import os
import re
import select
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from edgevision.core.types import Image
from edgevision.errors import OutputError
from edgevision.redact import redact

ENCODERS = {
    "libx264": ["-preset", "ultrafast", "-tune", "zerolatency", "-threads", "2"],
    "libopenh264": ["-b:v", "2M"],
}
ASK = 15.0  # s for ffmpeg to say what it has: a memory card is slow at first
STUCK = 10.0  # s in which it takes nothing: it waits for somebody who is gone
LOOK = 0.1  # s between two looks whether it is all to end
FINISH, KILLED = 1.0, 1.0  # s to end by itself, and after it was killed
MOST_WORDS = 2000  # bytes of what it said last
LINES = 3  # of that, which are told: the last one alone seldom says why
_PART = re.compile(r"^\[[^\]]*\] ", re.MULTILINE)  # which part of it says so, with its address in memory
# It need know no secret of ours, and FFREPORT would make it write its arguments to a file, with the password.
PASSED_ON = ("PATH", "LD_LIBRARY_PATH")


def program() -> tuple[str, list[str]]:
    """ffmpeg, and the arguments that make it encode H.264. Raises OutputError."""
    found = shutil.which("ffmpeg")
    if found is None:
        raise OutputError("restream needs ffmpeg, and it is not installed: apt install ffmpeg")
    try:
        command = [found, "-hide_banner", "-encoders"]
        answer = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=ASK,
            check=False,
            env=_environment(),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OutputError(f"{found} cannot be run: {error}") from None
    known = answer.stdout.decode(errors="replace").split()
    for encoder, arguments in ENCODERS.items():
        if encoder in known:
            return found, ["-c:v", encoder, *arguments]
    raise OutputError(f"{found} encodes no H.264: it has none of {', '.join(ENCODERS)}; apt install ffmpeg")


class Encoder:
    """One process. It belongs to one thread, and ends with this one at the latest: its input ends then."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        """folder: where it runs. Raises OutputError."""
        try:
            self._process = subprocess.Popen(
                command, cwd=folder, env=_environment(), process_group=0, bufsize=0,
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            )  # fmt: skip
        except OSError as error:
            raise OutputError(f"ffmpeg cannot be started: {error.strerror}") from None
        assert self._process.stdin is not None
        assert self._process.stderr is not None
        self._input, self._errors = self._process.stdin.fileno(), self._process.stderr.fileno()
        for each in (self._input, self._errors):
            os.set_blocking(each, False)
        self._words = b""

    def feed(self, image: Image, stopped: Callable[[], bool]) -> None:
        """One picture (H, W, 3) uint8 BGR, unless it is all to end. Raises OutputError if it has ended, or
        takes nothing any more."""
        left = memoryview(image.tobytes())
        patience = time.monotonic() + STUCK
        ready = select.poll()
        ready.register(self._input, select.POLLOUT)
        ready.register(self._errors, select.POLLIN)
        while len(left) and not stopped():
            for descriptor, _ in ready.poll(LOOK * 1000):
                if descriptor == self._errors:
                    self._listen()
                    if self._process.poll() is not None:
                        raise self._ended()
                    continue
                try:
                    left = left[os.write(self._input, left) :]
                except BlockingIOError:
                    continue
                except BrokenPipeError:
                    raise self._ended() from None
                patience = time.monotonic() + STUCK
            if time.monotonic() > patience:
                raise OutputError(f"ffmpeg takes nothing for {STUCK:g} s: nobody reads what it sends")

    def close(self) -> None:
        """It may finish what it writes, and is killed if that takes long."""
        with suppress(OSError):
            self._process.stdin.close()  # type: ignore[union-attr]
        try:
            self._process.wait(FINISH)
        except subprocess.TimeoutExpired:
            self._process.kill()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(KILLED)
        self._process.stderr.close()  # type: ignore[union-attr]

    def _listen(self) -> None:
        with suppress(BlockingIOError):
            self._words = (self._words + os.read(self._errors, 4096))[-MOST_WORDS:]

    def _ended(self) -> OutputError:
        """With its last words, in which an address may have a password."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(FINISH)
        self._listen()
        lines = _PART.sub("", self._words.decode(errors="replace")).splitlines()
        said = ": " + redact("; ".join(line.strip() for line in lines[-LINES:])) if lines else ""
        return OutputError(f"ffmpeg has ended (status {self._process.returncode}){said}")


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ}
