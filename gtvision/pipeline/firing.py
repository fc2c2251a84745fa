"""What a trigger's state machine says of one vehicle."""

from dataclasses import dataclass
from typing import Protocol

from gtvision.domain.event import Event
from gtvision.domain.places import Direction
from gtvision.pipeline.track import Track

AFTERMATH_S = 5.0


@dataclass(frozen=True, slots=True)
class Span:
    """What a trigger says of a vehicle: it fired.

    Attributes:
        start_s: When; another start is another event.
        end_s: When it was over, None while it goes on.
        direction: Which way a line was crossed.
    """

    start_s: float
    end_s: float | None = None
    direction: Direction | None = None


class Machine(Protocol):
    """One trigger and one vehicle."""

    def see(self, track: Track, counts: bool) -> Span | None:
        """The newest firing after the vehicle was seen, None when there was none yet.

        `counts` says whether kind and score are such that the trigger cares.
        """
        ...

    def gone(self, track: Track, /) -> Span | None:
        """The newest firing, over now, after the vehicle was given up."""
        ...

    def resume(self, event: Event) -> None:
        """Goes on where the machine of a camera that stopped had been, after it had fired that event."""
        ...


def with_aftermath(start_s: float, seen_s: float, direction: Direction | None = None) -> Span:
    """A firing that is over once the vehicle was seen so much later."""
    over_s = start_s + AFTERMATH_S
    return Span(start_s, over_s if seen_s >= over_s else None, direction)
