"""What a trigger's state machine says of one vehicle."""

from dataclasses import dataclass, replace
from typing import Protocol

from gtvision.domain.event import Event
from gtvision.domain.places import Direction
from gtvision.pipeline.track import Track

AFTERMATH_S = 5.0


@dataclass(frozen=True, slots=True)
class Span:
    """What a trigger says of a vehicle, or of a queue: it fired.

    Attributes:
        start_s: When; another start is another event.
        end_s: When it was over, None while it goes on.
        direction: Which way a line was crossed.
        speed_kmh: How fast it was.
        vehicles: The most that stood in the queue so far.
        length_m: The longest that the queue was so far, in metres.
    """

    start_s: float
    end_s: float | None = None
    direction: Direction | None = None
    speed_kmh: float | None = None
    vehicles: int | None = None
    length_m: float | None = None

    def over_at(self, time_s: float) -> "Span":
        """The same, over by then or after the aftermath."""
        return replace(self, end_s=max(self.start_s, min(time_s, self.start_s + AFTERMATH_S)))


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


def with_aftermath(span: Span, seen_s: float) -> Span:
    """A firing that is over once the vehicle was seen so much later."""
    over_s = span.start_s + AFTERMATH_S
    return replace(span, end_s=over_s if seen_s >= over_s else None)
