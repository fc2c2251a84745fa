from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from math import inf

import numpy as np
import pytest

from gtvision.domain.count import CountRecord, interval_start_s
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction, Line
from gtvision.domain.trigger import Profile, Schedule, Trigger, TriggerType
from gtvision.pipeline.camera import CameraCore
from gtvision.pipeline.counts import CountBook
from gtvision.pipeline.track import Track
from tests.unit.pipeline.scenes import SMALL_NOISE, Vehicle, camera, look_at, newest, play

NOON_S = datetime(2026, 11, 23, 15, tzinfo=UTC).timestamp()
"""Noon of a Monday in São Paulo."""
FLOW = Trigger("flow", TriggerType.COUNT, line="upright")
BOTH = Counter({(Kind.CAR, Direction.FORWARD): 1, (Kind.CAR, Direction.BACKWARD): 1})


def rightwards(crosses_s: float, **changes: object) -> Vehicle:
    """Drives over the line at that time, and is seen 2.2 s before and after it."""
    changes = {"start": (0.06, 0.5), "velocity": (0.2, 0.0), **changes}
    return Vehicle(begins_s=crosses_s - 2.2, ends_s=crosses_s + 2.2, **changes)  # type: ignore[arg-type]


def leftwards(crosses_s: float) -> Vehicle:
    return rightwards(crosses_s, start=(0.94, 0.7), velocity=(-0.2, 0.0))


def looks(from_s: float, until_s: float) -> Sequence[float]:
    """Times of pictures, 5 a second."""
    return [float(time_s) for time_s in np.arange(from_s, until_s, 0.2)]


def told(core: CameraCore, vehicles: Sequence[Vehicle], times_s: Iterable[float]) -> list[CountRecord]:
    """Every revision that was told while the core looked at these times, and those that it had left."""
    rng = np.random.default_rng(0)
    records: list[CountRecord] = []
    for time_s in times_s:
        core.detected(time_s, look_at(vehicles, time_s, rng, SMALL_NOISE))
        records += core.counts(time_s)
    return records


def latest(records: Iterable[CountRecord]) -> list[CountRecord]:
    return sorted({record.id: record for record in records}.values(), key=lambda record: (record.start_s, record.part))


def total(records: Iterable[CountRecord]) -> Counter[tuple[Kind, Direction]]:
    """What a store would add up."""
    sums: Counter[tuple[Kind, Direction]] = Counter()
    for record in latest(records):
        for count in record.counts:
            sums[count.kind, count.direction] += count.vehicles
    return +sums


def test_vehicles_are_counted_both_ways_in_the_interval_in_which_they_crossed():
    core = CameraCore(camera(FLOW), epoch=7)
    records = told(core, [rightwards(NOON_S + 5), leftwards(NOON_S + 9)], looks(NOON_S, NOON_S + 20))
    [record] = latest(records)
    assert total(records) == BOTH
    assert (record.camera_id, record.trigger_id, record.line_id, record.epoch) == ("cam", "flow", "upright", 7)
    assert (record.start_s, record.interval_s, record.time_zone) == (NOON_S, 900.0, "America/Sao_Paulo")
    assert core.vehicles_counted == 2


def test_a_count_makes_no_event():
    assert play(CameraCore(camera(FLOW)), [rightwards(NOON_S + 5)], looks(NOON_S, NOON_S + 20)) == []


def test_a_count_counts_what_a_cross_trigger_of_the_same_line_fires_for():
    vehicles = [rightwards(NOON_S + 5 + 4 * n) if n % 3 else leftwards(NOON_S + 5 + 4 * n) for n in range(9)]
    core = CameraCore(camera(FLOW, Trigger("over", TriggerType.CROSS, line="upright")))
    rng = np.random.default_rng(0)
    events, records = [], []
    for time_s in looks(NOON_S, NOON_S + 50):
        events += core.detected(time_s, look_at(vehicles, time_s, rng, SMALL_NOISE))
        records += core.counts(time_s)
    assert total(records) == Counter((event.kind, event.direction) for event in newest(events))
    assert total(records).total() == 9


@pytest.mark.parametrize("direction", Direction)
def test_a_trigger_with_a_direction_counts_only_that_one(direction: Direction):
    trigger = Trigger("flow", TriggerType.COUNT, line="upright", direction=direction)
    vehicles = [rightwards(NOON_S + 5), leftwards(NOON_S + 9)]
    records = told(CameraCore(camera(trigger)), vehicles, looks(NOON_S, NOON_S + 20))
    assert total(records) == Counter({(Kind.CAR, direction): 1})


