import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from count_contract import CountDatabaseContract
from disclosure_contract import DisclosureLogContract
from events import an_event
from order_contract import PlateOrderContract
from plate_contract import PlateDatabaseContract
from plates import a_plate
from receipt_contract import ReceiptStoreContract
from retention_contract import RetentionContract
from small_disk import small_disk
from store_contract import ANY, CAMERA, CameraStoreContract, ClosingContract, DatabaseContract, save
from watchlist_contract import HitContract, Stores, WatchlistDatabaseContract

from gtvision.adapters.store import Store, migrate, schema_state
from gtvision.domain.errors import BadConfiguration, BadInput, StoreUnavailable
from gtvision.domain.kinds import Kind
from gtvision.domain.plate_query import PlateMatch, PlateQuery
from gtvision.domain.retention import Keepable
from gtvision.ports import EventFilter, EventToSave, PlateFilter, StoredPlate

HOLD_THE_LOCK = """
import sys, time
from gtvision.adapters.store import Store
store = Store(sys.argv[1], writes=True)
print("open", flush=True)
time.sleep(60)
"""


class TestSqliteCameras(CameraStoreContract):
    pass


class TestSqliteEvents(DatabaseContract):
    pass


class TestSqliteCounts(CountDatabaseContract):
    pass


class TestSqliteDisclosures(DisclosureLogContract):
    pass


class TestSqliteReceipts(ReceiptStoreContract):
    pass


class TestSqliteRetention(RetentionContract):
    pass


class TestSqliteClosing(ClosingContract):
    pass


class TestSqlitePlateOrders(PlateOrderContract):
    pass


class TestSqlitePlates(PlateDatabaseContract):
    @pytest.fixture
    def plates(self, store: Store) -> Store:
        return store


class TestSqliteWatchlists(WatchlistDatabaseContract):
    @pytest.fixture
    def stores(self, store: Store) -> Stores:
        return Stores(store, store, store, store)


class TestSqliteHits(HitContract):
    @pytest.fixture
    def stores(self, store: Store) -> Stores:
        return Stores(store, store, store, store)


def test_migrating_makes_a_file_that_only_its_user_can_read(tmp_path: Path) -> None:
    file = tmp_path / "new" / "folder" / "gtvision.db"
    assert migrate(f"sqlite:///{file}") == "0007"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert schema_state(f"sqlite:///{file}").fault is None


def test_migrating_twice_changes_nothing(url: str, store: Store) -> None:
    save(store, an_event())
    store.close()
    assert migrate(url) == "0007"
    with Store(url, writes=False) as reader:
        assert reader.last_seq() == 1


def test_a_database_that_was_not_migrated_says_so_and_is_not_made(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gtvision.db'}"
    assert schema_state(url).current is None
    with pytest.raises(BadConfiguration, match="run `gtvision migrate`"):
        Store(url, writes=True)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_a_database_that_was_not_migrated(tmp_path: Path) -> None:
    (tmp_path / "gtvision.db").touch()
    with pytest.raises(BadConfiguration, match="run `gtvision migrate`"):
        Store(f"sqlite:///{tmp_path / 'gtvision.db'}", writes=True)


@pytest.mark.parametrize(("revision", "remedy"), [("0000", "run `gtvision migrate`"), ("9999", "newer gtvision")])
def test_a_schema_of_another_version_is_refused_with_what_to_do(url: str, revision: str, remedy: str) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.close()
    with pytest.raises(BadConfiguration, match=remedy):
        Store(url, writes=False)


def test_a_newer_database_is_not_migrated(url: str) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(BadConfiguration, match="newer gtvision"):
        migrate(url)


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://u:hush@h/d", "postgresql://u:hush@h:port/d"],
)
def test_an_address_that_cannot_work_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(BadConfiguration, match=r"^database\.url: ") as caught:
        Store(url, writes=False)
    assert "hush" not in str(caught.value)


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "gtvision.db").write_bytes(b"not a database, but long enough to look into" * 50)
    with pytest.raises(StoreUnavailable, match="not a database"):
        Store(f"sqlite:///{tmp_path / 'gtvision.db'}", writes=False)


def test_a_store_opened_for_reading_refuses_to_write(store: Store, url: str) -> None:
    with Store(url, writes=False) as reader, pytest.raises(BadConfiguration, match="reading only"):
        save(reader, an_event())


