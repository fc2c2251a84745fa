"""Samples that wait for a detector: the newest of each camera, taken in turn.

Of a camera only its newest sample waits, so overload makes pictures rarer, not older. The camera that was served
longest ago comes first, so that a busy camera never takes a quiet one's turn. When the queue is full, idle samples
go before burst ones, and among those the one whose camera was served last.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from gtvision.domain.stream import Sample

T = TypeVar("T")
_CAMERAS_REMEMBERED = 10_000
_NEVER = -1


class DropReason(StrEnum):
    """Why a sample left the queue without a detector."""

    REPLACED = "replaced"
    FULL = "full"
    TOO_OLD = "too_old"


@dataclass(frozen=True, slots=True, eq=False)
class Waiting(Generic[T]):
    """A sample that waits.

    Attributes:
        sample: The picture.
        since_s: When it came, by any one clock.
        ticket: Whatever the caller answers by.
    """

    sample: Sample
    since_s: float
    ticket: T


@dataclass(frozen=True, slots=True, eq=False)
class Dropped(Generic[T]):
    """A sample that will not be served, and why."""

    waiting: Waiting[T]
    reason: DropReason


class FairQueue(Generic[T]):
    """A bounded queue that is fair across cameras. Not thread-safe."""

    def __init__(self, capacity: int, max_age_s: float) -> None:
        """An empty queue.

        Args:
            capacity: Samples that wait at most, at least 1.
            max_age_s: A sample that waited longer is dropped.
        """
        self._capacity = capacity
        self._max_age_s = max_age_s
        self._waiting: dict[str, Waiting[T]] = {}
        self._served: dict[str, int] = {}
        self._turn = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, waiting: Waiting[T]) -> list[Dropped[T]]:
        """Adds a sample; returns what had to go for it, which can be itself."""
        camera_id = waiting.sample.camera_id
        older = self._waiting.get(camera_id)
        if older is not None and older.sample.time_s > waiting.sample.time_s:
            return [Dropped(waiting, DropReason.REPLACED)]
        self._waiting[camera_id] = waiting
        if older is not None:
            return [Dropped(older, DropReason.REPLACED)]
        if len(self._waiting) <= self._capacity:
            return []
        victim = max(self._waiting.values(), key=self._expendable)
        return [Dropped(self._waiting.pop(victim.sample.camera_id), DropReason.FULL)]

    def take(self) -> Waiting[T] | None:
        """The sample whose camera was served longest ago, None when nothing waits."""
        if not self._waiting:
            return None
        camera_id = min(self._waiting, key=lambda one: (self._served.get(one, _NEVER), self._waiting[one].since_s))
        self._remember(camera_id)
        return self._waiting.pop(camera_id)

    def drop_old(self, now_s: float) -> list[Dropped[T]]:
        """Takes out all that waited longer than allowed."""
        old = [one for one in self._waiting.values() if now_s - one.since_s > self._max_age_s]
        return [Dropped(self._waiting.pop(one.sample.camera_id), DropReason.TOO_OLD) for one in old]

    def _expendable(self, waiting: Waiting[T]) -> tuple[bool, int, float]:
        served = self._served.get(waiting.sample.camera_id, _NEVER)
        return (not waiting.sample.is_burst, served, -waiting.since_s)

    def _remember(self, camera_id: str) -> None:
        self._turn += 1
        self._served.pop(camera_id, None)
        self._served[camera_id] = self._turn
        if len(self._served) > _CAMERAS_REMEMBERED:
            del self._served[next(iter(self._served))]
