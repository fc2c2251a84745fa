from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from events import an_event

from gtvision.domain.stream import Packet, StreamInfo
from gtvision.runtime.blurring import Blurring
from gtvision.runtime.camera_ports import CameraPorts
from gtvision.runtime.reporting import Reporter
from gtvision.settings import Recording
from gtvision.testing import (
    SMALL_STREAM,
    FakeDecoder,
    FakeDetector,
    FakeMetrics,
    FakeSink,
    FakeSource,
    fake_packet,
)

STREET = np.full((180, 320, 3), 100, np.uint8)
VIDEO = [fake_packet(n / 10, STREET, is_keyframe=n % 10 == 0) for n in range(100)]


def stretch(start_s: float, end_s: float) -> tuple[Sequence[Packet], StreamInfo]:
    return [packet for packet in VIDEO if start_s - 1 <= packet.time_s <= end_s], SMALL_STREAM


def test_an_event_that_is_new_has_its_picture_though_an_older_one_has_shown_the_same_moment() -> None:
    sink = FakeSink()
    ports = CameraPorts(
        open_source=lambda _: FakeSource(VIDEO),
        decoder=lambda _: FakeDecoder(),
        detector=FakeDetector(lambda _: None),  # type: ignore[arg-type,return-value]
        sink=sink,
        remux=lambda *_: b"clip",
        encode_jpeg=lambda *_: b"picture",
        metrics=FakeMetrics(),
    )
    reporter = Reporter("gate", ports, Recording(), stretch, Blurring(frozenset(), lambda _: None))
    older = replace(an_event(), id="older", best_s=5.0, revision=3)
    newer = replace(an_event(), id="newer", best_s=5.0, revision=0)
    with reporter.lock:
        reporter.report([older, newer])
    assert [(record.event.id, record.snapshot) for record in sink.records] == [("older", None), ("newer", b"picture")]