def test_a_second_writing_process_is_refused_until_the_first_is_dead(url: str) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD_THE_LOCK, url], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(StoreUnavailable, match=f"another process writes to this database.*{holder.pid}"):
            Store(url, writes=True)
        Store(url, writes=False).close()
    finally:
        os.kill(holder.pid, signal.SIGKILL)
        holder.communicate(timeout=10)
    with Store(url, writes=True) as store:
        save(store, an_event())


def test_readers_see_whole_batches_in_order_while_one_writes(store: Store, url: str) -> None:
    batch, batches = 20, 30
    done = threading.Event()
    faults: list[str] = []

    def read() -> None:
        with Store(url, writes=False) as reader:
            while not done.is_set():
                seqs = [stored.seq for stored in reader.changes(0, limit=5000)]
                if seqs != list(range(1, len(seqs) + 1)) or len(seqs) % batch:
                    faults.append(f"saw {len(seqs)} changes, the last {seqs[-3:]}")

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for start in range(0, batch * batches, batch):
            save(store, *(an_event(start + offset) for offset in range(batch)))
    finally:
        done.set()
        for reader in readers:
            reader.join(timeout=20)
    assert not faults
    assert store.last_seq() == batch * batches


def test_threads_that_write_at_once_take_turns(store: Store) -> None:
    def write(first: int) -> None:
        for number in range(first, first + 20):
            save(store, an_event(number))

    writers = [threading.Thread(target=write, args=(first,)) for first in (0, 100, 200)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=30)
    assert [stored.seq for stored in store.changes(0, limit=100)] == list(range(1, 61))


def test_a_full_disk_is_unavailable_and_the_batch_is_stored_whole_once_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", size_kb=4096) as disk:
        url = f"sqlite:///{disk / 'gtvision.db'}"
        migrate(url)
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * 3_700_000)
        events = [an_event(number) for number in range(1000)]
        with Store(url, writes=True) as store:
            with pytest.raises(StoreUnavailable, match="full"):
                save(store, *events)
            assert store.last_seq() == 0
            ballast.unlink()
            save(store, *events)
            assert store.last_seq() == 1000


def test_no_password_lies_in_the_listing_columns(store: Store, url: str) -> None:
    store.add_camera(CAMERA)
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        row = connection.execute("SELECT * FROM camera").fetchone()
    connection.close()
    assert "secret" not in str(row)


def test_a_commit_is_on_the_disk_before_it_returns(store: Store) -> None:
    with store._database.reading() as session:
        pragmas = [
            session.connection().exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("synchronous", "journal_mode")
        ]
    assert pragmas == [2, "wal"]


@pytest.mark.parametrize(
    "wanted",
    [
        ANY,
        EventFilter(camera_id="north"),
        EventFilter(camera_id="north", kind=Kind.CAR, since_s=1.0, until_s=2.0),
        EventFilter(kind=Kind.CAR),
        EventFilter(since_s=1.0, until_s=2.0),
        EventFilter(is_open=True),
        EventFilter(is_open=True, kind=Kind.CAR),
        EventFilter(is_open=True, camera_id="north"),
        EventFilter(is_open=False),
    ],
)
@pytest.mark.parametrize("is_first_page", [True, False])
def test_every_page_is_walked_along_an_index_and_never_sorted(
    store: Store, url: str, wanted: EventFilter, is_first_page: bool
) -> None:
    save(store, *(an_event(number) for number in range(3)))
    cursor = None if is_first_page else store.events(ANY, limit=1)[1]
    plan = plan_of(store, url, wanted, cursor)
    assert len(plan) == 1, plan
    assert "USING INDEX ix_event_" in plan[0]
    if wanted.is_open:
        assert "_open" in plan[0]
    elif wanted.camera_id:
        assert "ix_event_camera_start (camera_id=?" in plan[0]


@pytest.mark.parametrize("kind", Keepable)
def test_what_is_due_is_found_along_an_index_of_what_is_still_there(store: Store, kind: Keepable) -> None:
    from gtvision.adapters.store.retention import _PLACES, due_query

    for place in _PLACES[kind]:
        with store._database.reading() as session:
            connection = session.connection()
            query = due_query(place, 1.0, 10).compile(connection, compile_kwargs={"literal_binds": True})
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]
        name = f"ix_event_{place.holds}_start" if place.holds else "ix_"
        assert len(plan) == 1, plan
        assert f"INDEX {name}" in plan[0]


