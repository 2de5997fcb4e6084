"""What another thread wants done by the one that commits a camera's frames, between two of them: tracker and
analytics belong to that thread."""

from collections.abc import Callable
from concurrent.futures import Future

from edgevision.core.types import Event

MOST = 16  # that wait for one camera


class Errand:
    """Done once, or never: who waits for it in vain takes it back with `outcome.cancel()`."""

    def __init__(self, do: Callable[[], list[Event]]) -> None:
        self._do = do
        self.outcome: Future[list[Event]] = Future()

    def run(self) -> None:
        if self.outcome.set_running_or_notify_cancel():
            try:
                self.outcome.set_result(self._do())
            except Exception as error:
                self.outcome.set_exception(error)
                raise  # a defect ends the process, as anywhere else
