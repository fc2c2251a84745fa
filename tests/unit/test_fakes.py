"""The fakes of the stores keep the contract of the real ones."""

import pytest
from count_contract import CountStoreContract
from store_contract import CameraStoreContract, EventStoreContract

from gtvision.testing import FakeCameraStore, FakeCountStore, FakeEventStore


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
