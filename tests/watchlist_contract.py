"""What every `WatchlistStore` must do, and what a plate that is on a list causes; adapters inherit these tests."""

from dataclasses import dataclass, replace

import pytest
from plate_contract import save_plates
from plates import a_plate
from store_contract import CAMERA

from gtvision.domain.errors import AlreadyExists, BadInput, NotFound
from gtvision.domain.plate_query import PlateMatch
from gtvision.domain.trigger import TriggerType
from gtvision.domain.watchlist import MOST_PATTERNS, Entry, WatchAction, Watchlist
from gtvision.ports import CameraStore, EventFilter, EventStore, PlateStore, StoredEvent, StoredPlate, WatchlistStore

STOLEN = Watchlist("stolen", "Roubados", WatchAction.ALERT)


@dataclass(frozen=True, slots=True)
class Stores:
    """One database, or fakes that know each other."""

    cameras: CameraStore
    events: EventStore
    plates: PlateStore
    watchlists: WatchlistStore


class WatchlistStoreContract:
    """Inherit it with a fixture `stores`."""

    @pytest.fixture
    def lists(self, stores: Stores) -> WatchlistStore:
        return stores.watchlists

    def test_a_list_comes_back_as_it_was_added(self, lists: WatchlistStore) -> None:
        full = replace(STOLEN, action=WatchAction.LOG, cameras=frozenset({"north"}), groups=frozenset({"Centro"}))
        added = lists.add_watchlist(full)
        assert (added.watchlist, added.entries) == (full, 0)
        assert lists.watchlist("stolen") == added
        assert lists.watchlists() == [added]

    def test_an_id_is_taken_once(self, lists: WatchlistStore) -> None:
        lists.add_watchlist(STOLEN)
        with pytest.raises(AlreadyExists, match="stolen"):
            lists.add_watchlist(replace(STOLEN, name="another"))
        assert lists.watchlist("stolen").watchlist == STOLEN

    def test_entries_stay_when_a_list_is_changed_and_go_with_it(self, lists: WatchlistStore) -> None:
        lists.add_watchlist(STOLEN)
        lists.save_entries("stolen", [Entry("stolen", "ABC1D23")])
        changed = lists.set_watchlist(replace(STOLEN, name="Furtados"))
        assert (changed.watchlist.name, changed.entries) == ("Furtados", 1)
        lists.remove_watchlist("stolen")
        lists.add_watchlist(STOLEN)
        assert lists.entries("stolen", limit=9) == ([], None)

    def test_what_does_not_exist_is_not_found(self, lists: WatchlistStore) -> None:
        for call in (lists.watchlist, lists.remove_watchlist):
            with pytest.raises(NotFound, match="ghost"):
                call("ghost")
        with pytest.raises(NotFound):
            lists.set_watchlist(STOLEN)
        with pytest.raises(NotFound):
            lists.save_entries("stolen", [])
        with pytest.raises(NotFound):
            lists.entries("stolen", limit=1)
        lists.add_watchlist(STOLEN)
        with pytest.raises(NotFound, match="entry"):
            lists.remove_entry("stolen", "ghost")

    def test_the_same_text_and_match_is_one_entry_however_often_it_is_saved(self, lists: WatchlistStore) -> None:
        lists.add_watchlist(STOLEN)
        first = Entry("stolen", "ABC1D23", reason="first")
        near = Entry("stolen", "ABC1D23", PlateMatch.NEAR, 1.0, 2.0, "near")
        again = replace(first, reason="again", valid_to_s=9.0)
        assert lists.save_entries("stolen", [first, near]) == 2
        assert lists.save_entries("stolen", [again]) == 0
        assert lists.entries("stolen", limit=9) == ([again, near], None)

    def test_entries_come_by_text_a_page_at_a_time(self, lists: WatchlistStore) -> None:
        lists.add_watchlist(STOLEN)
        texts = [f"ABC1D{number}" for number in range(10, 17)]
        lists.save_entries("stolen", [Entry("stolen", text) for text in reversed(texts)])
        seen: list[str] = []
        cursor = None
        while True:
            page, cursor = lists.entries("stolen", limit=3, cursor=cursor)
            seen += [entry.text for entry in page]
            if cursor is None:
                break
        assert seen == texts

    def test_a_list_has_a_bounded_number_of_patterns(self, lists: WatchlistStore) -> None:
        lists.add_watchlist(STOLEN)
        patterns = [Entry("stolen", f"A*{number:04}", PlateMatch.PATTERN) for number in range(MOST_PATTERNS)]
        lists.save_entries("stolen", patterns)
        with pytest.raises(BadInput, match="1000 patterns at most"):
            lists.save_entries("stolen", [Entry("stolen", "ABC1D23"), Entry("stolen", "ABC*", PlateMatch.PATTERN)])
        lists.save_entries("stolen", patterns[:1])
        assert lists.watchlist("stolen").entries == MOST_PATTERNS

    def test_a_removed_entry_is_gone_and_counted(self, lists: WatchlistStore) -> None:
        lists.add_watchlist(STOLEN)
        gone, stays = Entry("stolen", "ABC1D23"), Entry("stolen", "XYZ9A87")
        lists.save_entries("stolen", [gone, stays])
        lists.remove_entry("stolen", gone.id)
        assert lists.entries("stolen", limit=9)[0] == [stays]
        assert lists.watchlist("stolen").entries == 1


