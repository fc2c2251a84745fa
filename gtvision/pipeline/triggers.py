"""When a trigger fires for a vehicle: one small state machine for each pair of them, and one for each queue.

What the times of an event mean:

- `enter`: from when the vehicle came in, or was first seen inside, until it was last seen inside. A vehicle that parks
  there is one event for as long as it is parked.
- `leave`: from when it was last inside, until it was last seen, at most 5 s later. A vehicle that vanishes inside has
  left.
- `cross`: from when its ground point crossed the line, until it was last seen, at most 5 s later.
- `dwell`: from when it had been inside for `min_s`, until it was last seen inside.
- `stationary`: from when it had been standing inside for `min_s`, until it was last seen standing there. Where
  a `queue` trigger looks, a vehicle that waits in traffic is not standing in this sense.
- `wrong_way`: from when it began to go against the way, until it was last seen inside.
- `speed`: in a zone, from when it came in until it was last inside, told when that is over; between two lines,
  from when it crossed the second one, until it was last seen, at most 5 s later.
- `queue`: from when enough vehicles had been standing for `min_s`, until enough were last seen standing.
"""

from dataclasses import dataclass, replace

from gtvision.domain.camera import Camera
from gtvision.domain.kinds import VEHICLES
from gtvision.domain.places import Line, Zone
from gtvision.domain.trigger import Trigger, TriggerType
from gtvision.pipeline.calibration import Road, road_of
from gtvision.pipeline.crossing import Cross
from gtvision.pipeline.firing import Machine
from gtvision.pipeline.presence import Presence
from gtvision.pipeline.queue import Queue
from gtvision.pipeline.speed import LineSpeed, ZoneSpeed
from gtvision.pipeline.stays import AloneSince, Dwell, Enter, Leave, Stationary
from gtvision.pipeline.wrong_way import WrongWay
from gtvision.pipeline.zones import watched


@dataclass(frozen=True, slots=True)
class Watch:
    """A trigger and what it watches: lines, or zones of which none means the whole picture."""

    trigger: Trigger
    zones: tuple[Zone, ...] = ()
    line: Line | None = None
    until_line: Line | None = None

    def machine(self, alone_s: AloneSince) -> Machine:
        """A new state machine for one vehicle; `alone_s` tells it from those that wait in traffic."""
        trigger, presence = self.trigger, Presence(self.zones)
        match trigger.type:
            case TriggerType.LEAVE:
                return Leave(presence)
            case TriggerType.DWELL:
                return Dwell(presence, trigger.min_s)
            case TriggerType.STATIONARY:
                return Stationary(presence, trigger.min_s, alone_s)
            case TriggerType.WRONG_WAY if trigger.way is not None:
                return WrongWay(presence, trigger.way, self.road)
            case TriggerType.SPEED if self.line is None and self.road is not None:
                return ZoneSpeed(presence, self.road, trigger.min_kmh)
        if self.line is None:
            return Enter(presence)
        if self.until_line is None or trigger.distance_m is None:
            return Cross(self.line, trigger.direction)
        first, second = Cross(self.line, None), Cross(self.until_line, None)
        return LineSpeed(first, second, trigger.distance_m, trigger.min_kmh)

    def queue(self) -> Queue:
        """A new state machine for the queues of a `queue` trigger."""
        return Queue(self.zones, self.trigger.min_vehicles, self.trigger.min_s, self.road)

    @property
    def road(self) -> Road | None:
        """The road of the zone, when it watches one that is calibrated."""
        return road_of(self.zones[0].calibration) if len(self.zones) == 1 else None

    def is_same_place(self, other: "Watch") -> bool:
        """Whether both watch for the same thing at the same place, though perhaps for other vehicles at other hours."""
        return self._place == other._place

    @property
    def _place(self) -> "Watch":
        trigger = replace(
            self.trigger,
            kinds=VEHICLES,
            min_score=0.0,
            min_kmh=0.0,
            cooldown_s=0.0,
            schedule=None,
            profile=None,
            read_plate=True,
        )
        return replace(self, trigger=trigger)


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
            lines[trigger.until_line] if trigger.until_line is not None else None,
        )
        for trigger in triggers
        if trigger.type is not TriggerType.COUNT
    )
