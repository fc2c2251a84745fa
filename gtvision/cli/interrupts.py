"""Ctrl-C and SIGTERM: both raise `KeyboardInterrupt`, and neither is forgotten when Python swallows it.

An exception that a signal raises while a destructor or a weak reference's callback runs is printed and dropped. What
takes long therefore asks between its steps.
"""

import signal
from threading import Event
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_asked = Event()


def listen() -> None:
    """From now on SIGTERM ends a command as Ctrl-C does."""
    for number in _SIGNALS:
        signal.signal(number, _interrupt)


def ignore() -> None:
    """From now on both do nothing: the command stops already."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def check() -> None:
    """Raises `KeyboardInterrupt` when somebody asked for the end."""
    if _asked.is_set():
        raise KeyboardInterrupt


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    _asked.set()
    raise KeyboardInterrupt
