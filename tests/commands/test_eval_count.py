import json
from pathlib import Path
from typing import Any

import pytest

from edgevision.scene.world import Scene
from tests.commands.process import check_failure, edgevision

KINDS = {"in": "crossed_in", "out": "crossed_out"}
SCENE = Scene(seed=1, seconds=14)
DRAWN = "synthetic:carpark?seed=1&seconds={seconds}&fps=8&width=480&height=270&live=0"


def write(folder: Path, source: str = DRAWN.format(seconds=14)) -> Path:
    (x1, y1), (x2, y2) = SCENE.gate
    (folder / "config.yaml").write_text(f"""
models: {{vehicles: {{path: builtin:drawn}}}}
cameras:
  carpark:
    source: {source}
    lines: {{gate: {{from: [{x1}, {y1}], to: [{x2}, {y2}]}}}}
outputs: [{{type: jsonl, path: {folder}/never.jsonl}}]
""")
    return folder / "config.yaml"


def truth(folder: Path, rows: list[str]) -> Path:
    (folder / "truth.csv").write_text("\n".join(["name,kind,at,label", *rows]) + "\n")
    return folder / "truth.csv"


def rows() -> list[str]:
    """What the scene says of itself."""
    return [f"gate,{KINDS[each.direction]},{each.t:.2f},{each.label}" for each in SCENE.crossings]


def measure(config: Path, truth: Path, *more: str, status: int = 0) -> dict[str, Any]:
    done = edgevision("eval", "count", str(config), "--truth", str(truth), "--json", *more)
    assert done.returncode == status, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("count")


def test_a_drawn_scene_is_counted_as_it_says_of_itself(folder: Path) -> None:
    """One is taken from its truth and one put in: told with their times, and two are more than one."""
    kept = rows()
    left_out = kept.pop(1)
    at = float(left_out.split(",")[2])
    config, page = write(folder), folder / "report"
    path = truth(folder, [*kept, "gate,crossed_in,0.5,car"])
    answer = measure(config, path, "--report", str(page), "--max-error", "1", status=1)
    assert (answer["over"], answer["under"], answer["error"]) == (1, 1, 0)
    per = {row["kind"]: row for row in answer["per"]}
    assert per["crossed_in"]["missed_at"] == [0.5]
    assert [*per["crossed_in"]["extra_at"], *per["crossed_out"]["extra_at"]] == [pytest.approx(at, abs=0.3)]
    assert sum(row["true"] for row in answer["per"]) == len(SCENE.crossings)
    assert answer["timing"] < 0.3
    assert not (folder / "never.jsonl").exists()
    text = (page / "index.html").read_text()
    assert "0.5 s: missed" in text
    assert "http" not in text
    events = [json.loads(line) for line in (page / "events.jsonl").read_text().splitlines()]
    assert {event["name"] for event in events} == {"gate"}


def test_a_table_for_people(tmp_path: Path) -> None:
    config = write(tmp_path, DRAWN.format(seconds=4))
    counted = sum(each.t < 3.5 for each in SCENE.crossings)
    (tmp_path / "totals.csv").write_text("name,kind,count\ngate,crossed_in,99\n")
    done = edgevision("eval", "count", str(config), "--truth", str(tmp_path / "totals.csv"))
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if "crossed_in" in line)
    assert line.split()[2:9] == [str(counted), "99", "≥", "0", "≥", str(99 - counted), str(counted - 99)]


def test_a_live_source_is_refused(tmp_path: Path) -> None:
    config = write(tmp_path, "rtsp://viewer:pass-word-1@192.0.2.1/1")
    done = edgevision("eval", "count", str(config), "--truth", "none.csv")
    check_failure(done, 2, r"config\.yaml:5: cameras\.carpark\.source: this source is live")
    assert "pass-word-1" not in done.stderr


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("gat,crossed,1,", r"truth\.csv:2: .*camera carpark has no crossed at 'gat'; did you mean 'gate'"),
        ("gate,crosed_in,1,", r"truth\.csv:2: .*no crosed_in at 'gate'; did you mean 'crossed_in'"),
        ("gate,crossed_in,21.6,", r"truth\.csv:2: .*gate is 21.6 s after the beginning of a video of 1.0 s"),
    ],
)
def test_a_truth_of_something_else_is_told(tmp_path: Path, row: str, said: str) -> None:
    config = write(tmp_path, DRAWN.format(seconds=1))
    done = edgevision("eval", "count", str(config), "--truth", str(truth(tmp_path, [row])))
    check_failure(done, 1, said)


def test_what_a_tolerance_is(folder: Path) -> None:
    done = edgevision("eval", "count", str(write(folder)), "--truth", "x.csv", "--tolerance", "soon")
    check_failure(done, 1, "--tolerance: expected a duration such as 1.5s")


def test_a_real_video_at_a_fifth_of_its_frames(data: Path, tmp_path: Path) -> None:
    """Its truth was counted by eye (the material's README)."""
    (tmp_path / "config.yaml").write_text(
        f"cameras: {{road: {{source: {data}/videos/highway-traffic_11s.mp4, fps: 6, "
        "lines: {line: {from: [0, 0.5556], to: [1, 0.5556]}}}}\n"
    )
    times = (1.9, 2.0, 3.2, 4.3, 4.4, 7.9, 8.1, 8.4, 9.3, 10.1, 10.4)
    path = tmp_path / "truth.csv"
    path.write_text("name,kind,at\n" + "".join(f"line,crossed_in,{at}\n" for at in times))
    answer = measure(tmp_path / "config.yaml", path)
    assert (answer["over"], answer["under"]) == (0, 0)
    assert answer["timing_p90"] < 0.4
