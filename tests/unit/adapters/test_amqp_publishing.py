"""What becomes of messages when the channel they go by is lost, or an error comes in between."""

from collections.abc import Callable
from concurrent.futures import Future

import pytest
from pika.frame import Method
from pika.spec import Confirm

from gtvision.adapters.amqp.outlet import _Letter, _Publisher
from gtvision.domain.errors import BrokerUnavailable


class Channel:
    """A channel that is closed when it is told to, and fails at the message of that number."""

    def __init__(self, fails_at: int = 0) -> None:
        self.is_open = True
        self.published: list[bytes] = []
        self._fails_at = fails_at

    def add_on_close_callback(self, _told: object) -> None: ...
    def add_on_return_callback(self, _told: object) -> None: ...

    def confirm_delivery(self, _told: object, callback: Callable[[object], None]) -> None:
        callback(Method(1, Confirm.SelectOk()))

    def basic_publish(self, _exchange: str, _queue: str, body: bytes, *_: object, **__: object) -> None:
        if len(self.published) + 1 == self._fails_at:
            raise RuntimeError("a fault")
        self.published.append(body)


class Link:
    """Calls at once what it is handed, when it is told to; else never."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], None]] = []

    def call(self, callback: Callable[[], None]) -> None:
        self.calls.append(callback)


def opened(channel: Channel) -> tuple[_Publisher, Link, "list[Future[None]]"]:
    """A publisher with three messages that wait, and what answers each."""
    link = Link()
    publisher = _Publisher(link)  # type: ignore[arg-type]
    publisher._opened(channel)  # type: ignore[arg-type]
    answers: list[Future[None]] = [Future() for _ in range(3)]
    for number, answer in enumerate(answers):
        assert publisher.take(_Letter("detection", b"", b"%d" % number, answer))
    return publisher, link, answers


def test_messages_that_found_the_channel_closed_fail_when_the_connection_ends() -> None:
    channel = Channel()
    publisher, link, answers = opened(channel)
    channel.is_open = False
    link.calls.pop()()
    assert not publisher.is_idle()
    publisher.end()
    assert [type(answer.exception(0)) for answer in answers] == [BrokerUnavailable] * 3


def test_an_error_at_one_message_loses_none_of_the_others() -> None:
    publisher, link, answers = opened(Channel(fails_at=2))
    with pytest.raises(RuntimeError):
        link.calls.pop()()
    publisher.end()
    assert [type(answer.exception(0)) for answer in answers] == [BrokerUnavailable] * 3


def test_they_are_published_in_the_order_they_came() -> None:
    channel = Channel()
    _, link, answers = opened(channel)
    link.calls.pop()()
    assert channel.published == [b"0", b"1", b"2"]
    assert not link.calls
    assert not any(answer.done() for answer in answers)
