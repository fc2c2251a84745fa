"""Samples on their way from a camera's demuxing thread to its detecting thread."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from gtvision.runtime.sampling import Taken


class WaitingSamples:
    """A bounded queue between two threads. It holds full-size pictures, so it is short.

    When it is full the oldest idle sample goes first, then the oldest of all: what is new matters more.
    """

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._samples: deque[Taken] = deque()
        self._changed = Condition()
        self._in_work = 0

    def put(self, taken: Taken) -> Taken | None:
        """Adds a sample; returns the one that had to go, None when there was room."""
        with self._changed:
            dropped = self._make_room()
            self._samples.append(taken)
            self._changed.notify_all()
        return dropped

    @contextmanager
    def next(self, timeout_s: float) -> Iterator[Taken | None]:
        """The oldest sample to work on, None when none comes in time."""
        with self._changed:
            taken = self._samples.popleft() if self._changed.wait_for(lambda: self._samples, timeout_s) else None
            self._in_work = int(taken is not None)
        try:
            yield taken
        finally:
            with self._changed:
                self._in_work = 0
                self._changed.notify_all()

    @property
    def count(self) -> int:
        """Samples that wait or are being worked on."""
        with self._changed:
            return len(self._samples) + self._in_work

    def drain(self, timeout_s: float) -> None:
        """Waits until all samples have been worked on, at most that long."""
        with self._changed:
            self._changed.wait_for(lambda: not self._samples and not self._in_work, timeout_s)

    def _make_room(self) -> Taken | None:
        if len(self._samples) < self._bound:
            return None
        dropped = next((taken for taken in self._samples if not taken.is_burst), self._samples[0])
        self._samples.remove(dropped)
        return dropped
