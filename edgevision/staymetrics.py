"""Prometheus metrics of how long objects stay and wait; a part of edgevision.metrics."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Gauge, Histogram

DAY = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400)  # seconds


class StayMetrics:
    """Histograms of findings whose value is a time, and gauges that analytics name."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def histogram(name: str, text: str) -> Histogram:
            labels = ["camera", "name", "label"]
            return Histogram(f"edgevision_{name}", text, labels, buckets=DAY, registry=registry)

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(f"edgevision_{name}", text, ["camera", "name"], registry=registry)

        self._histograms = {  # by analytic and kind of finding
            ("zone", "dwell"): histogram("dwell_seconds", "How long objects stayed in a zone."),
            ("queue", "waited"): histogram("queue_wait_seconds", "How long objects waited until served."),
        }
        self._gauges = {
            "queue_length": gauge("queue_length", "Objects that wait in a queue now."),
            "queue_longest_wait_seconds": gauge("queue_longest_wait_seconds", "Of those, the longest wait."),
        }

    def touch(self, camera: str, analytic: str, name: str, kind: str, label: str) -> None:
        """Findings of this kind may come: let their series exist."""
        if (analytic, kind) in self._histograms:
            self._histograms[analytic, kind].labels(camera, name, label)

    def forget(self, camera: str) -> None:
        """Remove all series of a camera that is there no more."""
        for metric in (*self._histograms.values(), *self._gauges.values()):
            metric.remove_by_labels({"camera": camera})

    def found(self, camera: str, analytic: str, name: str, kind: str, label: str, value: float) -> None:
        """Note a finding, if it is one of a time."""
        if (analytic, kind) in self._histograms:
            self._histograms[analytic, kind].labels(camera, name, label).observe(value)

    def gauges(self, camera: str, name: str, values: Mapping[str, float]) -> None:
        """What an analytic measures now, by the gauges' names; NaN: not known."""
        for gauge, value in values.items():
            self._gauges[gauge].labels(camera, name).set(value)
