"""A PostgreSQL server that a test starts for itself, on its own port and in its own folder."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import psycopg

PASSWORD = "p@ss word/7%"
_PASSWORD_IN_URLS = "p%40ss%20word%2F7%25"
_WAIT_S = 30


class PostgresServer:
    """One server; `with PostgresServer(needs) as server`.

    PostgreSQL refuses to run as root, so under root it runs as the user `postgres` of its package.

    Args:
        needs: The fixture of that name, which finds programs or ends the test.
    """

    def __init__(self, needs: Callable[[str], str]) -> None:
        self._initdb, self._postgres = needs("initdb"), needs("postgres")
        self._folder = Path(tempfile.mkdtemp(prefix="gtvision-postgres-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._as_user: dict[str, Any] = {}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]

    def __enter__(self) -> Self:
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(self._folder, account.pw_uid, account.pw_gid)
            self._as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        secret = self._folder / "secret"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        command = [
            self._initdb,
            "-D",
            str(self._folder / "data"),
            "-U",
            "gtvision",
            "--auth=scram-sha-256",
            "--no-sync",
        ]
        subprocess.run(
            [*command, f"--pwfile={secret}", "--encoding=UTF8", "--locale=C.UTF-8"],
            check=True,
            capture_output=True,
            cwd=self._folder,
            **self._as_user,
        )
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def start(self) -> None:
        """Starts it and returns when it answers."""
        options = [f"port={self.port}", f"unix_socket_directories={self._folder}", "fsync=off"]
        flags = [part for option in options for part in ("-c", option)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._postgres, "-D", self._folder / "data", *flags],
                stdout=log,
                stderr=log,
                cwd=self._folder,
                **self._as_user,
            )
        for _ in range(_WAIT_S * 10):
            try:
                self._connect().close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None:
                    break
                try:
                    self._process.wait(0.1)
                except subprocess.TimeoutExpired:
                    continue
        self.stop()
        raise AssertionError((self._folder / "log").read_text())

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Ends it: SIGINT cuts connections and closes cleanly, SIGQUIT is a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_WAIT_S)
            self._process = None

    def new_database(self) -> str:
        """The SQLAlchemy address of a new empty database."""
        return self._new_database("template1")

    @contextmanager
    def copy_of(self, url: str) -> Iterator[str]:
        """The address of a copy of a database that nobody uses meanwhile; dropped at the end."""
        copy = self._new_database(_name_in(url))
        try:
            yield copy
        finally:
            with self._connect() as connection:
                connection.execute(f"DROP DATABASE {_name_in(copy)} WITH (FORCE)")

    def _new_database(self, template: str) -> str:
        name = f"test_{uuid4().hex}"
        with self._connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return f"postgresql://gtvision:{_PASSWORD_IN_URLS}@127.0.0.1:{self.port}/{name}"

    def _connect(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="gtvision",
            password=PASSWORD,
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )


def _name_in(url: str) -> str:
    return url.rpartition("/")[2]
