import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from threading import Event as Flag

import numpy as np
import pytest
from runners import running

from gtvision.domain.camera import Camera, Location, Sampling, Source
from gtvision.domain.detections import Detections
from gtvision.domain.errors import DetectorBusy, SourceUnavailable
from gtvision.domain.event import EventRecord
from gtvision.domain.kinds import Kind
from gtvision.domain.metrics import (
    CAMERA_UP,
    SAMPLES_DROPPED,
    SAMPLES_PASSED,
    SPOOL_REFUSED,
    STREAM_FAILURES,
    VEHICLES_COUNTED,
)
from gtvision.domain.places import Direction, Line
from gtvision.domain.stream import Packet, Sample, StreamInfo
from gtvision.domain.trigger import Profile, Trigger, TriggerType
from gtvision.ports import PacketSource
from gtvision.runtime.camera import CameraRunner
from gtvision.runtime.camera_ports import CameraPorts
from gtvision.settings import Settings, settings_of
from gtvision.testing import FakeDecoder, FakeDetector, FakeMetrics, FakeSink, FakeSource, fake_packet

FPS = 10
CAMERA = Camera("gate", (Source("rtsp://gate/stream"),))
SETTINGS = settings_of(
    {
        "streams": {"retry_min_s": 0.1, "retry_max_s": 0.2, "read_timeout_s": 0.5},
        "recording": {"pre_roll_s": 2.0, "post_roll_s": 1.0, "max_clip_s": 5.0},
    }
)
STREET = np.full((180, 320, 3), 100, np.uint8)


def wait_until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "waited in vain"
        time.sleep(0.002)


def with_car(x: int) -> np.ndarray:
    pixels = STREET.copy()
    pixels[80:110, x : x + 40] = 250
    return pixels


def car_x(time_s: float) -> int | None:
    """A car crosses the picture from second 15 to 19, the second one from 35 on to stay."""
    if 15 <= time_s < 19:
        return round((time_s - 15) * 70)
    if time_s >= 35:
        return min(round((time_s - 35) * 70), 150)
    return None


def traffic(until_s: float, from_s: float = 0.0) -> list[Packet]:
    packets = []
    for n in range(round(from_s * FPS), round(until_s * FPS)):
        x = car_x(n / FPS)
        packets.append(fake_packet(n / FPS, STREET if x is None else with_car(x), is_keyframe=n % FPS == 0))
    return packets


def truth(sample: Sample) -> Detections:
    x = car_x(sample.time_s)
    if x is None:
        return Detections.none()
    box = np.array([[x / 320, 80 / 180, (x + 40) / 320, 110 / 180]], np.float32)
    return Detections(box, np.array([0.9], np.float32), np.array([Kind.CAR], np.int16))


def remux(packets: Sequence[Packet], _: StreamInfo) -> bytes:
    return f"{packets[0].time_s:.1f}-{packets[-1].time_s:.1f}".encode()


class World:
    """A camera's ports, and the runner on them; its sources wait for the detector, so that no sample is dropped."""

    def __init__(self, *, sink: FakeSink | None = None, detector: FakeDetector | None = None) -> None:
        self.sink = sink or FakeSink()
        self.detector = detector or FakeDetector(truth)
        self.metrics = FakeMetrics()
        self.now_s = 1000.0
        self.opened: list[Source] = []
        self.sources: list[FakeSource | SourceUnavailable] = []

    def plays(self, packets: Sequence[Packet] | Iterator[Packet], **how: object) -> "World":
        source = FakeSource(packets, before=lambda _: self.keep_pace(source), **how)  # type: ignore[arg-type]
        self.sources.append(source)
        return self

    def refuses(self, times: int, reason: str = "refused") -> "World":
        self.sources += [SourceUnavailable(f"the camera says no: {reason}", reason)] * times
        return self

    def runner(self, camera: Camera = CAMERA, settings: Settings = SETTINGS, **more: object) -> CameraRunner:
        ports = CameraPorts(
            open_source=self._open,
            decoder=lambda _: FakeDecoder(),
            detector=self.detector,
            sink=self.sink,
            remux=remux,
            encode_jpeg=lambda bgr, quality: f"{quality}:{int(bgr[95].argmax()) // 3}".encode(),
            metrics=self.metrics,
            now=lambda: self.now_s,
        )
        return CameraRunner(camera, ports, settings, **more)  # type: ignore[arg-type]

    def _open(self, source: Source) -> PacketSource:
        self.opened.append(source)
        following = self.sources.pop(0) if self.sources else SourceUnavailable("nobody there", "refused")
        if isinstance(following, SourceUnavailable):
            raise following
        return following

    def keep_pace(self, source: FakeSource | None = None) -> None:
        """Returns once all that passed has been seen, or that source, which nobody looks at any more, is closed."""
        wait_until(lambda: self.has_seen_all() or (source is not None and source.is_closed))

    def has_seen_all(self) -> bool:
        return self.metrics.value(SAMPLES_PASSED, camera="gate") <= len(self.detector.samples)

    def states(self, event_id: str) -> list[EventRecord]:
        return [record for record in self.sink.records if record.event.id == event_id]


