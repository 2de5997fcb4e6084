"""A process that has no cameras, for tests of the server around it."""

from collections.abc import Sequence

from edgevision.config import LoadedConfig
from edgevision.desk import Desk
from edgevision.metrics import Metrics
from edgevision.pipeline.pipeline import Pipeline
from edgevision.pipeline.viewing import Viewing


class EmptyDesk(Desk):
    """It has the troubles it is given, and whatever is noted in its metrics."""

    def __init__(self, troubles: Sequence[str] = (), metrics: Metrics | None = None) -> None:
        metrics = metrics or Metrics()
        pipeline = Pipeline([], {}, [], metrics)
        super().__init__(
            pipeline, metrics.text, lambda: list(troubles), Viewing(None), _nothing, None, lambda: None
        )


def _nothing() -> LoadedConfig:
    raise AssertionError("there is no configuration")
