"""When a trigger is armed."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from gtvision.domain.trigger import Schedule


def is_armed(schedule: Schedule | None, time_zone: str, time_s: float) -> bool:
    """Whether the schedule, read on the clocks of that time zone, is open at that Unix time; always without one."""
    if schedule is None:
        return True
    local = datetime.fromtimestamp(time_s, _zone(time_zone))
    return schedule.covers(local.weekday(), local.hour * 60 + local.minute)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
