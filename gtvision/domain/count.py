"""Counts: how many vehicles crossed a line in an interval."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gtvision.domain.errors import BadConfiguration
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction

_NAMESPACE = UUID("0b3f1a5e-6d0c-5a53-9f0e-58f4d7e0c1a2")
_LATEST_S = 1e11  # the calendar ends at 2.5e11
_DAY_S = 86_400.0
LONGEST_REAL_S = 3600.0
"""Intervals up to an hour are of real time, so that the hour that a clock shows twice is two; longer ones, such as
days, are of the clock on the wall."""


def count_id(camera_id: str, trigger_id: str, line_id: str, interval: tuple[float, float], part: int) -> str:
    """The id of a count record, made once at its source; `interval` is its start and length in seconds."""
    start_s, interval_s = interval
    return str(uuid5(_NAMESPACE, f"{camera_id}|{trigger_id}|{line_id}|{start_s:.3f}|{interval_s:.3f}|{part}"))


def interval_start_s(time_s: float, interval_s: float, time_zone: str) -> float:
    """When the interval that holds that time began: intervals follow each other from midnight of that zone on.

    Args:
        time_s: Unix seconds.
        interval_s: Its length; a day is a whole number of them.
        time_zone: IANA name.
    """
    local = datetime.fromtimestamp(time_s, ZoneInfo(time_zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    past_s = (local.replace(tzinfo=None) - midnight).total_seconds()
    start = midnight + timedelta(seconds=floor(past_s / interval_s) * interval_s)
    fold = local.fold if interval_s <= LONGEST_REAL_S else 0
    return start.replace(tzinfo=local.tzinfo, fold=fold).timestamp()


@dataclass(frozen=True, slots=True)
class VehicleCount:
    """So many vehicles of one kind went one way.

    Attributes:
        kind: The kind agreed.
        direction: Which way they crossed the line.
        vehicles: How many.
    """

    kind: Kind
    direction: Direction
    vehicles: int

    def __post_init__(self) -> None:
        if self.vehicles < 0:
            raise BadConfiguration("it is less than none", "vehicles")


@dataclass(frozen=True, slots=True)
class CountRecord:
    """What one camera core has counted of one trigger in one interval: the newest state of it.

    An interval may have several records, one a part; what crossed in it is their sum.

    Attributes:
        id: From `count_id`; never changes.
        camera_id: The camera's slug.
        trigger_id: The slug of the `count` trigger.
        line_id: The line it watches.
        time_zone: IANA name of the zone of the camera's site; the interval is one of its clock.
        start_s: When the interval began, Unix seconds.
        interval_s: How long it is.
        part: When this record was begun, in milliseconds of the camera's time: a camera that was restarted, or comes
            back to an interval that it had given up, begins another part instead of overwriting the one before.
        counts: What crossed, by kind and direction; who was once named stays, be it with 0 vehicles.
        epoch: The placement of the camera that counted.
        revision: 0 at first, one more at each change; the store keeps the highest.
    """

    id: str
    camera_id: str
    trigger_id: str
    line_id: str
    time_zone: str
    start_s: float
    interval_s: float
    part: int
    counts: tuple[VehicleCount, ...]
    epoch: int = 0
    revision: int = 0

    def __post_init__(self) -> None:
        if not abs(self.start_s) < _LATEST_S:
            raise BadConfiguration("it lies in no year of the calendar", "start_s")
        if not 1 <= self.interval_s <= _DAY_S:
            raise BadConfiguration(f"{self.interval_s:g} is not between 1 and {_DAY_S:g}", "interval_s")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as exc:
            raise BadConfiguration(f"{self.time_zone!r} is no IANA time zone", "time_zone") from exc
