import asyncio
import time

from gtvision.simulate.connection import Connection


class FakeTransport(asyncio.Transport):
    """Remembers what is done to it."""

    def __init__(self):
        super().__init__()
        self.is_cut = False
        self.limits = (0, 0)

    def set_write_buffer_limits(self, high=None, low=None):
        self.limits = (high, low)

    def abort(self):
        self.is_cut = True


def _connected(others=None):
    connection, transport = Connection({}, set() if others is None else others), FakeTransport()
    connection.connection_made(transport)
    return connection, transport


def test_a_client_that_was_heard_of_lately_stays():
    connection, transport = _connected()
    connection.look_after(time.monotonic() + 60)
    assert not transport.is_cut


def test_a_client_that_is_silent_beyond_its_session_is_cut():
    connection, transport = _connected()
    connection.look_after(time.monotonic() + 71)
    assert transport.is_cut


def test_a_client_that_stays_congested_is_cut_and_one_that_catches_up_is_not():
    connection, transport = _connected()
    connection.pause_writing()
    assert connection.is_congested
    connection.resume_writing()
    connection.look_after(time.monotonic() + 11)
    assert not transport.is_cut
    connection.pause_writing()
    connection.look_after(time.monotonic() + 11)
    assert transport.is_cut


def test_what_waits_for_a_client_is_bounded():
    _, transport = _connected()
    assert transport.limits == (2 << 20, 1 << 18)


def test_connections_are_bounded():
    connection, transport = _connected(others=set(range(4096)))
    assert transport.is_cut
    connection.connection_lost(None)
