"""The page of a day, made of a journal whose truth is known: its words, and what it owns up to."""

import re
import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from edgevision import cli
from edgevision.core import Event
from edgevision.journal import Entry, Journal
from edgevision.journal.audit import Audit, Change
from edgevision.report.past import Past
from edgevision.report.period import Period

DAY = datetime(2026, 11, 20, tzinfo=ZoneInfo("Europe/Paris"))
EVIL = '<img src="https://example.org/x" onerror=alert(1)>&"'


class Reader(HTMLParser):
    """The page as a browser sees it: its elements, and its text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(path.read_text())
        self.text = re.sub(r"\s+", " ", self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.text += " " if tag in ("p", "li", "td", "th", "h2", "h3", "tr") else ""

    def handle_data(self, data: str) -> None:
        self.text += data


class Book:
    """Writes a journal."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._numbers: dict[tuple[str, str], int] = {}
        self._entries: list[tuple[str, Event | None, float]] = []

    def tell(
        self, camera: str, analytic: str, name: str, kind: str, at: datetime, value: float = 0.0,
        label: str = "car",
    ) -> None:  # fmt: skip
        wall = at.timestamp()
        event = Event("", camera, analytic, name, kind, label, 1, value, 1.0, wall, 0.0)
        self._entries.append((camera, event, wall))

    def watch(self, camera: str, since: datetime, until: datetime) -> None:
        for seconds in range(0, int((until - since).total_seconds()) + 1, 20):
            self._entries.append((camera, None, since.timestamp() + seconds))

    def write(self) -> None:
        with closing(Journal(self.path)) as journal:
            runs = {camera: journal.past(camera, None).run for camera, _, _ in self._entries}
            journal.append(
                [
                    Entry(runs[camera], [self._numbered(event)] if event else [], {}, wall)
                    for camera, event, wall in sorted(self._entries, key=lambda each: each[2])
                ]
            )

    def _numbered(self, event: Event) -> Event:
        """The journal takes numbers that rise."""
        key = event.camera, event.name
        self._numbers[key] = self._numbers.get(key, 0) + 1
        return replace(event, id=f"{event.camera}:{event.name}:{self._numbers[key]:08d}")


def hour(number: float, days: int = 0) -> datetime:
    return DAY + timedelta(days=days, hours=number)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    book = Book(tmp_path_factory.mktemp("report") / "events.db")
    for number in range(12):
        book.tell("gate", "line", "entrance", "crossed_in", hour(17.1 + number / 20), number + 1)
        book.tell("gate", "line", "entrance", "crossed_out", hour(9.01 + number / 5), number + 1, EVIL)
    for number in range(8):  # a week before
        book.tell("gate", "line", "entrance", "crossed_in", hour(12 + number, days=-7), number)
    book.watch("gate", hour(0), hour(14))
    book.watch("gate", hour(14.5), hour(24))
    for at, kind, value in ((8, "entered", 1), (8.5, "entered", 2), (9, "entered", 3), (10, "left", 2)):
        book.tell("shop", "zone", "floor", kind, hour(at), value, "person")
    book.watch("shop", hour(0), hour(24))
    book.tell("shop", "sight", "sight", "covered", hour(20), 0, "")
    book.tell("shop", "sight", "sight", "clear", hour(21), 3600, "")
    for spot, since, until in (("A1", 6, 18), ("A2", 12, 18)):
        book.tell("lot", "spots", spot, "occupied", hour(since))
        book.tell("lot", "spots", spot, "freed", hour(until), (until - since) * 3600)
    book.watch("lot", hour(0), hour(24))
    book.watch("yard", hour(0), hour(10))
    book.watch("yard", hour(10.5), hour(24))
    book.write()
    for at, what in ((10, "pause"), (10.5, "resume")):
        Audit(book.path).note(Change(hour(at).timestamp(), "alice", what, "yard", ""))
    return book.path


def report(path: Path, tmp_path: Path, *options: str) -> Reader:
    made = tmp_path / "report.html"
    given = options or ("--day", "2026-11-20")
    assert cli.main(["report", str(path), *given, "--zone", "Europe/Paris", "--output", str(made)]) == 0
    return Reader(made)


def test_it_says_in_words_what_was_counted(path: Path, tmp_path: Path) -> None:
    page = report(path, tmp_path)
    assert "Friday, 20 November 2026" in page.text
    assert "12 in, 12 out; busiest hour 17–18 (12 crossings)" in page.text
    assert "A week before (Fri 13 Nov): 8 in (now +50 %)" in page.text
    assert "3 entered" in page.text
    assert "at most 3 at once (about 09:00)" in page.text
    assert "2 arrived, 2 left" in page.text
    # 12 h of A1 and 6 h of A2, of two spots for 24 h: 18 / 48
    assert "at most 2 of 2 spots taken (about 12:00); 38 % on average" in page.text
    assert "stays of 9.0 h on average, the longest 12 h" in page.text


