"""Finding the connection that a foreign library opened, to cut it while the library waits on it.

FFmpeg has no call that ends a blocked read from another thread; shutting its socket down does.
"""

import os
import socket
import stat
from contextlib import suppress
from pathlib import Path

_DESCRIPTORS = Path("/proc/self/fd")


def open_sockets() -> frozenset[int]:
    """The inodes of this process's sockets; empty where the system does not tell."""
    return frozenset(_inodes())


def connection_opened_since(before: frozenset[int], port: int) -> socket.socket | None:
    """A second handle on the only connection to that port which is new; None when there is not exactly one."""
    found: list[socket.socket] = []
    for inode, descriptor in _inodes().items():
        if inode in before:
            continue
        with suppress(OSError):
            handle = socket.socket(fileno=os.dup(descriptor))
            if _peer_port(handle) == port:
                found.append(handle)
            else:
                handle.close()
    if len(found) == 1:
        return found[0]
    for handle in found:
        handle.close()
    return None


def _peer_port(handle: socket.socket) -> int | None:
    try:
        return int(handle.getpeername()[1])
    except (OSError, IndexError, ValueError):
        return None


def _inodes() -> dict[int, int]:
    """Descriptor by inode of every socket."""
    found: dict[int, int] = {}
    with suppress(OSError):
        for name in os.listdir(_DESCRIPTORS):
            with suppress(OSError):
                status = os.fstat(int(name))
                if stat.S_ISSOCK(status.st_mode):
                    found[status.st_ino] = int(name)
    return found
