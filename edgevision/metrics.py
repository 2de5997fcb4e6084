"""Every Prometheus metric: names, labels, buckets. Labels are configured names, never ids, URLs or pids.

A labelled series that was never touched is absent, and rate() then misses its first increase. So what can
be known at the start is touched at the start.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from threading import Lock
from typing import Any, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from edgevision.accounts import FrameCollector, FrameCounts
from edgevision.analyticmetrics import AnalyticMetrics
from edgevision.spotmetrics import CameraSpots

M = TypeVar("M", Counter, Gauge, Histogram)
STAGES = ("capture", "queue", "preprocess", "infer", "postprocess", "track", "chain", "analytics", "output")
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.033, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5)  # seconds


class Metrics:
    """All metrics of one process on a registry of its own."""

    def __init__(self, on_frame: Callable[[str, Mapping[str, float]], None] = lambda *_: None) -> None:
        self.on_frame = on_frame  # also told each frame's camera and seconds by stage
        self.frame_lock = Lock()  # held while a frame's stages are noted, and while all are read
        disable_created_metrics()  # type: ignore[no-untyped-call]  # `_created` series double the number of series for nothing we use
        registry = self.registry = CollectorRegistry()

        def made(kind: type[M], name: str, text: str, labels: str = "", **more: Any) -> M:
            return kind(f"edgevision_{name}", text, labels.split(), registry=registry, **more)

        ProcessCollector(registry=registry)
        self.stage_seconds = made(
            Histogram,
            "stage_seconds",
            "A frame's time in a stage; they add up to its latency.",
            "camera stage",
            buckets=BUCKETS,
        )
        self.latency_seconds = made(
            Histogram,
            "latency_seconds",
            "From a frame's capture until its events were handed on.",
            "camera",
            buckets=BUCKETS,
        )
        self.source_up = made(Gauge, "source_up", "1 while pictures arrive.", "camera")
        self.source_state = made(Gauge, "source_state", "1 for the state the source is in.", "camera state")
        self.source_reconnects = made(
            Counter, "source_reconnects_total", "Connections lost or not made, by reason.", "camera reason"
        )
        self.source_lag = made(
            Gauge, "source_lag_seconds", "How much later than the best the newest picture came.", "camera"
        )
        self.pts_jumps = made(Counter, "pts_jumps_total", "Times that a camera's clock was set.", "camera")
        self.decode_errors = made(Counter, "decode_errors_total", "Complaints of the decoder.", "camera")
        self.readers_left = made(
            Counter, "capture_threads_lost_total", "Reads that did not end when told to.", "camera"
        )
        self.last_frame = made(
            Gauge, "last_frame_timestamp_seconds", "Unix time of the newest frame captured.", "camera"
        )
        self.tracks = made(Gauge, "tracks", "Objects followed now.", "camera label")
        self.count = made(
            Counter, "count_total", "Findings of the analytics.", "camera analytic name kind label"
        )
        self.occupancy = made(Gauge, "occupancy", "Objects in it now.", "camera name")
        self.area_covered = made(
            Gauge, "area_covered", "Share of an area that its classes cover now, 0..1.", "camera name"
        )
        self.area_share = made(
            Gauge, "area_share", "Share of an area that a class covers now, 0..1.", "camera name label"
        )
        self.looks = made(Counter, "looks_total", "Crops that a second network looked at.", "camera name")
        self.looks_waiting = made(
            Gauge, "looks_waiting", "Crops that were due and wait for the next frame.", "camera"
        )
        self.verdicts = made(
            Gauge, "verdicts", "Objects followed now by what second looks say of them.", "camera name label"
        )
        self.look_state = made(Gauge, "look_state", "1 for the label that a place has.", "camera name label")
        self.analytics = AnalyticMetrics(registry)
        self.camera_sight = made(
            Gauge, "camera_sight", "1 for what a camera's view is: clear, covered, dark, ...", "camera state"
        )
        self.events = made(Counter, "events_total", "Events handed to the outputs.")
        self.events_dropped = made(
            Counter, "events_dropped_total", "Events an output was too slow for.", "output"
        )
        self.output_errors = made(Counter, "output_errors_total", "Failed writes.", "output")
        self.model_info = made(
            Gauge, "model_info", "1 for what each model really runs on.", "model provider precision"
        )

    def text(self) -> bytes:
        """All in Prometheus' text format, between two frames: it has all stages of a frame, or none."""
        with self.frame_lock:
            return generate_latest(self.registry)

    def watch_frames(self, read: Callable[[], Mapping[str, FrameCounts]]) -> None:
        """Export the frame accounts that `read` gives per camera at each scrape."""
        self.registry.register(FrameCollector(read))

    def forget(self, camera: str) -> None:
        """Remove all series of a camera that is there no more: they would stand still for ever."""
        for metric in vars(self).values():
            if isinstance(metric, Counter | Gauge | Histogram) and "camera" in metric._labelnames:
                metric.remove_by_labels({"camera": camera})
        self.analytics.forget(camera)

    def models(self, used: Collection[tuple[str, str, str]]) -> None:
        """Name, provider and precision of each network; no others are named any more."""
        for metric in self.model_info.collect():
            for sample in metric.samples:
                if (named := tuple(sample.labels.values())) not in used:
                    self.model_info.remove(*named)
        for each in used:
            self.model_info.labels(*each).set(1)

    def camera(self, name: str) -> "CameraMetrics":
        return CameraMetrics(self, name)

    def value(self, name: str, /, **labels: str) -> float | None:
        """The value of one sample, by its full name without the prefix; for tests and reports."""
        return self.registry.get_sample_value(f"edgevision_{name}", labels)


