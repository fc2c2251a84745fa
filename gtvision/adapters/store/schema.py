"""The schema of a database: which one it has, and bringing it up to date."""

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, inspect, text

from gtvision.adapters.durable import make_folder
from gtvision.adapters.store.engine import make_engine, sqlite_file, translated_errors, url_of
from gtvision.adapters.store.lock import WriterLock
from gtvision.adapters.store.tables import HEAD
from gtvision.domain.errors import BadConfiguration

_MIGRATIONS = Path(__file__).parents[1] / "migrations"
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('gtvision migrate'))")
_AS_LONG_AS_IT_TAKES = text("SET LOCAL statement_timeout = 0")


@dataclass(frozen=True, slots=True)
class SchemaState:
    """What a database holds, and what this code needs.

    Attributes:
        current: Its revision, None when it has no tables of ours yet.
        head: The revision that this code reads and writes.
    """

    current: str | None
    head: str = HEAD

    @property
    def fault(self) -> str | None:
        """What is wrong and what to do, None when it fits."""
        if self.current is None:
            return "the database has no tables yet: run `gtvision migrate`"
        if self.current < self.head:
            return f"the database has schema {self.current}, this version needs {self.head}: run `gtvision migrate`"
        if self.current > self.head:
            return (
                f"the database has schema {self.current}, this version only knows {self.head}: "
                "install the newer gtvision that wrote it, or restore a backup"
            )
        return None


def schema_state(url: str) -> SchemaState:
    """The state of a database; a SQLite file that does not exist is not made. Raises `StoreUnavailable`."""
    where = url_of(url)
    file = sqlite_file(where)
    if file is not None and not file.exists():
        return SchemaState(None)
    engine = make_engine(where)
    try:
        return state_of(engine)
    finally:
        engine.dispose()


def state_of(engine: Engine) -> SchemaState:
    """The state of an open database. Raises `StoreUnavailable`."""
    with translated_errors(), engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return SchemaState(None)
        return SchemaState(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())


def migrate(url: str) -> str:
    """The revision of the database after all migrations, each of which happened whole or not at all.

    Makes a SQLite file, readable by this user alone, and its folder.

    Raises:
        BadConfiguration: The database is newer than this code, or the file cannot be made.
        StoreUnavailable: It does not answer, or another process writes to it.
    """
    where = url_of(url)
    file = sqlite_file(where)
    lock = _made(file) if file is not None else None
    engine = make_engine(where)
    try:
        state = state_of(engine)
        if state.current is not None and state.current > state.head:
            raise BadConfiguration(str(state.fault), "database.url")
        _upgrade(engine)
    finally:
        engine.dispose()
        if lock is not None:
            lock.close()
    return HEAD


def _made(file: Path) -> WriterLock:
    try:
        make_folder(file.parent)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as exc:
        raise BadConfiguration(f"cannot make {file}: {exc.strerror}", "database.url") from exc
    return WriterLock(file)


def _upgrade(engine: Engine) -> None:
    from alembic import command  # only here: it costs every reader 10 MB
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with translated_errors(), engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(_ONE_AT_A_TIME)
            connection.execute(_AS_LONG_AS_IT_TAKES)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
