"""Events to a real PostgreSQL that is killed and comes back, and that two processes write."""

import os
import pwd
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from edgevision.errors import OutputError
from edgevision.outputs import Result
from edgevision.outputs.postgresql import Config, build
from tests.outputs.kept import Process, event, ids
from tests.waiting import wait_until

FOLDERS = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"))]
POSTGRES = shutil.which("postgres", path=os.pathsep.join(FOLDERS)) or shutil.which("postgres")


class Database:
    """A cluster of its own. PostgreSQL refuses root, so it runs as nobody then."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"postgresql://me@127.0.0.1:{self.port}/postgres"
        self._folder = folder
        self._as: dict[str, Any] = {"cwd": "/", "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        if os.getuid() == 0:
            self._as["user"] = "nobody"
            os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
        initdb = str(Path(POSTGRES or "").resolve().with_name("initdb"))
        subprocess.run(
            [initdb, "--no-sync", "-A", "trust", "-U", "me", "-D", str(folder / "data")],
            check=True,
            **self._as,
        )
        self.start()

    def start(self) -> None:
        settings = [
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=off",
        ]
        options = [part for setting in settings for part in ("-c", setting)]
        assert POSTGRES
        self._process = subprocess.Popen([POSTGRES, "-D", str(self._folder / "data"), *options], **self._as)
        wait_until(self._answers)

    def kill(self) -> None:
        self._process.send_signal(3)  # SIGQUIT: at once
        self._process.wait(30)

    def query(self, text: Any) -> list[Any]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(text).fetchall()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    if not POSTGRES:
        pytest.skip("PostgreSQL is not installed")
    folder = Path(subprocess.check_output(["mktemp", "-d", "/tmp/pgXXXXXX"], text=True).strip())
    database = Database(folder)
    yield database
    database.kill()
    shutil.rmtree(folder)


def output(database: Database) -> Any:
    return build(Config(type="postgresql", url=database.url, timeout=2.0), "postgresql-0")


def test_a_database_that_is_away_for_a_while_gets_everything_once(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgevision.pipeline.following.RETRY_MOST", 0.2)
    process = Process(tmp_path, output(database))
    process.happens(1, 2)
    wait_until(lambda: process.metrics.value("events_total") == 2)
    database.kill()
    process.happens(*range(3, 101))
    wait_until(lambda: process.metrics.value("output_errors_total", output="postgresql-0"))
    database.start()
    process.end()
    rows = database.query("SELECT id FROM edgevision_events ORDER BY id")
    assert [row[0] for row in rows] == ids(*range(1, 101))
    (row,) = database.query(
        "SELECT extract(epoch FROM time), value, event->>'label' FROM edgevision_events "
        "WHERE id LIKE '%00000007'"
    )
    assert row == (1e9 + 7, 7.0, 'a "car"')


def test_two_processes_write_one_table(database: Database) -> None:
    outputs = [output(database), output(database)]
    threads = [
        threading.Thread(target=lambda o=each: [o.write(Result("gate", [event(n)])) for n in range(200, 260)])
        for each in outputs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for each in outputs:
        each.close()
    (count,) = database.query("SELECT COUNT(*) FROM edgevision_events WHERE id >= 'gate:door:00000200'")
    assert count[0] == 60


def test_a_newer_schema_is_left_alone(database: Database) -> None:
    first = output(database)
    first.write(Result("gate", [event(500)]))
    first.close()
    with psycopg.connect(database.url) as connection:
        connection.execute("INSERT INTO edgevision_schema VALUES (999)")
    late = output(database)
    with pytest.raises(OutputError, match="newer edgevision"):
        late.write(Result("gate", [event(501)]))
    late.close()
    with psycopg.connect(database.url) as connection:
        connection.execute("DELETE FROM edgevision_schema WHERE version = 999")


def test_a_wrong_password_is_told_without_it() -> None:
    url = "postgresql://me:sesame-open@127.0.0.1:1/events"
    lost = build(Config(type="postgresql", url=url, timeout=1.0), "postgresql-0")
    with pytest.raises(OutputError) as error:
        lost.write(Result("gate", [event(1)]))
    lost.close()
    assert "sesame" not in str(error.value) + lost.address
