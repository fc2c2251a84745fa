import os
import signal
import subprocess
import sys
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from counts import CARS, a_count
from events import an_event
from plates import a_plate
from receipts import a_receipt

from gtvision.adapters.media import FolderMedia
from gtvision.adapters.spool import Spool
from gtvision.adapters.store import Store, migrate
from gtvision.domain import metrics as m
from gtvision.domain.count import CountRecord
from gtvision.domain.errors import BadInput, StoreUnavailable
from gtvision.domain.event import EventRecord
from gtvision.domain.plate import PlateRecord
from gtvision.domain.receipt import MessageRecord, Receipt
from gtvision.domain.watchlist import Entry, Watchlist
from gtvision.ports import CountFilter, EventToSave, IntervalCount, StoredPlate
from gtvision.runtime.recorder import Recorder, RecordStores
from gtvision.testing import (
    FakeCountStore,
    FakeEventStore,
    FakeMediaStore,
    FakeMetrics,
    FakePlateStore,
    FakeReceiptStore,
    FakeWatchlistStore,
)

MEGABYTE = 2**20

DRAIN_UP_TO_A_STEP = """
import sys, time
from pathlib import Path
from gtvision.adapters.media import FolderMedia
from gtvision.adapters.spool import Spool
from gtvision.adapters.store import Store
from gtvision.runtime.recorder import Recorder, RecordStores
from gtvision.testing import FakeMetrics

folder, last_step = Path(sys.argv[1]), sys.argv[2]
steps = {}

def step(name):
    steps[name] = steps.get(name, 0) + 1
    if f"{name} {steps[name]}" == last_step:
        print("there", flush=True)
        time.sleep(60)

class SteppedMedia(FolderMedia):
    def put(self, key, content):
        step("media")
        super().put(key, content)

class SteppedStore(Store):
    def save_events(self, events):
        step("save")
        super().save_events(events)
        step("saved")

    def save_counts(self, records):
        step("count")
        super().save_counts(records)
        step("counted")

    def save_plates(self, plates):
        step("plate")
        super().save_plates(plates)
        step("plated")

class SteppedSpool(Spool):
    def done(self, paths):
        for path in paths:
            step("done")
            super().done([path])

with SteppedStore(f"sqlite:///{folder / 'gtvision.db'}", writes=True) as store:
    spool, media = SteppedSpool(folder / "spool", 2**30), SteppedMedia(folder / "media")
    Recorder(spool, RecordStores(store, store, store, store), media, FakeMetrics()).drain()
"""


class FlakyEvents(FakeEventStore):
    """Is away while told so, and refuses whole batches that hold an event of `poison`."""

    def __init__(self, poison: Sequence[str] = ()) -> None:
        super().__init__()
        self.is_away = False
        self.poison = set(poison)
        self.batches: list[int] = []

    def save_events(self, events: Sequence[EventToSave]) -> None:
        if self.is_away:
            raise StoreUnavailable("the database does not answer")
        if any(item.event.id in self.poison for item in events):
            raise BadInput("the database refuses a value")
        self.batches.append(len(events))
        super().save_events(events)


class FlakyCounts(FakeCountStore):
    """Is away while told so, and refuses whole batches that hold more than 100 vehicles."""

    is_away = False

    def save_counts(self, records: Sequence[CountRecord]) -> None:
        if self.is_away:
            raise StoreUnavailable("the database does not answer")
        if any(count.vehicles > 100 for record in records for count in record.counts):
            raise BadInput("the database refuses a value")
        super().save_counts(records)


class FlakyReceipts(FakeReceiptStore):
    """Takes nothing while `is_away`, and cannot be asked while `is_silent`."""

    is_away = False
    is_silent = False

    def save_receipts(self, receipts: Sequence[Receipt]) -> None:
        if self.is_away and receipts:
            raise StoreUnavailable("the database does not answer")
        super().save_receipts(receipts)

    def receipts_of(self, ids: Collection[str]) -> list[Receipt]:
        if self.is_silent:
            raise StoreUnavailable("the database does not answer")
        return super().receipts_of(ids)


class FlakyMedia(FakeMediaStore):
    def __init__(self) -> None:
        super().__init__()
        self.is_away = False

    def put(self, key: str, content: bytes) -> None:
        if self.is_away:
            raise StoreUnavailable("the media store does not answer")
        if ".." in key:
            raise BadInput("cannot be a media key")
        super().put(key, content)


