"""One writing process for a SQLite file."""

import fcntl
import os
import time
from pathlib import Path

from gtvision.domain.errors import BadConfiguration, StoreUnavailable

_WAIT_S = 3.0
_RETRY_S = 0.05


class WriterLock:
    """Holds `<database>.lock` until closed; the kernel frees it when the process dies, however it dies.

    Raises:
        StoreUnavailable: Another process still holds it after 3 s.
        BadConfiguration: The lock file cannot be made.
    """

    def __init__(self, database: Path) -> None:
        path = database.with_name(database.name + ".lock")
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as exc:
            raise BadConfiguration(f"cannot open {path}: {exc.strerror}", "database.url") from exc
        deadline = time.monotonic() + _WAIT_S
        while not self._taken():
            if time.monotonic() > deadline:
                holder = os.pread(self._descriptor, 20, 0).decode(errors="replace") or "unknown"
                self.close()
                raise StoreUnavailable(
                    f"another process writes to this database: {database} (process {holder}). "
                    "Stop it, or make the change through its API"
                )
            time.sleep(_RETRY_S)
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, str(os.getpid()).encode(), 0)

    def close(self) -> None:
        """Lets the next writer in."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _taken(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
