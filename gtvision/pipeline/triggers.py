"""When a trigger fires for a vehicle: one small state machine for each pair of them.

What the times of an event mean:

- `enter`: from when the vehicle came in, or was first seen inside, until it was last seen inside. A vehicle that parks
  there is one event for as long as it is parked.
- `leave`: from when it was last inside, until it was last seen, at most 5 s later. A vehicle that vanishes inside has
  left.
- `cross`: from when its ground point crossed the line, until it was last seen, at most 5 s later.
- `dwell`: from when it had been inside for `min_s`, until it was last seen inside.
- `stationary`: from when it had been standing inside for `min_s`, until it was last seen standing there.
"""

from dataclasses import dataclass

from gtvision.domain.camera import Camera
from gtvision.domain.places import Line, Zone
from gtvision.domain.trigger import Trigger, TriggerType
from gtvision.pipeline.crossing import Cross
from gtvision.pipeline.firing import Machine
from gtvision.pipeline.presence import Presence
from gtvision.pipeline.stays import Dwell, Enter, Leave, Stationary
from gtvision.pipeline.zones import watched


@dataclass(frozen=True, slots=True)
class Watch:
    """A trigger and what it watches: a line, or zones of which none means the whole picture."""

    trigger: Trigger
    zones: tuple[Zone, ...] = ()
    line: Line | None = None

    def machine(self) -> Machine:
        """A new state machine for one vehicle."""
        trigger, presence = self.trigger, Presence(self.zones)
        if self.line is not None:
            return Cross(self.line, trigger.direction)
        match trigger.type:
            case TriggerType.LEAVE:
                return Leave(presence)
            case TriggerType.DWELL:
                return Dwell(presence, trigger.min_s)
            case TriggerType.STATIONARY:
                return Stationary(presence, trigger.min_s)
            case _:
                return Enter(presence)

    def is_same_place(self, other: "Watch") -> bool:
        """Whether both watch for the same thing at the same place, though perhaps for other vehicles at other hours."""
        mine, theirs = self.trigger, other.trigger
        return (mine.id, mine.type, mine.min_s, mine.direction, self.zones, self.line) == (
            theirs.id,
            theirs.type,
            theirs.min_s,
            theirs.direction,
            other.zones,
            other.line,
        )


def watches(camera: Camera) -> tuple[Watch, ...]:
    """What a camera's triggers watch for events; without triggers, one `enter` on all that it looks at.

    A `count` makes no events.
    """
    zones, lines = {zone.id: zone for zone in camera.zones}, {line.id: line for line in camera.lines}
    everywhere = watched(camera.zones)
    triggers = camera.triggers or (Trigger("enter", TriggerType.ENTER),)
    return tuple(
        Watch(
            trigger,
            (zones[trigger.zone],) if trigger.zone is not None else everywhere,
            lines[trigger.line] if trigger.line is not None else None,
        )
        for trigger in triggers
        if trigger.type is not TriggerType.COUNT
    )
