"""The metrics of parking spots. They are set where something changed: a thousand spots have 3000 series."""

from collections import Counter as Counts
from collections.abc import Mapping, Sequence
from typing import Protocol

from prometheus_client import CollectorRegistry, Gauge, Histogram

MINUTE, HOUR = 60, 3600
STAYS = (MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 24 * HOUR)
TAKEN = "occupied"


class State(Protocol):
    """What is shown of a spot's state."""

    @property
    def state(self) -> str: ...
    @property
    def since(self) -> float | None: ...


class SpotMetrics:
    """Of all cameras."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.state = Gauge(
            "edgevision_spot_state",
            "1 for the state that a spot has.",
            ["camera", "spot", "state"],
            registry=registry,
        )
        self.spots = Gauge(
            "edgevision_spots", "Spots by the state they have.", ["camera", "state"], registry=registry
        )
        self.stay = Histogram(
            "edgevision_spot_stay_seconds",
            "How long spots had been taken when they were freed.",
            ["camera"],
            buckets=STAYS,
            registry=registry,
        )
        self.longest = Gauge(
            "edgevision_spot_longest_stay_seconds",
            "How long the spot has been taken that has been for longest.",
            ["camera"],
            registry=registry,
        )

    def forget(self, camera: str) -> None:
        """Remove all series of a camera that is there no more."""
        for metric in (self.state, self.spots, self.stay, self.longest):
            metric.remove_by_labels({"camera": camera})


class CameraSpots:
    """Of one camera. Nothing of it exists before the camera shows that it has spots."""

    def __init__(self, metrics: SpotMetrics, camera: str) -> None:
        self._metrics = metrics
        self._camera = camera
        self._shown: Mapping[str, State] = {}

    def show(self, states: Mapping[str, State], possible: Sequence[str], ts: float) -> None:
        """The state of each spot by name, of those `possible`, at `ts` (s)."""
        taken = [each.since for each in states.values() if each.state == TAKEN and each.since is not None]
        self._metrics.longest.labels(self._camera).set(ts - min(taken, default=ts))
        if states is self._shown:
            return
        self._metrics.stay.labels(self._camera)
        counts = Counts(each.state for each in states.values())
        for state in possible:
            self._metrics.spots.labels(self._camera, state).set(counts[state])
        for name, now in states.items():
            if name not in self._shown or self._shown[name].state != now.state:
                for state in possible:
                    self._metrics.state.labels(self._camera, name, state).set(state == now.state)
        self._shown = states

    def stayed(self, seconds: float) -> None:
        """A spot was freed that had been taken for so long."""
        self._metrics.stay.labels(self._camera).observe(seconds)
