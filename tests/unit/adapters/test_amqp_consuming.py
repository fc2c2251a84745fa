"""What a closed channel of a consumer means."""

import pytest
from pika.exceptions import ChannelClosedByBroker

from gtvision.adapters.amqp.intake import _Consumer
from gtvision.domain.errors import BrokerUnavailable, QueueGone


class Link:
    """Keeps why it ended."""

    def __init__(self) -> None:
        self.error: BrokerUnavailable | None = None

    def fail(self, error: BrokerUnavailable) -> None:
        self.error = error

    def lost(self, cause: BaseException) -> None:
        self.error = BrokerUnavailable(str(cause))


@pytest.mark.parametrize(("code", "kind"), [(404, QueueGone), (406, BrokerUnavailable)])
def test_a_queue_that_is_found_missing_when_it_is_counted_is_gone(code: int, kind: type[BrokerUnavailable]) -> None:
    link = Link()
    consumer = _Consumer(link, "detection", 4, lambda _: None)  # type: ignore[arg-type]
    consumer._closed(None, ChannelClosedByBroker(code, "NOT_FOUND - no queue 'detection'"))  # type: ignore[arg-type]
    assert type(link.error) is kind
