"""Which faults are on now."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from gtvision.domain.errors import BadConfiguration
from gtvision.simulate.faults import EVERY_CAMERA, Fault, FaultKind

_MOST_FAULTS = 10_000


@dataclass(frozen=True, slots=True)
class Window:
    """A fault and when it is on, in seconds of the monotonic clock."""

    fault: Fault
    start_s: float
    end_s: float

    def has(self, now_s: float) -> bool:
        """Whether the fault is on."""
        return self.start_s <= now_s < self.end_s


_NONE: Mapping[FaultKind, Window] = {}


class FaultBoard:
    """The faults of all cameras. Any thread may write; readers take no lock, as each change makes a new mapping."""

    def __init__(self, most: int = _MOST_FAULTS) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._windows: Mapping[str, tuple[Window, ...]] = {}

    def add(self, fault: Fault, from_s: float, now_s: float) -> None:
        """Puts a fault on; its `at_s` counts from `from_s`. Raises `BadConfiguration` when there are too many."""
        start_s = from_s + fault.at_s
        window = Window(fault, start_s, inf if fault.for_s is None else start_s + fault.for_s)
        with self._lock:
            alive = {name: tuple(w for w in windows if w.end_s > now_s) for name, windows in self._windows.items()}
            if sum(map(len, alive.values())) >= self._most:
                raise BadConfiguration(f"there are {self._most} faults already; clear some", "faults")
            alive[fault.camera] = (*alive.get(fault.camera, ()), window)
            self._windows = {name: windows for name, windows in alive.items() if windows}

    def clear(self, camera: str) -> None:
        """Takes off what was put on for that name; `*` takes off everything of every camera."""
        with self._lock:
            self._windows = (
                {}
                if camera == EVERY_CAMERA
                else {name: windows for name, windows in self._windows.items() if name != camera}
            )

    def active(self, camera: str, now_s: float) -> Mapping[FaultKind, Window]:
        """The faults of that camera that are on, the newest of each kind."""
        windows = self._windows
        if not windows:
            return _NONE
        both = (*windows.get(EVERY_CAMERA, ()), *windows.get(camera, ()))
        return {window.fault.kind: window for window in both if window.has(now_s)}
