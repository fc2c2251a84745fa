"""What every `CameraStore` and every `EventStore` must do; a test class of each adapter inherits these tests."""

from dataclasses import replace

import pytest
from events import an_event

from gtvision.adapters.store import Store
from gtvision.domain.camera import Camera, Role, Source
from gtvision.domain.errors import AlreadyExists, BadInput, NotFound
from gtvision.domain.event import Event, Hit
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction, Line, Zone
from gtvision.domain.trigger import Trigger, TriggerType
from gtvision.ports import CameraStore, EventFilter, EventStore, EventToSave

ANY = EventFilter()
MAIN = Source("rtsp://10.0.0.1/main", "admin", "first-secret")
SMALL = Source("rtsp://10.0.0.1/small", "admin", "second-secret", frozenset({Role.LIVE}))
CAMERA = Camera(
    id="north",
    sources=(MAIN, SMALL),
    name="Praça São João, norte",
    zones=(Zone("lane", ((0.0, 0.0), (1.0, 0.0), (0.5, 1.0))),),
    lines=(Line("stop", (0.0, 0.5), (1.0, 0.5)),),
    triggers=(Trigger("in", TriggerType.CROSS, line="stop", direction=Direction.FORWARD),),
)


def without_passwords(camera: Camera) -> Camera:
    return replace(camera, sources=tuple(replace(source, password=None) for source in camera.sources))


class CameraStoreContract:
    """Inherit it with a fixture `store`."""

    def test_a_camera_comes_back_as_it_was_added(self, store: CameraStore) -> None:
        added = store.add_camera(CAMERA)
        assert added.version == 1
        assert store.camera("north", with_secrets=True).camera == CAMERA

    def test_no_password_comes_out_unasked(self, store: CameraStore) -> None:
        expected = without_passwords(CAMERA)
        assert store.add_camera(CAMERA).camera == expected
        assert store.set_camera(CAMERA).camera == expected
        assert store.camera("north").camera == expected
        assert store.cameras()[0].camera == expected

    def test_which_sources_have_a_password_is_no_secret(self, store: CameraStore) -> None:
        store.add_camera(replace(CAMERA, sources=(replace(MAIN, password=None), SMALL)))
        assert store.camera("north").secret_sources == frozenset({1})
        assert store.camera("north", with_secrets=True).secret_sources == frozenset({1})
        assert store.cameras()[0].secret_sources == frozenset({1})

    def test_cameras_are_listed_by_id(self, store: CameraStore) -> None:
        for camera_id in ("b", "c", "a"):
            store.add_camera(replace(CAMERA, id=camera_id))
        assert [stored.camera.id for stored in store.cameras()] == ["a", "b", "c"]

    def test_an_id_is_taken_once(self, store: CameraStore) -> None:
        store.add_camera(CAMERA)
        with pytest.raises(AlreadyExists, match="north"):
            store.add_camera(replace(CAMERA, name="another"))
        assert store.camera("north").camera.name == CAMERA.name

    def test_each_change_counts_a_version(self, store: CameraStore) -> None:
        first = store.add_camera(CAMERA)
        changed = store.set_camera(replace(CAMERA, name="south", enabled=False))
        assert (changed.version, changed.camera.name, changed.camera.enabled) == (2, "south", False)
        assert changed.updated_s >= first.updated_s
        assert store.camera("north") == changed

    def test_a_source_without_password_keeps_the_one_of_its_address_and_user(self, store: CameraStore) -> None:
        store.add_camera(CAMERA)
        store.set_camera(without_passwords(CAMERA))
        assert store.camera("north", with_secrets=True).camera == CAMERA

    def test_another_user_or_address_does_not_inherit_a_password(self, store: CameraStore) -> None:
        store.add_camera(CAMERA)
        other_user, other_host = Source(MAIN.url, "guest"), Source("rtsp://10.6.6.6/main", MAIN.user)
        store.set_camera(replace(CAMERA, sources=(other_user, other_host)))
        sources = store.camera("north", with_secrets=True).camera.sources
        assert [source.password for source in sources] == [None, None]

    def test_a_removed_source_takes_its_password_along(self, store: CameraStore) -> None:
        store.add_camera(CAMERA)
        store.set_camera(replace(CAMERA, sources=(Source("rtsp://elsewhere/"),)))
        store.set_camera(without_passwords(CAMERA))
        assert store.camera("north").secret_sources == frozenset()

    def test_a_removed_camera_takes_its_passwords_along(self, store: CameraStore) -> None:
        store.add_camera(CAMERA)
        store.remove_camera("north")
        assert store.cameras() == []
        store.add_camera(without_passwords(CAMERA))
        assert store.camera("north").secret_sources == frozenset()

    def test_a_camera_that_does_not_exist_is_not_found(self, store: CameraStore) -> None:
        for call in (store.camera, store.remove_camera):
            with pytest.raises(NotFound, match="ghost"):
                call("ghost")
        with pytest.raises(NotFound):
            store.set_camera(CAMERA)


