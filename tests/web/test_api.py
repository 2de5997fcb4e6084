"""The API of a real process: what it sees, what it kept, and how it is told what to do."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest

from tests.commands.process import Service
from tests.waiting import wait_until

CONFIG = """
models: {vehicles: {path: builtin:drawn}}
cameras:
  carpark:
    source: synthetic:carpark?seed=5&seconds=30&fps=5&width=320&height=180&live=1
    lines: {street: {from: [0.5, 0.0], to: [0.5, 1.0]}}
    zones: {all: {polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], hold: 0.2s}}
outputs:
  - {type: sqlite, path: events.db}
http: {listen: 127.0.0.1:0}
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("api"), CONFIG) as service:
        wait_until(lambda: httpx.get(f"{service.url}/api/v1/events").json()["events"])
        yield service


def get(service: Service, path: str, **query: str | int) -> httpx.Response:
    return httpx.get(f"{service.url}/api/v1/{path}", params=query, timeout=30)


def analytics(service: Service) -> list[str]:
    return [each["name"] for each in get(service, "state").json()["cameras"][0]["analytics"]]


def test_the_state_is_that_of_the_metrics(service: Service) -> None:
    state = get(service, "state").json()
    (camera,) = state["cameras"]
    assert state["ready"]
    (model,) = state["models"]
    assert (model["name"], model["file"], model["workers"]) == ("vehicles", "drawn.onnx", 1)
    assert model["plan"] == "latency: one live camera"
    assert camera["state"] == "streaming"
    assert camera["captured"] >= camera["processed"] > 0
    assert camera["stage_milliseconds"]["infer"] > 0
    zone = next(each for each in camera["analytics"] if each["name"] == "all")
    entered = sum(zone["counts"]["entered"].values())
    metrics = httpx.get(f"{service.url}/metrics").text
    lines = [line for line in metrics.splitlines() if line.startswith("edgevision_count_total{")]
    assert sum(float(line.split()[-1]) for line in lines if 'kind="entered"' in line) >= entered > 0


def test_events_come_page_by_page_and_filtered(service: Service) -> None:
    page = get(service, "events", limit=1, name="all", kind="entered").json()
    seen = [event["id"] for event in page["events"]]
    while page["before"]:
        page = get(service, "events", limit=1, before=page["before"], name="all", kind="entered").json()
        seen += [event["id"] for event in page["events"]]
    assert seen
    assert len(set(seen)) == len(seen)
    assert seen == sorted(seen, reverse=True)
    assert get(service, "events", camera="nobody").json() == {"events": [], "before": None}
    assert get(service, "events", limit=0).status_code == 422


def test_a_table_of_events_has_all_of_them(service: Service) -> None:
    answer = get(service, "events.csv", name="all", kind="entered", zone="UTC")
    assert answer.headers["content-type"].startswith("text/csv")
    told = {row["id"]: row["time"] for row in csv.DictReader(StringIO(answer.text, newline=""))}
    page = get(service, "events", limit=1000, name="all", kind="entered").json()["events"]
    for event in page:  # more may come meanwhile
        if event["id"] in told:
            assert datetime.fromisoformat(told[event["id"]]) == datetime.fromisoformat(event["time"])
    assert len(told) > 0
    assert told.keys() <= {event["id"] for event in page}
    assert get(service, "events.csv", since="yesterday").status_code == 422


def test_counts_are_the_events(service: Service) -> None:
    counts = get(service, "counts", by="day", zone="UTC").json()["counts"]
    assert sum(each["count"] for each in counts) <= len(get(service, "events", limit=1000).json()["events"])
    assert get(service, "counts", zone="Nowhere/At-all").status_code == 422
    assert get(service, "counts", since="yesterday").status_code == 422
    assert get(service, "counts", since="2999-01-01").json()["counts"] == []


def test_a_picture_and_a_stream_of_them(service: Service) -> None:
    answer = get(service, "cameras/carpark/snapshot.jpg")
    assert answer.headers["content-type"] == "image/jpeg"
    image = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert image.shape == (180, 320, 3)
    frames = b""
    with httpx.stream("GET", f"{service.url}/api/v1/cameras/carpark/live.mjpg", timeout=30) as live:
        for part in live.iter_bytes():
            frames += part
            if frames.count(b"\xff\xd9") >= 3:
                break
    assert get(service, "cameras/nobody/snapshot.jpg").status_code == 404


def test_the_state_is_streamed(service: Service) -> None:
    with httpx.stream("GET", f"{service.url}/api/v1/stream", timeout=30) as stream:
        line = next(line for line in stream.iter_lines() if line.startswith("data: "))
    assert json.loads(line.removeprefix("data: "))["cameras"][0]["name"] == "carpark"


def test_the_configuration_is_changed_only_from_what_was_read(service: Service) -> None:
    current = get(service, "config").json()
    put = f"{service.url}/api/v1/config"
    wrong = current["text"].replace("lines:", "lanes:")
    verdict = httpx.post(f"{put}/check", json={"text": wrong}).json()
    assert not verdict["valid"]
    assert "config.yaml:6: cameras.carpark.lanes" in verdict["problems"][0]
    refused = httpx.put(put, json={"text": wrong}, headers={"If-Match": current["version"]}).json()
    assert refused == verdict
    assert get(service, "config").json() == current

    better = current["text"].replace("street:", "road:")
    service.log = ""
    taken = httpx.put(put, json={"text": better}, headers={"If-Match": current["version"]})
    assert taken.json()["valid"]
    service.wait_for_log(r"(asks other questions)")
    wait_until(lambda: analytics(service) == ["road", "all"])
    # Who read the file before that must not undo it.
    late = httpx.put(put, json={"text": current["text"]}, headers={"If-Match": current["version"]})
    assert late.status_code == 412
    assert get(service, "config").json()["text"] == better
    assert [path.name for path in Path(service.folder).glob(".*.yaml")] == []


def test_it_describes_itself(service: Service) -> None:
    paths = httpx.get(f"{service.url}/openapi.json").json()["paths"]
    assert "/api/v1/state" in paths
    assert "/api/v1/cameras/{camera}/live.mjpg" in paths
