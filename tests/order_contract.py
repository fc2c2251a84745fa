"""What every store of plate orders must do, together with the events that they are of."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from events import NOVEMBER_23_S, an_event
from store_contract import CAMERA, save

from gtvision.adapters.store import Store
from gtvision.domain.retention import Keepable
from gtvision.ports import EventToSave

LATER_S = NOVEMBER_23_S + 60


class PlateOrderContract:
    """Inherit it with a fixture `url`; `store` is opened here, for two partners."""

    @pytest.fixture
    def store(self, url: str) -> Iterator[Store]:
        with Store(url, writes=True, plate_partners=("city", "road")) as store:
            yield store

    def taken(self, store: Store, partner: str = "city", now_s: float = NOVEMBER_23_S, limit: int = 10) -> list[str]:
        return [due.event_id for due in store.take_plate_orders(partner, now_s, now_s + 60, limit)]

    def test_an_event_that_ends_is_ordered_from_each_partner(self, store: Store) -> None:
        event = an_event(reads_plate=True)
        save(store, replace(event, end_s=None))
        assert self.taken(store) == []
        save(store, replace(event, revision=1))
        assert self.taken(store) == self.taken(store, "road") == [event.id]
        assert self.taken(store, "somebody") == []

    def test_the_order_brings_the_event_and_where_its_picture_is(self, store: Store) -> None:
        event = an_event(reads_plate=True)
        store.save_events([EventToSave(event, "2026/11/23/a.jpg")])
        (due,) = store.take_plate_orders("city", NOVEMBER_23_S, LATER_S, 10)
        assert due.stored is not None
        assert (due.stored.event, due.stored.snapshot_key) == (event, "2026/11/23/a.jpg")

    def test_events_without_a_plate_to_read_are_not_ordered(self, store: Store) -> None:
        save(store, an_event(1), an_event(2, reads_plate=True, vehicles=4))
        assert self.taken(store) == []

    def test_an_event_that_changes_after_its_end_is_not_ordered_again(self, store: Store) -> None:
        event = an_event(reads_plate=True)
        save(store, event)
        store.finish_plate_orders("city", [event.id])
        save(store, replace(event, plate="ABC1D23", revision=1))
        assert self.taken(store, now_s=LATER_S) == []

    def test_what_one_has_taken_nobody_else_gets_until_its_time_is_over(self, store: Store) -> None:
        save(store, *(an_event(number, reads_plate=True) for number in range(3)))
        first, second = self.taken(store, limit=2), self.taken(store)
        assert (len(first), len(second)) == (2, 1)
        assert set(first).isdisjoint(second)
        assert self.taken(store) == []
        assert self.taken(store, now_s=LATER_S) == [*first, *second]

    def test_the_oldest_come_first(self, store: Store) -> None:
        events = [an_event(number, reads_plate=True) for number in (5, 3, 4)]
        save(store, *events)
        assert self.taken(store) == [events[index].id for index in (1, 2, 0)]

    def test_what_is_finished_is_gone_for_that_partner_alone(self, store: Store) -> None:
        save(store, event := an_event(reads_plate=True))
        store.finish_plate_orders("city", [event.id, "another"])
        store.finish_plate_orders("city", [event.id])
        assert self.taken(store) == []
        assert self.taken(store, "road") == [event.id]

    def test_the_events_of_a_camera_that_is_switched_off_are_ordered_too(self, store: Store) -> None:
        store.add_camera(CAMERA)
        save(store, event := an_event(reads_plate=True, end_s=None))
        store.set_camera(replace(CAMERA, enabled=False))
        assert self.taken(store) == [event.id]

    def test_orders_go_with_their_events(self, store: Store) -> None:
        save(store, an_event(reads_plate=True))
        due = store.due(Keepable.EVENTS, LATER_S, limit=10)
        assert due is not None
        store.forget(due)
        assert self.taken(store) == []
