"""Pictures that wait for a model: the newest of each camera, taken in turn.

Of a camera only its newest sample waits, so overload makes pictures rarer, not older; of plates, where each picture
may show another vehicle, a few wait. The camera that was served longest ago comes first, so that a busy camera never
takes a quiet one's turn. When the queue is full, pictures that are not urgent go before others, and among those the
one of the camera with most of them, or that was served last.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from gtvision.domain.stream import PlatePicture, Sample

T = TypeVar("T")
_CAMERAS_REMEMBERED = 10_000
_NEVER = -1


class DropReason(StrEnum):
    """Why a picture left the queue without a model."""

    REPLACED = "replaced"
    FULL = "full"
    TOO_OLD = "too_old"


@dataclass(frozen=True, slots=True, eq=False)
class Waiting(Generic[T]):
    """A picture that waits.

    Attributes:
        picture: What is to be looked at.
        since_s: When it came, by any one clock.
        ticket: Whatever the caller answers by.
        is_urgent: Whether others are dropped before it.
    """

    picture: Sample | PlatePicture
    since_s: float
    ticket: T
    is_urgent: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Dropped(Generic[T]):
    """A picture that will not be served, and why."""

    waiting: Waiting[T]
    reason: DropReason


class FairQueue(Generic[T]):
    """A bounded queue that is fair across cameras. Not thread-safe."""

    def __init__(self, capacity: int, max_age_s: float, *, per_camera: int = 1) -> None:
        """An empty queue.

        Args:
            capacity: Pictures that wait at most, at least 1.
            max_age_s: A picture that waited longer is dropped.
            per_camera: Pictures of one camera that wait at most, at least 1.
        """
        self._capacity = capacity
        self._max_age_s = max_age_s
        self._per_camera = per_camera
        self._waiting: dict[str, deque[Waiting[T]]] = {}
        self._served: dict[str, int] = {}
        self._turn = 0

    def __len__(self) -> int:
        return sum(len(line) for line in self._waiting.values())

    def put(self, waiting: Waiting[T]) -> list[Dropped[T]]:
        """Adds a picture; returns what had to go for it, which can be itself."""
        line = self._waiting.setdefault(waiting.picture.camera_id, deque())
        if len(line) == self._per_camera:
            if line[0].picture.time_s > waiting.picture.time_s:
                return [Dropped(waiting, DropReason.REPLACED)]
            line.append(waiting)
            return [Dropped(line.popleft(), DropReason.REPLACED)]
        line.append(waiting)
        if len(self) <= self._capacity:
            return []
        victim = max((one for line in self._waiting.values() for one in line), key=self._expendable)
        self._remove(victim)
        return [Dropped(victim, DropReason.FULL)]

    def take(self) -> Waiting[T] | None:
        """The oldest picture of the camera that was served longest ago, None when nothing waits."""
        if not self._waiting:
            return None
        camera_id = min(self._waiting, key=lambda one: (self._served.get(one, _NEVER), self._waiting[one][0].since_s))
        self._remember(camera_id)
        taken = self._waiting[camera_id][0]
        self._remove(taken)
        return taken

    def drop_old(self, now_s: float) -> list[Dropped[T]]:
        """Takes out all that waited longer than allowed."""
        old = [one for line in self._waiting.values() for one in line if now_s - one.since_s > self._max_age_s]
        for one in old:
            self._remove(one)
        return [Dropped(one, DropReason.TOO_OLD) for one in old]

    def _remove(self, waiting: Waiting[T]) -> None:
        camera_id = waiting.picture.camera_id
        self._waiting[camera_id].remove(waiting)
        if not self._waiting[camera_id]:
            del self._waiting[camera_id]

    def _expendable(self, waiting: Waiting[T]) -> tuple[bool, int, int, float]:
        camera_id = waiting.picture.camera_id
        served = self._served.get(camera_id, _NEVER)
        return (not waiting.is_urgent, len(self._waiting[camera_id]), served, -waiting.since_s)

    def _remember(self, camera_id: str) -> None:
        self._turn += 1
        self._served.pop(camera_id, None)
        self._served[camera_id] = self._turn
        if len(self._served) > _CAMERAS_REMEMBERED:
            del self._served[next(iter(self._served))]
