"""Snapshots and clips: in a folder of this machine, or wherever fsspec reaches."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import fsspec

from gtvision.adapters.durable import make_folder, write_durably
from gtvision.domain.errors import BadConfiguration, BadInput, NotFound, StoreUnavailable
from gtvision.ports import MediaStore

_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_LONGEST_KEY = 512
_FIELD = "media.url"
_OPTIONS: dict[str, dict[str, Any]] = {"s3": {"config_kwargs": {"connect_timeout": 5, "read_timeout": 30}}}


def open_media(url: str) -> MediaStore:
    """The media store of a folder or an fsspec address, such as `s3://bucket/path`.

    Raises:
        BadConfiguration: The address is of no known kind, or its package is missing; the message never repeats it.
    """
    protocol, separator, rest = url.partition("://")
    if not separator or protocol == "file":
        return FolderMedia(Path(rest if separator else url))
    try:
        files, root = fsspec.core.url_to_fs(url, **_OPTIONS.get(protocol, {}))
    except ImportError as exc:
        raise BadConfiguration(f"{protocol}:// needs a package: pip install 'gtvision[s3]' for s3://", _FIELD) from exc
    except (ValueError, TypeError, OSError) as exc:
        raise BadConfiguration(f"fsspec cannot open this {protocol[:20]}:// address", _FIELD) from exc
    return FsspecMedia(files, root)


class FolderMedia:
    """Media in a folder; each file appears whole and on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()

    def put(self, key: str, content: bytes) -> None:
        """Stores the content whole or not at all; the same key again replaces it."""
        path = self._folder / checked(key)
        try:
            make_folder(path.parent)
            write_durably(path, content)
        except OSError as exc:
            raise StoreUnavailable(f"the media folder does not take {key}: {exc.strerror}") from exc

    def get(self, key: str) -> bytes:
        """The content. Raises `NotFound`."""
        try:
            return (self._folder / checked(key)).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise NotFound(f"there is no {key}") from None
        except OSError as exc:
            raise StoreUnavailable(f"the media folder does not give {key}: {exc.strerror}") from exc

    def remove(self, keys: Iterable[str]) -> None:
        """Removes the content under these keys, and folders that are empty then; what is not there is no fault."""
        for key in keys:
            path = self._folder / checked(key)
            try:
                path.unlink(missing_ok=True)
            except OSError as exc:
                raise StoreUnavailable(f"the media folder does not let {key} go: {exc.strerror}") from exc
            self._tidy(path.parent)

    def _tidy(self, folder: Path) -> None:
        with suppress(OSError):  # it is not empty, or gone
            while folder != self._folder:
                folder.rmdir()
                folder = folder.parent


class FsspecMedia:
    """Media behind fsspec. Object stores put a whole object or none; on other kinds that is as good as they are.

    Args:
        files: An fsspec file system.
        root: Where keys begin.
    """

    def __init__(self, files: Any, root: str) -> None:
        self._files = files
        self._root = root.rstrip("/")

    def put(self, key: str, content: bytes) -> None:
        """Stores the content; the same key again replaces it."""
        path = self._path(key)
        with _translated_errors(key):
            self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
            self._files.pipe_file(path, content)

    def get(self, key: str) -> bytes:
        """The content. Raises `NotFound`."""
        path = self._path(key)
        with _translated_errors(key):
            content: bytes = self._files.cat_file(path)
        return content

    def remove(self, keys: Iterable[str]) -> None:
        """Removes the content under these keys; what is not there is no fault."""
        for key in keys:
            with suppress(NotFound), _translated_errors(key):
                self._files.rm_file(self._path(key))

    def _path(self, key: str) -> str:
        return f"{self._root}/{checked(key)}"


def checked(key: str) -> str:
    """The key, when it stays below the root on any system. Raises `BadInput`."""
    if len(key) > _LONGEST_KEY or not _KEY.fullmatch(key):
        raise BadInput(f"{key[:80]!r} cannot be a media key: letters, digits, '.', '_' and '-' in parts divided by '/'")
    return key


@contextmanager
def _translated_errors(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise NotFound(f"there is no {key}") from None
    except Exception as exc:  # each backend of fsspec raises errors of its own library
        raise StoreUnavailable(f"the media store does not answer for {key}: {type(exc).__name__}") from exc
