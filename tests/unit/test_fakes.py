"""The fakes of the stores keep the contract of the real ones."""

import pytest
from count_contract import CountStoreContract
from disclosure_contract import DisclosureLogContract
from plate_contract import PlateStoreContract
from receipt_contract import ReceiptStoreContract
from store_contract import CameraStoreContract, EventStoreContract
from watchlist_contract import HitContract, Stores, WatchlistStoreContract

from gtvision.testing import (
    FakeCameraStore,
    FakeCountStore,
    FakeDisclosureLog,
    FakeEventStore,
    FakePlateStore,
    FakeReceiptStore,
    FakeWatchlistStore,
)


class TestFakeCameras(CameraStoreContract):
    @pytest.fixture
    def store(self) -> FakeCameraStore:
        return FakeCameraStore()


class TestFakeEvents(EventStoreContract):
    @pytest.fixture
    def store(self) -> FakeEventStore:
        return FakeEventStore()


class TestFakeReceipts(ReceiptStoreContract):
    @pytest.fixture
    def store(self) -> FakeReceiptStore:
        return FakeReceiptStore()


class TestFakeCounts(CountStoreContract):
    @pytest.fixture
    def store(self) -> FakeCountStore:
        return FakeCountStore()


class TestFakeDisclosures(DisclosureLogContract):
    @pytest.fixture
    def store(self) -> FakeDisclosureLog:
        return FakeDisclosureLog()


class TestFakePlates(PlateStoreContract):
    @pytest.fixture
    def plates(self) -> FakePlateStore:
        return FakePlateStore()


class TestFakeWatchlists(WatchlistStoreContract):
    @pytest.fixture
    def stores(self) -> Stores:
        return fake_stores()


class TestFakeHits(HitContract):
    @pytest.fixture
    def stores(self) -> Stores:
        return fake_stores()


def fake_stores() -> Stores:
    cameras, events, watchlists = FakeCameraStore(), FakeEventStore(), FakeWatchlistStore()
    return Stores(cameras, events, FakePlateStore(events, watchlists, cameras), watchlists)
