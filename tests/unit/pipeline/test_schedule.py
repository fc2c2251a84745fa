from datetime import datetime
from zoneinfo import ZoneInfo

from gtvision.domain.trigger import Schedule
from gtvision.pipeline.schedule import is_armed

SAO_PAULO, MANAUS = "America/Sao_Paulo", "America/Manaus"
NIGHT = Schedule(days=frozenset({4}), start_min=22 * 60, end_min=6 * 60)  # Friday night


def at(text: str, zone: str = SAO_PAULO) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def test_without_a_schedule_a_trigger_is_always_armed():
    assert is_armed(None, SAO_PAULO, 0.0)


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins():
    assert is_armed(NIGHT, SAO_PAULO, at("2026-01-02T22:00"))
    assert is_armed(NIGHT, SAO_PAULO, at("2026-01-03T05:59"))
    assert not is_armed(NIGHT, SAO_PAULO, at("2026-01-03T06:00"))
    assert not is_armed(NIGHT, SAO_PAULO, at("2026-01-02T05:00"))


def test_the_hours_are_those_of_the_site():
    ten_in_manaus = at("2026-01-02T22:00", MANAUS)
    morning = Schedule(start_min=22 * 60, end_min=23 * 60)
    assert is_armed(morning, MANAUS, ten_in_manaus)
    assert not is_armed(morning, SAO_PAULO, ten_in_manaus)
