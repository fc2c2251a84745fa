"""Fakes of cameras, detectors and whatever else a process is put together from."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event as Flag

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.camera import Camera
from gtvision.domain.count import CountRecord
from gtvision.domain.detections import Detections
from gtvision.domain.errors import NotFound, SourceUnavailable, SpoolFull
from gtvision.domain.event import EventRecord
from gtvision.domain.metrics import Metric, MetricKind
from gtvision.domain.plate import PlateRecord, Reading
from gtvision.domain.receipt import MessageRecord, Receipt
from gtvision.domain.stream import Packet, PlatePicture, Sample, StreamInfo
from gtvision.pipeline.sample_log import LoggedSample
from gtvision.ports import (
    CameraStatus,
    ProbeReport,
    SpoolRecord,
)


class FakeMetrics:
    """`Metrics` that remembers; as strict about kinds and labels as the real ones."""

    def __init__(self) -> None:
        """Nothing is measured yet."""
        self._values: defaultdict[tuple[str, frozenset[tuple[str, str]]], list[float]] = defaultdict(list)

    def add(self, metric: Metric, amount: float = 1.0, **labels: str) -> None:
        """Adds to a counter."""
        self._put("counter", metric, amount, labels)

    def set(self, metric: Metric, value: float, **labels: str) -> None:
        """Sets a gauge."""
        self._put("gauge", metric, value, labels)

    def observe(self, metric: Metric, value: float, **labels: str) -> None:
        """Puts a value into a histogram."""
        self._put("histogram", metric, value, labels)

    def _put(self, kind: MetricKind, metric: Metric, value: float, labels: dict[str, str]) -> None:
        metric.check(kind, labels)
        self._values[metric.name, frozenset(labels.items())].append(value)

    def value(self, metric: Metric, **labels: str) -> float:
        """A counter's sum, a gauge's last value, a histogram's count; 0 before anything was measured."""
        metric.check(metric.kind, labels)
        values = self._values.get((metric.name, frozenset(labels.items())), [])
        if metric.kind == "gauge":
            return values[-1] if values else 0.0
        return sum(values) if metric.kind == "counter" else float(len(values))


@dataclass(slots=True)
class FakeLiveCameras:
    """Cameras that do as they are told: what is put into `running`, `pictures` and `logs`, by camera id."""

    running: dict[str, CameraStatus] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    logs: dict[str, list[LoggedSample]] = field(default_factory=dict)

    def statuses(self) -> list[CameraStatus]:
        """One for each running camera, by id."""
        return [self.running[camera_id] for camera_id in sorted(self.running)]

    def snapshot(self, camera_id: str) -> bytes:
        """The picture. Raises `NotFound`, or `SourceUnavailable` while there is none."""
        if camera_id not in self.running:
            raise NotFound(f"no camera {camera_id!r} runs")
        if camera_id not in self.pictures:
            raise SourceUnavailable(f"camera {camera_id!r} has no picture yet", "timeout")
        return self.pictures[camera_id]

    def samples(self, camera_id: str, after_s: float, limit: int) -> list[LoggedSample]:
        """The first after that time. Raises `NotFound`."""
        if camera_id not in self.running:
            raise NotFound(f"no camera {camera_id!r} runs")
        return [sample for sample in self.logs.get(camera_id, []) if round(sample.time_s, 3) > after_s][:limit]


_GOOD_SOURCE = ProbeReport(
    StreamInfo("h264", 1280, 720, 25.0),
    measured_fps=25.0,
    keyframe_interval_s=1.0,
    bit_rate_bps=2e6,
    open_s=0.4,
    first_picture_s=0.5,
)


@dataclass(slots=True)
class FakeProbe:
    """Finds the report that it was given, or fails with the error that it was given."""

    result: ProbeReport | SourceUnavailable = _GOOD_SOURCE
    probed: list[Camera] = field(default_factory=list)

    def probe(self, camera: Camera) -> ProbeReport:
        """The result; the camera is kept in `probed`."""
        self.probed.append(camera)
        if isinstance(self.result, SourceUnavailable):
            raise self.result
        return self.result


@dataclass(slots=True)
class FakeMetricsText:
    """Answers the text that it was given."""

    answer: str = "# no metrics\n"

    def text(self) -> str:
        """The text."""
        return self.answer


@dataclass(slots=True)
class FakeReadyChecks:
    """Answers the states that it was given."""

    states: dict[str, str] = field(default_factory=lambda: {"database": "ok"})

    def checks(self) -> Mapping[str, str]:
        """The states."""
        return self.states


@dataclass(frozen=True, slots=True, eq=False)
class FakePicture:
    """`Picture` of pixels that are there already; it is never scaled."""

    time_s: float
    pixels: NDArray[np.uint8]

    def grey(self, width: int) -> NDArray[np.uint8]:  # noqa: ARG002
        """The pixels' first channel."""
        return np.ascontiguousarray(self.pixels[..., 0])

    def bgr(self, width: int | None = None) -> NDArray[np.uint8]:  # noqa: ARG002
        """The pixels."""
        return self.pixels


