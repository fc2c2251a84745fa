"""The spool: events, counts, plates, and what messages caused, each a file on the node's disk until the store has it.

Many processes put, one takes. `docs/decisions/0007-spool-and-store.md` says why it is a folder.
"""

import contextlib
import errno
import os
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from gtvision.adapters.durable import TEMPORARY, make_folder, sync_folder, write_durably
from gtvision.adapters.record import decoded, encoded
from gtvision.domain.count import CountRecord
from gtvision.domain.errors import BadConfiguration, BadInput, SpoolFull, StoreUnavailable
from gtvision.domain.plate import PlateRecord
from gtvision.domain.receipt import MessageRecord
from gtvision.ports import SpoolRecord

_EVENT, _COUNT, _PLATE, _MESSAGE = ".event", ".count", ".plate", ".message"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_BLOCK_BYTES = 4096
_COUNT_AGAIN_S = 5.0
_COUNTING_SHARE = 200
_ABANDONED_S = 600.0
_ONE_FILE = (errno.ENOENT, errno.EIO, errno.EISDIR)
"""What is wrong with that file alone, not with the whole disk or process."""
_REMEMBERED_COUNTS = 256
_DAMAGED_FILES = 100
_DAMAGED_BYTES = 256 * 2**20


class Spool:
    """A node's spool, for `EventSpool`. Each process has its own `Spool` on the same folder.

    Args:
        folder: Made when it is missing.
        max_bytes: Disk space at most, in whole blocks. It is counted every few seconds; what the other processes put
            in between comes on top.

    Raises:
        BadConfiguration: The folder cannot be made.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._damaged = folder / "damaged"
        self._max_bytes = max_bytes
        self._size_bytes = 0
        self._count_again_s = 0.0
        self._counts: dict[str, Path] = {}
        try:
            make_folder(self._damaged)
        except OSError as exc:
            raise BadConfiguration(f"cannot make the spool in {folder}: {exc.strerror}", "data_dir") from exc

    @property
    def size_bytes(self) -> int:
        """Disk space that the records take; counted anew every 5 s, and less often where counting takes long."""
        started_s = time.monotonic()
        if started_s >= self._count_again_s:
            self._size_bytes = sum(_on_disk(size) for _, size in _files(self._folder))
            now_s = time.monotonic()
            self._count_again_s = now_s + max(_COUNT_AGAIN_S, _COUNTING_SHARE * (now_s - started_s))
        return self._size_bytes

    def put(self, record: SpoolRecord) -> None:
        """Returns once the record would survive a power cut; an older state of a count then goes.

        Raises:
            SpoolFull: The spool reached its bound, or the disk does not take the record; nothing of it is left.
            BadInput: The record's id cannot be a file name.
        """
        if not _ID.fullmatch(record.id):
            raise BadInput(f"{record.id[:80]!r} cannot be the id of a record")
        content = encoded(record)
        size = _on_disk(len(content))
        path = self._folder / f"{time.time_ns():020d}-{record.id}-{record.revision}{_suffix(record)}"
        try:
            if self.size_bytes + size > self._max_bytes:
                raise SpoolFull(f"the spool holds its {self._max_bytes // 2**20} MB: recording.spool_mb allows no more")
            write_durably(path, content)
        except OSError as exc:
            raise SpoolFull(f"the disk of the spool does not take more: {exc.strerror}") from exc
        self._size_bytes += size
        if isinstance(record, CountRecord):
            self._replace(record.id, path)

    def _replace(self, count_id: str, path: Path) -> None:
        """Removes the state of the count that this process put before, unless the recorder has taken it."""
        older = self._counts.pop(count_id, None)
        self._counts[count_id] = path
        while len(self._counts) > _REMEMBERED_COUNTS:
            del self._counts[next(iter(self._counts))]
        if older is not None:
            with contextlib.suppress(StoreUnavailable):  # the store would take both
                self.done([older])

    def waiting(self) -> list[Path]:
        """The records, the oldest first; clears away what killed processes left half-written 10 minutes ago.

        Raises `StoreUnavailable` when the disk does not answer.
        """
        with _disk_errors():
            names = os.listdir(self._folder)
        for name in names:
            if name.startswith(TEMPORARY):
                _remove_abandoned(self._folder / name)
        suffixes = (_EVENT, _COUNT, _PLATE, _MESSAGE)
        return [self._folder / name for name in sorted(names) if name.endswith(suffixes) and name[0] != "."]

    def read(self, path: Path) -> SpoolRecord:
        """One of them. Raises `BadInput` when it is damaged or gone, `StoreUnavailable` when the disk is away."""
        with _disk_errors():
            try:
                return decoded(path.read_bytes())
            except OSError as exc:
                if exc.errno in _ONE_FILE:
                    raise BadInput(f"the record {path.name} cannot be read: {exc.strerror}") from exc
                raise

    def done(self, paths: Iterable[Path]) -> None:
        """Removes records that the store has confirmed. Raises `StoreUnavailable` when the disk does not answer.

        A record that comes back after a power cut is stored again, which changes nothing.
        """
        with _disk_errors():
            for path in paths:
                with contextlib.suppress(FileNotFoundError):
                    size = path.stat().st_size
                    path.unlink()
                    self._size_bytes = max(0, self._size_bytes - _on_disk(size))

    def set_aside(self, path: Path) -> bool:
        """Moves a record that will never be stored to the folder `damaged`, which keeps the newest 100, or 256 MB.

        Returns whether it was there. Raises `StoreUnavailable` when the disk does not answer.
        """
        with _disk_errors():
            try:
                os.replace(path, self._damaged / path.name)
            except FileNotFoundError:
                return False
            sync_folder(self._damaged)
            kept_bytes = 0
            for index, (name, size) in enumerate(sorted(_files(self._damaged), reverse=True)):
                kept_bytes += size
                if index >= _DAMAGED_FILES or (index and kept_bytes > _DAMAGED_BYTES):
                    (self._damaged / name).unlink(missing_ok=True)
        return True


@contextlib.contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise StoreUnavailable(f"the disk of the spool does not answer: {exc.strerror}") from exc


def _suffix(record: SpoolRecord) -> str:
    if isinstance(record, CountRecord):
        return _COUNT
    if isinstance(record, MessageRecord):
        return _MESSAGE
    return _PLATE if isinstance(record, PlateRecord) else _EVENT


def _files(folder: Path) -> Iterable[tuple[str, int]]:
    """Names and sizes; an entry that goes away meanwhile does not count."""
    with os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):
                if entry.is_file():
                    yield entry.name, entry.stat().st_size


def _on_disk(size: int) -> int:
    return -(-size // _BLOCK_BYTES) * _BLOCK_BYTES


def _remove_abandoned(path: Path) -> None:
    with contextlib.suppress(OSError):
        if time.time() - path.stat().st_mtime > _ABANDONED_S:
            path.unlink()
