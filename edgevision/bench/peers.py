"""Other ways to do the same work, measured in the same run. Each lives in a process of its own, so that its
threads and its memory are not ours, and works only in its turn."""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple, Self

from edgevision.bench.turns import Turn
from edgevision.bench.usage import meter
from edgevision.errors import ModelError


class Peer(NamedTuple):
    """A library, and what it is installed by."""

    needs: tuple[str, ...]  # modules
    install: str


PEERS = {
    "ultralytics": Peer(("ultralytics",), "pip install ultralytics"),
    "supervision": Peer(("supervision", "trackers"), "pip install supervision trackers"),
    "openvino": Peer(("openvino",), "pip install openvino"),
    "cv2dnn": Peer(("cv2",), "pip install opencv-python-headless"),
}


def missing(name: str) -> str | None:
    """What to do before a peer can be measured; None if it is installed."""
    peer = PEERS[name]
    absent = [module for module in peer.needs if importlib.util.find_spec(module) is None]
    return f"{name} is not installed here: {peer.install}" if absent else None


class PeerProcess:
    """A peer as a subject; to be used with `with`."""

    def __init__(self, name: str, model: Path, clip: str) -> None:
        self._name = name
        self._arguments = [sys.executable, "-m", "edgevision.bench.peer", name, str(model), clip]
        self._process: subprocess.Popen[str] | None = None
        self._said: IO[str] | None = None  # a file: a pipe that nobody reads stops who writes 64 kB into it

    def __enter__(self) -> Self:
        """Raises ModelError with what it said, if it cannot do this network."""
        environment = {**os.environ, "YOLO_OFFLINE": "true", "YOLO_VERBOSE": "false"}
        self._said = tempfile.TemporaryFile("w+", errors="replace")  # closed by __exit__
        self._process = subprocess.Popen(
            self._arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said, text=True,
            env=environment,
        )  # fmt: skip
        try:
            self._answer()
        except BaseException:  # of somebody who does not want to wait while it loads, too
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
        if self._said:
            self._said.close()

    def turn(self, seconds: float) -> Turn:
        process = self._running()
        read = meter()
        _pipe(process.stdin).write(f"{seconds}\n")
        _pipe(process.stdin).flush()
        answer = self._answer()
        used = read()
        cpu = answer["cpu"] / answer["frames"]
        others = max(0.0, used.others - answer["cpu"]) / used.wall  # to us, it was another process
        return Turn(answer["frames"] / answer["seconds"], cpu, others)

    def _answer(self) -> dict[str, float]:
        process = self._running()
        line = _pipe(process.stdout).readline()
        if not line:
            process.wait()
            file = _pipe(self._said)
            file.seek(0)
            said = file.read().strip().splitlines()
            raise ModelError(
                f"{self._name} fails with this network or clip: {said[-1] if said else 'no word'}"
            )
        answer: dict[str, float] = json.loads(line)
        return answer

    def _running(self) -> "subprocess.Popen[str]":
        assert self._process
        return self._process


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe
    return pipe
