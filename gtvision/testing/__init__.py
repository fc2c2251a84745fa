"""Fakes of every port, for tests of your own as well as ours."""

from gtvision.testing.parts import (
    SMALL_STREAM,
    FakeDecoder,
    FakeDetector,
    FakeLiveCameras,
    FakeMetrics,
    FakeMetricsText,
    FakePicture,
    FakePictureDetector,
    FakePlateDesk,
    FakePlateReader,
    FakeProbe,
    FakeReadyChecks,
    FakeSink,
    FakeSource,
    fake_packet,
)
from gtvision.testing.plates import FakePlateStore, FakeWatchlistStore
from gtvision.testing.privacy import FakeDisclosureLog, FakeRetainer, FakeRetentionStore
from gtvision.testing.stores import (
    FakeCameraStore,
    FakeCountStore,
    FakeEventStore,
    FakeMediaStore,
    FakeReceiptStore,
)

__all__ = [
    "SMALL_STREAM",
    "FakeCameraStore",
    "FakeCountStore",
    "FakeDecoder",
    "FakeDetector",
    "FakeDisclosureLog",
    "FakeEventStore",
    "FakeLiveCameras",
    "FakeMediaStore",
    "FakeMetrics",
    "FakeMetricsText",
    "FakePicture",
    "FakePictureDetector",
    "FakePlateDesk",
    "FakePlateReader",
    "FakePlateStore",
    "FakeProbe",
    "FakeReadyChecks",
    "FakeReceiptStore",
    "FakeRetainer",
    "FakeRetentionStore",
    "FakeSink",
    "FakeSource",
    "FakeWatchlistStore",
    "fake_packet",
]
