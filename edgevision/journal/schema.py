"""The tables of the journal, and how its file is opened."""

import fcntl
import sqlite3
from pathlib import Path
from typing import IO

from edgevision.errors import OutputError
from edgevision.journal.watched import begin_process

VERSION = 1
BUSY = 5.0  # s to wait for another writer: a follower marks how far it is, or somebody's sqlite3 looks
QUARTER = 900  # s: sums are kept by quarter hours, of which every time zone's days and hours are made

# A run is what numbers its events from 1: a live camera for ever, each file with its settings.
# Counts and states belong to a run, sums by the quarter hour to the camera; they outlive the events.
TABLES = f"""
CREATE TABLE runs (
  id INTEGER PRIMARY KEY, camera TEXT NOT NULL, identity TEXT NOT NULL, ordinal INTEGER NOT NULL,
  UNIQUE (camera, identity));
CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, run INTEGER NOT NULL,
  kept REAL NOT NULL, time TEXT NOT NULL, wall REAL NOT NULL, camera TEXT NOT NULL,
  analytic TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, label TEXT NOT NULL, track_id INTEGER,
  value REAL NOT NULL, confidence REAL NOT NULL, body TEXT NOT NULL);
CREATE INDEX events_of_time ON events (wall);
CREATE TABLE counts (
  run INTEGER, analytic TEXT, name TEXT, kind TEXT, label TEXT, n INTEGER NOT NULL,
  PRIMARY KEY (run, analytic, name, kind, label)) WITHOUT ROWID;
CREATE TABLE numbers (
  run INTEGER, name TEXT, n INTEGER NOT NULL, PRIMARY KEY (run, name)) WITHOUT ROWID;
CREATE TABLE states (
  run INTEGER, name TEXT, wall REAL NOT NULL, kept TEXT NOT NULL, PRIMARY KEY (run, name)) WITHOUT ROWID;
CREATE TABLE quarters (
  camera TEXT, analytic TEXT, name TEXT, kind TEXT, label TEXT, start INTEGER,
  n INTEGER NOT NULL, total REAL NOT NULL, most REAL NOT NULL,
  PRIMARY KEY (start, camera, analytic, name, kind, label)) WITHOUT ROWID;
CREATE TABLE cursors (output TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA user_version = {VERSION};
"""


def connect(path: Path, *, durable: bool) -> sqlite3.Connection:
    """A connection in autocommit mode, to be used by one thread at a time.

    durable: a commit is on the disk when it returns, also when the power is cut just then
    (WAL with synchronous=FULL, https://www.sqlite.org/pragma.html#pragma_synchronous).
    """
    connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    return connection


def prepare(path: Path) -> sqlite3.Connection:
    """Open the journal for its writer, making it where it does not exist. Raises OutputError."""
    try:
        connection = connect(path, durable=True)
    except sqlite3.Error as error:
        raise unusable(path, error) from None
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if not version and not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN;{TABLES}COMMIT;")
        else:
            require_known(path, version)
        begin_process(connection)
    except (sqlite3.Error, OutputError) as error:
        connection.close()
        raise unusable(path, error) if isinstance(error, sqlite3.Error) else error from None
    return connection


def require_known(path: Path, version: int) -> None:
    """Raises OutputError for a database that this version of the program does not know."""
    if version > VERSION:
        raise OutputError(
            f"{path} was written by a newer edgevision (its tables are version {version}, this one knows "
            f"{VERSION}): update edgevision, or choose another file; nothing in it was changed"
        )
    if version != VERSION:
        raise OutputError(
            f"{path} is a database of another program; choose another file, or move this one away"
        )


def unusable(path: Path, error: sqlite3.Error) -> OutputError:
    return OutputError(
        f"cannot keep events in {path}: {error}; "
        "choose a file in a folder that exists and that this user may write to"
    )


def take_lock(path: Path) -> IO[bytes]:
    """A file beside the journal, locked for as long as it is open."""
    beside = path.with_name(path.name + ".lock")
    try:
        file = beside.open("wb")
    except OSError as error:
        raise OutputError(
            f"cannot keep events in {path}: {error.strerror}; "
            "choose a file in a folder that exists and that this user may write to"
        ) from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise OutputError(f"{path} is used by another edgevision process: stop that first") from None
    return file
