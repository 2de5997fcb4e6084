"""What an event looked like: the whole picture, one of the object, and a clip of the seconds around it."""

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from edgevision.conceal import Redaction
from edgevision.core.moments import EPSILON, next_due
from edgevision.core.types import Event, Floats
from edgevision.errors import OutputError
from edgevision.events import utc
from edgevision.evidence import ENDINGS, stem
from edgevision.outputs.base import Result
from edgevision.outputs.choice import Choice
from edgevision.outputs.clips import LATE, Clips, Reel, Shot
from edgevision.outputs.picture import evidence, to_jpeg
from edgevision.outputs.store import Store
from edgevision.settings import Bytes, Duration, Settings

WIDEST, QUALITY = 1280, 82  # px and 0..100 of a whole picture
CROP = 480  # px of the longer side of a picture of the object
CLIP_WIDEST, CLIP_QUALITY = 640, 75  # of a clip's pictures, until they are encoded again
FASTEST = 10.0  # pictures a second of a clip
MOST_PENDING = 32  # clips whose last seconds have not come yet, of all cameras
TIDY_EVERY = 60.0  # s
TELL_EVERY = 600.0  # s between two lines in the log for the same reason

log = logging.getLogger(__name__)


class Clip(Settings):
    """How much of what comes before and after an event a clip shows."""

    before: Duration = Field(5.0, le=60, description="seconds before it")
    after: Duration = Field(5.0, le=60, description="seconds after it")


def _clip(value: Any) -> Any:
    """`on` and `off` as what they stand for; YAML reads them as true and false."""
    if isinstance(value, str | bool):
        known: dict[Any, Any] = {"on": {}, True: {}, "off": None, False: None}
        if value not in known:
            raise ValueError(f"expected on, off or {{before: 5s, after: 5s}}, got {value!r}")
        return known[value]
    return value


class Config(Choice):
    """Pictures and clips of events, in a folder of bounded size."""

    type: Literal["evidence"]
    folder: str = Field(min_length=1, description="made where it does not exist; for this output alone")
    picture: bool = Field(True, description="keep the whole picture, and one of the object")
    clip: Annotated[
        Clip | None, BeforeValidator(_clip, json_schema_input_type=Clip | Literal["on", "off"] | bool | None)
    ] = Field(None, description="keep a clip: off, on or {before: 5s, after: 5s}; needs the extra pyav")
    keep: Duration = Field(7 * 86400.0, gt=0, description="how long it is kept")
    most: Bytes = Field(
        2 * 10**9, ge=10**7, description="above it the oldest goes: bytes, or text such as 500MB, 2GB"
    )
    redact: Redaction | None = Field(None, description="what must not be recognised in it")


@dataclass(slots=True)
class _Camera:
    """What is held of one camera."""

    reel: Reel
    due: float = float("-inf")  # s, from which the next picture is taken for clips
    last: float = float("-inf")  # s
    pending: deque[tuple[str, float, float]] = field(default_factory=deque)  # path, and s of begin and end