def save(store: EventStore, *events: Event) -> None:
    store.save_events([EventToSave(event) for event in events])


class EventStoreContract:
    """Inherit it with a fixture `store`."""

    def test_an_event_comes_back_as_it_was_saved(self, store: EventStore) -> None:
        full = an_event(
            1,
            trigger_type=TriggerType.CROSS,
            zone_id="lane",
            line_id="stop",
            kind=Kind.MOTORCYCLE,
            direction=Direction.BACKWARD,
            end_s=None,
            epoch=7,
            revision=3,
            plate="ABC1D23",
            hit=Hit("stolen", "entry", "ABC1023", 1, "roubado em São Paulo", "alert", is_withdrawn=True),
        )
        store.save_events([EventToSave(full, "a.jpg", "a.mp4")])
        stored = store.event(full.id)
        assert stored.event == full
        assert (stored.seq, stored.snapshot_key, stored.clip_key) == (1, "a.jpg", "a.mp4")

    def test_an_unknown_event_is_not_found(self, store: EventStore) -> None:
        with pytest.raises(NotFound, match="ghost"):
            store.event("ghost")

    def test_saving_again_changes_nothing(self, store: EventStore) -> None:
        events = [an_event(number) for number in range(3)]
        save(store, *events)
        before = store.events(ANY, limit=10), store.last_seq()
        save(store, *events)
        assert (store.events(ANY, limit=10), store.last_seq()) == before

    def test_only_a_newer_revision_changes_an_event(self, store: EventStore) -> None:
        newer = an_event(1, revision=2, score=0.9)
        save(store, newer)
        save(store, an_event(1, revision=1, score=0.1), an_event(1, revision=2, score=0.2))
        assert store.event(newer.id).event == newer
        assert store.last_seq() == 1
        newest = an_event(1, revision=3, score=0.95)
        save(store, newest)
        assert (store.event(newer.id).event, store.last_seq()) == (newest, 2)

    def test_revisions_of_one_event_in_a_batch_end_as_the_newest_with_all_media(self, store: EventStore) -> None:
        store.save_events(
            [
                EventToSave(an_event(1, revision=0), snapshot_key="a.jpg"),
                EventToSave(an_event(1, revision=2), clip_key="a.mp4"),
                EventToSave(an_event(1, revision=1)),
            ]
        )
        stored = store.event(an_event(1).id)
        assert (stored.event.revision, stored.snapshot_key, stored.clip_key) == (2, "a.jpg", "a.mp4")

    def test_media_that_are_missing_are_filled_in_by_any_revision_and_count_as_a_change(
        self, store: EventStore
    ) -> None:
        event = an_event(1, revision=5)
        save(store, event)
        store.save_events([EventToSave(an_event(1, revision=4), snapshot_key="a.jpg")])
        store.save_events([EventToSave(event, snapshot_key="other.jpg", clip_key="a.mp4")])
        stored = store.event(event.id)
        assert (stored.event, stored.snapshot_key, stored.clip_key, stored.seq) == (event, "a.jpg", "a.mp4", 3)

    def test_a_newer_revision_without_media_keeps_those_that_are_there(self, store: EventStore) -> None:
        store.save_events([EventToSave(an_event(1), "a.jpg", "a.mp4")])
        save(store, an_event(1, revision=1))
        stored = store.event(an_event(1).id)
        assert (stored.event.revision, stored.snapshot_key, stored.clip_key) == (1, "a.jpg", "a.mp4")

    def test_changes_are_told_once_each_in_their_newest_state(self, store: EventStore) -> None:
        save(store, *(an_event(number) for number in range(5)))
        assert [stored.seq for stored in store.changes(2, limit=2)] == [3, 4]
        save(store, an_event(0, revision=1))
        assert [(stored.seq, stored.event.track) for stored in store.changes(4, limit=9)] == [(5, 4), (6, 0)]
        assert store.changes(6, limit=9) == []
        assert store.last_seq() == 6

    def test_an_empty_store_has_no_changes(self, store: EventStore) -> None:
        store.save_events([])
        assert store.last_seq() == 0
        assert store.events(ANY, limit=1) == ([], None)

    def test_pages_go_from_the_newest_to_the_oldest_without_gap_or_repetition(self, store: EventStore) -> None:
        same_second = [an_event(5, id=f"twin-{letter}") for letter in "abcd"]
        save(store, *(an_event(number) for number in range(10)), *same_second)
        seen: list[Event] = []
        cursor = None
        while True:
            page, cursor = store.events(ANY, limit=3, cursor=cursor)
            seen += [stored.event for stored in page]
            if cursor is None:
                break
        assert len(seen) == 14
        assert seen == sorted(seen, key=lambda event: (event.start_s, event.id), reverse=True)

    def test_a_page_that_ends_with_the_last_event_has_no_next(self, store: EventStore) -> None:
        save(store, an_event(0), an_event(1))
        assert store.events(ANY, limit=2)[1] is None

    @pytest.mark.parametrize("cursor", ["", "x", "ä", "bnVsbA==", "WzEsMl0=", "WyJhIiwgMV0=", "e30="])
    def test_a_cursor_from_elsewhere_is_bad_input(self, store: EventStore, cursor: str) -> None:
        with pytest.raises(BadInput, match="cursor"):
            store.events(ANY, limit=1, cursor=cursor)

    @pytest.mark.parametrize(
        ("wanted", "tracks"),
        [
            (EventFilter(camera_id="south"), [2]),
            (EventFilter(kind=Kind.BUS), [1]),
            (EventFilter(trigger_type=TriggerType.DWELL), [3]),
            (EventFilter(is_open=True), [4]),
            (EventFilter(is_open=True, kind=Kind.CAR, trigger_type=TriggerType.ENTER), [4]),
            (EventFilter(is_open=True, camera_id="south"), []),
            (EventFilter(is_open=False), [3, 2, 1, 0]),
            (EventFilter(since_s=an_event(1).start_s, until_s=an_event(3).start_s), [2, 1]),
            (EventFilter(camera_id="north", kind=Kind.CAR, until_s=an_event(4).start_s), [3, 0]),
            (EventFilter(plate="ABC12"), [1, 0]),
            (EventFilter(plate="ABC1C3"), [1, 0]),
            (EventFilter(plate="ABC1", kind=Kind.BUS, since_s=an_event(1).start_s), [1]),
            (EventFilter(plate="ABC1", camera_id="south"), [2]),
            (EventFilter(plate="XYZ"), []),
        ],
    )
    def test_a_filter_lists_what_it_says(self, store: EventStore, wanted: EventFilter, tracks: list[int]) -> None:
        save(
            store,
            an_event(0, plate="ABC1234"),
            an_event(1, kind=Kind.BUS, plate="ABC1C34"),
            an_event(2, camera_id="south", plate="ABC1D34"),
            an_event(3, trigger_type=TriggerType.DWELL),
            an_event(4, end_s=None),
        )
        assert [stored.event.track for stored in store.events(wanted, limit=10)[0]] == tracks

    def test_open_events_are_those_of_the_camera_that_have_not_ended(self, store: EventStore) -> None:
        still_there = an_event(0, end_s=None)
        save(store, still_there, an_event(1), an_event(2, end_s=None, camera_id="south"))
        assert store.open_events("north") == [still_there]
        save(store, an_event(0, revision=1))
        assert store.open_events("north") == []


