"""What every `CountStore` must do; a test class of each adapter inherits these tests."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from counts import CARS, MIDNIGHT_S, a_count

from gtvision.domain.count import CountRecord, VehicleCount
from gtvision.domain.errors import BadInput
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction
from gtvision.ports import CountFilter, CountStore, IntervalCount

ANY = CountFilter()
HOUR_S, DAY_S = 3600.0, 86_400.0
TRUCKS = VehicleCount(Kind.TRUCK, Direction.BACKWARD, 2)


def cars(vehicles: int) -> VehicleCount:
    return VehicleCount(Kind.CAR, Direction.FORWARD, vehicles)


def listed(store: CountStore, wanted: CountFilter = ANY, interval_s: float = 0.0) -> list[IntervalCount]:
    found, following = store.counts(wanted, interval_s=interval_s, limit=1000)
    assert following is None
    return found


def starts(found: list[IntervalCount]) -> list[tuple[str, int]]:
    """Begin in UTC and vehicles."""
    return [(f"{datetime.fromtimestamp(row.start_s, UTC):%d %H:%M}", row.vehicles) for row in found]


def every(minutes: int, begin: str, times: int, time_zone: str = "Europe/Berlin") -> list[CountRecord]:
    """A record with one car for each of so many intervals from that time on."""
    first = datetime.fromisoformat(begin)
    begins = [(first + n * timedelta(minutes=minutes)).timestamp() for n in range(times)]
    return [
        a_count(0, cars(1), start_s=start_s, interval_s=60.0 * minutes, time_zone=time_zone, id=f"{start_s:.0f}")
        for start_s in begins
    ]


class CountStoreContract:
    """Inherit it with a fixture `store`."""

    def test_a_count_comes_back_by_kind_and_direction(self, store: CountStore) -> None:
        store.save_counts([a_count(0, CARS, TRUCKS)])
        where = ("north", "flow", "stop", "America/Sao_Paulo", MIDNIGHT_S, 900.0)
        assert listed(store) == [
            IntervalCount(*where, Kind.CAR, Direction.FORWARD, 3),
            IntervalCount(*where, Kind.TRUCK, Direction.BACKWARD, 2),
        ]

    def test_an_empty_store_has_no_counts(self, store: CountStore) -> None:
        store.save_counts([])
        store.save_counts([a_count(0, cars(0))])
        assert listed(store) == []

    def test_storing_again_changes_nothing(self, store: CountStore) -> None:
        records = [a_count(0, CARS, TRUCKS, revision=2), a_count(1)]
        store.save_counts(records)
        before = listed(store)
        store.save_counts(records)
        store.save_counts([*records, *records])
        assert listed(store) == before

    @pytest.mark.parametrize("order", list(permutations(range(3))))
    def test_the_newest_revision_wins_in_whatever_order_revisions_come(
        self, store: CountStore, order: tuple[int, ...]
    ) -> None:
        revisions = [
            a_count(0, cars(1), revision=0),
            a_count(0, cars(2), TRUCKS, revision=1),
            a_count(0, cars(4), VehicleCount(Kind.TRUCK, Direction.BACKWARD, 0), revision=2),
        ]
        for number in order:
            store.save_counts([revisions[number]])
        assert [(row.kind, row.vehicles) for row in listed(store)] == [(Kind.CAR, 4)]

    @pytest.mark.parametrize("order", list(permutations(range(3))))
    def test_revisions_of_one_count_in_a_batch_end_as_the_newest(
        self, store: CountStore, order: tuple[int, ...]
    ) -> None:
        revisions = [a_count(0, cars(number + 1), revision=number) for number in range(3)]
        store.save_counts([revisions[number] for number in order])
        assert [row.vehicles for row in listed(store)] == [3]

    def test_the_parts_of_an_interval_are_added_up(self, store: CountStore) -> None:
        store.save_counts([a_count(0, cars(5), part=1, revision=9), a_count(0, cars(2), TRUCKS, part=2)])
        assert [(row.kind, row.vehicles) for row in listed(store)] == [(Kind.CAR, 7), (Kind.TRUCK, 2)]

    @pytest.mark.parametrize(
        ("wanted", "vehicles"),
        [
            (CountFilter(camera_id="south"), [2]),
            (CountFilter(line_id="gate"), [3]),
            (CountFilter(trigger_id="all"), [4]),
            (CountFilter(kind=Kind.BUS), [5]),
            (CountFilter(direction=Direction.BACKWARD), [6]),
            (CountFilter(since_s=MIDNIGHT_S + 900, until_s=MIDNIGHT_S + 2700), [3, 2]),
            (CountFilter(camera_id="north", kind=Kind.CAR, until_s=MIDNIGHT_S + 3600), [4, 3, 1]),
        ],
    )
    def test_a_filter_lists_what_it_says(self, store: CountStore, wanted: CountFilter, vehicles: list[int]) -> None:
        store.save_counts(
            [
                a_count(0, cars(1)),
                a_count(1, cars(2), camera_id="south"),
                a_count(2, cars(3), line_id="gate"),
                a_count(3, cars(4), trigger_id="all"),
                a_count(4, VehicleCount(Kind.BUS, Direction.FORWARD, 5)),
                a_count(5, VehicleCount(Kind.CAR, Direction.BACKWARD, 6)),
            ]
        )
        assert [row.vehicles for row in listed(store, wanted)] == vehicles

    @pytest.mark.parametrize("interval_s", [0.0, HOUR_S, DAY_S])
    def test_pages_go_from_the_newest_to_the_oldest_without_gap_or_repetition(
        self, store: CountStore, interval_s: float
    ) -> None:
        store.save_counts([a_count(n, CARS, TRUCKS, camera_id=camera) for n in range(9) for camera in ("a", "b", "c")])
        whole = listed(store, interval_s=interval_s)
        seen: list[IntervalCount] = []
        cursor = None
        while True:
            page, cursor = store.counts(ANY, interval_s=interval_s, limit=4, cursor=cursor)
            seen += page
            if cursor is None:
                break
        assert seen == whole
        assert seen == sorted(seen, key=lambda row: (-row.start_s, row.camera_id, row.kind))
        assert sum(row.vehicles for row in seen) == 9 * 3 * 5

    def test_a_page_that_ends_with_the_last_count_has_no_next(self, store: CountStore) -> None:
        store.save_counts([a_count(0), a_count(1)])
        assert store.counts(ANY, limit=2)[1] is None

    @pytest.mark.parametrize("cursor", ["", "x", "ä", "bnVsbA==", "WzEsMl0=", "e30="])
    def test_a_cursor_from_elsewhere_is_bad_input(self, store: CountStore, cursor: str) -> None:
        with pytest.raises(BadInput, match="cursor"):
            store.counts(ANY, limit=1, cursor=cursor)

    def test_quarters_are_added_up_to_hours(self, store: CountStore) -> None:
        store.save_counts([a_count(number, cars(1)) for number in (0, 1, 3, 4, 11)])
        assert starts(listed(store, interval_s=HOUR_S)) == [("23 05:00", 1), ("23 04:00", 1), ("23 03:00", 3)]

    def test_a_day_is_one_of_the_site_and_not_of_greenwich(self, store: CountStore) -> None:
        store.save_counts([a_count(number, cars(1)) for number in (-1, 0, 95, 96)])
        assert starts(listed(store, interval_s=DAY_S)) == [("24 03:00", 1), ("23 03:00", 2), ("22 03:00", 1)]

    def test_each_camera_has_its_own_day(self, store: CountStore) -> None:
        store.save_counts([a_count(0, cars(1)), a_count(0, cars(2), camera_id="far", time_zone="America/Manaus")])
        assert starts(listed(store, interval_s=DAY_S)) == [("23 03:00", 1), ("22 04:00", 2)]

    def test_the_hours_of_a_zone_off_by_half_an_hour_are_its_own(self, store: CountStore) -> None:
        store.save_counts(every(15, "2026-11-23T04:00:00Z", 6, "Asia/Kolkata"))
        assert starts(listed(store, interval_s=HOUR_S)) == [("23 04:30", 4), ("23 03:30", 2)]

    def test_the_hour_that_a_clock_shows_twice_is_two(self, store: CountStore) -> None:
        store.save_counts(every(30, "2026-10-24T23:00:00Z", 8))
        assert starts(listed(store, interval_s=HOUR_S)) == [
            ("25 02:00", 2),
            ("25 01:00", 2),
            ("25 00:00", 2),
            ("24 23:00", 2),
        ]

    @pytest.mark.parametrize(
        ("begin", "hours", "start"),
        [("2026-10-24T22:00:00Z", 25, "24 22:00"), ("2026-03-28T23:00:00Z", 23, "28 23:00")],
    )
    def test_a_day_on_which_the_clock_changes_has_25_hours_or_23(
        self, store: CountStore, begin: str, hours: int, start: str
    ) -> None:
        store.save_counts(every(60, begin, hours))
        assert starts(listed(store, interval_s=DAY_S)) == [(start, hours)]

    def test_what_was_counted_in_longer_intervals_stays_in_them(self, store: CountStore) -> None:
        store.save_counts([a_count(0), *every(60, "2026-11-23T03:00:00Z", 1, "America/Sao_Paulo")])
        assert [(row.interval_s, row.vehicles) for row in listed(store, interval_s=900.0)] == [(900.0, 3), (3600.0, 1)]


class CountDatabaseContract(CountStoreContract):
    """What only a real database can show. Inherit it with a fixture `store`."""

    @pytest.mark.parametrize("limit", [-1, 0, 5001])
    def test_a_page_has_a_bounded_size(self, store: CountStore, limit: int) -> None:
        with pytest.raises(BadInput, match="5000"):
            store.counts(ANY, limit=limit)

    def test_a_batch_with_a_value_the_store_refuses_is_refused_whole(self, store: CountStore) -> None:
        with pytest.raises(BadInput):
            store.save_counts([a_count(0), a_count(1, cars(2**70))])
        assert listed(store) == []
