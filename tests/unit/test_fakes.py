"""The fakes of the stores keep the contract of the real ones."""

import pytest
from count_contract import CountStoreContract
from disclosure_contract import DisclosureLogContract
from store_contract import CameraStoreContract, EventStoreContract

from gtvision.testing import FakeCameraStore, FakeCountStore, FakeDisclosureLog, FakeEventStore


class TestFakeCameras(CameraStoreContract):
    @pytest.fixture
    def store(self) -> FakeCameraStore:
        return FakeCameraStore()


class TestFakeEvents(EventStoreContract):
    @pytest.fixture
    def store(self) -> FakeEventStore:
        return FakeEventStore()


class TestFakeCounts(CountStoreContract):
    @pytest.fixture
    def store(self) -> FakeCountStore:
        return FakeCountStore()


class TestFakeDisclosures(DisclosureLogContract):
    @pytest.fixture
    def store(self) -> FakeDisclosureLog:
        return FakeDisclosureLog()