class HitContract:
    """Inherit it with a fixture `stores`."""

    @pytest.fixture(autouse=True)
    def _has_lists(self, stores: Stores) -> None:
        stores.watchlists.add_watchlist(STOLEN)

    def watch(self, stores: Stores, text: str, match: PlateMatch = PlateMatch.EXACT, **more: object) -> Entry:
        entry = replace(Entry("stolen", text, match, reason="BO 12/2026"), **more)
        stores.watchlists.save_entries("stolen", [entry])
        return entry

    def hits(self, stores: Stores) -> list[StoredEvent]:
        return stores.events.events(EventFilter(trigger_type=TriggerType.WATCHLIST), limit=50)[0]

    def test_a_plate_on_a_list_makes_an_event_with_both_texts(self, stores: Stores) -> None:
        entry = self.watch(stores, "ABC1234")
        seen = a_plate("ABC1C34")
        stores.plates.save_plates([StoredPlate(seen, "crop.jpg")])
        (stored,) = self.hits(stores)
        event, hit = stored.event, stored.event.hit
        assert hit is not None
        assert (event.plate, event.trigger_id, event.start_s, event.end_s) == (
            "ABC1C34",
            "stolen",
            seen.time_s,
            seen.time_s,
        )
        assert (hit.entry_id, hit.entry_text, hit.distance) == (entry.id, "ABC1234", 0)
        assert (hit.reason, hit.action, hit.is_withdrawn) == ("BO 12/2026", "alert", False)
        assert stored.snapshot_key == "crop.jpg"
        assert [change.event for change in stores.events.changes(0, limit=9)] == [event]

    def test_saving_a_plate_again_makes_no_second_hit(self, stores: Stores) -> None:
        self.watch(stores, "ABC1D23")
        for _ in range(2):
            save_plates(stores.plates, a_plate(), a_plate(revision=1))
        assert len(self.hits(stores)) == 1
        save_plates(stores.plates, a_plate(revision=2))
        assert stores.events.last_seq() == 1

    def test_a_plate_that_is_read_better_withdraws_its_hit_and_may_take_it_back(self, stores: Stores) -> None:
        self.watch(stores, "ABC1D23")
        for revision, text in enumerate(("ABC1D23", "ABC1O23", "ABC1D23")):
            save_plates(stores.plates, a_plate(text, revision=revision))
            (stored,) = self.hits(stores)
            assert stored.event.hit is not None
            assert stored.event.hit.is_withdrawn == (revision == 1)
            assert (stored.event.plate, stored.event.revision, stored.seq) == (text, revision, revision + 1)

    def test_a_plate_that_is_read_better_may_become_a_hit(self, stores: Stores) -> None:
        self.watch(stores, "ABC1D23")
        save_plates(stores.plates, a_plate("ABC1D28"))
        assert self.hits(stores) == []
        save_plates(stores.plates, a_plate("ABC1D23", revision=1))
        assert len(self.hits(stores)) == 1

    def test_a_near_hit_says_how_far_the_plate_is(self, stores: Stores) -> None:
        self.watch(stores, "QBC1D23", PlateMatch.NEAR)
        save_plates(stores.plates, a_plate("OBC1D23"), a_plate("OBC1O23", 1))
        (stored,) = self.hits(stores)
        assert stored.event.hit is not None
        assert (stored.event.plate, stored.event.hit.distance) == ("OBC1D23", 1)

    def test_each_entry_that_a_plate_matches_is_a_hit_of_its_own(self, stores: Stores) -> None:
        self.watch(stores, "ABC*", PlateMatch.PATTERN)
        self.watch(stores, "ABC1D23")
        stores.watchlists.add_watchlist(Watchlist("fleet", action=WatchAction.LOG))
        stores.watchlists.save_entries("fleet", [Entry("fleet", "ABC1D23")])
        save_plates(stores.plates, a_plate())
        found = {
            (stored.event.trigger_id, stored.event.hit.entry_text) for stored in self.hits(stores) if stored.event.hit
        }
        assert found == {("stolen", "ABC*"), ("stolen", "ABC1D23"), ("fleet", "ABC1D23")}

    def test_an_entry_holds_from_its_beginning_to_before_its_end(self, stores: Stores) -> None:
        times = {"valid_from_s": a_plate(number=1).time_s, "valid_to_s": a_plate(number=3).time_s}
        self.watch(stores, "ABC1D23", **times)
        save_plates(stores.plates, *(a_plate(number=number) for number in range(5)))
        assert [stored.event.track for stored in self.hits(stores)] == [2, 1]

    def test_a_list_that_changes_makes_no_hits_of_the_past(self, stores: Stores) -> None:
        save_plates(stores.plates, a_plate())
        entry = self.watch(stores, "ABC1D23")
        assert self.hits(stores) == []
        save_plates(stores.plates, a_plate(number=1))
        stores.watchlists.remove_entry("stolen", entry.id)
        save_plates(stores.plates, a_plate(number=2), a_plate("XYZ1D23", 1, id=a_plate(number=1).id, revision=1))
        (stored,) = self.hits(stores)
        assert stored.event.hit is not None
        assert not stored.event.hit.is_withdrawn

    def test_a_list_of_some_cameras_is_for_them_and_for_the_groups_it_names(self, stores: Stores) -> None:
        stores.watchlists.set_watchlist(replace(STOLEN, cameras=frozenset({"south"}), groups=frozenset({"Centro"})))
        self.watch(stores, "ABC1D23")
        for camera_id, groups in (("north", ("Centro", "Norte")), ("east", ("Norte",))):
            stores.cameras.add_camera(replace(CAMERA, id=camera_id, groups=groups))
        save_plates(stores.plates, *(a_plate(camera_id=name) for name in ("north", "south", "east", "gone")))
        assert {stored.event.camera_id for stored in self.hits(stores)} == {"north", "south"}

    def test_a_picture_that_comes_late_is_given_to_the_hit(self, stores: Stores) -> None:
        self.watch(stores, "ABC1D23")
        save_plates(stores.plates, a_plate(revision=1))
        stores.plates.save_plates([StoredPlate(a_plate(), "late.jpg")])
        assert [stored.snapshot_key for stored in self.hits(stores)] == ["late.jpg"]

    def test_a_better_picture_takes_the_place_of_the_first(self, stores: Stores) -> None:
        self.watch(stores, "ABC1D23")
        stores.plates.save_plates([StoredPlate(a_plate(), "first.jpg")])
        better = a_plate(revision=1, time_s=a_plate().time_s + 0.4)
        stores.plates.save_plates([StoredPlate(better, "better.jpg")])
        (stored,) = self.hits(stores)
        assert (stored.snapshot_key, stored.event.best_s) == ("better.jpg", better.time_s)
        assert stored.event.start_s == a_plate().time_s


class WatchlistDatabaseContract(WatchlistStoreContract):
    """What only a real database can show."""

    def test_entries_are_saved_all_or_none(self, lists: WatchlistStore) -> None:
        lists.add_watchlist(STOLEN)
        of_no_list = Entry("other", "ABC1D24")
        with pytest.raises(BadInput):
            lists.save_entries("stolen", [Entry("stolen", "ABC1D23"), of_no_list])
        assert lists.entries("stolen", limit=9)[0] == []
