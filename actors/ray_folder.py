"""Where Ray keeps sockets and logs: in the data folder, so that they are found there and removed with it."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from gtvision.domain.errors import BadConfiguration

_SOCKET_BYTES = 107  # a Unix socket's address may have no more
_SOCKET = "/session_2026-11-23_18-07-42_754891_4194304/sockets/dash_MetricsHead"  # the longest of Ray 2.60
_KEPT_SESSIONS = 2


def make_ray_folder(data_dir: Path) -> Path:
    """The folder to name to Ray, without the sessions before the last two.

    Where the data folder's path is too long for sockets, it is a link to the folder, with a short name.

    Raises:
        BadConfiguration: The data folder cannot be written, or its path is too long and so is that of a link.
    """
    folder = data_dir / "run" / "ray"
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(exist_ok=True)
        for session in sorted(folder.glob("session_2*"))[:-_KEPT_SESSIONS]:
            shutil.rmtree(session, ignore_errors=True)
        return folder if _fits(folder) else _link_to(folder)
    except OSError as exc:
        raise BadConfiguration(f"cannot make {folder}: {exc.strerror}", "data_dir") from exc


def remove_link(data_dir: Path) -> None:
    """Removes the link, if there is one; the folder with its logs stays."""
    folder = data_dir / "run" / "ray"
    if _is_ours(_link(folder), folder):
        _link(folder).unlink(missing_ok=True)


def _link_to(folder: Path) -> Path:
    link = _link(folder)
    if not _fits(link):
        raise BadConfiguration(f"the paths of {folder} and of {link} are too long for sockets", "data_dir")
    if not os.path.lexists(link):
        link.symlink_to(folder)
    if not _is_ours(link, folder):
        raise BadConfiguration(f"{link} is in the way and somebody else's; remove it", "data_dir")
    return link


def _link(folder: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"gtvision-{digest}"


def _is_ours(link: Path, folder: Path) -> bool:
    return link.is_symlink() and link.lstat().st_uid == os.getuid() and Path(os.readlink(link)) == folder


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder)) + len(_SOCKET) <= _SOCKET_BYTES
