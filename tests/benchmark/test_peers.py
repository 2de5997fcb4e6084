"""Peers are processes of their own: none stays behind, and none is waited for in vain."""

import sys
from pathlib import Path

import pytest

from edgevision.bench.peers import PeerProcess
from edgevision.errors import ModelError

LOADS = "import time; time.sleep(60)"
TALKS = """
import sys
print('{}', flush=True)
for line in sys.stdin:
    for _ in range(4000):
        print('a library that warns of every frame', file=sys.stderr)
    print('{"frames": 4, "seconds": 2.0, "cpu": 1.0}', flush=True)
"""
FAILS = "import sys; print('first', file=sys.stderr); sys.exit('cannot read that')"


def peer(program: str) -> PeerProcess:
    made = PeerProcess("peer", Path("a.onnx"), "clip.mp4")
    made._arguments = [sys.executable, "-c", program]
    return made


def test_none_stays_behind_when_somebody_does_not_want_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    made = peer(LOADS)

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(made, "_answer", interrupted)
    with pytest.raises(KeyboardInterrupt):
        made.__enter__()
    assert made._process
    assert made._process.poll() is not None


def test_what_it_prints_does_not_stop_it() -> None:
    """144 kB, where a pipe that nobody reads takes 64."""
    with peer(TALKS) as made:
        assert made.turn(0.1).fps == 2


def test_its_last_word_is_told() -> None:
    with pytest.raises(ModelError, match=r"peer fails with this network or clip: cannot read that$"):
        peer(FAILS).__enter__()
