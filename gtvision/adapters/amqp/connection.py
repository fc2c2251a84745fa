"""A connection of pika that leaves the properties of messages to us, and the errors that all of them end in."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pika
from pika import frame, spec
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import AMQPError, InvalidFrameError, ProbableAccessDeniedError, ProbableAuthenticationError

from gtvision.adapters.amqp.login import Login
from gtvision.domain.errors import BrokerUnavailable

_FRAME = struct.Struct(">BHI")
_CONTENT = struct.Struct(">HHQ")
_PATIENCE_S = 30.0


class Properties(spec.BasicProperties):
    """A message's properties as bytes, which pika neither reads nor makes.

    Attributes:
        encoded: Flags and fields.
    """

    def __init__(self, encoded: bytes) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.encoded = encoded

    def encode(self) -> list[bytes]:
        """Those bytes, for pika to send."""
        return [self.encoded]


def encoded_of(properties: spec.BasicProperties) -> bytes:
    """The bytes of properties that came in by a `Connection`."""
    return cast(Properties, properties).encoded


class Connection(pika.SelectConnection):
    """pika's, but a header that it cannot read does not end it: it reads none.

    It is the one place that needs pika from within; `tests/system/test_amqp_messages.py` fails when that changes.
    """

    def _read_frame(self) -> tuple[int, frame.Frame | frame.ProtocolHeader | None]:
        received = self._frame_buffer
        if received[:1] != bytes((spec.FRAME_HEADER,)) or len(received) < _FRAME.size:
            return super()._read_frame()
        _, channel, size = _FRAME.unpack_from(received)
        end = _FRAME.size + size
        if len(received) <= end:
            return 0, None
        if received[end] != spec.FRAME_END or size < _CONTENT.size:
            raise InvalidFrameError("a content header without its end")
        _, _, body_size = _CONTENT.unpack_from(received, _FRAME.size)
        properties = Properties(bytes(received[_FRAME.size + _CONTENT.size : end]))
        return end + 1, frame.Header(channel, body_size, properties)


@contextmanager
def connected(login: Login) -> Iterator[pika.BlockingConnection]:
    """A connection for a few calls in a row, closed at the end.

    Raises:
        BrokerUnavailable: No host took us, or the connection was lost.
        BadConfiguration: As `Login.parameters` does.
    """
    parameters = login.parameters(_PATIENCE_S)
    with broker_errors(login):
        connection = pika.BlockingConnection(parameters, Connection)  # type: ignore[arg-type]  # it takes the class
        try:
            yield connection
        finally:
            if connection.is_open:
                connection.close()


@contextmanager
def broker_errors(login: Login) -> Iterator[None]:
    """Turns what pika raises into `BrokerUnavailable`."""
    try:
        yield
    except (AMQPError, AMQPConnectorException, OSError) as exc:
        raise unavailable(login, exc) from exc


def unavailable(login: Login, cause: BaseException) -> BrokerUnavailable:
    """The error of a connection that did not come about, or was lost."""
    where = f"RabbitMQ at {', '.join(login.hosts)}"
    last = _innermost(cause)
    if isinstance(last, ProbableAuthenticationError):
        return BrokerUnavailable(f"{where} refuses the login of {login.user}; is {login.password_file} its password?")
    if isinstance(last, ProbableAccessDeniedError):
        return BrokerUnavailable(f"{where} does not let {login.user} into the virtual host {login.vhost!r}")
    return BrokerUnavailable(f"{where}: {_sentence(last)}")


def _innermost(cause: BaseException) -> BaseException:
    """The cause that says something: pika wraps what happened at each host into layers of its own."""
    layers = [*getattr(cause, "exceptions", ()), getattr(cause, "exception", None), *cause.args[:1]]
    inner = [layer for layer in layers if isinstance(layer, BaseException)]
    return _innermost(inner[-1]) if inner else cause


def _sentence(cause: BaseException) -> str:
    told = getattr(cause, "reply_text", None) or str(cause)
    return told if isinstance(cause, OSError) else f"{told} ({type(cause).__name__})".strip()
