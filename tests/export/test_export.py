"""What a table of the journal says is what was put into it; a spreadsheet finds no formula in it."""

import csv
import json
import sqlite3
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevision import cli
from edgevision.core import Event
from edgevision.core.types import Verdict
from edgevision.export.tables import COLUMNS, Question, pages
from edgevision.export.texts import as_csv
from edgevision.journal import Entry, Journal, reading

NOON = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # half an hour before Paris sets its clocks forward


def event(number: int, label: str = "car", minutes: float = 0.0, kind: str = "crossed_in") -> Event:
    wall = (NOON + timedelta(minutes=minutes)).timestamp()
    looks = {"sort": Verdict("taxi", 0.83, 4)} if number == 1 else {}
    return Event(
        f"gate:door:{number:08d}", "gate", "line", "door", kind, label, 1, number, 0.9, wall, 0.0, looks
    )


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "events.db"
    with closing(Journal(path)) as journal:
        run = journal.past("gate", None).run
        journal.append([Entry(run, [event(n, minutes=10 * n)], {}, 600.0 * n) for n in range(1, 7)])
        yield path


def exported(path: Path, *options: str) -> str:
    """To a file; the standard output is tried once below."""
    file = path.with_name("told")
    form = () if "--format" in options or "--output" in options else ("--format", "csv")
    to = () if "--output" in options else ("--output", str(file))
    assert cli.main(["export", str(path), *options, *form, *to]) == 0
    return file.read_bytes().decode() if to else ""


def test_what_is_printed_is_what_is_written(path: Path) -> None:
    command = [sys.executable, "-m", "edgevision", "export", str(path)]
    assert subprocess.run(command, capture_output=True, check=True).stdout.decode() == exported(path)


def test_times_have_the_zone_that_was_asked_for(path: Path) -> None:
    """Paris is at +01:00 until 01:00 UTC, and at +02:00 from then on."""
    told = exported(path, "--zone", "Europe/Paris")
    assert told.count("\r\n") == told.count("\n") == 7  # RFC 4180
    rows = list(csv.DictReader(StringIO(told, newline="")))
    assert [row["time"] for row in rows[1:4]] == [
        "2026-03-29T01:50:00.000+01:00",
        "2026-03-29T03:00:00.000+02:00",
        "2026-03-29T03:10:00.000+02:00",
    ]
    assert json.loads(rows[0]["looks"]) == {"sort": {"label": "taxi", "share": 0.83}}
    assert [row["value"] for row in rows] == ["1", "2", "3", "4", "5", "6"]


def test_a_part_of_the_time_is_asked_for(path: Path) -> None:
    options = ("--since", "2026-03-29T00:50:00Z", "--until", "2026-03-29T01:10:00Z")
    rows = csv.DictReader(StringIO(exported(path, *options)))
    assert [row["id"][-1] for row in rows] == ["2", "3"]


def test_json_lines_are_the_events_with_all_they_say(path: Path) -> None:
    rows = [json.loads(line) for line in exported(path, "--format", "jsonl").splitlines()]
    with closing(sqlite3.connect(path)) as database:
        bodies = [json.loads(row[0]) for row in database.execute("SELECT body FROM events ORDER BY seq")]
    for row, body in zip(rows, bodies, strict=True):
        assert datetime.fromisoformat(row.pop("time")) == datetime.fromisoformat(body.pop("time"))
        assert row == body


def test_parquet_has_types_and_moments(path: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    exported(path, "--zone", "Europe/Paris", "--output", str(tmp_path / "events.parquet"))
    rows = parquet.read_table(tmp_path / "events.parquet").to_pylist()
    assert [row["time"] for row in rows] == [NOON + timedelta(minutes=10 * n) for n in range(1, 7)]
    assert [row["value"] for row in rows] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert rows[0]["time"].utcoffset() == timedelta(hours=1)
    assert sorted(each.name for each in tmp_path.glob("events.*")) == [
        "events.db", "events.db-shm", "events.db-wal", "events.db.lock", "events.parquet",
    ]  # fmt: skip


@given(st.text(max_size=8))
def test_no_cell_begins_as_a_formula_does_and_none_is_lost(label: str) -> None:
    """All that a reader gets is the text, or the text behind a quote."""
    row = dict.fromkeys(COLUMNS["events"]) | {"label": label, "value": -3.0}
    told = "".join(as_csv([[row]], list(COLUMNS["events"])))
    cell = dict(zip(*csv.reader(StringIO(told, newline="")), strict=True))["label"]
    assert not cell or cell[0] not in "=+-@\t\r\n＝＋－＠"
    assert label == (cell[1:] if label[:1] in set("=+-@\t\r\n＝＋－＠") else cell)


def test_memory_does_not_grow_with_the_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE", 500)

    def peak(events: int) -> int:
        path = tmp_path / f"{events}.db"
        with closing(Journal(path)) as journal:
            run = journal.past("gate", None).run
            journal.append([Entry(run, [event(n + 1, minutes=n // 3)]) for n in range(events)])
        tracemalloc.start()
        told = sum(len(page) for page in pages(Question(path), "events"))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert told == events  # many have the same time, also where a page ends
        return most

    assert peak(5010) < 2 * peak(500)


def test_states_say_from_when_until_when(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    with closing(Journal(path)) as journal:
        run = journal.past("lot", None).run
        told = [(0, "occupied", "car"), (10, "freed", "car"), (20, "unknown", "free"), (30, "known", "free")]
        for number, (minutes, kind, label) in enumerate(told, 1):
            wall = (NOON + timedelta(minutes=minutes)).timestamp()
            spot = Event(f"lot:A1:{number:08d}", "lot", "spots", "A1", kind, label, None, 0, 1.0, wall, 0.0)
            journal.append([Entry(run, [spot], {}, wall)])
    rows = list(csv.DictReader(StringIO(exported(path, "--what", "states", "--zone", "UTC"))))
    spots = [row for row in rows if row["analytic"] == "spots"]
    assert [(row["state"], row["seconds"]) for row in spots] == [
        ("occupied", "600"), ("free", "600"), ("unknown", "600"), ("free", ""),
    ]  # fmt: skip
    since = f"{NOON + timedelta(minutes=15):%Y-%m-%dT%H:%M}Z"
    later = csv.DictReader(StringIO(exported(path, "--what", "states", "--since", since)))
    assert [row["state"] for row in later if row["analytic"] == "spots"] == ["free", "unknown", "free"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--output", "events.xlsx"], "expected a file ending in .csv, .parquet, .jsonl"),
        (["--format", "parquet"], "say --output FILE.parquet"),
        (["--zone", "Nowhere"], "no time zone"),
        (["--output", "nowhere/events.csv"], "cannot write nowhere/events.csv: No such file or directory"),
        (["--format", "csv", "--output", "{path}"], "is the database itself"),
    ],
)
def test_what_cannot_be_done_is_said(
    path: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [each.format(path=path) for each in options]
    assert cli.main(["export", str(path), *given]) in (1, 2)
    assert said in capsys.readouterr().err


def test_parquet_without_its_library_says_what_to_install(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert cli.main(["export", str(path), "--output", str(tmp_path / "x.parquet")]) == 1
    assert "pip install 'edgevision[parquet]'" in capsys.readouterr().err
    assert not list(tmp_path.glob("x.parquet*"))