def test_counts_are_compared_with_whole_milliseconds_as_their_column_has_them() -> None:
    from gtvision.adapters.store.retention import _PLACES, due_query

    (place,) = _PLACES[Keepable.COUNTS]
    assert set(due_query(place, 1.5004, 10).compile().params.values()) == {1500, 10}
    assert {type(value) for value in due_query(place, 1.5004, 10).compile().params.values()} == {int}


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def test_a_search_that_takes_too_long_is_given_up_and_says_what_to_do(store: Store) -> None:
    with pytest.raises(BadInput, match="name more of the plate"), store._database.searching(0.1) as session:
        session.connection().exec_driver_sql(ENDLESS)
    assert store.last_seq() == 0


@pytest.mark.parametrize(
    ("text", "match", "plan"),
    [
        ("ABC1D23", PlateMatch.EXACT, "USING INDEX ix_vehicle_plate_canonical (canonical=?"),
        ("ABC1D23", PlateMatch.NEAR, "USING INDEX ix_vehicle_plate_canonical (canonical=?"),
        ("ABC", PlateMatch.PREFIX, "USING COVERING INDEX ix_vehicle_plate_canonical (canonical>?"),
        ("ABC?D*", PlateMatch.PATTERN, "USING COVERING INDEX ix_vehicle_plate_canonical (canonical>?"),
        ("*D23", PlateMatch.PATTERN, "USING COVERING INDEX ix_vehicle_plate_reversed (reversed>?"),
        ("*BC1*", PlateMatch.PATTERN, "USING INDEX ix_vehicle_plate_camera_time (camera_id=?"),
    ],
)
def test_a_plate_is_found_along_the_index_that_serves_it(store: Store, text: str, match: PlateMatch, plan: str) -> None:
    from gtvision.adapters.store import plate_search

    store.save_plates([StoredPlate(a_plate(number=number)) for number in range(3)])
    with store._database.reading() as session:
        query = plate_search.page_query(session, PlateFilter(PlateQuery(text, match), "north"), 50, None)
        connection = session.connection()
        compiled = query.compile(connection, compile_kwargs={"literal_binds": True})
        steps = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")]
    assert any(plan in step for step in steps), steps
    assert not any(step.startswith("SCAN vehicle_plate") for step in steps), steps


@pytest.mark.parametrize("more", [{}, {"camera_id": "north"}, {"kind": Kind.CAR, "is_open": False}])
def test_events_with_a_rare_plate_are_found_along_the_index_of_plates(
    store: Store, url: str, more: dict[str, Any]
) -> None:
    save(store, *(an_event(number, plate="ABC1D23") for number in range(3)))
    wanted = EventFilter(plate="ABC", **more)
    assert len(store.events(wanted, limit=9)[0]) == 3
    plan = plan_of(store, url, wanted, None, by_plate=True)
    assert "USING INDEX ix_event_plate (plate>?" in plan[0], plan


def plan_of(store: Store, url: str, wanted: EventFilter, cursor: str | None, *, by_plate: bool = False) -> list[str]:
    """How SQLite would run the query that `events` runs."""
    from gtvision.adapters.store.events import page_query

    query = page_query(wanted, limit=50, cursor=cursor, by_plate=by_plate)
    with store._database.reading() as session:
        connection = session.connection()
        compiled = query.compile(connection, compile_kwargs={"literal_binds": True})
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")]


def test_the_migrations_make_the_tables_that_the_code_uses(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlmodel import SQLModel

    from gtvision.adapters.store.schema import _MIGRATIONS
    from gtvision.adapters.store.tables import HEAD

    with store._database.reading() as session:
        assert compare_metadata(MigrationContext.configure(session.connection()), SQLModel.metadata) == []
    assert ScriptDirectory(str(_MIGRATIONS)).get_current_head() == HEAD


def test_revisions_of_one_event_in_a_batch_are_one_change(store: Store) -> None:
    save(store, an_event(0), an_event(0, revision=1), an_event(0, revision=2))
    assert store.last_seq() == 1


def test_a_large_batch_is_stored_in_few_statements(store: Store) -> None:
    store.save_events([EventToSave(an_event(number)) for number in range(1200)])
    assert store.last_seq() == 1200