class Node:
    """A recorder and everything around it."""

    def __init__(self, folder: Path, poison: Sequence[str] = ()) -> None:
        self.spool = Spool(folder, 256 * MEGABYTE)
        self.events = FlakyEvents(poison)
        self.counts = FlakyCounts()
        self.media = FlakyMedia()
        self.metrics = FakeMetrics()
        self.watchlists = FakeWatchlistStore()
        self.plates = FakePlateStore(self.events, self.watchlists)
        self.receipts = FlakyReceipts()
        stores = RecordStores(self.events, self.counts, self.plates, self.receipts)
        self.recorder = Recorder(self.spool, stores, self.media, self.metrics)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path / "spool")


def test_records_are_stored_with_their_media_and_leave_the_spool(node: Node) -> None:
    event = an_event(1)
    node.spool.put(EventRecord(event, b"jpeg", b"mp4"))
    assert node.recorder.drain() == 1
    stored = node.events.event(event.id)
    assert stored.event == event
    assert stored.snapshot_key == f"2026/11/23/north/{event.id}.jpg"
    assert stored.clip_key == f"2026/11/23/north/{event.id}.mp4"
    assert node.media.content == {stored.snapshot_key: b"jpeg", stored.clip_key: b"mp4"}
    assert node.spool.waiting() == []
    assert node.metrics.value(m.EVENTS_STORED) == 1


def test_nothing_waiting_is_nothing_done(node: Node) -> None:
    assert node.recorder.drain() == 0
    assert node.metrics.value(m.SPOOL_RECORDS) == 0


def test_many_records_go_in_one_transaction(node: Node) -> None:
    for number in range(300):
        node.spool.put(EventRecord(an_event(number)))
    assert [node.recorder.drain() for _ in range(3)] == [256, 44, 0]
    assert node.events.batches == [256, 44]


def test_what_comes_while_a_listing_is_dealt_with_waits_for_the_next_one(node: Node) -> None:
    for number in range(300):
        node.spool.put(EventRecord(an_event(number)))
    node.recorder.drain()
    node.spool.put(EventRecord(an_event(300)))
    assert (node.recorder.listed, node.recorder.drain(), node.recorder.listed) == (44, 44, 0)
    assert node.recorder.drain() == 1


def test_a_batch_is_bounded_in_memory(node: Node) -> None:
    for number in range(5):
        node.spool.put(EventRecord(an_event(number), clip=b"x" * 14 * MEGABYTE))
    assert [node.recorder.drain(), node.recorder.drain()] == [3, 2]


@pytest.mark.parametrize("store", ["database", "media"])
def test_while_a_store_is_away_nothing_leaves_the_spool(node: Node, store: str) -> None:
    away = node.events if store == "database" else node.media
    node.spool.put(EventRecord(an_event(1), b"jpeg"))
    away.is_away = True
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            node.recorder.drain()
    assert len(node.spool.waiting()) == 1
    assert node.metrics.value(m.STORE_FAILURES, store=store) == 2
    away.is_away = False
    assert node.recorder.drain() == 1
    assert node.spool.waiting() == []


def test_a_record_that_the_database_refuses_does_not_hold_up_the_others(tmp_path: Path) -> None:
    poison = an_event(1)
    node = Node(tmp_path / "spool", [poison.id])
    for event in (an_event(0), poison, an_event(2)):
        node.spool.put(EventRecord(event))
    assert node.recorder.drain() == 3
    assert [stored.event.track for stored in node.events.changes(0, limit=9)] == [0, 2]
    assert node.spool.waiting() == []
    assert len(list((tmp_path / "spool" / "damaged").iterdir())) == 1
    assert node.metrics.value(m.SPOOL_DAMAGED) == 1
    assert node.metrics.value(m.EVENTS_STORED) == 2


@pytest.mark.parametrize("event", [an_event(1, camera_id=".."), an_event(1, start_s=1e300)])
def test_a_record_whose_media_have_no_possible_place_is_set_aside(node: Node, event: object) -> None:
    node.spool.put(EventRecord(event, b"jpeg"))  # type: ignore[arg-type]  # parametrize knows no types
    node.spool.put(EventRecord(an_event(2), b"jpeg"))
    assert node.recorder.drain() == 2
    assert [stored.event.track for stored in node.events.changes(0, limit=9)] == [2]
    assert node.metrics.value(m.SPOOL_DAMAGED) == 1


def test_damaged_files_are_set_aside_and_counted(node: Node) -> None:
    for number in range(3):
        node.spool.put(EventRecord(an_event(number)))
    node.spool.waiting()[1].write_bytes(b"power cut")
    node.recorder.drain()
    assert [stored.event.track for stored in node.events.changes(0, limit=9)] == [0, 2]
    assert node.metrics.value(m.SPOOL_DAMAGED) == 1