def fake_packet(time_s: float, pixels: NDArray[np.uint8] | None, *, is_keyframe: bool) -> Packet:
    """A packet of 1000 bytes for `FakeDecoder`; without pixels it is a damaged one."""
    return Packet(time_s, time_s, is_keyframe, 1000, pixels)


SMALL_STREAM = StreamInfo("h264", 320, 180, 10.0)


class FakeSource:
    """`PacketSource` that plays packets and then ends, fails, or stays silent until somebody closes it."""

    def __init__(
        self,
        packets: Iterable[Packet],
        *,
        info: StreamInfo = SMALL_STREAM,
        then: SourceUnavailable | None = None,
        lingers: bool = False,
        before: Callable[[Packet], None] = lambda _: None,
    ) -> None:
        """Args:
        packets: What it plays.
        info: What it says of itself.
        then: How it fails after the packets.
        lingers: Whether it stays open after the packets, for 30 s at most.
        before: Called before each packet.
        """
        self.info = info
        self._packets = packets
        self._then = then
        self._lingers = lingers
        self._before = before
        self._closed = Flag()

    @property
    def is_closed(self) -> bool:
        """Whether somebody closed it."""
        return self._closed.is_set()

    def packets(self) -> Iterator[Packet]:
        """The packets."""
        for packet in self._packets:
            self._before(packet)
            if self.is_closed:
                return
            yield packet
        if self._then is not None:
            raise self._then
        if self._lingers:
            self._closed.wait(30)

    def close(self) -> None:
        """Ends it."""
        self._closed.set()


class FakeDecoder:
    """`PictureDecoder` of `fake_packet`s.

    Like a real one it needs a keyframe first, and with a delay its pictures come out some packets later.
    """

    def __init__(self, delay: int = 0) -> None:
        """`delay` is in packets."""
        self._delay = delay
        self._inside: list[FakePicture] = []
        self._has_keyframe = False
        self.decoded = 0

    def keyframe(self, packet: Packet) -> FakePicture | None:
        """The packet's pixels."""
        self.decoded += 1
        return None if packet.payload is None else FakePicture(packet.time_s, packet.payload)

    def restart(self) -> None:
        """Forgets what is inside."""
        self._inside.clear()
        self._has_keyframe = False

    def feed(self, packet: Packet) -> Sequence[FakePicture]:
        """The oldest picture inside, once there are more than the delay."""
        self._has_keyframe |= packet.is_keyframe
        if not self._has_keyframe or packet.payload is None:
            return ()
        self.decoded += 1
        self._inside.append(FakePicture(packet.time_s, packet.payload))
        return (self._inside.pop(0),) if len(self._inside) > self._delay else ()


class FakeDetector:
    """`Detector` that knows what is on each sample, and remembers what it was asked."""

    def __init__(self, truth: Callable[[Sample], Detections]) -> None:
        """`truth` may raise what a detector may."""
        self._truth = truth
        self.samples: list[Sample] = []

    def detect(self, sample: Sample) -> Detections:
        """The truth."""
        self.samples.append(sample)
        return self._truth(sample)


class FakePictureDetector:
    """`PictureDetector` that knows what is on each picture."""

    name = "fake"

    def __init__(self, truth: Callable[[NDArray[np.uint8]], Detections]) -> None:
        self._truth = truth

    def detect(self, pictures: Iterable[NDArray[np.uint8]]) -> list[Detections]:
        """The truth of each."""
        return [self._truth(picture) for picture in pictures]


class FakePlateReader:
    """`PlateReader` that is told what to read."""

    name = "fake"

    def __init__(self, truth: Callable[[NDArray[np.uint8]], tuple[Reading, ...]]) -> None:
        self._truth = truth

    def read(self, pictures: Iterable[NDArray[np.uint8]]) -> list[tuple[Reading, ...]]:
        """What it was told for each picture."""
        return [self._truth(picture) for picture in pictures]


class FakePlateDesk:
    """`PlateDesk` that is told what is read; whoever tells it may raise."""

    def __init__(self, truth: Callable[[PlatePicture], tuple[Reading, ...]]) -> None:
        """Nothing was handed in yet."""
        self._truth = truth
        self.pictures: list[PlatePicture] = []

    def read(self, picture: PlatePicture) -> tuple[Reading, ...]:
        """What it was told."""
        self.pictures.append(picture)
        return self._truth(picture)


class FakeSink:
    """`EventSink` that remembers, and refuses the first so many records."""

    def __init__(self, refusals: int = 0) -> None:
        self.records: list[EventRecord] = []
        self.counts: list[CountRecord] = []
        self.plates: list[PlateRecord] = []
        self.receipts: list[Receipt] = []
        self.refusals = refusals

    def put(self, record: SpoolRecord) -> None:
        """Keeps the record."""
        if self.refusals > 0:
            self.refusals -= 1
            raise SpoolFull("no room")
        if isinstance(record, CountRecord):
            self.counts.append(record)
        elif isinstance(record, PlateRecord):
            self.plates.append(record)
        elif isinstance(record, MessageRecord):
            self.records += record.events
            self.receipts.append(record.receipt)
        else:
            self.records.append(record)
