"""One bridge process: the real intake, codec and desk, and cameras that take every frame and do nothing with it.

Usage: consumer.py HOST QUEUE SLOTS PASSWORD_FILE. It runs until it is terminated.
"""

import sys
from pathlib import Path
from threading import Event

from rabbitmq import USERS

from gtvision.adapters import celery_wire
from gtvision.adapters.amqp import AmqpIntake, AmqpOutlet, Login
from gtvision.adapters.prometheus import PrometheusMetrics
from gtvision.domain.pushed import PushedFrame, PushedOutcome
from gtvision.runtime.background import in_background
from gtvision.runtime.bridge.desk import Counter, Desk, DeskPorts
from gtvision.runtime.bridge.frames import FrameWork
from gtvision.settings import Partner

_MAX_BYTES = 16 * 2**20


class NoCameras:
    """Cameras that take every frame."""

    def push(self, frame: PushedFrame) -> PushedOutcome:
        """Nothing came of it."""
        assert frame.work.jpeg
        return PushedOutcome()

    def add(self, camera_id: str, name: str) -> None:
        """They are all there."""


def main(host: str, queue: str, slots: int, password_file: Path) -> None:
    """Consumes until the process is terminated."""
    user = USERS[0]
    partner = Partner(name=user, vhost=user, user=user, password_file=password_file, cameras=("*",))
    login = Login(user, (host,), user, user, password_file)
    ports = DeskPorts(
        AmqpIntake(login, queue, slots, {}),
        AmqpOutlet(login, {}),
        celery_wire,
        FrameWork(partner, NoCameras()),
        PrometheusMetrics(),
    )
    desk = Desk(Counter(user, "frames", queue, slots, _MAX_BYTES, replies=False), ports)
    in_background("read", desk.read)
    desk.consume(Event())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