def test_who_crosses_before_the_border_of_an_interval_is_counted_before_it():
    border_s = NOON_S + 900
    vehicles = [rightwards(border_s - 0.5), leftwards(border_s + 0.5)]
    first, second = latest(told(CameraCore(camera(FLOW)), vehicles, looks(border_s - 10, border_s + 10)))
    assert (first.start_s, total([first])) == (NOON_S, Counter({(Kind.CAR, Direction.FORWARD): 1}))
    assert (second.start_s, total([second])) == (border_s, Counter({(Kind.CAR, Direction.BACKWARD): 1}))


def test_a_kind_that_turns_out_to_be_another_moves_to_it():
    crosses_s = NOON_S + 5
    begins_s, place = crosses_s - 1, {"start": (0.3, 0.5), "velocity": (0.2, 0.0)}
    first = Vehicle(begins_s=begins_s, ends_s=crosses_s + 0.5, score=0.5, kind=Kind.CAR, **place)
    start = (0.3 + 0.2 * 1.6, 0.5)
    later = Vehicle(
        begins_s=crosses_s + 0.6, ends_s=crosses_s + 2.5, score=0.9, kind=Kind.TRUCK, start=start, velocity=(0.2, 0.0)
    )
    core = CameraCore(camera(FLOW))
    early = told(core, [first, later], looks(NOON_S, crosses_s + 0.6))
    assert total(early) == Counter({(Kind.CAR, Direction.FORWARD): 1})
    late = told(core, [first, later], looks(crosses_s + 0.6, NOON_S + 20))
    assert total(early + late) == Counter({(Kind.TRUCK, Direction.FORWARD): 1})
    assert {count.kind: count.vehicles for count in late[-1].counts} == {Kind.CAR: 0, Kind.TRUCK: 1}
    assert core.vehicles_counted == 1


def test_a_kind_that_is_not_wanted_is_taken_out_again():
    cars = Trigger("flow", TriggerType.COUNT, line="upright", kinds=frozenset({Kind.CAR}))
    crosses_s = NOON_S + 5
    first = Vehicle((0.3, 0.5), (0.2, 0.0), begins_s=crosses_s - 1, ends_s=crosses_s + 0.5, score=0.5)
    later = Vehicle((0.62, 0.5), (0.2, 0.0), begins_s=crosses_s + 0.6, ends_s=crosses_s + 2.5, kind=Kind.TRUCK)
    core = CameraCore(camera(cars))
    early = told(core, [first, later], looks(NOON_S, crosses_s + 0.6))
    late = told(core, [first, later], looks(crosses_s + 0.6, NOON_S + 20))
    assert (total(early).total(), total(early + late).total()) == (1, 0)


def test_kind_and_score_choose_who_counts():
    trigger = Trigger("flow", TriggerType.COUNT, line="upright", kinds=frozenset({Kind.BUS}), min_score=0.7)
    vehicles = [
        rightwards(NOON_S + 5),
        rightwards(NOON_S + 10, kind=Kind.BUS, score=0.6),
        rightwards(NOON_S + 15, kind=Kind.BUS),
    ]
    records = told(CameraCore(camera(trigger)), vehicles, looks(NOON_S, NOON_S + 25))
    assert total(records) == Counter({(Kind.BUS, Direction.FORWARD): 1})


def test_a_schedule_holds_at_the_time_of_the_crossing():
    from_noon = Trigger("flow", TriggerType.COUNT, line="upright", schedule=Schedule(start_min=720, end_min=780))
    vehicles = [rightwards(NOON_S - 1), leftwards(NOON_S + 3)]
    records = told(CameraCore(camera(from_noon)), vehicles, looks(NOON_S - 10, NOON_S + 10))
    assert total(records) == Counter({(Kind.CAR, Direction.BACKWARD): 1})