def played(world: World, runner: CameraRunner, until_s: float) -> None:
    wait_until(lambda: (runner.status().last_sample_s or 0) >= until_s)
    world.keep_pace()


@pytest.fixture(scope="module")
def one_pass() -> World:
    """What a camera has done when one car has passed."""
    world = World().plays(traffic(30), lingers=True)
    with running(world.runner()):
        wait_until(lambda: any(record.clip for record in world.sink.records))
    return world


def test_a_pass_becomes_one_event_with_its_best_picture(one_pass: World):
    records = one_pass.sink.records
    assert len({record.event.id for record in records}) == 1
    assert records[0].snapshot is not None
    assert records[0].snapshot.startswith(b"88:")
    best = next(record for record in reversed(records) if record.snapshot)
    assert best.event.best_s == records[-1].event.best_s


def test_an_event_that_is_told_when_the_vehicle_has_gone_has_the_picture_that_shows_it():
    leaving = replace(CAMERA, triggers=(Trigger("out", TriggerType.LEAVE),))
    world = World().plays(traffic(30), lingers=True)
    with running(world.runner(leaving)):
        wait_until(lambda: bool(world.sink.records))
    first = world.sink.records[0]
    assert first.event.best_s < world.detector.samples[-1].time_s
    assert first.snapshot == f"88:{car_x(first.event.best_s)}".encode()


def with_somebody(sample: Sample) -> Detections:
    """The traffic, and who stands at the roadside."""
    cars, somebody = truth(sample), np.array([[0.9, 0.4, 0.98, 0.7]], np.float32)
    return Detections(
        np.concatenate([cars.xyxy, somebody]),
        np.append(cars.score, np.float32(0.3)),
        np.append(cars.kind, np.int16(Kind.PERSON)),
    )


def beside_somebody(packet: Packet) -> Packet:
    """The packet with the brightest spot in the picture where somebody stands."""
    pixels = packet.payload.copy()
    pixels[90:100, 300] = 255
    return replace(packet, payload=pixels)


@pytest.mark.parametrize("trigger", [TriggerType.ENTER, TriggerType.LEAVE])
@pytest.mark.parametrize("blur", [[], ["people"], ["people", "plates"]])
def test_who_stands_beside_the_road_is_in_no_stored_picture_when_people_are_blurred(
    trigger: TriggerType, blur: list[str]
):
    world = World(detector=FakeDetector(with_somebody))
    world.plays([beside_somebody(packet) for packet in traffic(30)], lingers=True)
    camera = replace(CAMERA, triggers=(Trigger("pass", trigger),))
    settings = settings_of({**SETTINGS.model_dump(exclude={"privacy"}), "privacy": {"blur": blur}})
    with running(world.runner(camera, settings)):
        wait_until(lambda: any(record.snapshot for record in world.sink.records))
    shown = [(record.snapshot, car_x(record.event.best_s)) for record in world.sink.records if record.snapshot]
    brightest = {(int(snapshot.split(b":")[1]), x) for snapshot, x in shown}
    assert brightest == ({(x, x) for _, x in shown} if blur else {(300, x) for _, x in shown})


def test_the_clip_goes_from_before_the_event_to_after_it(one_pass: World):
    final = next(record for record in one_pass.sink.records if record.clip)
    assert not final.event.is_open
    begin_s, end_s = map(float, final.clip.decode().split("-"))
    assert 12.0 <= begin_s <= final.event.start_s - 2.0
    assert end_s == pytest.approx(final.event.end_s + 1.0, abs=0.2)


def test_revisions_come_in_order_and_the_clip_repeats_the_last(one_pass: World):
    revisions = [record.event.revision for record in one_pass.sink.records]
    assert revisions == [*range(len(revisions) - 1), len(revisions) - 2]


