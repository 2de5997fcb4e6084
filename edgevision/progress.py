"""How far each camera's frames have come, as metrics: what stands still names the part that hangs."""

import time
from collections.abc import Callable, Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

STEPS = {
    "captured": "a frame was last captured",
    "inferred": "the network was last through with a frame",
    "committed": "a frame was last tracked and asked about",
    "published": "all that was found has been written by the journal and the outputs: up to then",
}


class ProgressCollector(Collector):
    """Ages are taken by the monotonic clock and told as Unix time at the scrape: `time() - x` is right even
    after the clock was set."""

    def __init__(self, read: Callable[[], Mapping[str, Mapping[str, float]]]) -> None:
        """read: by camera and step, time.monotonic() s; 0.0 for never."""
        self._read = read

    def collect(self) -> Iterator[Metric]:
        cameras = self._read()
        epoch = time.time() - time.monotonic()
        for step, text in STEPS.items():
            gauge = GaugeMetricFamily(
                f"edgevision_last_{step}_timestamp_seconds", f"Unix time at which {text}.", labels=["camera"]
            )
            for camera, steps in cameras.items():
                gauge.add_metric([camera], steps[step] + epoch if steps[step] else 0.0)
            yield gauge

    def describe(self) -> Iterator[Metric]:
        return iter(())
