"""What every database does with what was kept long enough; a test class of each inherits these tests."""

from typing import Any

import pytest
from counts import a_count
from disclosure_contract import a_disclosure
from events import NOVEMBER_23_S, an_event
from plates import a_plate
from receipts import a_receipt

from gtvision.adapters.store import Store
from gtvision.domain.errors import NotFound
from gtvision.domain.event import Event, Hit
from gtvision.domain.plate import crop_key
from gtvision.domain.retention import Keepable
from gtvision.domain.watchlist import Entry, Watchlist
from gtvision.ports import CountFilter, DisclosureFilter, Due, EventFilter, EventToSave, StoredPlate

HIT = Hit("stolen", "e1", "ABC1D23")
LATER_S = NOVEMBER_23_S + 10_000


def save(store: Store, number: int, **changes: Any) -> EventToSave:
    """Event `number` with everything that it can have."""
    event = an_event(number, **{"plate": "ABC1D23", "hit": HIT} | changes)
    saved = EventToSave(event, f"day/{number}.jpg", f"day/{number}.mp4")
    store.save_events([saved])
    return saved


def save_hit(store: Store) -> tuple[StoredPlate, Event]:
    """A plate with its picture, and the event of its being on a list."""
    store.add_watchlist(Watchlist("stolen"))
    store.save_entries("stolen", [Entry("stolen", "ABC1D23")])
    seen = a_plate("ABC1D23")
    plate = StoredPlate(seen, crop_key(seen.camera_id, seen.id))
    store.save_plates([plate])
    ((hit,), _) = store.events(EventFilter(), limit=9)
    assert hit.snapshot_key == plate.crop_key
    return plate, hit.event


def forget_all(store: Store, kind: Keepable, before_s: float) -> list[Due]:
    gone = []
    while (due := store.due(kind, before_s, limit=2)) is not None:
        store.forget(due)
        gone.append(due)
    return gone


