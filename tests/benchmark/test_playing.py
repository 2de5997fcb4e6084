"""The service's own turns: what is still under way at the end of one would be done in the next subject's."""

from pathlib import Path

import pytest

from edgevision.accounts import FrameCounts
from edgevision.bench import playing
from edgevision.bench.playing import Playing
from edgevision.bench.task import plain_task
from edgevision.errors import SourceError


@pytest.mark.parametrize("under_way", [0, 1])
def test_a_turn_does_not_end_in_the_turn_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, under_way: int
) -> None:
    monkeypatch.setattr(playing, "DRAIN", 0.02)
    task = plain_task({"path": "builtin:drawn"}, "synthetic:carpark", tmp_path)
    with Playing(task.config()) as played:
        counts = {"clip": FrameCounts(1, 1 - under_way, {}, under_way)}
        monkeypatch.setattr(played.pipeline, "frame_counts", lambda: counts)
        if under_way:
            with pytest.raises(SourceError, match="fewer --streams"):
                played._drain()
        else:
            played._drain()
