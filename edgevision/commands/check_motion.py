"""Watches the cameras of a configuration for some seconds: what moves where, and how fast."""

import time
from collections.abc import Sequence

from edgevision import log
from edgevision.assembly import Assembly
from edgevision.commands.counting import bare
from edgevision.config import LoadedConfig
from edgevision.lint_motion import Watched
from edgevision.metrics import Metrics
from edgevision.outputs import Result

TICK = 0.1  # s between two looks whether all files have ended


class Watcher:
    """An output that notes where the objects of each camera are."""

    name = address = "watched"
    camera: str | None = None
    wants_frames = True

    def __init__(self) -> None:
        self.cameras: dict[str, Watched] = {}

    def write(self, result: Result) -> None:
        if result.frame:
            watched = self.cameras.setdefault(result.camera, Watched())
            watched.see(result.tracks, result.frame.ts, result.frame.size)

    def close(self) -> None:
        pass


def watch(config: LoadedConfig, cameras: Sequence[str], seconds: float) -> dict[str, Watched]:
    """What is seen of these cameras, all at once, within so many seconds of ours. Every frame is looked at,
    whatever `fps:` says: at too few, what is fast would not be followed and so not be seen. Nothing is served
    or written. Raises EdgevisionError."""
    log.setup("error")  # a camera that goes away meanwhile is no fault of the configuration
    watcher = Watcher()
    pipeline = Assembly(bare(config, cameras, every_frame=True), Metrics()).pipeline(more=[watcher])
    pipeline.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end and pipeline.is_working():
        time.sleep(TICK)
    pipeline.stop()
    if pipeline.error:
        raise pipeline.error
    return watcher.cameras
