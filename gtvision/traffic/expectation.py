"""An event that the truth asks for, and what all who ask for one have in common."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction
from gtvision.domain.trigger import Trigger
from gtvision.pipeline.triggers import Watch
from gtvision.traffic.passages import Passage, Stay

LENGTH_S = 1.0
"""How far a stay may be from as long as the trigger asks, so that nobody can tell."""
CUT_OFF_S = 2.0
"""What begins so shortly before the scene's end may not have been told by then."""


@dataclass(frozen=True, slots=True)
class Expected:
    """An event that the truth asks for.

    Attributes:
        trigger_id: Whose it is.
        passage: The vehicle's; of a queue, that of the vehicle that stood first.
        earliest_s: When it may start.
        latest_s: When it must have started.
        direction: Which way a line was crossed, else None.
        doubt: Why it is neither demanded nor punished; empty when it is demanded.
        speed_kmh: How fast the vehicle was in the zone, where that was asked.
        vehicles: Of a queue, the fewest and the most that stood in it at its longest.
    """

    trigger_id: str
    passage: Passage
    earliest_s: float
    latest_s: float
    direction: Direction | None = None
    doubt: str = ""
    speed_kmh: float | None = None
    vehicles: tuple[int, int] | None = None

    @property
    def kind(self) -> Kind:
        """What the vehicle is."""
        return self.passage.kind


Expectation = Callable[[Watch, Sequence[Passage]], Iterator[Expected]]
"""What should be told because of a trigger, after all that the vehicles it cares for did."""


def of_each(alone: Callable[[Watch, Passage], Iterator[Expected]]) -> Expectation:
    """The expectation of a trigger to which each vehicle matters by itself."""
    return lambda watch, told: (event for passage in told for event in alone(watch, passage))


def asked(trigger: Trigger, passage: Passage, window: tuple[float, float], doubt: str) -> Expected:
    """An event that starts in that window; in doubt as well when the scene ends too soon."""
    return Expected(trigger.id, passage, *window, doubt=doubt or cut_off(passage, window[1]))


def cut_off(passage: Passage, time_s: float) -> str:
    """`end` when the scene ends too soon after that time."""
    return "end" if time_s > passage.end_s - CUT_OFF_S else ""


def doubt_of(passage: Passage, stay: Stay) -> str:
    """Why nobody can be asked for what the vehicle does in that stay; empty when one can."""
    return "border" if stay.is_at_border(stay.near) else passage.doubt(stay.sure)
