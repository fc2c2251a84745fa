import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from runners import running

from gtvision.domain.camera import Camera, Role, Source
from gtvision.domain.detections import Detections
from gtvision.domain.errors import PlateReaderBusy, SourceUnavailable
from gtvision.domain.event import EventRecord
from gtvision.domain.kinds import Kind
from gtvision.domain.metrics import PLATE_SHOTS
from gtvision.domain.plate import PlateRecord, Reading
from gtvision.domain.stream import Packet, PlatePicture, Sample, StreamInfo
from gtvision.ports import PacketSource
from gtvision.runtime.camera import CameraRunner
from gtvision.runtime.camera_ports import CameraPorts
from gtvision.runtime.moments import cut_out, picture_at
from gtvision.settings import settings_of
from gtvision.testing import FakeDecoder, FakeDetector, FakeMetrics, FakePlateDesk, FakeSink, FakeSource, fake_packet

FPS = 10
BEGINS_S, ENDS_S = 15.0, 19.0
CAMERA = Camera("gate", (Source("rtsp://gate/small"),))
DETAILED = Camera("gate", (*CAMERA.sources, Source("rtsp://gate/large", roles=frozenset({Role.DETAIL}))))
SETTINGS = settings_of(
    {
        "streams": {"retry_min_s": 0.1, "retry_max_s": 0.2, "read_timeout_s": 0.5},
        "recording": {"pre_roll_s": 2.0, "post_roll_s": 1.0, "max_clip_s": 5.0},
    }
)
SMALL = StreamInfo("h264", 640, 360, FPS)
LARGE = StreamInfo("h264", 1920, 1080, FPS)
MOTORWAY_PX = 200  # wide, in the small stream: readable there


def wait_until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "waited in vain"
        time.sleep(0.002)


def box_at(time_s: float) -> tuple[float, float, float, float] | None:
    if not BEGINS_S <= time_s < ENDS_S:
        return None
    x = 0.05 + (time_s - BEGINS_S) * 0.15
    return (x, 0.4, x + MOTORWAY_PX / 640, 0.8)


def picture(time_s: float, size: StreamInfo) -> np.ndarray:
    """A street and a car, which is as bright as the second is late, so that a picture tells when it was taken."""
    pixels = np.full((size.height, size.width, 3), 100, np.uint8)
    box = box_at(time_s)
    if box is not None:
        x1, y1, x2, y2 = (round(a * b) for a, b in zip(box, (size.width, size.height) * 2, strict=True))
        pixels[y1:y2, x1:x2] = 150 + round((time_s - BEGINS_S) * 20)
    return pixels


def video(size: StreamInfo, until_s: float = 30.0, late_s: float = 0.0) -> list[Packet]:
    times = (n / FPS for n in range(round(until_s * FPS)))
    return [
        fake_packet(time_s + late_s, picture(time_s, size), is_keyframe=round(time_s * FPS) % FPS == 0)
        for time_s in times
    ]


def truth(sample: Sample) -> Detections:
    box = box_at(sample.time_s)
    if box is None:
        return Detections.none()
    return Detections(np.array([box], np.float32), np.array([0.9], np.float32), np.array([Kind.CAR], np.int16))


def encoded(bgr: np.ndarray, _: int) -> bytes:
    return f"{bgr.shape[1]} wide, {bgr.max()} bright".encode()


class World:
    """The ports of a camera whose plates are read; its sources keep the pace of detector and reader."""

    def __init__(self, desk: FakePlateDesk | None, *sources: FakeSource | SourceUnavailable) -> None:
        self.sink = FakeSink()
        self.metrics = FakeMetrics()
        self.detector = FakeDetector(truth)
        self.desk = desk
        self.sources = {"rtsp://gate/small": sources[0], "rtsp://gate/large": sources[-1]}

    def runner(self, camera: Camera) -> CameraRunner:
        ports = CameraPorts(
            open_source=self._open,
            decoder=lambda _: FakeDecoder(),
            detector=self.detector,
            sink=self.sink,
            remux=lambda *_: b"clip",
            encode_jpeg=encoded,
            metrics=self.metrics,
            plate_desk=self.desk,
        )
        return CameraRunner(camera, ports, SETTINGS)

    def _open(self, source: Source) -> PacketSource:
        found = self.sources[source.url]
        if isinstance(found, SourceUnavailable):
            raise found
        return found

    @property
    def plates(self) -> list[PlateRecord]:
        return self.sink.plates

    @property
    def events(self) -> list[EventRecord]:
        return self.sink.records


def small_video() -> FakeSource:
    """The analysed stream, slow enough that no sample is dropped."""
    return FakeSource(video(SMALL), info=SMALL, lingers=True, before=lambda _: time.sleep(0.004))


