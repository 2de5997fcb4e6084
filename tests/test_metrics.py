import shutil
import subprocess

import pytest

from edgevision.accounts import DROP_REASONS, FrameCounts
from edgevision.metrics import STAGES, Metrics


def filled() -> Metrics:
    metrics = Metrics()
    camera = metrics.camera("gate")
    camera.frame_done(dict.fromkeys(STAGES, 0.01))
    camera.frame_captured(1000.0)
    camera.source_state("streaming", ("connecting", "streaming"))
    camera.reconnect("stall")
    camera.tracks({"car": 2})
    camera.count("line", "entrance", "crossed_in", "car")
    camera.occupancy("lot", 3)
    camera.gauges("drinks", {"facings": {("top", "cola"): 7}, "shelf_held_seconds": {("top",): 0}})
    camera.looked("kind")
    camera.looks_waiting(2)
    camera.verdicts({("kind", "taxi"): 1})
    camera.look_state("shelf", "empty", "full")
    camera.sight("clear", ("clear", "dark"))
    metrics.model_info.labels("vehicles", "CPUExecutionProvider", "fp32").set(1)
    metrics.events_dropped.labels("jsonl-0")
    metrics.output_errors.labels("jsonl-0")
    metrics.watch_frames(lambda: {"gate": FrameCounts(10, 6, {"rate": 3}, 1)})
    return metrics


def test_promtool_has_nothing_to_say() -> None:
    promtool = shutil.which("promtool")
    if not promtool:
        pytest.skip("promtool (Debian: prometheus) is not installed")
    text = filled().text()
    checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")


def test_what_can_be_known_exists_from_the_start() -> None:
    metrics = Metrics()
    metrics.camera("gate")
    metrics.watch_frames(lambda: {"gate": FrameCounts(0, 0, {}, 0)})
    for stage in STAGES:
        assert metrics.value("stage_seconds_count", camera="gate", stage=stage) == 0
    for reason in DROP_REASONS:
        assert metrics.value("frames_dropped_total", camera="gate", reason=reason) == 0


def test_a_frames_account_adds_up_in_the_scrape() -> None:
    metrics = filled()
    captured = metrics.value("frames_total", camera="gate")
    processed = metrics.value("frames_processed_total", camera="gate")
    in_flight = metrics.value("frames_in_flight", camera="gate")
    dropped = sum(metrics.value("frames_dropped_total", camera="gate", reason=r) or 0 for r in DROP_REASONS)
    assert (captured, processed, dropped, in_flight) == (10, 6, 3, 1)


def test_labels_that_are_gone_become_zero() -> None:
    metrics = Metrics()
    camera = metrics.camera("gate")
    camera.tracks({"car": 2, "bus": 1})
    camera.tracks({"car": 1})
    assert metrics.value("tracks", camera="gate", label="car") == 1
    assert metrics.value("tracks", camera="gate", label="bus") == 0
    camera.verdicts({("kind", "taxi"): 2})
    camera.verdicts({("kind", "van"): 1})
    assert metrics.value("verdicts", camera="gate", name="kind", label="taxi") == 0
    assert metrics.value("verdicts", camera="gate", name="kind", label="van") == 1
