"""Events on their way through a journal to one output, as in a process with `type: sqlite`."""

from pathlib import Path

from edgevision.core import Event
from edgevision.metrics import Metrics
from edgevision.outputs import Output, Result
from edgevision.outputs.sqlite import Config, build
from edgevision.pipeline.crew import Crew, join
from edgevision.pipeline.delivery import Delivery


class Process:
    """The outputs of a process, from its start to its end."""

    def __init__(self, folder: Path, output: Output) -> None:
        self.journal = build(Config(type="sqlite", path=str(folder / "events.db")), "sqlite-0")
        self.run = self.journal.journal.past("gate", None).run
        self.metrics = Metrics()
        self.delivery = Delivery([output], self.metrics, self.journal)
        self.delivery.start(Crew(on_error=lambda: None))

    def happens(self, *numbers: int, live: bool = True) -> None:
        for number in numbers:
            self.delivery.hand_on(Result("gate", [event(number)], run=self.run), live)

    def end(self) -> None:
        self.delivery.close()
        assert join(self.delivery.threads, 30) == []


def event(number: int, kind: str = "crossed_in") -> Event:
    id = f"gate:door:{number:08d}"
    return Event(id, "gate", "line", "door", kind, 'a "car"', 7, float(number), 0.9, 1e9 + number, 0.0)


def ids(*numbers: int) -> list[str]:
    return [f"gate:door:{number:08d}" for number in numbers]
