"""When a trigger is armed."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from gtvision.domain.trigger import Profile, Schedule, Trigger

ProfileAt = Callable[[float], Profile | None]
"""Whether it is day or night at a time, None when nobody knows."""


def is_armed(schedule: Schedule | None, time_zone: str, time_s: float) -> bool:
    """Whether the schedule, read on the clocks of that time zone, is open at that Unix time; always without one."""
    if schedule is None:
        return True
    local = datetime.fromtimestamp(time_s, _zone(time_zone))
    return schedule.covers(local.weekday(), local.hour * 60 + local.minute)


def is_trigger_armed(trigger: Trigger, time_zone: str, profile_at: ProfileAt, time_s: float) -> bool:
    """Whether the trigger's schedule is open at that Unix time, and it is the half of the day that it is for."""
    if not is_armed(trigger.schedule, time_zone, time_s):
        return False
    return trigger.profile is None or trigger.profile is profile_at(time_s)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