def test_the_detector_sees_each_sample_once_and_in_order(one_pass: World):
    times = [sample.time_s for sample in one_pass.detector.samples]
    assert times == sorted(set(times))
    in_burst = [time_s for time_s in times if 15.0 <= time_s <= 19.0]
    assert max(np.diff(in_burst)) <= 0.3
    assert all(sample.is_burst for sample in one_pass.detector.samples if 15.0 <= sample.time_s <= 19.0)


def test_an_event_longer_than_a_clip_gets_the_clip_of_its_beginning_while_it_goes_on():
    world = World().plays(traffic(50), lingers=True)
    with running(world.runner(), close_events=False):
        wait_until(lambda: any(record.clip and record.event.is_open for record in world.sink.records))
    parked = next(record for record in world.sink.records if record.clip and record.event.is_open)
    begin_s, end_s = map(float, parked.clip.decode().split("-"))
    assert begin_s <= parked.event.start_s - 2.0
    assert end_s == pytest.approx(parked.event.start_s + 5.0 + 1.0, abs=0.2)
    assert len([record for record in world.states(parked.event.id) if record.clip]) == 1


def test_a_camera_that_cannot_be_opened_is_tried_again_and_says_why():
    world = World().refuses(3).plays(traffic(5), lingers=True)
    runner = world.runner()
    with running(runner):
        wait_until(lambda: runner.status().state == "retrying")
        assert runner.status().detail == "the camera says no: refused"
        wait_until(lambda: runner.status().state == "running")
        assert runner.status().detail == ""
        assert world.metrics.value(CAMERA_UP, camera="gate") == 1
    assert runner.status().reconnects == 0
    assert world.metrics.value(STREAM_FAILURES, camera="gate", reason="refused") == 3
    assert world.metrics.value(CAMERA_UP, camera="gate") == 0
    assert runner.status().state == "stopped"


def test_the_status_says_day_or_night_by_what_the_camera_sees():
    world = World().plays(traffic(5), lingers=True)
    runner = world.runner()
    assert runner.status().profile is None
    with running(runner):
        played(world, runner, 4.0)
    assert runner.status().profile is Profile.NIGHT  # its street is grey


def test_the_status_says_day_or_night_by_the_sun_before_there_is_a_picture():
    world = World()
    runner = world.runner(replace(CAMERA, location=Location(-23.55, -46.63)))
    world.now_s = 15 * 3600.0  # noon in São Paulo
    assert runner.status().profile is Profile.DAY
    world.now_s = 3 * 3600.0
    assert runner.status().profile is Profile.NIGHT


def test_stopping_does_not_wait_for_the_next_try():
    world = World()
    patient = settings_of({"streams": {"retry_min_s": 60.0, "retry_max_s": 60.0}})
    runner = world.runner(settings=patient)
    with running(runner):
        wait_until(lambda: runner.status().state == "retrying")
        begun_s = time.monotonic()
    assert time.monotonic() - begun_s < 2


def test_a_lost_stream_is_opened_again_and_its_event_goes_on():
    lost = SourceUnavailable("the camera went silent", "timeout")
    world = World().plays(traffic(16.0), then=lost).plays(traffic(30.0, from_s=17.0), lingers=True)
    runner = world.runner()
    with running(runner):
        played(world, runner, 29.0)
    assert len({record.event.id for record in world.sink.records}) == 1
    assert runner.status().reconnects == 1


def test_a_stream_that_just_ends_is_a_lost_one():
    world = World().plays(traffic(5.0)).plays(traffic(9.0, from_s=5.0), lingers=True)
    runner = world.runner()
    with running(runner):
        played(world, runner, 8.0)
    assert world.metrics.value(STREAM_FAILURES, camera="gate", reason="ended") == 1


def test_an_open_event_of_a_moving_vehicle_ends_while_the_stream_is_away():
    world = World().plays(traffic(17.0), then=SourceUnavailable("the camera went silent", "timeout"))
    world.now_s = 17.0
    runner = world.runner()
    with running(runner):
        wait_until(lambda: runner.status().state == "retrying")
        assert runner.status().open_events == 1
        world.now_s = 60.0
        wait_until(lambda: runner.status().open_events == 0)
    assert not world.sink.records[-1].event.is_open


def test_a_broken_stream_cuts_the_clip_that_was_waiting():
    lost = SourceUnavailable("the camera went silent", "timeout")
    world = World().plays(traffic(17.0), then=lost)
    world.now_s = 17.0
    with running(world.runner(), close_events=False):
        wait_until(lambda: any(record.clip for record in world.sink.records))
    assert world.sink.records[-1].clip.endswith(b"-16.9")


