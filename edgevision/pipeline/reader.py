"""Reads one session of a live source in a thread of its own, so that a call into a video library that never
returns costs a thread, and not the camera."""

import contextlib
import logging
import threading
import time
from collections import deque

from edgevision.errors import SourceError
from edgevision.log import fields
from edgevision.sources import Picture, Source, Wanted, chosen

CLOSE = 0.3  # s for a reader to close its source: at the end of all, the pipeline waits for 0.5 s
MOST_LEFT = 3  # readers of one camera that hang: each holds a connection, and a decoder's memory
HOPELESS = 30.0  # s: a dead name server holds a thread for 20 s; what hangs longer hangs for ever
KEPT = 4  # pictures between two threads; who takes them never waits for anything, so it is one at most

log = logging.getLogger(__name__)


class Reader:
    """Opens, reads and closes the source, all in its own thread, which begins at once: nobody else may touch
    a capture, releasing it while it reads crashes the process. So a reader that hangs is left behind."""

    def __init__(self, source: Source, name: str, wanted: Wanted) -> None:
        self._source = source
        self._wanted = wanted
        self._stop = threading.Event()
        self._pictures: deque[Picture] = deque()
        self._overwritten = 0
        self._end: SourceError | None = None
        self._changed = threading.Condition()
        # A daemon, so that a read that never returns cannot keep the process from ending.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def take(self, seconds: float) -> Picture | None:
        """The next picture, or None if there is none within that time. Raises SourceError at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._pictures or self._end, seconds)
            if self._pictures:
                return self._pictures.popleft()
            if self._end:
                raise self._end
            return None

    def overwritten_since(self) -> int:
        """How many pictures nobody took in time, since this was last asked."""
        with self._changed:
            count, self._overwritten = self._overwritten, 0
            return count

    def stop(self, seconds: float) -> bool:
        """Ask it to close its source; whether it did so in time."""
        self._stop.set()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        end = SourceError("ended", "the source has no more pictures")
        try:
            # Closed here and now: the garbage collector would do it in any thread.
            taken = chosen(self._source, self._stop, self._wanted)
            with contextlib.closing(taken) as pictures:  # type: ignore[type-var]
                for picture in pictures:
                    self._put(picture)
                    if self._stop.is_set():
                        break
        except SourceError as error:
            # Not the error itself. It knows where it was raised, and what was there: a decoder with its
            # threads and pictures, 14 MB, and this reader. Kept here, that would be a circle, which only
            # the search for garbage opens: in a service that makes little of it hours later.
            end = SourceError(error.reason, str(error))
        except Exception as error:
            log.exception("reading failed", extra=fields(thread=self._thread.name))
            end = SourceError("failed", f"reading failed: {type(error).__name__}")
        with self._changed:
            self._end = end
            self._changed.notify_all()

    def _put(self, picture: Picture) -> None:
        with self._changed:
            if len(self._pictures) == KEPT:
                self._overwritten += 1
                if not picture.made:
                    return  # those that wait may have an image
                self._pictures.popleft()
            self._pictures.append(picture)
            self._changed.notify_all()


class Readers:
    """Of one camera: the one that works, and those that were left behind. Used by the capture's thread."""

    def __init__(self, source: Source, camera: str, wanted: Wanted) -> None:
        """wanted: called by the readers' threads."""
        self._source = source
        self._wanted = wanted
        self._camera = camera
        self._left: list[tuple[Reader, float]] = []  # and since when, time.monotonic()

    def begin(self, session: int) -> Reader:
        return Reader(self._source, f"{self._camera} reader {session}", self._wanted)

    def leave(self, reader: Reader) -> bool:
        """End a session. False: it does not end, and is left behind; what it still reads goes nowhere."""
        ended = reader.stop(CLOSE)
        if not ended:
            self._left.append((reader, time.monotonic()))
        return ended

    def left(self) -> int:
        """How many were left behind and have not ended yet."""
        self._left = [(reader, since) for reader, since in self._left if reader.is_alive()]
        return len(self._left)

    def hanging(self) -> int:
        """How many of them will hardly end any more. May be asked by any thread."""
        now = time.monotonic()
        return sum(reader.is_alive() and now - since > HOPELESS for reader, since in tuple(self._left))
