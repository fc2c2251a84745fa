"""PyAV's errors become `SourceUnavailable`; the address in them, which holds the password, goes no further."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import av
import av.error
import av.logging

from gtvision.domain.errors import SourceUnavailable

av.logging.set_level(None)
av.logging.set_libav_level(av.logging.PANIC)

_TIMEOUT = ("timeout", "does not answer in time: check the address, the network and that the camera has power")
_REMEDIES: tuple[tuple[tuple[type[BaseException], ...], str, str], ...] = (
    (
        (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError),
        "unauthorised",
        "refuses the login: check user and password",
    ),
    ((av.error.HTTPNotFoundError,), "not_found", "has no such stream: check the path"),
    (
        (av.error.HTTPClientError,),
        "invalid",
        "refuses the request: check the path, and that the camera allows RTSP over TCP",
    ),
    (
        (av.error.HTTPError,),
        "server_error",
        "answers with an error: it may be at its limit of viewers; close some or restart it",
    ),
    (
        (ConnectionRefusedError,),
        "refused",
        "refuses the connection: check address and port, and that RTSP is switched on there",
    ),
    ((av.error.ExitError, TimeoutError, BlockingIOError), *_TIMEOUT),
    ((FileNotFoundError, NotADirectoryError), "not_found", "is not there: check the path"),
    ((PermissionError,), "unauthorised", "may not be read: check the rights of the file"),
    ((ConnectionError, EOFError), "ended", "closed the connection: it may be restarting, or at its limit of viewers"),
    (
        (av.error.InvalidDataError, av.error.LookupError, IsADirectoryError),
        "invalid",
        "gives no H.264 or H.265 video: check that address, port and path are those of a stream",
    ),
    ((OSError,), "refused", "cannot be reached: check the name of the host and the network"),
)


@contextmanager
def source_errors(address: str, limit_s: float | None = None) -> Iterator[None]:
    """Turns what PyAV raises inside into `SourceUnavailable` with what to do.

    Args:
        address: What the message calls the source, without credentials.
        limit_s: A failure after that long is a timeout, whatever FFmpeg calls it.
    """
    begun_s = time.monotonic()
    try:
        yield
    except (av.error.FFmpegError, OSError, EOFError, ValueError) as exc:
        is_late = limit_s is not None and time.monotonic() - begun_s >= limit_s
        reason, remedy = _TIMEOUT if is_late else _remedy(exc)
        exc.args = exc.args[:2]  # number and text; the third is the address with its password
        raise SourceUnavailable(f"{address} {remedy}", reason) from exc


def _remedy(exc: BaseException) -> tuple[str, str]:
    for types, reason, remedy in _REMEDIES:
        if isinstance(exc, types):
            return reason, remedy
    return "invalid", "cannot be read: check that address, port and path are those of an H.264 or H.265 stream"
