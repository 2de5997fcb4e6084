"""A pause of one camera that somebody wants."""

import time
from threading import Event

LOOK = 0.1  # s between two looks at whether to stop, or to go on


class Rest:
    """Wanted by any thread, taken by the camera's capture."""

    def __init__(self) -> None:
        self.wanted = False

    def take(self, stop: Event) -> None:
        """Until nobody wants it any more, or `stop` is set."""
        while self.wanted and not stop.wait(LOOK):
            pass

    def wait(self, seconds: float, stop: Event) -> None:
        """So long; less where a pause is wanted meanwhile, or `stop` is set."""
        deadline = time.monotonic() + seconds
        while (
            not self.wanted and (left := deadline - time.monotonic()) > 0 and not stop.wait(min(left, LOOK))
        ):
            pass
