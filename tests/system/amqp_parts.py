"""Intakes and outlets that run in threads of their own while a test looks on."""

import queue
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from gtvision.adapters.amqp import AmqpIntake, AmqpOutlet, Login
from gtvision.ports.broker import Delivery
from gtvision.settings import Bridge
from tests.rabbitmq import PASSWORD, USERS

WAIT_S = 20.0


def bridge_of(hosts: tuple[str, ...], folder: Path, **other: Any) -> Bridge:
    """Settings with a partner for each of the broker's users."""
    secret = folder / "password"
    secret.write_text(PASSWORD + "\n")
    secret.chmod(0o600)
    partners = [
        {"name": user, "vhost": user, "user": user, "password_file": str(secret), "cameras": ["*"]} for user in USERS
    ]
    return Bridge.model_validate({"hosts": hosts, "partners": partners, **other})


def login_of(hosts: tuple[str, ...], folder: Path, user: str = "city", **other: Any) -> Login:
    """That user's login."""
    bridge = bridge_of(hosts, folder, **other)
    [partner] = [partner for partner in bridge.partners if partner.user == user]
    return Login.of(bridge, partner)


def new_name() -> str:
    """A queue that nobody else uses."""
    return f"detection-{uuid4().hex[:8]}"


def until(holds: Callable[[], bool], wait_s: float = WAIT_S) -> None:
    """Returns when it holds; fails when it never does."""
    deadline = time.monotonic() + wait_s
    while not holds():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


class Running:
    """An intake or outlet in a thread; `error` is what ended it."""

    def __init__(self, part: AmqpIntake | AmqpOutlet) -> None:
        self.part = part
        self.stopping = Flag()
        self.came: queue.Queue[Delivery] = queue.Queue()
        self.error: BaseException | None = None
        self._thread = Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        until(lambda: self.part.is_connected or not self._thread.is_alive())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._thread.join(WAIT_S)
        assert not self._thread.is_alive(), "it does not end"

    def next(self, wait_s: float = WAIT_S) -> Delivery:
        """The next delivery."""
        return self.came.get(timeout=wait_s)

    def ended(self) -> BaseException | None:
        """What ended it, once it has ended by itself."""
        self._thread.join(WAIT_S)
        assert not self._thread.is_alive(), "it goes on"
        return self.error

    def _run(self) -> None:
        try:
            if isinstance(self.part, AmqpIntake):
                self.part.run(self.came.put, self.stopping)
            else:
                self.part.run(self.stopping)
        except Exception as exc:
            self.error = exc
