"""A message is sent until it is confirmed, whatever becomes of the connection it was sent over."""

from concurrent.futures import Future
from threading import Event as Flag

from bridging import DEAD, a_frame

from gtvision.domain.message import WireMessage
from gtvision.runtime.bridge.held import Held
from gtvision.runtime.bridge.sending import is_sent
from gtvision.testing import FakeBroker, FakeDelivery, FakeIntake


class Outlet:
    """Its first connection is lost with what was put to it, and never says so; the second confirms."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    @property
    def is_connected(self) -> bool:
        return len(self.sent) > 1

    def run(self, stopping: Flag) -> None: ...
    def post(self, message: WireMessage, queue: str) -> None: ...

    def publish(self, _: WireMessage, queue: str) -> "Future[None]":
        self.sent.append(queue)
        future: Future[None] = Future()
        if self.is_connected:
            future.set_result(None)
        return future


def test_a_message_whose_connection_was_lost_without_a_word_is_sent_again() -> None:
    outlet = Outlet()
    held = Held(FakeDelivery(a_frame(), FakeIntake(FakeBroker(), "detection", 1)), Flag(), 0.0)
    assert is_sent(outlet, a_frame(), DEAD, held)
    assert outlet.sent == [DEAD, DEAD]