class Evidence:
    """Draws in its own thread; clips are made in another one, so that the next event is not missed meanwhile.

    What cannot be kept is counted and told; it is no failure, as events are counted without it.
    """

    wants_frames = True

    def __init__(self, config: Config, name: str) -> None:
        self.name = name
        self.address = f"evidence {config.folder}"
        self.camera: str | None = config.camera
        self._config = config
        self._store = Store(Path(config.folder), config.most, config.keep)
        self._clips = Clips(name, self._store.save, self._lose) if config.clip else None
        self._cameras: dict[str, _Camera] = {}  # one for each that is configured
        self._tidied = time.monotonic()
        self._lock = Lock()
        self._lost = 0
        self._told: dict[str, float] = {}  # by reason, time.monotonic(); reasons are few
        self._live = True

    def write(self, result: Result) -> None:
        self._live = result.live
        wanted = [event for event in result.events if self._config.wants(event)]
        if result.frame is not None and self._config.clip:
            self._film(result, result.frame.ts, self._config.clip)
        for event in wanted:
            start = stem(event.id, event.camera, utc(event.wall))
            if start is None:
                self._lose(OutputError("an event's id is no name for a file"))
                continue
            if self._config.picture and result.frame is not None:
                self._keep(start, event, result)
            if self._config.clip:
                self._await(start + ENDINGS["clip"], event, self._config.clip)
        if time.monotonic() - self._tidied > TIDY_EVERY:
            self._tidied = time.monotonic()
            self._try(self._store.tidy)

    def close(self) -> None:
        if self._clips:
            for camera in self._cameras.values():
                self._send(camera, float("inf"))
            self._clips.close(self._live)

    def lost(self) -> int:
        with self._lock:
            lost, self._lost = self._lost, 0
        return lost

    def _film(self, result: Result, ts: float, clip: Clip) -> None:
        """Hold the picture for clips, and hand on those that it ends."""
        camera = self._cameras.get(result.camera)
        if camera is None or ts < camera.last:  # the camera began anew, with a clock of its own
            if camera:
                self._send(camera, float("inf"))
            camera = self._cameras[result.camera] = _Camera(Reel(clip.before + clip.after + LATE))
        camera.last = ts
        if ts >= camera.due - EPSILON:
            camera.due = next_due(camera.due, ts, 1 / FASTEST)
            image, _ = evidence(result, self._config.redact, CLIP_WIDEST)
            self._send(camera, ts - EPSILON)  # before older pictures are forgotten, after a long pause
            camera.reel.add(Shot(ts, to_jpeg(image, CLIP_QUALITY)))

    def _await(self, path: str, event: Event, clip: Clip) -> None:
        camera = self._cameras.get(event.camera)
        if camera is None or sum(len(each.pending) for each in self._cameras.values()) >= MOST_PENDING:
            self._lose(OutputError(f"more than {MOST_PENDING} clips at once are not made"))
            return
        camera.pending.append((path, event.ts - clip.before, event.ts + clip.after))

    def _send(self, camera: _Camera, now: float) -> None:
        """Clips that have come to their end by `now` (s) to the thread that makes them. Those that it has no
        time for yet wait as long as their pictures are held."""
        for each in [each for each in camera.pending if each[2] <= now]:
            path, begin, end = each
            shots = camera.reel.between(begin, end)
            if self._clips and shots and self._clips.put(path, shots, self._live):
                camera.pending.remove(each)
            elif not shots or now > end + LATE:
                camera.pending.remove(each)
                self._lose(OutputError("clips are asked for faster than they can be made"))

    def _keep(self, start: str, event: Event, result: Result) -> None:
        about = _place(event, result)
        whole, crop = evidence(result, self._config.redact, WIDEST, about, CROP)
        if crop is not None:
            self._try(self._store.save, start + ENDINGS["crop"], to_jpeg(crop, QUALITY))
        self._try(self._store.save, start + ENDINGS["picture"], to_jpeg(whole, QUALITY))

    def _try(self, do: Callable[..., None], *what: Any) -> None:
        try:
            do(*what)
        except OSError as error:
            self._lose(error)

    def _lose(self, error: Exception) -> None:
        """Count it; tell it once, and again after a while. By any thread."""
        reason = str(error) if isinstance(error, OutputError) else type(error).__name__
        if isinstance(error, OSError):
            reason = f"cannot write to {self._config.folder}: {error.strerror}"
        with self._lock:
            self._lost += 1
            now = time.monotonic()
            quiet = now - self._told.get(reason, float("-inf")) < TELL_EVERY
            if not quiet:
                self._told[reason] = now
        if not quiet:
            log.error("evidence is left out, counting goes on: %s", reason)


def _place(event: Event, result: Result) -> Floats | None:
    """Where to look, as a box (4,) px of the frame: the object, if it is seen; else the place by its name."""
    for track in result.tracks:
        if track.id == event.track_id and track.missed == 0:
            return track.box
    for shape in result.shapes:
        if shape.closed and shape.text.partition(" ")[0].rstrip(":") == event.name:
            return _bounds(shape.points)
    return None


def _bounds(points: Floats) -> Floats:
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def build(config: Config, name: str) -> Evidence:
    return Evidence(config, name)
