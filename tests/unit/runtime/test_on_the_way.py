"""What waits between the parts of a running camera: samples, clips, records."""

from dataclasses import replace
from threading import Thread

import numpy as np
import pytest
from counts import CARS, a_count
from plates import a_plate

from gtvision.domain.event import Event, EventRecord
from gtvision.domain.kinds import Kind
from gtvision.domain.metrics import EVENTS_LOST, OUTBOX_RECORDS, SPOOL_REFUSED
from gtvision.domain.plate import PlateRecord
from gtvision.domain.trigger import TriggerType
from gtvision.pipeline.motion import Look
from gtvision.runtime.clips import Clips
from gtvision.runtime.outbox import Outbox
from gtvision.runtime.sampling import Taken
from gtvision.runtime.waiting import WaitingSamples
from gtvision.settings import Recording
from gtvision.testing import FakeMetrics, FakePicture, FakeSink

BOX = (0.1, 0.1, 0.2, 0.2)
OPEN = Event(
    id="a",
    camera_id="gate",
    trigger_id="enter",
    trigger_type=TriggerType.ENTER,
    zone_id=None,
    line_id=None,
    track=1,
    kind=Kind.CAR,
    score=0.9,
    direction=None,
    start_s=100.0,
    end_s=None,
    seen_s=100.0,
    best_s=100.0,
    best_box=BOX,
    box=BOX,
)


def taken(time_s: float, *, is_burst: bool) -> Taken:
    return Taken(time_s, FakePicture(time_s, np.zeros((2, 2, 3), np.uint8)), Look(True, 0.1, "motion"), is_burst)


def times_in(waiting: WaitingSamples) -> list[float]:
    times = []
    while waiting.count:
        with waiting.next(0.0) as sample:
            assert sample is not None
            times.append(sample.time_s)
    return times


def test_a_full_queue_gives_up_its_oldest_idle_sample_first():
    waiting = WaitingSamples(3)
    for time_s, is_burst in ((1.0, True), (2.0, False), (3.0, False)):
        assert waiting.put(taken(time_s, is_burst=is_burst)) is None
    assert waiting.put(taken(4.0, is_burst=True)).time_s == 2.0
    assert times_in(waiting) == [1.0, 3.0, 4.0]


def test_a_queue_full_of_burst_samples_gives_up_the_oldest():
    waiting = WaitingSamples(2)
    for time_s in (1.0, 2.0):
        waiting.put(taken(time_s, is_burst=True))
    assert waiting.put(taken(3.0, is_burst=False)).time_s == 1.0


def test_a_sample_in_work_still_counts_and_drain_waits_for_it():
    waiting = WaitingSamples(2)
    waiting.put(taken(1.0, is_burst=True))
    with waiting.next(0.0):
        assert waiting.count == 1
        drainer = Thread(target=waiting.drain, args=(10.0,))
        drainer.start()
        drainer.join(0.05)
        assert drainer.is_alive()
    drainer.join(5)
    assert not drainer.is_alive()


def test_nothing_comes_out_of_an_empty_queue_in_time():
    with WaitingSamples(1).next(0.0) as sample:
        assert sample is None


RECORDING = Recording(pre_roll_s=3.0, post_roll_s=2.0, max_clip_s=20.0)


def test_a_clip_is_due_when_its_last_second_is_there():
    clips = Clips(RECORDING)
    clips.see(OPEN)
    closed = replace(OPEN, end_s=105.0, revision=1)
    clips.see(closed)
    assert clips.due(106.9) == []
    assert clips.due(107.0) == [closed]
    assert clips.due(200.0) == []
    assert clips.stretch(closed) == (97.0, 107.0)


def test_the_clip_of_a_long_event_is_due_once_while_it_is_open():
    clips = Clips(RECORDING)
    clips.see(OPEN)
    assert clips.due(121.9) == []
    assert clips.due(122.0) == [OPEN]
    clips.see(replace(OPEN, revision=1))
    clips.see(replace(OPEN, end_s=500.0, revision=2))
    assert clips.due(1000.0) == []


@pytest.fixture
def metrics() -> FakeMetrics:
    return FakeMetrics()


def test_a_refused_record_goes_out_later_as_one_with_all_its_media(metrics: FakeMetrics):
    sink = FakeSink(refusals=2)
    outbox = Outbox("gate", sink, metrics)
    outbox.put(EventRecord(OPEN, snapshot=b"first"))
    outbox.put(EventRecord(replace(OPEN, revision=1), snapshot=b"better"))
    outbox.put(EventRecord(replace(OPEN, revision=2, end_s=105.0), clip=b"clip"))
    assert len(outbox) == 1
    assert metrics.value(OUTBOX_RECORDS, camera="gate") == 1
    outbox.retry()
    outbox.retry()
    assert [(record.event.revision, record.snapshot, record.clip) for record in sink.records] == [
        (2, b"better", b"clip")
    ]
    assert metrics.value(OUTBOX_RECORDS, camera="gate") == 0
    assert metrics.value(SPOOL_REFUSED, camera="gate") == 2