def test_the_snapshot_of_the_newest_revision_wins_even_when_the_clock_went_back(node: Node) -> None:
    node.spool.put(EventRecord(an_event(1, revision=2), b"best"))
    node.spool.put(EventRecord(an_event(1, revision=1), b"good"))
    node.recorder.drain()
    assert list(node.media.content.values()) == [b"best"]
    assert node.events.event(an_event(1).id).event.revision == 2


def counted(node: Node) -> list[IntervalCount]:
    return node.counts.counts(CountFilter(), limit=100)[0]


def test_counts_are_stored_beside_events_and_leave_the_spool(node: Node) -> None:
    node.spool.put(a_count(0))
    node.spool.put(EventRecord(an_event(1), b"jpeg"))
    node.spool.put(a_count(1))
    assert node.recorder.drain() == 3
    assert [row.vehicles for row in counted(node)] == [3, 3]
    assert node.spool.waiting() == []
    assert node.metrics.value(m.EVENTS_STORED) == 1


def test_while_the_store_of_counts_is_away_no_count_leaves_the_spool(node: Node) -> None:
    node.spool.put(a_count(0))
    node.counts.is_away = True
    with pytest.raises(StoreUnavailable):
        node.recorder.drain()
    assert len(node.spool.waiting()) == 1
    assert node.metrics.value(m.STORE_FAILURES, store="database") == 1
    node.counts.is_away = False
    assert (node.recorder.drain(), len(counted(node)), node.spool.waiting()) == (1, 1, [])


def test_a_count_that_the_database_refuses_is_set_aside_and_holds_up_nobody(node: Node) -> None:
    for record in (a_count(0), a_count(1, replace(CARS, vehicles=101)), a_count(2)):
        node.spool.put(record)
    node.spool.put(EventRecord(an_event(1)))
    assert node.recorder.drain() == 4
    assert len(counted(node)) == 2
    assert node.metrics.value(m.SPOOL_DAMAGED) == node.metrics.value(m.EVENTS_STORED) == 1


def test_a_count_that_a_newer_state_replaced_after_the_listing_is_no_damage(node: Node) -> None:
    for number in range(256):
        node.spool.put(EventRecord(an_event(number)))
    node.spool.put(a_count(0))
    node.recorder.drain()
    node.spool.put(a_count(0, replace(CARS, vehicles=4), revision=1))
    assert (node.recorder.listed, node.recorder.drain(), counted(node)) == (1, 1, [])
    assert node.recorder.drain() == 1
    assert [row.vehicles for row in counted(node)] == [4]
    assert node.metrics.value(m.SPOOL_DAMAGED) == 0


def test_the_media_of_an_event_that_the_database_refuses_are_taken_back(node: Node) -> None:
    refused, taken = an_event(1), an_event(2)
    node.events.poison.add(refused.id)
    for event in (refused, taken):
        node.spool.put(EventRecord(event, b"jpeg", b"mp4"))
    assert node.recorder.drain() == 2
    stored = node.events.event(taken.id)
    assert set(node.media.content) == {stored.snapshot_key, stored.clip_key}
    assert node.metrics.value(m.SPOOL_DAMAGED) == 1


def test_a_refused_revision_leaves_the_media_of_the_event_that_is_stored(node: Node) -> None:
    event = an_event(1)
    node.spool.put(EventRecord(event, b"jpeg"))
    node.recorder.drain()
    node.events.poison.add(event.id)
    node.spool.put(EventRecord(replace(event, revision=1), b"better"))
    node.recorder.drain()
    assert node.media.content == {str(node.events.event(event.id).snapshot_key): b"better"}


def test_the_picture_of_a_plate_that_the_database_refuses_is_taken_back(tmp_path: Path) -> None:
    class RefusingPlates(FakePlateStore):
        def save_plates(self, plates: Sequence[StoredPlate]) -> None:  # noqa: ARG002
            raise BadInput("the database refuses a value")

    media, spool = FakeMediaStore(), Spool(tmp_path / "spool", MEGABYTE)
    spool.put(PlateRecord(a_plate(), b"jpeg"))
    stores = RecordStores(FakeEventStore(), FakeCountStore(), RefusingPlates(), FakeReceiptStore())
    assert Recorder(spool, stores, media, FakeMetrics()).drain() == 1
    assert media.content == {}