class RetentionContract:
    """Inherit it with a fixture `store`."""

    def test_an_empty_database_has_nothing_old_and_nothing_due(self, store: Store) -> None:
        assert {store.oldest_s(kind) for kind in Keepable} == {None}
        assert {store.count_due(kind, LATER_S, most=9) for kind in Keepable} == {0}
        assert {store.due(kind, LATER_S, limit=2) for kind in Keepable} == {None}

    @pytest.mark.parametrize(
        ("kind", "left"),
        [
            (Keepable.CLIPS, ("day/0.jpg", None, "ABC1D23", HIT)),
            (Keepable.SNAPSHOTS, (None, "day/0.mp4", "ABC1D23", HIT)),
            (Keepable.PLATES, ("day/0.jpg", "day/0.mp4", None, None)),
        ],
    )
    def test_an_event_outlives_what_belongs_to_it(self, store: Store, kind: Keepable, left: tuple[object, ...]) -> None:
        saved = save(store, 0)
        newest = store.last_seq()
        assert store.count_due(kind, LATER_S, most=9) == 1
        forget_all(store, kind, LATER_S)
        stored = store.event(saved.event.id)
        assert (stored.snapshot_key, stored.clip_key, stored.event.plate, stored.event.hit) == left
        assert (store.count_due(kind, LATER_S, most=9), store.oldest_s(kind)) == (0, None)
        assert store.last_seq() == newest, "what expires is no news"

    def test_what_goes_names_its_media_and_no_others(self, store: Store) -> None:
        save(store, 0)
        due = {kind: store.due(kind, LATER_S, limit=9) for kind in Keepable}
        assert {kind: found.media_keys for kind, found in due.items() if found} == {
            Keepable.CLIPS: ("day/0.mp4",),
            Keepable.SNAPSHOTS: ("day/0.jpg",),
            Keepable.PLATES: (),
            Keepable.EVENTS: ("day/0.jpg", "day/0.mp4"),
        }

    def test_events_go_by_their_end_and_what_goes_on_stays(self, store: Store) -> None:
        old, long, open_ = save(store, 0), save(store, 1, end_s=LATER_S), save(store, 2, end_s=None)
        for kind in (Keepable.CLIPS, Keepable.SNAPSHOTS, Keepable.PLATES, Keepable.EVENTS):
            assert store.count_due(kind, LATER_S, most=9) == 1
            forget_all(store, kind, LATER_S)
        with pytest.raises(NotFound):
            store.event(old.event.id)
        kept = [stored.event for stored in store.events(EventFilter(), limit=9)[0]]
        assert kept == [open_.event, long.event]
        assert store.oldest_s(Keepable.EVENTS) == long.event.start_s

    def test_a_large_heap_goes_in_small_batches_the_oldest_first(self, store: Store) -> None:
        saved = [save(store, number) for number in range(5)]
        batches = forget_all(store, Keepable.EVENTS, LATER_S)
        assert [len(batch.ids) for batch in batches] == [2, 2, 1]
        assert [each for batch in batches for each in batch.ids] == [item.event.id for item in saved]

    def test_a_batch_forgotten_twice_takes_nothing_else(self, store: Store) -> None:
        save(store, 0)
        due = store.due(Keepable.EVENTS, LATER_S, limit=1)
        assert due is not None
        store.forget(due)
        save(store, 1)
        store.forget(due)
        assert len(store.events(EventFilter(), limit=9)[0]) == 1

    def test_the_plate_of_a_vehicle_goes_with_its_picture(self, store: Store) -> None:
        plates = [a_plate(number=number) for number in range(2)]
        store.save_plates([StoredPlate(plate, f"day/{plate.id}-plate.jpg") for plate in plates])
        before_s = plates[1].time_s
        assert store.count_due(Keepable.PLATES, before_s, most=9) == 1
        (batch,) = forget_all(store, Keepable.PLATES, before_s)
        assert batch.media_keys == (f"day/{plates[0].id}-plate.jpg",)
        with pytest.raises(NotFound):
            store.plate(plates[0].id)
        assert store.oldest_s(Keepable.PLATES) == store.plate(plates[1].id).vehicle_plate.time_s

    @pytest.mark.parametrize("kind", [Keepable.SNAPSHOTS, Keepable.EVENTS])
    def test_the_picture_of_a_plate_never_goes_with_the_hit_that_shows_it(self, store: Store, kind: Keepable) -> None:
        plate, hit = save_hit(store)
        batches = forget_all(store, kind, LATER_S)
        assert [(batch.ids, batch.media_keys) for batch in batches] == [((hit.id,), ())]
        assert store.plate(plate.vehicle_plate.id) == plate

    def test_a_hit_shows_no_picture_once_its_plate_is_gone(self, store: Store) -> None:
        plate, hit = save_hit(store)
        due = store.due(Keepable.PLATES, LATER_S, limit=9)
        assert due is not None
        assert due.media_keys == (plate.crop_key,)
        store.forget(due)
        assert store.event(hit.id).snapshot_key is None

    def test_a_hit_whose_plate_has_expired_shows_no_picture_of_it(self, store: Store) -> None:
        event = an_event(0, plate="ABC1D23", hit=HIT)
        store.save_events([EventToSave(event, crop_key("north", "of-a-plate-that-stays"))])
        (batch,) = forget_all(store, Keepable.PLATES, LATER_S)
        assert (batch.media_keys, store.event(event.id).snapshot_key) == ((), None)

    def test_no_more_is_counted_than_was_asked_for(self, store: Store) -> None:
        for number in range(3):
            save(store, number)
        counted = [store.count_due(Keepable.PLATES, LATER_S, most=most) for most in (2, 3, 4)]
        assert counted == [2, 3, 3]

    def test_counts_go_record_by_record(self, store: Store) -> None:
        records = [a_count(number) for number in range(3)]
        store.save_counts(records)
        before_s = records[2].start_s
        assert (store.oldest_s(Keepable.COUNTS), store.count_due(Keepable.COUNTS, before_s, most=9)) == (
            records[0].start_s,
            2,
        )
        (batch,) = forget_all(store, Keepable.COUNTS, before_s)
        assert batch.ids == (records[0].id, records[1].id)
        assert [row.start_s for row in store.counts(CountFilter(), limit=9)[0]] == [before_s]

    def test_disclosures_go_by_their_time(self, store: Store) -> None:
        for time_s in (1.0, 2.0, 3.0):
            store.add_disclosure(a_disclosure(time_s))
        assert (store.oldest_s(Keepable.DISCLOSURES), store.count_due(Keepable.DISCLOSURES, 3.0, most=9)) == (1.0, 2)
        forget_all(store, Keepable.DISCLOSURES, 3.0)
        assert [one.time_s for one in store.disclosures(DisclosureFilter(), limit=9)[0]] == [3.0]

    def test_receipts_go_by_their_time(self, store: Store) -> None:
        receipts = [a_receipt(number) for number in range(3)]
        store.save_receipts(receipts)
        before_s = receipts[2].done_s
        assert (store.oldest_s(Keepable.RECEIPTS), store.count_due(Keepable.RECEIPTS, before_s, most=9)) == (1000.0, 2)
        forget_all(store, Keepable.RECEIPTS, before_s)
        assert store.receipts("north", limit=9) == receipts[2:]