def test_packets_that_never_become_pictures_are_a_fault():
    def garbage() -> Iterator[Packet]:
        for n in count():
            time.sleep(0.01)
            yield fake_packet(n / FPS, None, is_keyframe=n % FPS == 0)

    world = World().plays(garbage())
    runner = world.runner(replace(CAMERA, sampling=Sampling(idle_period_s=0.2)))
    with running(runner):
        wait_until(lambda: runner.status().state == "retrying")
        assert "none has become a picture" in runner.status().detail
    assert world.metrics.value(STREAM_FAILURES, camera="gate", reason="invalid") == 1


def test_a_busy_detector_costs_samples_and_nothing_else():
    answers = count()

    def sometimes(sample: Sample) -> Detections:
        if next(answers) % 4 == 3:
            raise DetectorBusy("no replica")
        return truth(sample)

    world = World(detector=FakeDetector(sometimes)).plays(traffic(30), lingers=True)
    runner = world.runner()
    with running(runner):
        played(world, runner, 29.0)
    assert len({record.event.id for record in world.sink.records}) == 1
    assert runner.status().dropped > 0
    assert world.metrics.value(SAMPLES_DROPPED, camera="gate", where="detector") == runner.status().dropped


def test_a_slow_detector_costs_idle_samples_not_memory():
    free = Flag()

    def slow(sample: Sample) -> Detections:
        free.wait(10)
        return truth(sample)

    world = World(detector=FakeDetector(slow))
    world.sources.append(FakeSource(traffic(9), lingers=True))
    runner = world.runner(replace(CAMERA, sampling=Sampling(idle_period_s=1.0)))
    with running(runner):
        wait_until(lambda: runner.status().last_sample_s == 8.0)
        free.set()
    dropped = runner.status().dropped
    assert dropped == world.metrics.value(SAMPLES_DROPPED, camera="gate", where="camera")
    assert dropped >= 1


def test_what_the_spool_refuses_is_sent_again_with_its_pictures():
    world = World(sink=FakeSink(refusals=3)).plays(traffic(30), lingers=True)
    runner = world.runner()
    with running(runner):
        played(world, runner, 29.0)
    assert runner.status().spool_waiting == 0
    assert world.metrics.value(SPOOL_REFUSED, camera="gate") == 3
    assert any(record.snapshot for record in world.sink.records)
    assert not world.sink.records[-1].event.is_open


MIDDLE = Line("middle", (0.5, 1.0), (0.5, 0.0))
COUNTING = replace(CAMERA, lines=(MIDDLE,), triggers=(Trigger("flow", TriggerType.COUNT, line="middle"),))


def test_a_count_goes_to_the_spool_while_the_vehicle_is_still_there_and_makes_no_event():
    world = World().plays(traffic(18), lingers=True)
    runner = world.runner(COUNTING, epoch=3)
    with running(runner):
        played(world, runner, 17.8)
        wait_until(lambda: bool(world.sink.counts))
    [record] = world.sink.counts
    assert [(count.kind, count.direction, count.vehicles) for count in record.counts] == [
        (Kind.CAR, Direction.FORWARD, 1)
    ]
    assert (record.camera_id, record.line_id, record.epoch, record.start_s) == ("gate", "middle", 3, 0.0)
    assert world.sink.records == []
    assert world.metrics.value(VEHICLES_COUNTED, camera="gate") == 1


@pytest.mark.parametrize("close_events", [True, False])
def test_a_camera_that_stops_tells_what_it_has_counted(close_events: bool):
    world = World(sink=FakeSink(refusals=2)).plays(traffic(18), lingers=True)
    runner = world.runner(COUNTING)
    with running(runner, close_events=close_events):
        played(world, runner, 17.8)
    assert sum(count.vehicles for count in world.sink.counts[-1].counts) == 1
    assert runner.status().spool_waiting == 0


def test_new_settings_keep_the_stream_and_the_tracks():
    world = World().plays(traffic(38), lingers=True)
    runner = world.runner()
    with running(runner, close_events=False):
        played(world, runner, 37.0)
        opened = world.sink.records[-1].event.id
        runner.apply(replace(CAMERA, name="Main gate", sampling=Sampling(idle_period_s=2.0)))
        assert runner.status().open_events == 1
    assert len(world.opened) == 1
    assert opened == world.sink.records[-1].event.id