def test_the_first_change_is_told_at_once_and_the_next_two_seconds_later():
    core = CameraCore(camera(FLOW))
    vehicles = [rightwards(NOON_S + 5 + 0.7 * n) for n in range(6)]
    rng = np.random.default_rng(0)
    times: list[float] = []
    for time_s in looks(NOON_S, NOON_S + 20):
        core.detected(time_s, look_at(vehicles, time_s, rng, SMALL_NOISE))
        times += [time_s for _ in core.counts(time_s)]
    assert times[0] < NOON_S + 6
    assert len(times) > 1
    assert all(b - a >= 2.0 - 1e-6 for a, b in pairwise(times))


def test_revisions_grow_by_one_and_what_did_not_change_is_not_told_again():
    core = CameraCore(camera(FLOW))
    records = told(core, [rightwards(NOON_S + 5), leftwards(NOON_S + 12)], looks(NOON_S, NOON_S + 30))
    assert [record.revision for record in records] == list(range(len(records)))
    assert core.counts(NOON_S + 31) == core.counts(inf) == ()


def test_at_the_end_everything_is_told_however_soon_after_the_last_time():
    core = CameraCore(camera(FLOW))
    records = told(core, [rightwards(NOON_S + 5), leftwards(NOON_S + 6)], looks(NOON_S, NOON_S + 6.6))
    assert total(records) == Counter({(Kind.CAR, Direction.FORWARD): 1})
    assert total([*records, *core.counts(inf)]) == BOTH


@pytest.mark.parametrize("killed_s", [4.0, 5.0, 6.4, 7.4, 9.0, 11.4])
def test_a_restarted_core_neither_overwrites_nor_doubles_what_was_counted(killed_s: float):
    vehicles = [rightwards(NOON_S + 5), leftwards(NOON_S + 10)]
    killed_s += NOON_S
    before = told(CameraCore(camera(FLOW)), vehicles, looks(NOON_S, killed_s))
    after = told(CameraCore(camera(FLOW)), vehicles, looks(killed_s + 1, NOON_S + 20))
    assert not {record.id for record in before} & {record.id for record in after}
    counted = total([*before, *after])
    assert all(counted[key] <= 1 for key in BOTH)
    seen = [crossed_s for crossed_s in (5, 10) if not -0.5 <= crossed_s + NOON_S - killed_s <= 1.6]
    assert counted.total() >= len(seen)


def seen_at(track: Track, time_s: float, x: float, score: float = 0.8) -> list[Track]:
    track.see(time_s, (x - 0.06, 0.4, x + 0.06, 0.5), score, Kind.CAR)
    track.path.append((time_s, (x, 0.5)))
    return [track]


def test_a_crossing_that_becomes_known_late_is_counted_in_its_interval_beside_what_was_told_of_it():
    book = CountBook(camera(Trigger("flow", TriggerType.COUNT, line="upright", interval_s=60.0)))
    box = (0.3, 0.4, 0.42, 0.5)
    hidden, other = Track.start(NOON_S, box), Track.start(NOON_S, box)
    hidden.number, other.number = 1, 2
    for time_s, track, x in (
        (148.0, hidden, 0.4995),
        (148.2, hidden, 0.4995),
        (149.0, other, 0.4),
        (149.2, other, 0.6),
    ):
        book.see(seen_at(track, NOON_S + time_s, x))
    first = book.told(NOON_S + 149.2)
    assert book.told(NOON_S + 300) == ()
    book.see(seen_at(hidden, NOON_S + 300, 0.65, score=0.3))
    late = book.told(NOON_S + 300)
    assert [record.start_s for record in (*first, *late)] == [NOON_S + 120] * 2
    assert [record.revision for record in (*first, *late)] == [0, 0]
    assert total([*first, *late]) == Counter({(Kind.CAR, Direction.FORWARD): 2})


def test_an_interval_is_forgotten_a_minute_after_it_ended():
    minutes = Trigger("flow", TriggerType.COUNT, line="upright", interval_s=60.0)
    core = CameraCore(camera(minutes))
    vehicles = [rightwards(NOON_S + 10 + 20 * n) for n in range(60)]
    told(core, vehicles, looks(NOON_S, NOON_S + 1200))
    assert len(core._counts._tallies) <= 3
    assert len(core._counts._passages) <= 2


def test_changed_settings_keep_counts_and_the_way_of_vehicles_over_the_same_line():
    core = CameraCore(camera(FLOW))
    vehicles = [rightwards(NOON_S + 5), leftwards(NOON_S + 8)]
    records = told(core, vehicles, looks(NOON_S, NOON_S + 8))
    core.apply(camera(FLOW, Trigger("in", TriggerType.ENTER)))
    records += told(core, vehicles, looks(NOON_S + 8, NOON_S + 20))
    assert total(records) == BOTH
    assert len(latest(records)) == 1


