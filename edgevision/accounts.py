"""What became of each camera's frames, as one consistent account."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

DROP_REASONS = ("burst", "overload", "rate", "shutdown", "still")


@dataclass(frozen=True, slots=True)
class FrameCounts:
    """What became of one camera's frames, all read at one moment, so that
    captured = processed + sum(dropped) + in_flight."""

    captured: int
    processed: int
    dropped: Mapping[str, int]
    in_flight: int


class FrameCollector(Collector):
    """Frame counts as one consistent snapshot per scrape; separate counters would be read one by one."""

    def __init__(self, read: Callable[[], Mapping[str, FrameCounts]]) -> None:
        self._read = read

    def collect(self) -> Iterator[Metric]:
        captured = CounterMetricFamily("edgevision_frames", "Frames captured.", labels=["camera"])
        processed = CounterMetricFamily(
            "edgevision_frames_processed", "Frames that went the whole way.", labels=["camera"]
        )
        dropped = CounterMetricFamily(
            "edgevision_frames_dropped", "Frames left out, by reason.", labels=["camera", "reason"]
        )
        in_flight = GaugeMetricFamily(
            "edgevision_frames_in_flight", "Frames waiting or being worked on.", labels=["camera"]
        )
        for camera, counts in self._read().items():
            captured.add_metric([camera], counts.captured)
            processed.add_metric([camera], counts.processed)
            in_flight.add_metric([camera], counts.in_flight)
            for reason in DROP_REASONS:
                dropped.add_metric([camera, reason], counts.dropped.get(reason, 0))
        yield from (captured, processed, dropped, in_flight)

    def describe(self) -> Iterator[Metric]:
        return iter(())
