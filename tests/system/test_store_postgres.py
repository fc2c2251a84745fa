"""The store on a real PostgreSQL: the same contract as SQLite, and what only a server can do."""

import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from count_contract import CountDatabaseContract
from disclosure_contract import DisclosureLogContract
from events import an_event
from order_contract import PlateOrderContract
from plate_contract import PlateDatabaseContract, save_plates
from plates import a_plate
from postgres import PASSWORD, PostgresServer
from receipt_contract import ReceiptStoreContract
from retention_contract import RetentionContract
from store_contract import ANY, CAMERA, CameraStoreContract, ClosingContract, DatabaseContract, save
from watchlist_contract import HitContract, Stores, WatchlistDatabaseContract

from gtvision.adapters.store import Store, migrate, schema_state
from gtvision.domain.errors import AlreadyExists, BadConfiguration, BadInput, StoreUnavailable
from gtvision.domain.watchlist import Entry, Watchlist


@pytest.fixture(scope="module")
def server(needs: Callable[[str], str]) -> Iterator[PostgresServer]:
    with PostgresServer(needs) as server:
        yield server


@pytest.fixture(scope="module")
def migrated(server: PostgresServer) -> str:
    url = server.new_database()
    migrate(url)
    return url


@pytest.fixture
def url(server: PostgresServer, migrated: str) -> Iterator[str]:
    with server.copy_of(migrated) as url:
        yield url


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store(url, writes=True) as store:
        yield store


class TestPostgresCameras(CameraStoreContract):
    pass


class TestPostgresEvents(DatabaseContract):
    pass


class TestPostgresCounts(CountDatabaseContract):
    pass


class TestPostgresDisclosures(DisclosureLogContract):
    pass


class TestPostgresReceipts(ReceiptStoreContract):
    pass


class TestPostgresRetention(RetentionContract):
    pass


class TestPostgresClosing(ClosingContract):
    pass


class TestPostgresPlateOrders(PlateOrderContract):
    pass


class TestPostgresPlates(PlateDatabaseContract):
    @pytest.fixture
    def plates(self, store: Store) -> Store:
        return store


class TestPostgresWatchlists(WatchlistDatabaseContract):
    @pytest.fixture
    def stores(self, store: Store) -> Stores:
        return Stores(store, store, store, store)


class TestPostgresHits(HitContract):
    @pytest.fixture
    def stores(self, store: Store) -> Stores:
        return Stores(store, store, store, store)


def test_the_migrations_make_the_tables_that_the_code_uses(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlmodel import SQLModel

    with store._database.reading() as session:
        assert compare_metadata(MigrationContext.configure(session.connection()), SQLModel.metadata) == []


def test_a_database_that_was_not_migrated_says_so(server: PostgresServer) -> None:
    url = server.new_database()
    assert schema_state(url).current is None
    with pytest.raises(BadConfiguration, match="run `gtvision migrate`"):
        Store(url, writes=True)


def test_nodes_that_migrate_at_once_take_turns(server: PostgresServer) -> None:
    url = server.new_database()
    with ThreadPoolExecutor(4) as nodes:
        assert list(nodes.map(migrate, [url] * 4)) == ["0007"] * 4


def test_numbers_appear_in_order_while_many_nodes_write(url: str) -> None:
    nodes, batches, batch = 4, 15, 7
    done = threading.Event()
    skipped: list[list[int]] = []

    def write(node: int) -> None:
        with Store(url, writes=True) as store:
            for start in range(0, batches * batch, batch):
                save(store, *(an_event(1000 * node + start + offset) for offset in range(batch)))

    def follow() -> None:
        with Store(url, writes=False) as store:
            last = 0
            while last < nodes * batches * batch and not done.is_set():
                seqs = [stored.seq for stored in store.changes(last, limit=1000)]
                if seqs != list(range(last + 1, last + 1 + len(seqs))):
                    skipped.append(seqs)
                last = seqs[-1] if seqs else last

    follower = threading.Thread(target=follow)
    follower.start()
    try:
        with ThreadPoolExecutor(nodes) as pool:
            list(pool.map(write, range(nodes)))
        follower.join(timeout=10)
    finally:
        done.set()
        follower.join()
    assert not skipped
    with Store(url, writes=False) as store:
        assert store.last_seq() == nodes * batches * batch


def test_nodes_that_save_the_same_events_store_them_once(url: str) -> None:
    def write(_node: int) -> None:
        with Store(url, writes=True) as store:
            for start in range(0, 40, 10):
                save(store, *(an_event(start + offset) for offset in range(10)))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    with Store(url, writes=False) as store:
        assert [stored.seq for stored in store.changes(0, limit=100)] == list(range(1, 41))


def test_nodes_that_save_the_same_plates_make_one_hit_each(url: str) -> None:
    with Store(url, writes=True) as store:
        store.add_watchlist(Watchlist("stolen"))
        store.save_entries("stolen", [Entry("stolen", "ABC1D23")])

    def write(_node: int) -> None:
        with Store(url, writes=True) as store:
            for revision in range(5):
                save_plates(store, *(a_plate(number=number, revision=revision) for number in range(10)))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    with Store(url, writes=False) as store:
        hits = store.changes(0, limit=100)
    assert [stored.seq for stored in hits] == list(range(1, 11))
    assert {stored.event.track for stored in hits} == set(range(10))


def test_a_node_matches_against_a_list_that_another_node_has_just_changed(url: str) -> None:
    with Store(url, writes=True) as here, Store(url, writes=True) as there:
        here.add_watchlist(Watchlist("stolen"))
        save_plates(here, a_plate(number=0))
        entry = Entry("stolen", "ABC1D23")
        there.save_entries("stolen", [entry])
        save_plates(here, a_plate(number=1))
        there.remove_entry("stolen", entry.id)
        save_plates(here, a_plate(number=2))
        there.save_entries("stolen", [entry])
        there.remove_watchlist("stolen")
        save_plates(here, a_plate(number=3))
        assert [stored.event.track for stored in here.changes(0, limit=9)] == [1]


def test_a_search_that_takes_too_long_is_given_up_and_says_what_to_do(store: Store) -> None:
    with pytest.raises(BadInput, match="name more of the plate"), store._database.searching(0.2) as session:
        session.connection().exec_driver_sql("SELECT pg_sleep(20)")
    assert store.last_seq() == 0


def test_only_one_of_two_nodes_adds_a_camera(url: str) -> None:
    def add(_node: int) -> bool:
        with Store(url, writes=True) as store:
            try:
                store.add_camera(CAMERA)
            except AlreadyExists:
                return False
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(4))) == [False, False, False, True]


def test_a_store_outlives_a_crash_of_the_server(server: PostgresServer, store: Store) -> None:
    save(store, an_event(1))
    server.stop(signal.SIGQUIT)
    try:
        with pytest.raises(StoreUnavailable, match="does not answer"):
            save(store, an_event(2))
        with pytest.raises(StoreUnavailable):
            store.events(ANY, limit=1)
    finally:
        server.start()
    save(store, an_event(2))
    assert store.last_seq() == 2


def test_no_error_shows_a_password(server: PostgresServer, url: str) -> None:
    wrong = url.replace("%40", "%41")
    with pytest.raises(StoreUnavailable, match="authentication failed") as refused:
        Store(wrong, writes=False)
    with Store(url, writes=True) as store, pytest.raises(BadInput) as bad:
        save(store, an_event(1, plate=PASSWORD + "\0"))
    for caught in (refused, bad):
        text = "".join(traceback.format_exception(caught.value))
        assert PASSWORD not in text
        assert "7%25" not in text
