"""Engines and transactions: SQLite in one file, or PostgreSQL. Foreign errors stop here."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DataError, IntegrityError, OperationalError, SQLAlchemyError
from sqlmodel import Session

from gtvision.domain.errors import BadConfiguration, BadInput, StoreUnavailable

_FIELD = "database.url"
_CONNECT_S = 5
_STATEMENT_S = 10
_SQLITE_BUSY_S = 5.0
_SQLITE_STEPS = 10_000
_PG_CANCELLED = "57014"


def url_of(text: str) -> URL:
    """The address, with the driver we ship. Raises `BadConfiguration`; the message never repeats the address."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise BadConfiguration(
            "it is not a database address; write sqlite:////path/gtvision.db or "
            "postgresql+psycopg://user:password@host/name, special letters of the password %-encoded",
            _FIELD,
        ) from None
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise BadConfiguration("only sqlite and postgresql+psycopg are supported", _FIELD)
    if not url.database or url.database == ":memory:" or url.query:
        raise BadConfiguration("SQLite needs a file and no options: sqlite:////path/gtvision.db", _FIELD)
    return url


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite database, None for a server."""
    return Path(url.database or "").absolute() if url.get_backend_name() == "sqlite" else None


def make_engine(url: URL) -> Engine:
    """An engine whose every wait has an end, and whose errors hide the values of statements."""
    common: dict[str, Any] = {"hide_parameters": True, "pool_timeout": _CONNECT_S, "pool_pre_ping": True}
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": _SQLITE_BUSY_S}, **common)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        return create_engine(url, connect_args=_postgres_arguments(), **common)
    except ModuleNotFoundError as exc:
        raise BadConfiguration("PostgreSQL needs a package: pip install 'gtvision[postgres]'", _FIELD) from exc


def _postgres_arguments() -> dict[str, Any]:
    return {
        "connect_timeout": _CONNECT_S,
        "options": f"-c statement_timeout={_STATEMENT_S}s -c idle_in_transaction_session_timeout={3 * _STATEMENT_S}s",
        "tcp_user_timeout": 1000 * _STATEMENT_S,
        "keepalives_idle": _CONNECT_S,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "application_name": "gtvision",
    }


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # sqlite3 would begin transactions late and by its own rules
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turns what the database says into our errors.

    Raises:
        BadInput: It refuses a value; the same one will never do.
        StoreUnavailable: Anything else.
    """
    try:
        yield
    except (DataError, IntegrityError, OverflowError, UnicodeEncodeError) as exc:
        raise BadInput(f"the database refuses a value: {_first_line(exc)}") from exc
    except SQLAlchemyError as exc:
        raise StoreUnavailable(f"the database does not answer: {_first_line(exc)}") from exc


def _first_line(exc: Exception) -> str:
    lines = str(getattr(exc, "orig", None) or exc).strip().splitlines()
    return f"{type(exc).__name__}: {lines[0]}" if lines else type(exc).__name__


@contextmanager
def _given_up_after(session: Session, longest_s: float) -> Iterator[None]:
    connection = session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        driver: Any = connection.connection.driver_connection
        deadline = time.monotonic() + longest_s
        driver.set_progress_handler(lambda: time.monotonic() > deadline, _SQLITE_STEPS)
    else:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {round(1000 * longest_s)}")
    try:
        yield
    except OperationalError as exc:
        if getattr(exc.orig, "sqlstate", "") != _PG_CANCELLED and "interrupted" not in str(exc.orig):
            raise
        raise BadInput(
            f"this search took longer than {longest_s:g} s: name more of the plate, a camera or a shorter time"
        ) from exc
    finally:
        if is_sqlite:
            driver.set_progress_handler(None, 0)


class Database:
    """Transactions on one engine."""

    def __init__(self, engine: Engine, *, writes: bool) -> None:
        self._engine = engine
        self._writing_engine = engine.execution_options(writes=True) if writes else None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database and changes nothing."""
        with translated_errors(), Session(self._engine) as session:
            yield session

    @contextmanager
    def searching(self, longest_s: float) -> Iterator[Session]:
        """Like `reading`, for statements of which nobody knows how long they take. Raises `BadInput` after so long."""
        with self.reading() as session, _given_up_after(session, longest_s):
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are committed at the end, or none of them when it raises."""
        if self._writing_engine is None:
            raise BadConfiguration("this process opened the database for reading only", _FIELD)
        with translated_errors(), Session(self._writing_engine) as session, session.begin():
            yield session

    def close(self) -> None:
        """Closes all connections."""
        self._engine.dispose()