class CameraMetrics:
    """The metrics of one camera, their labels resolved once: looking them up costs more than observing."""

    def __init__(self, metrics: Metrics, camera: str) -> None:
        self._metrics = metrics
        self._camera = camera
        self._stages = {stage: metrics.stage_seconds.labels(camera, stage) for stage in STAGES}
        self._latency = metrics.latency_seconds.labels(camera)
        self._last_frame = metrics.last_frame.labels(camera)
        self._up = metrics.source_up.labels(camera)
        self._lag = metrics.source_lag.labels(camera)
        self._jumps = metrics.pts_jumps.labels(camera)
        self._decode_errors = metrics.decode_errors.labels(camera)
        self._readers_left = metrics.readers_left.labels(camera)
        self._frames, self._spent = 0, dict.fromkeys(STAGES, 0.0)  # through, and seconds in each stage
        self.spots = CameraSpots(metrics.analytics.spots, camera)
        self._labels_seen: set[str] = set()
        self._verdicts_seen: set[tuple[str, str]] = set()  # of a second look: name and label

    def frame_done(self, stages: Mapping[str, float]) -> None:
        """One frame is through: seconds per stage, which together are its latency."""
        with self._metrics.frame_lock:
            self._frames += 1
            for stage, seconds in stages.items():
                self._stages[stage].observe(seconds)
                self._spent[stage] += seconds
            self._latency.observe(sum(stages.values()))
        self._metrics.on_frame(self._camera, stages)

    def frame_captured(self, wall: float) -> None:
        self._last_frame.set(wall)

    def source_state(self, state: str, states: Iterable[str]) -> None:
        self._up.set(state == "streaming")
        for each in states:
            self._metrics.source_state.labels(self._camera, each).set(each == state)

    def reconnect(self, reason: str, by: int = 1) -> None:
        self._metrics.source_reconnects.labels(self._camera, reason).inc(by)

    def lag(self, seconds: float) -> None:
        self._lag.set(seconds)

    def jumped(self) -> None:
        self._jumps.inc()

    def decode_errors(self, by: int) -> None:
        self._decode_errors.inc(by)

    def reader_left(self) -> None:
        self._readers_left.inc()

    def tracks(self, counts: Mapping[str, int]) -> None:
        """Objects followed now by label; labels seen before and absent now become 0."""
        self._labels_seen |= counts.keys()
        for label in self._labels_seen:
            self._metrics.tracks.labels(self._camera, label).set(counts.get(label, 0))

    def verdicts(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Objects followed now by name and label of a second look; likewise."""
        self._verdicts_seen |= counts.keys()
        for name, label in self._verdicts_seen:
            self._metrics.verdicts.labels(self._camera, name, label).set(counts.get((name, label), 0))

    def looked(self, name: str, by: int = 1) -> None:
        self._metrics.looks.labels(self._camera, name).inc(by)

    def looks_waiting(self, crops: int) -> None:
        self._metrics.looks_waiting.labels(self._camera).set(crops)

    def look_state(self, name: str, label: str, before: str | None) -> None:
        if before is not None:
            self._metrics.look_state.labels(self._camera, name, before).set(0)
        self._metrics.look_state.labels(self._camera, name, label).set(1)

    def stage_milliseconds(self) -> dict[str, float]:
        """Mean time of a frame in each stage since the start."""
        with self._metrics.frame_lock:
            return {stage: 1000 * spent / max(1, self._frames) for stage, spent in self._spent.items()}

    def sight(self, state: str, states: Iterable[str]) -> None:
        for each in states:
            self._metrics.camera_sight.labels(self._camera, each).set(each == state)

    def count(self, analytic: str, name: str, kind: str, label: str, by: int = 1) -> None:
        self._metrics.count.labels(self._camera, analytic, name, kind, label).inc(by)

    def uncount(self, analytic: str, name: str, kind: str, label: str) -> None:
        self._metrics.count.labels(self._camera, analytic, name, kind, label).reset()

    def found(self, analytic: str, name: str, kind: str, label: str, value: float) -> None:
        self._metrics.analytics.found(self._camera, analytic, name, kind, label, value)

    def gauges(self, name: str, series: Mapping[str, Mapping[tuple[str, ...], float]]) -> None:
        self._metrics.analytics.gauges(self._camera, name, series)

    def occupancy(self, name: str, objects: float) -> None:
        self._metrics.occupancy.labels(self._camera, name).set(objects)

    def area(self, name: str, covered: float, shares: Mapping[str, float]) -> None:
        self._metrics.area_covered.labels(self._camera, name).set(covered)
        for label, share in shares.items():
            self._metrics.area_share.labels(self._camera, name, label).set(share)
