"""What makes an event. Every value here is valid from birth or raises `BadConfiguration`."""

from dataclasses import dataclass
from enum import StrEnum

from gtvision.domain.errors import BadConfiguration
from gtvision.domain.geometry import Point
from gtvision.domain.kinds import VEHICLES, Kind
from gtvision.domain.places import Direction, check_points
from gtvision.domain.slug import check_slug

_DAY_S = 86_400.0


class TriggerType(StrEnum):
    """When a trigger fires; `count` makes no events but counts vehicles by interval.

    `watchlist` is what an event says that a plate on a list made; no camera has such a trigger.
    """

    ENTER = "enter"
    LEAVE = "leave"
    CROSS = "cross"
    DWELL = "dwell"
    STATIONARY = "stationary"
    WRONG_WAY = "wrong_way"
    SPEED = "speed"
    QUEUE = "queue"
    COUNT = "count"
    WATCHLIST = "watchlist"


class Profile(StrEnum):
    """Half of the day: `night` is when the sun is well down, or the camera sees infrared."""

    DAY = "day"
    NIGHT = "night"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a trigger is armed, in the camera's own time zone.

    Attributes:
        days: Weekdays, Monday 0 to Sunday 6, on which the window begins.
        start_min: Minute of the day at which it begins, 0 to 1439.
        end_min: Minute at which it ends, 1 to 1440; at or before `start_min` it ends on the next day.
    """

    days: frozenset[int] = frozenset(range(7))
    start_min: int = 0
    end_min: int = 1440

    def __post_init__(self) -> None:
        if not self.days or not self.days <= set(range(7)):
            raise BadConfiguration("days are numbers from 0 (Monday) to 6 (Sunday), at least one", "days")
        if not (0 <= self.start_min < 1440 and 0 < self.end_min <= 1440):
            raise BadConfiguration("start_min runs from 0 to 1439 and end_min from 1 to 1440", "start_min")

    def covers(self, weekday: int, minute: int) -> bool:
        """Whether the window is open at that local weekday and minute of the day."""
        if self.start_min < self.end_min:
            return weekday in self.days and self.start_min <= minute < self.end_min
        return (weekday in self.days and minute >= self.start_min) or (
            (weekday - 1) % 7 in self.days and minute < self.end_min
        )


@dataclass(frozen=True, slots=True)
class Trigger:
    """What makes an event.

    Attributes:
        id: Slug, unique in its camera.
        type: When it fires.
        zone: The zone it watches; None means the whole picture. Not for `cross` and `count`.
        line: The line it watches; for `cross` and `count`, and for `speed` the first of two lines.
        until_line: For `speed` between two lines: the second one.
        distance_m: For `speed` between two lines: how far apart they are on the road, in metres.
        direction: For `cross` and `count`: only this way; None means both.
        way: For `wrong_way`: from where to where the traffic should go, 0-1 of the picture.
        kinds: Which road users count.
        min_score: Detections below it neither begin nor prolong an event, in [0, 1].
        min_s: For `dwell`, `stationary` and `queue`: how long, in seconds, before it fires.
        min_kmh: For `speed`: only vehicles at least so fast.
        min_vehicles: For `queue`: how many have to stand.
        interval_s: For `count`: length of an interval in seconds; a day is a whole number of them.
        cooldown_s: After an event has closed, the trigger stays silent for that long.
        schedule: When it is armed; None means always.
        profile: Armed only by day or by night; None means both.
        read_plate: Whether the plates of its vehicles are read, as far as they are large enough in the picture.
    """

    id: str
    type: TriggerType
    zone: str | None = None
    line: str | None = None
    until_line: str | None = None
    distance_m: float | None = None
    direction: Direction | None = None
    way: tuple[Point, Point] | None = None
    kinds: frozenset[Kind] = VEHICLES
    min_score: float = 0.4
    min_s: float = 10.0
    min_kmh: float = 0.0
    min_vehicles: int = 3
    interval_s: float = 900.0
    cooldown_s: float = 0.0
    schedule: Schedule | None = None
    profile: Profile | None = None
    read_plate: bool = True

    def __post_init__(self) -> None:
        check_slug(self.id, "id")
        self._check_place()
        self._check_measures()
        if not self.kinds:
            raise BadConfiguration(f"name at least one of {', '.join(k.label for k in Kind)}", "kinds")
        for name, value, low, high in (
            ("min_score", self.min_score, 0.0, 1.0),
            ("min_s", self.min_s, 0.0, _DAY_S),
            ("min_kmh", self.min_kmh, 0.0, 500.0),
            ("min_vehicles", self.min_vehicles, 2, 1000),
            ("interval_s", self.interval_s, 60.0, _DAY_S),
            ("cooldown_s", self.cooldown_s, 0.0, _DAY_S),
        ):
            if not low <= value <= high:
                raise BadConfiguration(f"{value:g} is not between {low:g} and {high:g}", name)
        if _DAY_S % self.interval_s:
            raise BadConfiguration(f"a day is no whole number of intervals of {self.interval_s:g} s", "interval_s")

    @property
    def lines(self) -> tuple[str, ...]:
        """The ids of the lines that it watches."""
        return tuple(line for line in (self.line, self.until_line) if line is not None)

    def _check_place(self) -> None:
        if self.type is TriggerType.WATCHLIST:
            raise BadConfiguration("hits come from watchlists, not from a camera's triggers", "type")
        is_over_a_line = self.type in (TriggerType.CROSS, TriggerType.COUNT)
        if is_over_a_line and self.line is None:
            raise BadConfiguration(f"a {self.type} trigger names the line it watches", "line")
        if is_over_a_line and self.zone is not None:
            raise BadConfiguration(f"a {self.type} trigger watches a line, not a zone", "zone")
        if not is_over_a_line and self.direction is not None:
            raise BadConfiguration(f"only a cross or count trigger has a direction, not {self.type}", "direction")
        if self.type is TriggerType.SPEED:
            self._check_speed_place()
        elif not is_over_a_line and self.line is not None:
            raise BadConfiguration(f"only a cross, count or speed trigger has a line, not {self.type}", "line")

    def _check_speed_place(self) -> None:
        if (self.zone is None) == (self.line is None):
            raise BadConfiguration("a speed trigger watches a calibrated zone, or two lines: name one of them", "zone")
        if self.line is not None and (self.until_line is None or self.distance_m is None):
            raise BadConfiguration("between two lines it needs `until_line` and `distance_m`", "until_line")
        if self.until_line is not None and self.until_line == self.line:
            raise BadConfiguration("it must be another line than the first", "until_line")

    def _check_measures(self) -> None:
        if self.type is not TriggerType.SPEED or self.line is None:
            for name in ("until_line", "distance_m"):
                if getattr(self, name) is not None:
                    raise BadConfiguration("only a speed trigger between two lines has it", name)
        if self.distance_m is not None and not 1 <= self.distance_m <= 10_000:
            raise BadConfiguration(f"{self.distance_m:g} is not between 1 and 10000", "distance_m")
        if (self.way is not None) != (self.type is TriggerType.WRONG_WAY):
            raise BadConfiguration("a wrong_way trigger, and no other, says which way the traffic should go", "way")
        if self.way is not None:
            check_points(self.way, "way")
            if self.way[0] == self.way[1]:
                raise BadConfiguration("its two points are the same", "way")
