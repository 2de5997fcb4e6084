import json
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest

from edgevision.evaluate.read_counts import Mark, read_truth
from edgevision.opencv import cv2
from tests.label.pages import COUNT, Served

ROW = {"name": "road", "kind": "crossed_in", "at": 1.2}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("label"))
    yield served
    served.stop()


def put(served: Served, version: int, *rows: dict[str, Any], **headers: str) -> httpx.Response:
    body = json.dumps({"version": version, "labelled": {"rows": rows}})
    return httpx.put(
        f"{served.url}/api/truth", content=body, headers={"content-type": "application/json"} | headers
    )


def brightness(served: Served) -> np.ndarray:
    """Of each frame, read in order."""
    capture = cv2.VideoCapture(str(served.truth.with_name("drawn.mp4")))
    means = np.array([np.mean(capture.read()[1]) for _ in range(COUNT)])
    assert (np.diff(means) > 2).all()
    return means


@pytest.mark.parametrize("order", [[0, 1, 2, 30, 31], [59, 40, 41, 3], [30, 29, 28, 0]])
def test_frames_are_those_of_their_numbers(served: Served, order: list[int]) -> None:
    means = brightness(served)
    for index in order:
        answer = httpx.get(f"{served.url}/frame/{index}.jpg")
        assert answer.headers["content-type"] == "image/jpeg"
        picture = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        assert np.argmin(np.abs(means - np.mean(picture))) == index


def test_times_are_those_of_the_frames(served: Served) -> None:
    answer = httpx.get(f"{served.url}/api/times", params={"after": 2}).json()
    assert answer["times"] == pytest.approx([number / 10 for number in range(2, COUNT)], abs=1e-4)
    assert answer["all"]


@pytest.mark.parametrize(
    "path", ["/frame/60.jpg", "/frame/-1.jpg", "/../label.py", "/page/index.html", "/docs"]
)
def test_what_is_not_there_is_not_found(served: Served, path: str) -> None:
    assert httpx.get(served.url + path).status_code == 404


@pytest.mark.parametrize("index", ["..%2F..%2Fetc%2Fpasswd", "1e3", "x"])
def test_a_frame_is_a_number_and_no_path(served: Served, index: str) -> None:
    assert httpx.get(f"{served.url}/frame/{index}.jpg").status_code in (404, 422)


def test_it_answers_to_its_own_name_only(served: Served) -> None:
    """DNS rebinding: a page of elsewhere makes its own name point to this machine."""
    for host in ("evil.example", "evil.example:80", "127.0.0.1:1"):
        assert httpx.get(served.url, headers={"host": host}).status_code == 421
    assert httpx.get(served.url).status_code == 200


def test_a_page_of_elsewhere_cannot_write(served: Served) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        assert put(served, served.store.version, ROW, **{"content-type": kind}).status_code == 415


def test_everything_is_sent_with_a_strict_policy(served: Served) -> None:
    for path in ("/", "/label.js", "/label.css", "/frame/1.jpg", "/nothing"):
        headers = httpx.get(served.url + path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_the_page_needs_nothing_of_elsewhere(served: Served) -> None:
    for path in ("/", "/label.js", "/label.css"):
        assert "//" not in httpx.get(served.url + path).text.replace("// ", "")


def test_what_is_said_stands_in_the_file_at_once(served: Served) -> None:
    version = served.store.version
    answer = put(served, version, ROW, {"name": "12", "kind": "occupied", "at": 0.5, "label": "true"})
    assert answer.json() == {"version": version + 1}
    assert read_truth(served.truth, {"gate": 0.0}).marks == [
        Mark("gate", "12", "occupied", "true", 0.5),
        Mark("gate", "road", "crossed_in", "", 1.2),
    ]
    assert [path.name for path in served.truth.parent.iterdir() if "truth" in path.name] == ["truth.yaml"]


def test_of_two_windows_the_older_one_does_not_win(served: Served) -> None:
    version = served.store.version
    assert put(served, version, ROW).status_code == 200
    answer = put(served, version)
    assert (answer.status_code, "another window" in answer.json()["detail"]) == (409, True)
    assert len(read_truth(served.truth, {"gate": 0.0}).marks) == 1


@pytest.mark.parametrize("row", [{**ROW, "at": -1}, {**ROW, "path": "/etc"}, {"name": "road", "kind": "x"}])
def test_nonsense_is_refused(served: Served, row: dict[str, Any]) -> None:
    assert put(served, served.store.version, row).status_code == 422


def test_what_no_page_sends_is_refused(served: Served) -> None:
    many = [{**ROW, "label": "x" * 500}] * 9000
    assert put(served, served.store.version, *many).status_code == 413
