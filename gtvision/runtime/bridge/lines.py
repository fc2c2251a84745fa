"""Lines of work: what stands in one line goes one after the other, different lines go side by side."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Lines(Generic[T]):
    """Work in lines, each called by a name. A line that has work takes a turn of one, and stands behind the others."""

    def __init__(self, name: str, workers: int, work: Callable[[T], None]) -> None:
        """Args:
        name: Of the threads.
        workers: How many turns there are at a time.
        work: Done with each; it raises nothing.
        """
        self._work = work
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._lock = Lock()
        self._lines: dict[str, deque[T]] = {}

    def put(self, line: str, item: T) -> None:
        """Puts work at the end of that line; at once, from any thread."""
        with self._lock:
            waiting = self._lines.get(line)
            if waiting is not None:
                waiting.append(item)
                return
            self._lines[line] = deque((item,))
        self._take_turn(line)

    def forget(self, is_forgotten: Callable[[T, T], bool]) -> list[T]:
        """Takes some of what stands behind the first of each line out of the lines, and returns it in its order.

        Args:
            is_forgotten: Is asked with the first of a line and with one behind it.
        """
        forgotten: list[T] = []
        with self._lock:
            for line in self._lines.values():
                first, *behind = line
                taken = [item for item in behind if is_forgotten(first, item)]
                if taken:
                    line.clear()
                    line.extend((first, *(item for item in behind if item not in taken)))
                    forgotten += taken
        return forgotten

    def stop(self) -> None:
        """Begins nothing more; what is being worked on goes on."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _take_turn(self, line: str) -> None:
        with suppress(RuntimeError):  # it was stopped
            self._pool.submit(self._turn, line)

    def _turn(self, line: str) -> None:
        with self._lock:
            item = self._lines[line][0]
        try:
            self._work(item)
        finally:
            with self._lock:
                waiting = self._lines[line]
                waiting.popleft()
                if not waiting:
                    del self._lines[line]
            if waiting:
                self._take_turn(line)