def test_a_plate_is_stored_with_its_picture_and_its_hit(node: Node) -> None:
    node.watchlists.add_watchlist(Watchlist("stolen"))
    node.watchlists.save_entries("stolen", [Entry("stolen", "ABC1D23")])
    seen = a_plate()
    node.spool.put(PlateRecord(seen, b"jpeg"))
    assert node.recorder.drain() == 1
    key = f"plates/{seen.id[:2]}/north/{seen.id}.plate.jpg"
    assert node.plates.plate(seen.id) == StoredPlate(seen, key)
    assert node.media.content == {key: b"jpeg"}
    assert [stored.snapshot_key for stored in node.events.changes(0, limit=9)] == [key]
    assert node.spool.waiting() == []
    assert node.metrics.value(m.PLATES_STORED) == 1


def test_a_better_picture_of_a_plate_after_midnight_replaces_the_one_before(node: Node) -> None:
    seen = a_plate()
    for revision, crop in enumerate((b"good", b"best")):
        node.spool.put(PlateRecord(replace(seen, time_s=seen.time_s + revision * 86_400, revision=revision), crop))
        node.recorder.drain()
    assert node.media.content == {str(node.plates.plate(seen.id).crop_key): b"best"}


def test_the_newest_picture_of_a_plate_wins_even_when_the_clock_went_back(node: Node) -> None:
    node.spool.put(PlateRecord(a_plate(revision=2), b"best"))
    node.spool.put(PlateRecord(a_plate(revision=1), b"good"))
    node.recorder.drain()
    assert list(node.media.content.values()) == [b"best"]
    assert node.plates.plate(a_plate().id).vehicle_plate.revision == 2


@pytest.mark.parametrize(
    "step",
    [
        "media 1",
        "media 8",
        "save 1",
        "saved 1",
        "done 1",
        "done 5",
        "count 1",
        "counted 1",
        "done 11",
        "plate 1",
        "plated 1",
    ],
)
def test_a_recorder_killed_at_any_step_loses_and_doubles_nothing(tmp_path: Path, step: str) -> None:
    url = f"sqlite:///{tmp_path / 'gtvision.db'}"
    migrate(url)
    spool = Spool(tmp_path / "spool", 256 * MEGABYTE)
    for number in range(10):
        spool.put(EventRecord(an_event(number), f"jpeg {number}".encode(), f"mp4 {number}".encode()))
    for number, revision in ((0, 0), (0, 1), (1, 0)):
        put_by_another_process(tmp_path, a_count(number, replace(CARS, vehicles=3 + 2 * revision), revision=revision))
    with Store(url, writes=True) as store:
        store.add_watchlist(Watchlist("stolen"))
        store.save_entries("stolen", [Entry("stolen", "ABC1D23")])
    spool.put(PlateRecord(a_plate(number=100), b"crop"))
    run_and_kill(tmp_path, step)
    assert spool.waiting(), "it was to die before it was done"
    media = FolderMedia(tmp_path / "media")
    with Store(url, writes=True) as store:
        recorder = Recorder(spool, RecordStores(store, store, store, store), media, FakeMetrics())
        while recorder.drain():
            pass
        stored = store.changes(0, limit=100)
        counted, _ = store.counts(CountFilter(), limit=10)
    assert [row.vehicles for row in counted] == [3, 5]
    *stored, hit = stored
    assert (hit.event.plate, hit.event.trigger_id, media.get(str(hit.snapshot_key))) == ("ABC1D23", "stolen", b"crop")
    assert [(item.seq, item.event.track) for item in stored] == [(number + 1, number) for number in range(10)]
    for item in stored:
        assert media.get(str(item.snapshot_key)) == f"jpeg {item.event.track}".encode()
        assert media.get(str(item.clip_key)) == f"mp4 {item.event.track}".encode()
    assert spool.waiting() == []


def put_by_another_process(folder: Path, record: CountRecord) -> None:
    """A camera that was restarted knows nothing of the states that it put before."""
    Spool(folder / "spool", 256 * MEGABYTE).put(record)


def run_and_kill(folder: Path, step: str) -> None:
    """Runs a recorder in a process of its own and kills it at that step."""
    command = [sys.executable, "-c", DRAIN_UP_TO_A_STEP, str(folder), step]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=10)