class ClosingContract:
    """What a database does that holds cameras and their events. Inherit it with a fixture `store`."""

    @pytest.mark.parametrize("change", ["removed", "switched off"])
    def test_a_camera_that_is_not_wanted_any_more_has_no_open_events(self, store: Store, change: str) -> None:
        store.add_camera(CAMERA)
        going_on = [an_event(number, end_s=None, revision=4) for number in range(2)]
        save(store, *going_on, an_event(2), an_event(3, end_s=None, camera_id="south"))
        before = store.last_seq()
        take_away(store, change)
        ended = [replace(event, end_s=event.seen_s, revision=5) for event in going_on]
        assert [(stored.event, stored.seq) for stored in store.changes(before, limit=9)] == [
            (ended[0], before + 1),
            (ended[1], before + 2),
        ]
        assert len(store.open_events("south")) == 1

    def test_a_camera_that_stays_on_keeps_its_open_events(self, store: Store) -> None:
        store.add_camera(CAMERA)
        save(store, an_event(0, end_s=None))
        store.set_camera(replace(CAMERA, name="another"))
        assert len(store.open_events("north")) == 1

    @pytest.mark.parametrize("change", ["removed", "switched off"])
    @pytest.mark.parametrize("is_told_first", [True, False])
    def test_it_does_not_matter_whether_the_camera_has_closed_its_events_before(
        self, store: Store, change: str, is_told_first: bool
    ) -> None:
        store.add_camera(CAMERA)
        save(store, an_event(0, end_s=None))
        closes = [lambda: save(store, an_event(0, revision=1)), lambda: take_away(store, change)]
        for close in closes if is_told_first else reversed(closes):
            close()
        stored = store.event(an_event(0).id)
        assert (stored.event, stored.seq, store.last_seq()) == (an_event(0, revision=1), 2, 2)

    def test_a_camera_that_knows_more_has_the_last_word(self, store: Store) -> None:
        store.add_camera(CAMERA)
        save(store, an_event(0, end_s=None))
        store.remove_camera("north")
        last = an_event(0, seen_s=an_event(0).start_s + 60, end_s=an_event(0).start_s + 60, revision=2)
        save(store, an_event(0, end_s=None, revision=1), last)
        assert store.event(last.id).event == last


def take_away(store: CameraStore, change: str) -> None:
    if change == "removed":
        store.remove_camera("north")
    else:
        store.set_camera(replace(CAMERA, enabled=False))


class DatabaseContract(EventStoreContract):
    """What only a real database can show. Inherit it with a fixture `store`."""

    @pytest.mark.parametrize("limit", [-1, 0, 5001])
    def test_a_page_has_a_bounded_size(self, store: EventStore, limit: int) -> None:
        with pytest.raises(BadInput, match="5000"):
            store.events(ANY, limit=limit)
        with pytest.raises(BadInput, match="5000"):
            store.changes(0, limit=limit)

    def test_a_batch_with_a_value_the_store_refuses_is_refused_whole(self, store: EventStore) -> None:
        with pytest.raises(BadInput):
            save(store, an_event(0), an_event(1, track=2**70))
        assert store.last_seq() == 0
        assert store.events(ANY, limit=1) == ([], None)
