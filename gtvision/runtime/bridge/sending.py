"""Messages to the broker, until it has confirmed them."""

from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet

from gtvision.domain.errors import TryLater
from gtvision.domain.message import WireMessage
from gtvision.ports import Outlet
from gtvision.runtime.bridge.held import Held

_LOOK_S = 0.5
_AGAIN_S = 0.5


def is_sent(outlet: Outlet, message: WireMessage, queue: str, held: Held) -> bool:
    """Whether the broker has the message for good. It is sent until it does, while the delivery is still ours.

    What the broker may have got before a connection was lost is sent once more: better twice than never.
    Raises what the outlet does when the message itself cannot be sent.
    """
    while not held.gone.is_set():
        try:
            if _is_confirmed(outlet, outlet.publish(message, queue), held):
                return True
        except TryLater:
            held.is_ours_after(_AGAIN_S)
    return False


def _is_confirmed(outlet: Outlet, future: "Future[None]", held: Held) -> bool:
    """Whether it was confirmed while delivery and connection were there. Raises what the future does."""
    while not held.gone.is_set():
        try:
            future.result(_LOOK_S)
        except NotYet:
            if future.done():
                raise
            if not outlet.is_connected:
                return False
            continue
        return True
    return False
