"""One connection in the thread that runs it: dialled, watched until it is lost or shall end, and closed.

Nothing here waits but the connection's own loop: it wakes for what comes in, for what other threads hand it, and a few
times a second to see whether it shall end.
"""

import time
from collections.abc import Callable
from threading import Event as Flag
from threading import Lock

from pika import BaseConnection
from pika.adapters.select_connection import IOLoop
from pika.adapters.utils.connection_workflow import AbstractAMQPConnectionWorkflow

from gtvision.adapters.amqp.connection import Connection, unavailable
from gtvision.adapters.amqp.login import Login
from gtvision.domain.errors import BrokerUnavailable

_LOOK_S = 0.25
_LEAVE_S = 0.4
_CLOSE_S = 0.3

Opened = Callable[[BaseConnection], None]


class Link:
    """One life of a connection. `call` is for any thread; all else belongs to the thread of `run`.

    Args:
        login: Who connects, and where.
    """

    def __init__(self, login: Login) -> None:
        self._login = login
        self._loop = IOLoop()
        self._connection: BaseConnection | None = None
        self._dialling: AbstractAMQPConnectionWorkflow | None = None
        self._lock = Lock()
        self._is_over = False
        self._error: BrokerUnavailable | None = None

    def run(self, opened: Opened, stopping: Flag, is_idle: Callable[[], bool]) -> None:
        """Blocks until `stopping` is set, and then shortly for what `is_idle` says is still under way.

        Args:
            opened: Is given the connection once it stands.
            stopping: Ends it.
            is_idle: Whether it may be closed at once.

        Raises:
            BrokerUnavailable: It did not come about, or it was lost; or what `fail` was given.
            BadConfiguration: As `Login.parameters` does.
        """
        try:
            self._dial(opened)
            self._look(stopping, is_idle)
            self._loop.start()
        finally:
            with self._lock:
                self._is_over = True
            self._close()
            self._loop.close()
        if self._error is not None and not stopping.is_set():
            raise self._error

    def call(self, callback: Callable[[], None]) -> None:
        """Has the connection's thread call that soon; from any thread. Once that has ended it calls nothing."""
        with self._lock:
            if not self._is_over:
                self._loop.add_callback_threadsafe(callback)

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> None:
        """Calls that after so many seconds."""
        self._loop.call_later(delay_s, callback)

    def fail(self, error: BrokerUnavailable) -> None:
        """Ends it for that reason, unless it has another one already."""
        if not self._is_over:  # then the connection is being closed, and its end stops the loop
            self._error = self._error or error
            self._loop.stop()

    def lost(self, cause: BaseException) -> None:
        """Ends it for what pika says happened."""
        self.fail(unavailable(self._login, cause))

    def _dial(self, opened: Opened) -> None:
        def done(result: object) -> None:
            self._dialling = None
            if self._is_over:
                self._loop.stop()
                return
            if not isinstance(result, BaseConnection):
                self.lost(result if isinstance(result, BaseException) else ConnectionError(str(result)))
                return
            self._connection = result
            result.add_on_close_callback(lambda _connection, cause: self.lost(cause))
            opened(result)

        self._dialling = Connection.create_connection(self._login.parameters(), done, custom_ioloop=self._loop)

    def _look(self, stopping: Flag, is_idle: Callable[[], bool], leaving_s: float | None = None) -> None:
        """Looks a few times a second whether it shall end; `leaving_s` is when it began to leave."""
        if stopping.is_set():
            now_s = time.monotonic()
            leaving_s = now_s if leaving_s is None else leaving_s
            if is_idle() or now_s - leaving_s > _LEAVE_S:
                self._loop.stop()
                return
        pause_s = _LOOK_S if leaving_s is None else _LOOK_S / 10
        self._loop.call_later(pause_s, lambda: self._look(stopping, is_idle, leaving_s))

    def _close(self) -> None:
        """Says goodbye, and waits a moment for the answer."""
        connection = self._connection
        if self._dialling is not None:
            self._dialling.abort()
        elif connection is None or connection.is_closed:
            return
        else:
            connection.add_on_close_callback(lambda *_: self._loop.stop())
            if connection.is_open:
                connection.close()
        self._loop.call_later(_CLOSE_S, self._loop.stop)
        self._loop.start()