def test_another_interval_begins_a_record_of_its_own():
    core = CameraCore(camera(FLOW))
    vehicles = [rightwards(NOON_S + 5), leftwards(NOON_S + 15)]
    records = told(core, vehicles, looks(NOON_S, NOON_S + 10))
    core.apply(camera(Trigger("flow", TriggerType.COUNT, line="upright", interval_s=300.0)))
    records += told(core, vehicles, looks(NOON_S + 10, NOON_S + 25))
    assert total(records) == BOTH
    assert [record.interval_s for record in latest(records)] == [900.0, 300.0]


def test_a_line_that_has_moved_is_watched_anew():
    core = CameraCore(camera(FLOW))
    vehicles = [rightwards(NOON_S + 5)]
    told(core, vehicles, looks(NOON_S, NOON_S + 4))
    core.apply(replace(camera(FLOW), lines=(Line("upright", (0.0, 0.9), (1.0, 0.9)),)))
    assert told(core, vehicles, looks(NOON_S + 4, NOON_S + 15)) == []


def test_times_that_run_back_begin_new_records():
    core = CameraCore(camera(FLOW))
    first = told(core, [rightwards(NOON_S + 5)], looks(NOON_S, NOON_S + 10))
    again = told(core, [rightwards(NOON_S - 995)], looks(NOON_S - 1000, NOON_S - 990))
    once_more = told(core, [rightwards(NOON_S + 5)], looks(NOON_S, NOON_S + 10))
    assert total([*first, *again, *once_more]) == Counter({(Kind.CAR, Direction.FORWARD): 3})


def test_the_same_recording_is_counted_under_the_same_ids():
    runs = [told(CameraCore(camera(FLOW)), [rightwards(5.0)], looks(0, 10)) for _ in range(2)]
    assert runs[0] == runs[1] != []


@pytest.mark.parametrize(
    ("time_zone", "time", "interval_s", "start"),
    [
        ("America/Sao_Paulo", "2026-11-23T15:14:59Z", 900, "2026-11-23T15:00:00Z"),
        ("America/Sao_Paulo", "2026-11-23T02:00:00Z", 86_400, "2026-11-22T03:00:00Z"),
        ("America/Sao_Paulo", "2026-11-23T03:00:00Z", 86_400, "2026-11-23T03:00:00Z"),
        ("Asia/Kolkata", "2026-11-23T05:10:00Z", 3600, "2026-11-23T04:30:00Z"),
        ("Europe/Berlin", "2026-10-25T00:30:00Z", 3600, "2026-10-25T00:00:00Z"),
        ("Europe/Berlin", "2026-10-25T01:30:00Z", 3600, "2026-10-25T01:00:00Z"),
        ("Europe/Berlin", "2026-10-25T01:30:00Z", 7200, "2026-10-25T00:00:00Z"),
        ("Europe/Berlin", "2026-10-25T22:59:59Z", 86_400, "2026-10-24T22:00:00Z"),
        ("Europe/Berlin", "2026-03-29T12:00:00Z", 86_400, "2026-03-28T23:00:00Z"),
    ],
)
def test_an_interval_begins_by_the_clock_on_the_wall(time_zone: str, time: str, interval_s: float, start: str):
    begun_s = interval_start_s(datetime.fromisoformat(time).timestamp(), interval_s, time_zone)
    assert datetime.fromtimestamp(begun_s, UTC) == datetime.fromisoformat(start)


def test_a_count_of_the_night_counts_only_while_the_camera_sees_infrared() -> None:
    night = Trigger("flow", TriggerType.COUNT, line="upright", profile=Profile.NIGHT)
    core = CameraCore(camera(night))
    vehicles = [rightwards(10.0), rightwards(30.0)]
    core.lit(0.0, False)
    by_day = told(core, vehicles, looks(0.0, 14.0))
    core.lit(20.0, True)
    core.lit(25.0, True)
    by_night = [*told(core, vehicles, looks(26.0, 36.0)), *core.counts(inf)]
    assert total(by_day) == Counter()
    assert total([*by_day, *by_night]) == Counter({(Kind.CAR, Direction.FORWARD): 1})
