"""The same pipeline over a recording, as fast as the machine allows."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from math import inf

from gtvision.domain.camera import Camera
from gtvision.domain.count import CountRecord
from gtvision.domain.event import Event
from gtvision.domain.places import Direction
from gtvision.domain.plate import VehiclePlate
from gtvision.domain.stream import SAMPLE_WIDTH, Packet, StreamInfo
from gtvision.pipeline.camera import CameraCore
from gtvision.pipeline.daylight import is_colourless
from gtvision.pipeline.ring import PacketRing
from gtvision.ports import PacketSource, Picture, PictureDecoder, PictureDetector, PlateReader
from gtvision.runtime.moments import Stretch, cut_out, picture_at
from gtvision.runtime.sampling import Looker, Taken

_RING_S = 12.0
_RING_BYTES = 64 * 1024 * 1024

OnEvent = Callable[[Event], None]
OnSample = Callable[[Taken], None]


@dataclass(frozen=True, slots=True)
class Models:
    """What looks at the pictures.

    Attributes:
        detector: Finds road users.
        plate_reader: Reads plates; None: nobody does.
    """

    detector: PictureDetector
    plate_reader: PlateReader | None = None


Counts = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class LineCounts:
    """What a `count` trigger came to: vehicles by the label of their kind, then by direction."""

    trigger: str
    line: str
    counts: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a recording came to.

    Attributes:
        duration_s: Of the recording.
        samples: Pictures looked at.
        passed: Those that the detector saw.
        events: How many.
        counts: Events by the label of their kind, then by direction, `none` for those that have none.
        wall_s: How long the analysis took.
        lines: What the `count` triggers counted.
        plates: The plates of its vehicles, in order of their time.
    """

    duration_s: float
    samples: int
    passed: int
    events: int
    counts: Mapping[str, Mapping[str, int]]
    wall_s: float
    lines: tuple[LineCounts, ...] = ()
    plates: tuple[VehiclePlate, ...] = ()

    @property
    def pass_share(self) -> float:
        """Share of the samples that passed, 0 without samples."""
        return self.passed / self.samples if self.samples else 0.0

    @property
    def speed_x(self) -> float:
        """Seconds of video a second."""
        return self.duration_s / self.wall_s if self.wall_s > 0 else 0.0


@dataclass(slots=True)
class _Tally:
    """What is counted on the way."""

    on_event: OnEvent
    awaits_plate: Callable[[int], bool]
    duration_s: float = 0.0
    samples: int = 0
    passed: int = 0
    events: Counter[tuple[str, str]] = field(default_factory=Counter)
    records: dict[str, CountRecord] = field(default_factory=dict)
    held: dict[str, Event] = field(default_factory=dict)
    plates: dict[str, VehiclePlate] = field(default_factory=dict)

    def close(self, events: Iterable[Event]) -> None:
        """Counts and hands on the events that have ended, once their vehicle's plate is known or will not be."""
        self.held.update((event.id, event) for event in events if not event.is_open)
        for event in list(self.held.values()):
            if not self.awaits_plate(event.track):
                del self.held[event.id]
                self.events[event.kind.label, event.direction.value if event.direction else "none"] += 1
                self.on_event(event)

    def count(self, records: Iterable[CountRecord]) -> None:
        """Keeps the newest state of each count."""
        self.records.update((record.id, record) for record in records)

    def name(self, plates: Iterable[VehiclePlate]) -> None:
        """Keeps the newest state of each plate."""
        self.plates.update((plate.id, plate) for plate in plates)

    def summary(self, wall_s: float) -> Summary:
        """What it all came to."""
        counts = _nested(self.events)
        return Summary(
            self.duration_s,
            self.samples,
            self.passed,
            self.events.total(),
            counts,
            wall_s,
            tuple(self._lines()),
            tuple(sorted(self.plates.values(), key=lambda plate: (plate.time_s, plate.id))),
        )

    def _lines(self) -> Iterator[LineCounts]:
        vehicles: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
        for record in self.records.values():
            total = vehicles.setdefault((record.trigger_id, record.line_id), Counter())
            for count in record.counts:
                total[count.kind.label, count.direction.value] += count.vehicles
        for where, total in sorted(vehicles.items()):
            yield LineCounts(*where, _nested(+total))


