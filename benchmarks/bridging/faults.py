"""Faults of broker, bridge and database while frames come in, and what came of the frames."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bridged import (
    CAMERAS,
    Bridged,
    DatabaseAway,
    Fault,
    bridge_is_killed,
    bridged,
    broker_dies,
    broker_restarts,
    camera_is_killed,
    connections_are_cut,
    memory_is_short,
    queue_is_deleted,
    settled,
)
from frame_load import FrameLoad, Tally
from postgres import PostgresServer
from rabbitmq import RabbitServer

from gtvision.adapters.store import migrate

_PER_S = 8.0
_BACKLOG = 40  # messages that come at once, so that all slots are taken when it happens
_AWAY_S = 30.0
_AROUND_S = {False: 3.0, True: 10.0}
_ROUNDS = {False: 1, True: 5}
_PATIENCE_S = 120.0

FAULTS: dict[str, Fault] = {
    "broker restarts": broker_restarts,
    "broker killed": broker_dies,
    "connections cut": connections_are_cut,
    "memory alarm": memory_is_short,
    "bridge kill -9": bridge_is_killed,
    "camera kill -9": camera_is_killed,
    f"database away {_AWAY_S:g} s": DatabaseAway(_AWAY_S),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the messages around one fault.

    Attributes:
        tally: Of all of them.
        settled_s: How long after the last message all was stored.
        deleted: How many the broker threw away because it was told to.
    """

    tally: Tally
    settled_s: float
    deleted: int = 0

    @property
    def lost(self) -> int:
        """Without those that were deleted."""
        return max(0, self.tally.lost - self.deleted)


def outcomes(program: Callable[[str], str], folder: Path, *, is_full: bool) -> dict[str, Outcome]:
    """What came of each fault, in one system that lives through all of them; of the rounds, the last is told."""
    around_s, found = _AROUND_S[is_full], {}
    with RabbitServer(program) as broker, PostgresServer(program) as database:
        url = database.new_database()
        migrate(url)
        with bridged(folder, [broker.host], database={"url": url}) as system:
            parts = Bridged(system, broker, database)
            _under_load(parts, around_s, lambda _: 0)  # the cameras are made
            for number in range(_ROUNDS[is_full]):
                for name, fault in FAULTS.items():
                    found[f"{name} {number + 1}" if is_full else name] = _under_load(parts, around_s, _nothing(fault))
                deleted = _under_load(parts, around_s, lambda each: queue_is_deleted(each.broker))
                found[f"queue deleted {number + 1}" if is_full else "queue deleted"] = deleted
    return found


def _nothing(fault: Fault) -> Callable[[Bridged], int]:
    """The fault, after which nothing is deleted."""

    def happen(parts: Bridged) -> int:
        fault(parts)
        return 0

    return happen


def _under_load(parts: Bridged, around_s: float, happen: Callable[[Bridged], int]) -> Outcome:
    with FrameLoad(parts.broker.connect, CAMERAS, _PER_S) as load:
        time.sleep(around_s)
        load.hurry(_BACKLOG)
        deleted = happen(parts)
        time.sleep(around_s)
    begun_s = time.monotonic()
    tally = settled(parts.system, load, deleted, _PATIENCE_S)
    return Outcome(tally, time.monotonic() - begun_s, deleted)
