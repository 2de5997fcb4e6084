"""Prometheus metrics of single analytics; a part of edgevision.metrics."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Gauge, Histogram

from edgevision.spotmetrics import SpotMetrics

DAY = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400)  # seconds

# Findings whose value is a time, by analytic and kind of finding.
HISTOGRAMS = {
    ("zone", "dwell"): ("dwell_seconds", "How long objects stayed in a zone."),
    ("queue", "waited"): ("queue_wait_seconds", "How long objects waited until served."),
}
# What analytics measure, by the name they give it: the text, and the labels after camera and name.
GAUGES = {
    "queue_length": ("Objects that wait in a queue now.", ""),
    "queue_longest_wait_seconds": ("Of those, the longest wait.", ""),
    "facings": ("Products that stand in a row of a shelf.", "row label"),
    "shelf_state": ("1 for the state that a row of a shelf is in.", "row state"),
    "shelf_compliance": ("Share of a row's expected products that are in place, 0..1.", "row"),
    "shelf_held_seconds": ("For how long somebody is in front of a row, else 0.", "row"),
}


class AnalyticMetrics:
    """Histograms of findings whose value is a time, and gauges that analytics name."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ["camera", "name", "label"]
        self._histograms = {
            found: Histogram(f"edgevision_{name}", text, labels, buckets=DAY, registry=registry)
            for found, (name, text) in HISTOGRAMS.items()
        }
        self._gauges = {
            name: Gauge(f"edgevision_{name}", text, ["camera", "name", *more.split()], registry=registry)
            for name, (text, more) in GAUGES.items()
        }
        self.spots = SpotMetrics(registry)

    def touch(self, camera: str, analytic: str, name: str, kind: str, label: str) -> None:
        """Findings of this kind may come: let their series exist."""
        if (analytic, kind) in self._histograms:
            self._histograms[analytic, kind].labels(camera, name, label)

    def forget(self, camera: str) -> None:
        """Remove all series of a camera that is there no more."""
        for metric in (*self._histograms.values(), *self._gauges.values()):
            metric.remove_by_labels({"camera": camera})
        self.spots.forget(camera)

    def found(self, camera: str, analytic: str, name: str, kind: str, label: str, value: float) -> None:
        """Note a finding, if it is one of a time."""
        if (analytic, kind) in self._histograms:
            self._histograms[analytic, kind].labels(camera, name, label).observe(value)

    def gauges(self, camera: str, name: str, series: Mapping[str, Mapping[tuple[str, ...], float]]) -> None:
        """What an analytic measures now: by the gauges' names, values by further labels; NaN: not known."""
        for gauge, values in series.items():
            for labels, value in values.items():
                self._gauges[gauge].labels(camera, name, *labels).set(value)