def reads(_: PlatePicture) -> Sequence[Reading]:
    return (Reading("ABC1D23", (0.99,) * 7, (0.4, 0.6, 0.6, 0.7)),)


def test_the_plate_of_a_vehicle_reaches_its_event_and_is_told_by_itself_with_its_picture():
    desk = FakePlateDesk(reads)
    world = World(desk, small_video())
    with running(world.runner(CAMERA)):
        wait_until(lambda: any(record.event.plate for record in world.events))
        wait_until(lambda: bool(world.plates))
    first = world.plates[0]
    assert first.vehicle_plate.plate.text == "ABC1D23"
    assert first.vehicle_plate.event_ids == (world.events[0].event.id,)
    assert first.crop is not None
    assert world.metrics.value(PLATE_SHOTS, camera="gate", result="read") >= 1


def test_only_the_vehicle_is_sent_to_be_read():
    desk = FakePlateDesk(reads)
    world = World(desk, small_video())
    with running(world.runner(CAMERA)):
        wait_until(lambda: bool(world.plates))
    wide = [int(sent.jpeg.split()[0]) for sent in desk.pictures]
    assert all(MOTORWAY_PX <= each < 1.7 * MOTORWAY_PX for each in wide)


def test_a_reader_that_is_busy_costs_the_plate_and_nothing_else():
    def busy(_: PlatePicture) -> Sequence[Reading]:
        raise PlateReaderBusy("no replica answered")

    world = World(FakePlateDesk(busy), small_video())
    with running(world.runner(CAMERA)):
        wait_until(lambda: any(not record.event.is_open for record in world.events))
    assert world.events[-1].event.plate is None
    assert world.plates == []
    assert world.metrics.value(PLATE_SHOTS, camera="gate", result="unread") >= 1


def test_without_a_plate_reader_no_picture_is_chosen():
    world = World(None, small_video())
    with running(world.runner(DETAILED)):
        wait_until(lambda: any(not record.event.is_open for record in world.events))
    assert world.metrics.value(PLATE_SHOTS, camera="gate", result="gone") == 0


def test_plates_are_read_from_the_moments_of_the_large_stream():
    desk = FakePlateDesk(reads)
    large = FakeSource(video(LARGE), info=LARGE, lingers=True)  # it is ahead; the moments are still in its ring
    world = World(desk, small_video(), large)
    with running(world.runner(DETAILED)):
        wait_until(lambda: bool(world.plates))
    wide = [int(sent.jpeg.split()[0]) for sent in desk.pictures]
    assert all(each >= 3 * MOTORWAY_PX for each in wide)
    for sent in desk.pictures:
        brightness = int(sent.jpeg.split()[2])
        assert brightness == pytest.approx(150 + (sent.time_s - BEGINS_S) * 20, abs=3)


def test_while_the_large_stream_is_away_the_analysed_one_has_to_do():
    desk = FakePlateDesk(reads)
    world = World(desk, small_video(), SourceUnavailable("nobody there", "refused"))
    with running(world.runner(DETAILED)):
        wait_until(lambda: bool(world.plates))
    assert all(int(sent.jpeg.split()[0]) < 2 * MOTORWAY_PX for sent in desk.pictures)


def test_a_large_stream_that_is_taken_away_is_closed():
    large = FakeSource(video(LARGE), info=LARGE, lingers=True)
    world = World(FakePlateDesk(reads), small_video(), large)
    runner = world.runner(DETAILED)
    with running(runner):
        runner.apply(replace(DETAILED, sources=CAMERA.sources))
        wait_until(lambda: large.is_closed)


def test_a_moment_is_the_picture_nearest_to_it_and_none_without_video():
    packets = video(SMALL, 2.0)
    found = picture_at(lambda *_: (packets, SMALL), lambda _: FakeDecoder(), 1.04)
    assert found is not None
    assert found.time_s == pytest.approx(1.0)
    assert picture_at(lambda *_: ((), SMALL), lambda _: FakeDecoder(), 1.0) is None


def test_what_follows_the_moment_is_not_decoded():
    decoder = FakeDecoder()
    packets = video(SMALL, 2.0)
    picture_at(lambda *_: (packets, SMALL), lambda _: decoder, 0.5)
    assert decoder.decoded == 6


@pytest.mark.parametrize("area", [(0.9, 0.9, 0.9, 0.9), (-1.0, -1.0, 0.001, 0.001), (0.99, 0.99, 2.0, 2.0)])
def test_a_part_of_a_picture_is_never_empty(area: tuple[float, float, float, float]):
    part = cut_out(np.zeros((36, 64, 3), np.uint8), area)
    assert part.shape[0] >= 1
    assert part.shape[1] >= 1
