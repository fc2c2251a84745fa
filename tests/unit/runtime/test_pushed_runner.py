"""A camera whose frames others push."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Barrier, Thread

import cv2
import numpy as np
import pytest
from runners import running
from running import until

from gtvision.adapters.jpeg import encode_jpeg
from gtvision.adapters.jpeg_frames import JpegDecoder
from gtvision.domain.camera import Camera, Source
from gtvision.domain.detections import Detections
from gtvision.domain.errors import (
    DetectorBusy,
    MessageRefused,
    NotAPicture,
    SourceUnavailable,
    SpoolFull,
    StoreUnavailable,
    TryLater,
)
from gtvision.domain.event import Event, message_event_id
from gtvision.domain.geometry import Box, Point
from gtvision.domain.kinds import Kind
from gtvision.domain.metrics import CAMERA_UP, PLATE_SHOTS, SAMPLES_PASSED
from gtvision.domain.places import Direction
from gtvision.domain.pushed import PushedFrame, PushedOutcome
from gtvision.domain.receipt import MessageRecord, Receipt
from gtvision.domain.refusal import RefusalReason
from gtvision.domain.stream import Sample, StreamInfo
from gtvision.domain.task import AskedTrigger, DetectVehicle
from gtvision.domain.trigger import Trigger, TriggerType
from gtvision.ports import PlateDesk, SpoolRecord
from gtvision.runtime.camera_ports import CameraPorts
from gtvision.runtime.pushed import MOST_RECEIPTS, LeftBehind, PushedRunner
from gtvision.settings import Settings, settings_of
from gtvision.testing import FakeDetector, FakeMetrics, FakePlateDesk, FakeSink

CAMERA = Camera("gate", (Source("pushed:"),))
SMALL, LARGE = (320, 180), (1280, 720)
MIDDLE: Box = (0.4, 0.4, 0.6, 0.6)
ENTER, CROSS = TriggerType.ENTER, TriggerType.CROSS
AT = 1_800_000_000.0


def jpeg(size: tuple[int, int] = SMALL, grey: int = 100) -> bytes:
    return encode_jpeg(np.full((size[1], size[0], 3), grey, np.uint8), 90)


FRAME = jpeg()
WORK = DetectVehicle("gate", FRAME)
NOTHING_LEFT = LeftBehind()
DEFAULTS = settings_of({})


class World:
    """What surrounds the camera: a clock, a detector that finds what it is told, a spool."""

    def __init__(self, *, refusals: int = 0, plate_desk: PlateDesk | None = None) -> None:
        self.now_s = AT
        self.boxes: Sequence[Box] = ()
        self.fault: Exception | None = None
        self.receipts: set[str] | None = set()  # in the database; None: it is away
        self.asked: list[str] = []
        self.sink = FakeSink(refusals)
        self.metrics = FakeMetrics()
        self.detector = FakeDetector(self._truth)
        self.ports = CameraPorts(
            open_source=self._no_stream,
            decoder=lambda _: JpegDecoder(),
            detector=self.detector,
            sink=self.sink,
            remux=lambda _packets, _info: b"a clip",
            encode_jpeg=encode_jpeg,
            metrics=self.metrics,
            plate_desk=plate_desk,
            now=lambda: self.now_s,
            is_done=self._is_done,
        )

    def runner(
        self,
        camera: Camera = CAMERA,
        settings: Settings = DEFAULTS,
        left: LeftBehind = NOTHING_LEFT,
    ) -> PushedRunner:
        return PushedRunner(camera, self.ports, settings, left=left)

    def push(
        self,
        runner: PushedRunner,
        message_id: str,
        *boxes: Box,
        after_s: float = 0.5,
        work: DetectVehicle = WORK,
        may_be_repeated: bool = False,
    ) -> PushedOutcome:
        """Pushes a frame with vehicles in these places."""
        self.now_s += after_s
        self.boxes = boxes
        return runner.push(PushedFrame(message_id, "gate", work, may_be_repeated))

    @property
    def told(self) -> dict[str, Event]:
        """The newest state of each event in the spool."""
        return {record.event.id: record.event for record in self.sink.records}

    def _truth(self, _: Sample) -> Detections:
        if self.fault is not None:
            raise self.fault
        count = len(self.boxes)
        xyxy = np.array(self.boxes, np.float32).reshape(-1, 4)
        return Detections(xyxy, np.full(count, 0.9, np.float32), np.full(count, Kind.CAR, np.int16))

    def _is_done(self, message_id: str) -> bool:
        self.asked.append(message_id)
        if self.receipts is None:
            raise StoreUnavailable("the database does not answer")
        return message_id in self.receipts

    def _no_stream(self, _: Source) -> object:
        raise AssertionError("nobody opens a stream of it")


def asks(*triggers: AskedTrigger, roi: tuple[Point, ...] = (), frame: bytes = FRAME) -> DetectVehicle:
    return DetectVehicle("gate", frame, roi, triggers)


def at(x: float) -> Box:
    return (x - 0.1, 0.4, x + 0.1, 0.6)


def test_a_vehicle_in_a_pushed_frame_is_an_event_with_its_picture_kept_before_the_push_returns() -> None:
    world = World()
    runner = world.runner()
    outcome = world.push(runner, "m-1", MIDDLE)
    (record,) = world.sink.records
    assert outcome == PushedOutcome((record.event.id,), detections=1)
    assert record.event.id == message_event_id("gate", "enter", record.event.track, "m-1")
    assert (record.event.start_s, record.event.trigger_type) == (world.now_s, ENTER)
    assert record.snapshot is not None
    assert cv2.imdecode(np.frombuffer(record.snapshot, np.uint8), cv2.IMREAD_COLOR).shape == (180, 320, 3)
    assert world.sink.receipts == [Receipt("m-1", "gate", world.now_s)]


def test_a_vehicle_is_one_event_over_successive_frames_and_ends_when_no_more_come() -> None:
    world = World()
    runner = world.runner()
    for number in range(8):
        world.push(runner, f"m-{number}", at(0.2 + number * 0.06))
    (event,) = world.told.values()
    assert event.is_open
    world.now_s += 20
    runner.pass_time()
    (event,) = world.told.values()
    assert not event.is_open
    assert not [record for record in world.sink.records if record.clip]


def test_a_line_is_crossed_over_successive_frames() -> None:
    world = World()
    runner = world.runner()
    over = asks(AskedTrigger("Faixa 1", CROSS, ((160.0, 180.0), (160.0, 0.0))))
    outcomes = [world.push(runner, f"m-{n}", at(0.2 + n * 0.08), work=over) for n in range(8)]
    (event,) = world.told.values()
    assert (event.direction, event.trigger_type, event.line_id) == (Direction.FORWARD, CROSS, event.trigger_id)
    assert next(outcome for outcome in outcomes if outcome.event_ids).event_ids == (event.id,)
    assert outcomes[0].event_ids == ()


def test_the_same_message_again_causes_nothing() -> None:
    world = World()
    runner = world.runner()
    world.push(runner, "m-1", MIDDLE)
    records = len(world.sink.records)
    again = world.push(runner, "m-1", MIDDLE, at(0.8))
    assert again == PushedOutcome(is_repeated=True)
    assert (len(world.sink.records), len(world.sink.receipts), len(world.detector.samples)) == (records, 1, 1)
    assert runner.status().samples == 1


def test_a_message_with_a_receipt_causes_nothing_after_a_restart() -> None:
    world = World()
    world.push(world.runner(), "m-1", MIDDLE)
    left = LeftBehind(tuple(world.told.values()), tuple(world.sink.receipts))
    runner = world.runner(left=left)
    assert world.push(runner, "m-1", at(0.8)).is_repeated
    assert not world.push(runner, "m-2", MIDDLE).is_repeated
    assert len(world.told) == 1


def test_the_events_of_a_frame_are_kept_in_one_piece_with_its_receipt() -> None:
    """So that a kill at any moment leaves both, or neither."""

    class Pieces(FakeSink):
        def put(self, record: SpoolRecord) -> None:
            pieces.append(record)
            super().put(record)

    pieces: list[SpoolRecord] = []
    world = World()
    world.ports = replace(world.ports, sink=Pieces())
    world.push(world.runner(), "m-1", at(0.2), at(0.8))
    (piece,) = pieces
    assert isinstance(piece, MessageRecord)
    assert (piece.receipt.message_id, len(piece.events)) == ("m-1", 2)


def test_an_event_of_what_a_frame_had_asked_for_goes_on_after_a_restart_when_the_next_frame_asks_for_it() -> None:
    world = World()
    inside = asks(AskedTrigger("in", ENTER, ((0.0, 0.0), (320.0, 0.0), (320.0, 180.0), (0.0, 180.0))))
    world.push(world.runner(), "m-1", MIDDLE, work=inside)
    runner = world.runner(left=LeftBehind(tuple(world.told.values()), tuple(world.sink.receipts)))
    runner.pass_time()
    outcome = world.push(runner, "m-2", MIDDLE, after_s=8, work=inside)
    assert (outcome.event_ids, outcome.detections) == ((), 1)
    (event,) = world.told.values()
    assert (event.trigger_id, event.is_open) == ("in", True)
    assert runner.status().open_events == 1


def test_what_was_left_open_ends_when_no_frame_comes_within_a_minute() -> None:
    world = World()
    world.push(world.runner(), "m-1", MIDDLE)
    runner = world.runner(left=LeftBehind(tuple(world.told.values())))
    for _ in range(80):
        world.now_s += 1
        runner.pass_time()
    world.push(runner, "m-2")
    for number in range(3, 20):
        world.push(runner, f"m-{number}", after_s=1.0)
    (event,) = world.told.values()
    assert not event.is_open


def test_only_the_newest_messages_are_remembered() -> None:
    world = World()
    old = tuple(Receipt(f"old-{number}", "gate", 1.0) for number in range(MOST_RECEIPTS))
    runner = world.runner(left=LeftBehind(receipts=old))
    world.push(runner, "m-1")
    assert world.push(runner, "old-1").is_repeated
    assert not world.push(runner, "old-0").is_repeated


def test_an_older_message_that_may_be_a_repetition_causes_nothing_when_it_has_a_receipt() -> None:
    world = World()
    world.receipts = {"old"}
    runner = world.runner()
    assert world.push(runner, "old", MIDDLE, may_be_repeated=True) == PushedOutcome(is_repeated=True)
    assert world.push(runner, "old", MIDDLE).is_repeated
    assert (world.sink.receipts, len(world.detector.samples), world.asked) == ([], 0, ["old"])
    assert world.push(runner, "failed-before", MIDDLE, may_be_repeated=True).detections == 1
    assert world.push(runner, "failed-before", MIDDLE, may_be_repeated=True).is_repeated
    assert world.asked == ["old", "failed-before"]


def test_a_message_that_comes_for_the_first_time_is_not_looked_up() -> None:
    world = World()
    world.receipts = None
    assert world.push(world.runner(), "m-1", MIDDLE).detections == 1
    assert world.asked == []


def test_a_message_that_cannot_be_looked_up_now_waits_and_changes_nothing() -> None:
    world = World()
    world.receipts = None
    runner = world.runner()
    with pytest.raises(TryLater):
        world.push(runner, "m-1", MIDDLE, may_be_repeated=True)
    assert (world.detector.samples, world.sink.records, runner.status().samples) == ([], [], 0)
    world.receipts = set()
    assert world.push(runner, "m-1", MIDDLE, may_be_repeated=True).detections == 1


def test_while_the_spool_is_full_a_frame_goes_in_once_and_its_message_waits_for_room() -> None:
    world = World(refusals=4)  # the push, and a look for room after it and before the next two
    runner = world.runner()
    with pytest.raises(SpoolFull):
        world.push(runner, "m-1", MIDDLE)
    with pytest.raises(SpoolFull):
        world.push(runner, "m-1", MIDDLE)
    with pytest.raises(SpoolFull):
        world.push(runner, "m-2", MIDDLE)
    assert (len(world.detector.samples), world.sink.records, world.sink.receipts) == (1, [], [])
    assert world.push(runner, "m-1", MIDDLE).is_repeated
    assert (len(world.told), [receipt.message_id for receipt in world.sink.receipts]) == (1, ["m-1"])
    assert world.push(runner, "m-2", MIDDLE).detections == 1
    assert len(world.told) == 1


def test_a_frame_that_no_detector_looked_at_has_not_been_seen() -> None:
    world = World()
    runner = world.runner()
    world.fault = DetectorBusy("nobody has time")
    region = asks(roi=((0.0, 0.0), (320.0, 0.0), (320.0, 180.0), (0.0, 180.0)))
    with pytest.raises(TryLater):
        world.push(runner, "m-1", MIDDLE, work=region)
    assert (runner.status().samples, world.sink.receipts) == (0, [])
    world.fault = None
    assert len(world.push(runner, "m-1", MIDDLE, work=region).event_ids) == 1


def test_frames_have_their_arrival_as_time_and_each_a_later_one_than_the_one_before() -> None:
    world = World()
    runner = world.runner()
    for number, after_s in enumerate((0.0, 0.0, -3.0, 5.0)):
        world.push(runner, f"m-{number}", after_s=after_s)
    times_s = [sample.time_s for sample in world.detector.samples]
    assert times_s == pytest.approx([AT, AT + 0.01, AT + 0.02, AT + 2.0])


def test_a_clock_that_was_set_back_begins_a_new_timeline() -> None:
    world = World()
    runner = world.runner()
    world.push(runner, "m-1", MIDDLE)
    world.push(runner, "m-2", MIDDLE, after_s=-3600.0)
    world.push(runner, "m-3", MIDDLE)
    assert [sample.time_s for sample in world.detector.samples[1:]] == [AT + 0.5 - 3600, AT + 1.0 - 3600]
    before, after = world.told.values()
    assert (before.is_open, after.is_open) == (False, True)


def test_a_changed_region_ends_what_the_former_one_watched_and_the_same_one_changes_nothing() -> None:
    world = World()
    runner = world.runner()
    left, all_of_it = (((0.0, 0.0), (x, 0.0), (x, 180.0), (0.0, 180.0)) for x in (200.0, 320.0))
    for number in range(4):
        world.push(runner, f"left-{number}", MIDDLE, work=asks(roi=left))
    (event,) = world.told.values()
    assert (event.zone_id, event.is_open) == ("roi", True)
    outcome = world.push(runner, "all", MIDDLE, work=asks(roi=all_of_it))
    former, newer = world.told.values()
    assert (former.id, former.is_open, newer.is_open) == (event.id, False, True)
    assert outcome.event_ids == (former.id, newer.id)


def test_keys_that_mean_nothing_to_us_may_differ_from_frame_to_frame() -> None:
    world = World()
    runner = world.runner()
    for number in range(4):
        world.push(runner, f"m-{number}", MIDDLE, work=asks(AskedTrigger("in", ENTER, others={"frame": number})))
    assert [event.is_open for event in world.told.values()] == [True]


def test_own_settings_that_change_hold_from_the_next_frame_on() -> None:
    world = World()
    runner = world.runner()
    world.push(runner, "m-1", MIDDLE)
    runner.apply(replace(CAMERA, triggers=(Trigger("out", TriggerType.LEAVE),)))
    world.push(runner, "m-2", MIDDLE)
    assert [event.is_open for event in world.told.values()] == [False]


@pytest.mark.parametrize(
    ("work", "reason"),
    [
        (asks(frame=b"\xff\xd8\xff" + b"no picture" * 9), RefusalReason.NOT_JPEG),
        (asks(frame=jpeg(LARGE)[:-2]), RefusalReason.NOT_JPEG),
        (asks(frame=FRAME[: len(FRAME) // 2]), RefusalReason.NOT_JPEG),
        (asks(roi=((400.0, 0.0), (500.0, 0.0), (500.0, 90.0))), RefusalReason.BAD_ROI),
        (asks(AskedTrigger("over", CROSS, ((0.0, 181.0), (320.0, 181.0)))), RefusalReason.BAD_TRIGGERS),
    ],
)
def test_a_frame_that_will_never_work_is_refused_and_changes_nothing(
    work: DetectVehicle, reason: RefusalReason
) -> None:
    world = World()
    runner = world.runner()
    with pytest.raises(MessageRefused) as refused:
        world.push(runner, "m-1", MIDDLE, work=work)
    assert refused.value.reason is reason
    assert (world.sink.receipts, world.sink.records, runner.status().samples) == ([], [], 0)


def test_a_small_jpeg_that_claims_to_be_a_huge_picture_is_refused_before_it_is_decoded() -> None:
    start_of_frame = FRAME.index(b"\xff\xc0")
    huge = bytearray(FRAME)
    huge[start_of_frame + 5 : start_of_frame + 9] = b"\xff\xff\xff\xff"
    world = World()
    with pytest.raises(MessageRefused, match="larger than is decoded") as refused:
        world.push(world.runner(), "m-1", work=asks(frame=bytes(huge)))
    assert refused.value.reason is RefusalReason.NOT_JPEG


def test_a_picture_that_the_detector_cannot_read_is_refused() -> None:
    world = World()
    world.fault = NotAPicture("not for me")
    with pytest.raises(MessageRefused, match="not for me"):
        world.push(world.runner(), "m-1")


def test_the_detector_gets_the_senders_bytes_when_they_are_small_and_a_small_picture_of_large_ones() -> None:
    world = World()
    runner = world.runner()
    large = jpeg(LARGE)
    world.push(runner, "m-1")
    world.push(runner, "m-2", work=asks(frame=large))
    small, shrunk = (sample.jpeg for sample in world.detector.samples)
    assert small == FRAME
    assert cv2.imdecode(np.frombuffer(shrunk, np.uint8), cv2.IMREAD_COLOR).shape == (360, 640, 3)
    assert runner.status().stream == StreamInfo("mjpeg", *LARGE)
    assert cv2.imdecode(np.frombuffer(runner.snapshot(), np.uint8), cv2.IMREAD_COLOR).shape == (720, 1280, 3)


def test_plates_of_asked_triggers_are_read_in_the_frames_as_they_came() -> None:
    desk = FakePlateDesk(lambda _: ())
    world = World(plate_desk=desk)
    runner = world.runner()
    large = asks(AskedTrigger("in", ENTER), frame=jpeg(LARGE))
    with running(runner):
        for number in range(4):
            world.push(runner, f"m-{number}", MIDDLE, work=large)
        until(lambda: world.metrics.value(PLATE_SHOTS, camera="gate", result="nothing") > 0, 10, "a plate that is read")
    picture = cv2.imdecode(np.frombuffer(desk.pictures[0].jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape[1] > 0.2 * LARGE[0]


def test_a_camera_says_what_it_does_and_that_frames_are_pushed_to_it() -> None:
    world = World()
    runner = world.runner()
    with pytest.raises(SourceUnavailable, match="frames are pushed to camera gate, and none has come yet"):
        runner.snapshot()
    with running(runner):
        assert runner.status().detail == "no frame was pushed to it yet"
        until(lambda: world.metrics.value(CAMERA_UP, camera="gate") == 1, 10, "the camera at work")
        world.push(runner, "m-1", MIDDLE)
        status = runner.status()
        assert (status.state, status.detail, status.samples, status.passed) == ("running", "", 1, 1)
        assert (status.reasons, status.last_sample_s, status.open_events) == ({"pushed": 1}, world.now_s, 1)
        assert [sample.look.reason for sample in runner.samples(0, 9)] == ["pushed"]
        assert world.metrics.value(CAMERA_UP, camera="gate") == 1
    assert world.metrics.value(SAMPLES_PASSED, camera="gate") == 1
    assert runner.status().state == "stopped"
    assert world.metrics.value(CAMERA_UP, camera="gate") == 0
    with pytest.raises(TryLater):
        world.push(runner, "m-2", MIDDLE)


@pytest.mark.parametrize("closes", [True, False])
def test_a_camera_that_stops_ends_its_events_unless_another_placement_takes_over(closes: bool) -> None:
    world = World()
    runner = world.runner()
    with running(runner, close_events=closes):
        world.push(runner, "m-1", MIDDLE)
    (event,) = world.told.values()
    assert event.is_open is not closes


def test_frames_that_come_at_once_go_in_one_after_the_other() -> None:
    world = World()
    runner = world.runner()
    world.boxes = (MIDDLE,)
    together = Barrier(4)

    def push(number: int) -> None:
        together.wait(10)
        for each in range(10):
            runner.push(PushedFrame(f"m-{number}-{each}", "gate", DetectVehicle("gate", FRAME)))

    threads = [Thread(target=push, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    times_s = [sample.time_s for sample in world.detector.samples]
    assert len(times_s) == len(set(times_s)) == 40
    assert times_s == sorted(times_s)
    assert (len(world.told), len(world.sink.receipts)) == (1, 40)


def test_a_snapshot_is_stored_where_people_are_blurred_in_it() -> None:
    world = World()
    world.push(world.runner(settings=settings_of({"privacy": {"blur": ["people"]}})), "m-1", MIDDLE)
    (record,) = world.sink.records
    assert record.snapshot is not None
