"""The real system with a bridge to a real broker, a partner that may name any camera, and what can go wrong there."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frame_load import FrameLoad, Tally
from postgres import PostgresServer
from rabbitmq import PASSWORD, RabbitServer
from running import System, new_system, until, up

from gtvision.adapters.weights import SIMULATED

PARTNER = "city"
CAMERAS = ("north-gate", "south-gate")
_SETTLE_S = 45.0
_QUIET_S = 2.0


def partner(folder: Path, name: str = PARTNER, **settings: Any) -> dict[str, Any]:
    """A partner as the settings file has it; its password lies in that folder."""
    secret = folder / f"{name}.password"
    secret.touch(mode=0o600)
    secret.write_text(PASSWORD)
    named = {"name": name, "vhost": name, "user": name, "password_file": str(secret), "cameras": ["*"]}
    return {**named, **settings}


@contextmanager
def bridged(
    folder: Path, hosts: Sequence[str], of_partner: Mapping[str, Any] | None = None, **sections: Any
) -> Iterator[System]:
    """The system while it runs, its bridge connected.

    Args:
        folder: Of the installation.
        hosts: The brokers.
        of_partner: Settings of the partner beside those of `partner`.
        sections: Of the settings file; those of `bridge` join ours.
    """
    ours = {"hosts": list(hosts), "partners": [partner(folder, **(of_partner or {}))], "rest_s": 2}
    bridge = {**ours, **sections.pop("bridge", {})}
    detector = {"weights": str(SIMULATED), "cpu_threads": 1}
    with up(new_system(folder, bridge=bridge, detector=detector, **sections)) as system:
        until(lambda: system.http("GET", "/ready").json()["checks"].get("broker") == "ok", 60, "a connected bridge")
        yield system


@dataclass(frozen=True)
class Bridged:
    """What a fault may happen to."""

    system: System
    broker: RabbitServer
    database: PostgresServer


def broker_restarts(parts: Bridged) -> None:
    parts.broker.restart()


def broker_dies(parts: Bridged) -> None:
    parts.broker.kill()
    parts.broker.start()


def connections_are_cut(parts: Bridged) -> None:
    for _ in range(2):
        parts.broker.cut_connections()
        time.sleep(1)


def memory_is_short(parts: Bridged) -> None:
    with parts.broker.memory_alarm():
        time.sleep(3)


def bridge_is_killed(parts: Bridged) -> None:
    os.kill(parts.system.pid("bridge"), signal.SIGKILL)


def camera_is_killed(parts: Bridged) -> None:
    os.kill(parts.system.pid(f"camera:{CAMERAS[0]}"), signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class DatabaseAway:
    """The database is away for so many seconds."""

    seconds: float

    def __call__(self, parts: Bridged) -> None:
        parts.database.stop()
        time.sleep(self.seconds)
        parts.database.start()


def queue_is_deleted(broker: RabbitServer, queue: str = "detection") -> int:
    """How many messages were gone with it, by the will of whoever deletes it."""
    with broker.channel() as channel:
        gone: int = channel.queue_delete(queue).method.message_count
        return gone


Fault = Callable[[Bridged], None]


def settled(system: System, load: FrameLoad, most_lost: int = 0, within_s: float = _SETTLE_S) -> Tally:
    """What came of the messages, a moment after no more than `most_lost` are without an event, or time is over."""
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s and tally(system, load).lost > most_lost:
        time.sleep(0.5)
    time.sleep(_QUIET_S)
    return tally(system, load)


def tally(system: System, load: FrameLoad) -> Tally:
    """What came of the messages so far."""
    return load.tally([event for camera in load.cameras for event in system.events(camera=camera)])