def test_what_a_message_caused_is_stored_before_its_receipt_and_leaves_the_spool_after_it(node: Node) -> None:
    events = [an_event(number, revision=number) for number in range(2)]
    node.spool.put(MessageRecord(a_receipt(), tuple(EventRecord(event, b"a picture") for event in events)))
    node.events.is_away = True
    with pytest.raises(StoreUnavailable):
        node.recorder.drain()
    assert node.receipts.receipts("north", limit=9) == []
    node.events.is_away, node.receipts.is_away = False, True
    with pytest.raises(StoreUnavailable):
        node.recorder.drain()
    assert len(node.spool.waiting()) == 1
    node.receipts.is_away = False
    assert node.recorder.drain() == 1
    assert node.receipts.receipts("north", limit=9) == [a_receipt()]
    assert [node.events.event(event.id).event for event in events] == events
    assert len(node.media.content) == 2
    assert node.spool.waiting() == []


def test_an_event_of_a_message_that_the_database_refuses_costs_neither_the_others_nor_the_receipt(
    tmp_path: Path,
) -> None:
    good, bad = an_event(1), an_event(2)
    node = Node(tmp_path / "spool", poison=[bad.id])
    node.spool.put(MessageRecord(a_receipt(), (EventRecord(bad), EventRecord(good))))
    node.recorder.drain()
    assert node.events.event(good.id).event == good
    assert node.receipts.receipts("north", limit=9) == [a_receipt()]
    assert node.spool.waiting() == []
    assert len(list((tmp_path / "spool" / "damaged").iterdir())) == 1


def a_message(number: int, done_s: float, *tracks: int) -> MessageRecord:
    """What message `number` caused at a placement that was done with it then."""
    return MessageRecord(a_receipt(number, done_s=done_s), tuple(EventRecord(an_event(n), b"jpeg") for n in tracks))


def stored_tracks(node: Node) -> list[int]:
    return [stored.event.track for stored in node.events.changes(0, limit=99)]


def test_the_events_of_a_message_that_another_placement_has_stored_are_dropped_when_its_node_comes_back(
    node: Node, tmp_path: Path
) -> None:
    dead = Spool(tmp_path / "dead", MEGABYTE)
    dead.put(a_message(1, 1000.0, 1, 2))
    dead.put(a_message(0, 999.0, 3))
    node.spool.put(a_message(1, 1007.5, 11))
    node.recorder.drain()
    stores = RecordStores(node.events, node.counts, node.plates, node.receipts)
    assert Recorder(dead, stores, node.media, node.metrics).drain() == 2
    assert stored_tracks(node) == [11, 3]
    assert len(node.media.content) == 2
    assert node.receipts.receipts("north", limit=9) == [a_receipt(0, done_s=999.0), a_receipt(1, done_s=1007.5)]
    assert (dead.waiting(), node.metrics.value(m.EVENTS_DROPPED)) == ([], 2)


def test_the_end_of_an_older_event_is_stored_all_the_same(node: Node) -> None:
    node.receipts.save_receipts([a_receipt(1, done_s=1007.5)])
    older = an_event(5, revision=3)
    node.spool.put(MessageRecord(a_receipt(1, done_s=1000.0), (EventRecord(an_event(1)), EventRecord(older))))
    assert node.recorder.drain() == 1
    assert [stored.event for stored in node.events.changes(0, limit=9)] == [older]
    assert (node.spool.waiting(), node.metrics.value(m.EVENTS_DROPPED)) == ([], 1)


def test_of_two_sets_of_events_of_one_message_in_a_batch_the_first_is_stored(node: Node) -> None:
    node.spool.put(a_message(1, 1000.0, 1))
    node.spool.put(a_message(1, 2000.0, 2))
    assert node.recorder.drain() == 2
    assert (stored_tracks(node), node.spool.waiting()) == ([1], [])
    assert node.receipts.receipts("north", limit=9) == [a_receipt(1, done_s=1000.0)]


def test_a_record_that_is_stored_again_drops_nothing_of_its_own(node: Node) -> None:
    node.spool.put(a_message(1, 1000.0, 1))
    (record,) = node.spool.waiting()
    kept = record.read_bytes()
    node.recorder.drain()
    record.write_bytes(kept)
    node.media.content.clear()
    assert node.recorder.drain() == 1
    assert (stored_tracks(node), len(node.media.content)) == ([1], 1)
    assert node.metrics.value(m.EVENTS_DROPPED) == 0


def test_while_it_cannot_be_asked_what_was_dealt_with_nothing_leaves_the_spool(node: Node) -> None:
    node.receipts.is_silent = True
    node.spool.put(a_message(1, 1000.0, 1))
    with pytest.raises(StoreUnavailable):
        node.recorder.drain()
    assert (stored_tracks(node), len(node.spool.waiting())) == ([], 1)
    assert node.metrics.value(m.STORE_FAILURES, store="database") == 1