def test_it_says_what_was_not_seen(path: Path, tmp_path: Path) -> None:
    page = report(path, tmp_path)
    assert "gate 14:00 14:30 30 min no pictures" in page.text
    assert "shop 20:00 21:00 60 min the view was covered" in page.text
    assert f"Seen {100 * 23.5 / 24:.3g} % of the time" in page.text
    assert "yard 10:00 10:30 30 min paused by somebody" in page.text
    assert "Seen all the time." in page.text  # the lot


def test_it_says_whose_times_these_are(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Times of Europe/Paris; made by" in report(path, tmp_path).text
    monkeypatch.setenv("TZ", "EST5")
    time.tzset()
    try:
        made = tmp_path / "here.html"
        assert cli.main(["report", str(path), "--day", "2026-11-20", "--output", str(made)]) == 0
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()
    assert "Times of EST; made by" in Reader(made).text


def test_nothing_of_a_name_becomes_an_element_and_nothing_is_fetched(path: Path, tmp_path: Path) -> None:
    page = report(path, tmp_path)
    assert EVIL in page.text
    assert not {tag for tag, _ in page.tags} & {"img", "script", "link", "iframe", "object", "a"}
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on") or name == "src"]
    assert set(re.findall(r"url\([^)]*\)", (tmp_path / "report.html").read_text())) == {"url(#unseen)"}


def test_bars_are_the_hours_counts(path: Path, tmp_path: Path) -> None:
    made = tmp_path / "report.html"
    report(path, tmp_path)
    bars = re.findall(r"<title>(\d\d)–\d\d: (\d+) in</title>", made.read_text())
    assert {int(begin): int(count) for begin, count in bars if int(count)} == {17: 12}


def test_several_days_are_told_by_the_day(path: Path, tmp_path: Path) -> None:
    page = report(path, tmp_path, "--since", "2026-11-13", "--until", "2026-11-21")
    assert "20 in, 12 out; busiest day Fri 20 Nov (24 crossings)" in page.text


def test_a_day_of_which_nothing_is_known_says_so(path: Path, tmp_path: Path) -> None:
    page = report(path, tmp_path, "--day", "2025-01-01")
    assert "no camera was seen, and nothing was counted" in page.text


def test_who_was_inside_before_a_start_is_not_inside_after_it(tmp_path: Path) -> None:
    """Two go in, the process is started again, and one is seen: 2 for an hour, 0 for two, 1 for one."""
    for begin, end, entered in ((8, 9, 2), (9.25, 12, 1)):  # hours
        book = Book(tmp_path / "events.db")
        book._numbers["shop", "floor"] = 0 if begin == 8 else 2
        for value in range(entered):
            book.tell("shop", "zone", "floor", "entered", hour(8 if begin == 8 else 11), value + 1)
        book.watch("shop", hour(begin), hour(end))
        book.write()
    with closing(sqlite3.connect(tmp_path / "events.db")) as database:
        past = Past(database, Period(hour(8).timestamp(), hour(12).timestamp(), "hour", DAY.tzinfo))
    means = {round(each.start): each.mean for each in past.levels("shop", "zone", "floor")}
    assert means[round(hour(8.5).timestamp())] == 2
    assert means[round(hour(9.125).timestamp())] is None
    assert means[round(hour(9.5).timestamp())] == 0
    assert means[round(hour(11.5).timestamp())] == 1


def test_a_database_from_before_does_not_claim_that_all_was_seen(tmp_path: Path) -> None:
    book = Book(tmp_path / "old.db")
    book.tell("gate", "line", "entrance", "crossed_in", hour(9), 1)
    book.write()
    with closing(sqlite3.connect(book.path)) as database:
        database.execute("DROP TABLE watched")
    page = report(book.path, tmp_path)
    assert "It is not known when this camera was seen" in page.text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--day", "20.11.2026"], "--day: expected a day such as 2026-11-20"),
        (["--day", "2026-11-20", "--since", "2026-11-20"], "say either that, or --since and --until"),
        (["--until", "2026-11-20"], "--until needs --since"),
        (["--since", "2026-11-20", "--until", "2026-11-19"], "--since must lie before --until"),
        (["--since", "2020-01-01", "--until", "2026-01-01"], "up to 400 bars"),
        (["--day", "2026-11-20", "--camera", "door"], "nothing of a camera 'door'"),
        (["--day", "2026-11-20", "--output", "/nowhere/x.html"], "cannot write /nowhere/x.html"),
    ],
)
def test_what_cannot_be_reported_is_said(
    path: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["report", str(path), *options]) in (1, 2)
    assert said in capsys.readouterr().err


def test_without_a_browser_there_is_no_pdf_and_it_says_so(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert cli.main(["report", str(path), "--pdf", "--output", str(tmp_path / "r.html")]) == 1
    assert "apt install chromium" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_it_is_printed(path: Path, tmp_path: Path) -> None:
    if not shutil.which("chromium"):
        pytest.skip("chromium is not installed")
    report(path, tmp_path, "--day", "2026-11-20", "--pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