def test_a_trigger_that_is_gone_closes_its_events():
    world = World().plays(traffic(38), lingers=True)
    runner = world.runner()
    with running(runner):
        played(world, runner, 37.0)
        runner.apply(replace(CAMERA, triggers=(Trigger("parked", TriggerType.STATIONARY),)))
        assert runner.status().open_events == 0
    assert not world.sink.records[-1].event.is_open


def test_another_address_is_opened_at_once():
    world = World().plays(traffic(5), lingers=True).plays(traffic(10, from_s=5), lingers=True)
    moved = replace(CAMERA, sources=(Source("rtsp://other/stream"),))
    runner = world.runner()
    with running(runner):
        wait_until(lambda: runner.status().state == "running")
        runner.apply(moved)
        wait_until(lambda: len(world.opened) == 2)
        played(world, runner, 9.0)
    assert world.opened[1].url == "rtsp://other/stream"
    assert runner.status().reconnects == 0


def test_the_snapshot_is_the_newest_keyframe_at_full_size():
    world = World().plays(traffic(36.2), lingers=True)
    runner = world.runner()
    with pytest.raises(SourceUnavailable, match="no picture yet"):
        runner.snapshot()
    with running(runner):
        played(world, runner, 36.0)
        assert runner.snapshot() == b"88:70"


def test_a_recording_ends_by_itself_with_its_events_closed():
    world = World().plays(traffic(38))
    runner = world.runner(replace(CAMERA, sources=(Source("file:///street.mp4"),)))
    runner.run()
    assert runner.status().state == "stopped"
    assert runner.status().detail == "the recording has ended"
    newest = {record.event.id: record for record in world.sink.records}
    assert len(newest) == 2
    assert not any(record.event.is_open for record in newest.values())
    assert all(any(record.clip for record in world.states(event_id)) for event_id in newest)


def test_events_stay_open_when_another_placement_takes_over_and_it_takes_them_up():
    world = World().plays(traffic(38), lingers=True)
    runner = world.runner()
    with running(runner, close_events=False):
        played(world, runner, 37.0)
    left = world.sink.records[-1].event
    assert left.is_open
    successor = World().plays(traffic(45, from_s=39), lingers=True)
    taking_over = successor.runner(epoch=1, open_events=(left,))
    with running(taking_over):
        played(successor, taking_over, 44.0)
    assert {record.event.id for record in successor.sink.records} == {left.id}


def test_a_fault_in_the_detecting_thread_ends_the_run_with_it():
    def broken(_: Sample) -> Detections:
        raise RuntimeError("a defect")

    world = World(detector=FakeDetector(broken)).plays(traffic(5), lingers=True)
    with pytest.raises(RuntimeError, match="a defect"):
        world.runner().run()


def test_a_stream_that_changes_its_size_begins_a_new_clip_and_goes_on():
    source = FakeSource((), lingers=True)

    def resized() -> Iterator[Packet]:
        yield from traffic(16)
        source.info = replace(source.info, width=640)
        yield from traffic(30, from_s=16)

    world = World()
    source._packets, source._before = resized(), lambda _: world.keep_pace(source)
    world.sources.append(source)
    runner = world.runner()
    with running(runner):
        played(world, runner, 29.0)
    assert runner.status().stream.width == 640
    assert next(record.clip for record in world.sink.records if record.clip).endswith(b"-15.9")
    assert len({record.event.id for record in world.sink.records}) == 1


def test_the_last_samples_are_logged_with_why_they_passed_and_what_was_found():
    world = World().plays(traffic(30), lingers=True)
    runner = world.runner()
    with running(runner):
        wait_until(lambda: any(record.clip for record in world.sink.records))
    samples = runner.samples(float("-inf"), 10_000)
    status = runner.status()
    assert len(samples) == status.samples == sum(status.reasons.values())
    assert sum(sample.look.passed for sample in samples) == status.passed
    answered = [sample for sample in samples if sample.detections is not None]
    assert [sample.time_s for sample in answered] == [sample.time_s for sample in world.detector.samples]
    moving = [sample for sample in samples if sample.look.reason == "motion"]
    assert moving
    for sample in moving:
        x = car_x(sample.time_s)
        assert sample.look.box is not None
        assert x is None or sample.look.box[0] - 0.1 <= x / 320 <= sample.look.box[2]
    assert runner.samples(samples[4].time_s, 3) == samples[5:8]
