"""What the bridges to other systems' queues do now."""

from dataclasses import dataclass
from typing import Protocol

from gtvision.pipeline.breaker import BreakerState


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """One queue that is consumed.

    Attributes:
        name: As the broker knows it.
        depth: Messages that wait in it, None while that is not known.
        in_flight: Messages that came and are not acknowledged yet.
        oldest_s: How long ago the oldest of those came, in seconds; 0 when there is none.
    """

    name: str
    depth: int | None
    in_flight: int
    oldest_s: float


@dataclass(frozen=True, slots=True)
class PartnerStatus:
    """One partner at one bridge.

    Attributes:
        name: From the settings.
        is_connected: Whether all its connections work.
        breaker: The worst of its connections' breakers.
        detail: What is wrong, empty when nothing is.
        queues: Those that are consumed.
    """

    name: str
    is_connected: bool
    breaker: BreakerState
    detail: str
    queues: tuple[QueueStatus, ...]


@dataclass(frozen=True, slots=True)
class BridgeStatus:
    """One bridge.

    Attributes:
        name: Of its actor.
        node: Ray's id of the node that it runs on, empty while it does not answer.
        partners: In the order of the settings; none while it does not answer.
        detail: Why it does not answer, empty when it does.
    """

    name: str
    node: str = ""
    partners: tuple[PartnerStatus, ...] = ()
    detail: str = ""


class LiveBridges(Protocol):
    """The bridges that should run, wherever they run."""

    def statuses(self) -> list[BridgeStatus]:
        """One for each, by name, within 2 s; one that does not answer says so."""
        ...