def test_records_leave_in_the_order_they_came(metrics: FakeMetrics):
    sink = FakeSink(refusals=1)
    outbox = Outbox("gate", sink, metrics)
    for name in "abc":
        outbox.put(EventRecord(replace(OPEN, id=name)))
    outbox.retry()
    assert [record.event.id for record in sink.records] == ["a", "b", "c"]


def test_too_many_bytes_cost_the_oldest_media_but_no_event(metrics: FakeMetrics):
    sink = FakeSink(refusals=1)
    outbox = Outbox("gate", sink, metrics)
    for name in "abcd":
        outbox.put(EventRecord(replace(OPEN, id=name), clip=bytes(12 * 1024 * 1024)))
    outbox.retry()
    assert [(record.event.id, record.clip is None) for record in sink.records] == [
        ("a", True),
        ("b", True),
        ("c", False),
        ("d", False),
    ]


def test_a_thousand_events_wait_and_the_next_one_is_counted_as_lost(metrics: FakeMetrics):
    outbox = Outbox("gate", FakeSink(refusals=10_000), metrics)
    for number in range(1001):
        outbox.put(EventRecord(replace(OPEN, id=str(number))))
    assert len(outbox) == 1000
    assert metrics.value(EVENTS_LOST, camera="gate") == 1


def test_of_a_refused_count_only_the_newest_state_goes_out(metrics: FakeMetrics):
    sink = FakeSink(refusals=1)
    outbox = Outbox("gate", sink, metrics)
    for revision in range(3):
        outbox.put(a_count(1, replace(CARS, vehicles=revision + 1), revision=revision))
    outbox.put(a_count(2))
    assert len(outbox) == 2
    outbox.retry()
    assert [(record.id, record.revision) for record in sink.counts] == [(a_count(1).id, 2), (a_count(2).id, 0)]


def test_counts_outlive_the_media_of_too_many_events(metrics: FakeMetrics):
    sink = FakeSink(refusals=1)
    outbox = Outbox("gate", sink, metrics)
    outbox.put(a_count(1))
    for name in "abc":
        outbox.put(EventRecord(replace(OPEN, id=name), clip=bytes(12 * 1024 * 1024)))
    outbox.retry()
    assert sink.counts == [a_count(1)]
    assert [record.clip is None for record in sink.records] == [True, False, False]


def test_a_refused_plate_goes_out_later_as_one_with_its_newest_picture(metrics: FakeMetrics):
    sink = FakeSink(refusals=1)
    outbox = Outbox("gate", sink, metrics)
    outbox.put(PlateRecord(a_plate(), b"first"))
    outbox.put(PlateRecord(a_plate(revision=1), b"better"))
    outbox.put(PlateRecord(a_plate(revision=2)))
    outbox.retry()
    assert [(record.revision, record.crop) for record in sink.plates] == [(2, b"better")]


def test_too_many_bytes_cost_the_pictures_of_plates_as_well(metrics: FakeMetrics):
    sink = FakeSink(refusals=1)
    outbox = Outbox("gate", sink, metrics)
    for number in range(3):
        outbox.put(PlateRecord(a_plate(number=number), bytes(12 * 1024 * 1024)))
    outbox.retry()
    assert [record.crop is None for record in sink.plates] == [True, False, False]


def test_a_plate_that_comes_after_the_clip_does_not_have_it_cut_again():
    clips = Clips(Recording(pre_roll_s=3, post_roll_s=2, max_clip_s=20))
    closed = replace(OPEN, end_s=106.0, revision=1)
    clips.see(closed)
    assert clips.due(108.0) == [closed]
    clips.see(replace(closed, plate="ABC1D23", revision=2))
    assert clips.due(1000.0) == []


def test_an_event_that_was_cut_while_it_went_on_is_not_cut_again_for_its_plate():
    clips = Clips(Recording(pre_roll_s=3, post_roll_s=2, max_clip_s=20))
    clips.see(OPEN)
    assert clips.due(122.0) == [OPEN]
    closed = replace(OPEN, end_s=300.0, revision=1)
    clips.see(closed)
    clips.see(replace(closed, plate="ABC1D23", revision=2))
    assert clips.due(1000.0) == []
