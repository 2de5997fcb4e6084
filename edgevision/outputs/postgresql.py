"""Events to a PostgreSQL table, which several processes may share: an id stands in it once."""

from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from edgevision.core.types import Event
from edgevision.errors import OutputError
from edgevision.events import to_json, utc
from edgevision.outputs.base import Result
from edgevision.settings import Duration, Name, Settings

# Each step makes the schema of its number from the one before, in one transaction with its number.
MIGRATIONS = (
    """CREATE TABLE IF NOT EXISTS edgevision_events (
      id TEXT PRIMARY KEY, time TIMESTAMPTZ NOT NULL, camera TEXT NOT NULL, analytic TEXT NOT NULL,
      name TEXT NOT NULL, kind TEXT NOT NULL, label TEXT NOT NULL, track_id INTEGER,
      value DOUBLE PRECISION NOT NULL, confidence REAL NOT NULL, event JSONB NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS edgevision_events_time ON edgevision_events (time)",
)
LOCK = 20261121  # of an advisory lock: two processes do not migrate at once


class Config(Settings):
    """A database, in which the table edgevision_events is made."""

    type: Literal["postgresql"]
    url: str = Field(description="postgresql://user:password@host/database")
    camera: Name | None = Field(None, description="only this camera's events; those of all when left out")
    timeout: Duration = Field(5.0, gt=0, description="for a connection and for a statement")

    @field_validator("url")
    @classmethod
    def _understood(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
            raise ValueError("expected postgresql://user:password@host/database")
        return url


class Postgresql:
    """One connection, made anew when it is lost. The schema is looked at with the first event."""

    wants_frames = False

    def __init__(self, config: Config, name: str) -> None:
        self.name = name
        self.camera: str | None = config.camera
        parts = urlsplit(config.url)
        self._where = f"{parts.hostname or 'this machine'}{parts.path}"
        self.address = f"postgresql {self._where}"
        self._sql = _library()
        self._ready = False
        options = {
            "connect_timeout": max(1, round(config.timeout)),
            "options": f"-c statement_timeout={round(config.timeout * 1000)}",
        }
        url = "postgresql+psycopg:" + config.url.partition(":")[2]
        self._engine = self._sql.create_engine(url, pool_size=1, pool_pre_ping=True, connect_args=options)

    def write(self, result: Result) -> None:
        try:
            with self._engine.begin() as connection:
                if not self._ready:
                    self._migrate(connection)
                connection.execute(self._sql.text(_INSERT), [_row(event) for event in result.events])
                self._ready = True
        except self._sql.exc.SQLAlchemyError as error:
            self._ready = False
            cause = str(getattr(error, "orig", error)).strip().splitlines()
            raise OutputError(f"database {self._where}: {cause[0] if cause else error}") from None

    def close(self) -> None:
        self._engine.dispose()

    def _migrate(self, connection: Any) -> None:
        """Raises OutputError for a schema of a newer version of this program."""
        run = connection.exec_driver_sql
        run(f"SELECT pg_advisory_xact_lock({LOCK})")
        run("CREATE TABLE IF NOT EXISTS edgevision_schema (version INTEGER NOT NULL)")
        version = run("SELECT COALESCE(MAX(version), 0) FROM edgevision_schema").scalar()
        if version > len(MIGRATIONS):
            raise OutputError(
                f"database {self._where} is of a newer edgevision (schema {version}, this one knows "
                f"{len(MIGRATIONS)}): update this program"
            )
        for number, step in enumerate(MIGRATIONS[version:], version + 1):
            run(step)
            run(f"INSERT INTO edgevision_schema VALUES ({number})")


_INSERT = """INSERT INTO edgevision_events VALUES (:id, :time, :camera, :analytic, :name, :kind, :label,
  :track_id, :value, :confidence, CAST(:event AS JSONB)) ON CONFLICT (id) DO NOTHING"""


def _row(event: Event) -> dict[str, Any]:
    columns = ("id", "camera", "analytic", "name", "kind", "label", "track_id")
    return {column: getattr(event, column) for column in columns} | {
        "time": datetime.fromisoformat(utc(event.wall)),
        "value": float(event.value),
        "confidence": float(event.confidence),
        "event": to_json(event),
    }


def _library() -> Any:
    try:
        import psycopg  # noqa: F401 - SQLAlchemy loads it by name
        import sqlalchemy
    except ImportError:
        raise OutputError("PostgreSQL needs the extra: pip install 'edgevision[postgresql]'") from None
    return sqlalchemy


def build(config: Config, name: str) -> Postgresql:
    return Postgresql(config, name)
