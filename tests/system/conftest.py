"""What system tests share."""

from collections.abc import Callable, Iterator

import pytest

from tests.rabbitmq import RabbitServer


@pytest.fixture(scope="session")
def rabbit(needs: Callable[[str], str]) -> Iterator[RabbitServer]:
    """A broker for tests that leave it as it was; each has queues of its own."""
    with RabbitServer(needs) as server:
        yield server