def _nested(flat: Counter[tuple[str, str]]) -> Counts:
    """By kind, then by direction, both directions named."""
    counts: Counts = {}
    for (kind, direction), count in sorted(flat.items()):
        counts.setdefault(kind, {way.value: 0 for way in Direction})[direction] = count
    return counts


@dataclass(frozen=True, slots=True)
class _Plates:
    """Reads the plates that are worth reading, at once."""

    core: CameraCore
    reader: PlateReader | None
    stretch: Stretch
    decoder: Callable[[StreamInfo], PictureDecoder]

    def read(self, taken: Taken | None = None) -> list[Event]:
        """The events that change because of what is read now, when `taken` was just looked at."""
        if self.reader is None:
            return []
        changed: list[Event] = []
        while shots := self.core.plate_shots():
            for shot in shots:
                if taken is not None and shot.time_s == taken.time_s:
                    picture: Picture | None = taken.picture
                else:
                    picture = picture_at(self.stretch, self.decoder, shot.time_s)
                if picture is None:
                    self.core.plate_missed(shot)
                else:
                    readings = self.reader.read([cut_out(picture.bgr(), shot.area)])[0]
                    changed += self.core.plate_read(shot, readings)
        return changed


def analyse(  # noqa: PLR0913 - the world is three of them
    camera: Camera,
    source: PacketSource,
    decoder: Callable[[StreamInfo], PictureDecoder],
    models: Models,
    *,
    on_event: OnEvent,
    on_sample: OnSample | None = None,
) -> Summary:
    """What the recording came to; the same each time for the same recording, camera and weights.

    When it was recorded is unknown, and so is where the sun stood: only infrared tells night from day.

    Args:
        camera: What is watched.
        source: The recording; the caller closes it.
        decoder: Makes decoders of its stream.
        models: Find road users and read plates.
        on_event: Gets each event once, when it has ended, with times in seconds from the recording's start.
        on_sample: Gets each sample that was looked at.
    """
    begun_s = time.perf_counter()
    core = CameraCore(replace(camera, location=None))
    ring = PacketRing(_RING_S, _RING_BYTES)
    looker = Looker(core, ring, decoder(source.info), nullcontext())
    tally = _Tally(on_event, core.awaits_plate)

    def stretch(start_s: float, end_s: float) -> tuple[Sequence[Packet], StreamInfo]:
        return ring.between(start_s, end_s), source.info

    plates = _Plates(core, models.plate_reader, stretch, decoder)
    core.read_plates_from(source.info.width if models.plate_reader is not None else 0)
    frame_s = 1 / source.info.fps if source.info.fps else 0.0
    for packet in source.packets():
        tally.duration_s = max(tally.duration_s, packet.time_s + frame_s)
        for taken in looker.step(packet):
            tally.samples += 1
            tally.passed += taken.look.passed
            if on_sample is not None:
                on_sample(taken)
            if taken.look.passed:
                bgr = taken.picture.bgr(SAMPLE_WIDTH)
                core.lit(taken.time_s, is_colourless(bgr))
                tally.close(core.detected(taken.time_s, models.detector.detect([bgr])[0]))
            else:
                tally.close(core.tick(taken.time_s))
            tally.count(core.counts(taken.time_s))
            tally.close(plates.read(taken))
            tally.name(core.plates())
    tally.close(core.close())
    tally.close(plates.read())
    tally.name(core.plates())
    tally.count(core.counts(inf))
    return tally.summary(time.perf_counter() - begun_s)
