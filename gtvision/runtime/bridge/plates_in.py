"""Plates that others ask for: the vehicle is read as one of ours would be, and what is agreed is stored."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from gtvision.domain.errors import MessageRefused
from gtvision.domain.event import Event, EventRecord
from gtvision.domain.geometry import Box
from gtvision.domain.kinds import Kind
from gtvision.domain.plate import Plate, PlateFormat, PlateRecord, Reading, VehiclePlate, asked_plate_id
from gtvision.domain.refusal import RefusalReason
from gtvision.domain.slug import slug_of
from gtvision.domain.stream import PlatePicture
from gtvision.domain.task import ProcessPlate, Task
from gtvision.pipeline.plate_format import is_brazilian, is_out_of_place, plate_of
from gtvision.pipeline.plates import PlateVote
from gtvision.ports import EventSink, PlateDesk, StoredPicture, StoredPictures
from gtvision.runtime.bridge.held import Held
from gtvision.runtime.bridge.pictures import PictureFiles, Pixels, inside, with_room
from gtvision.runtime.bridge.work import Done
from gtvision.runtime.moments import cut_out
from gtvision.settings import Partner

_QUALITY = 92
_LEAST_SCORE = 0.8
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class PlatePorts:
    """What reading plates for others needs.

    Attributes:
        desk: Reads.
        pictures: Where the picture is looked up that a task comes without.
        sink: Where plates go.
        files: What makes pictures of files and files of pictures.
        now: Unix seconds.
    """

    desk: PlateDesk
    pictures: StoredPictures
    sink: EventSink
    files: PictureFiles
    now: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True, eq=False)
class _Vehicle:
    """What is read.

    Attributes:
        pixels: The vehicle, shape `(h, w, 3)`, BGR.
        jpeg: The same.
        area: Where it is in the camera's picture; all of it when that is not known.
        event: Its event, None when it has none here.
        event_ids: Of the event that the task names, where it is one of that camera, or may still come to be.
    """

    pixels: Pixels
    jpeg: bytes
    area: Box
    event: Event | None
    event_ids: tuple[str, ...]


class _Agreed(NamedTuple):
    reading: Reading
    plate: Plate


class PlateWork:
    """Reads the plates that one partner asks for. What a task causes is named after it: done again, it is the same."""

    def __init__(self, partner: Partner, ports: PlatePorts) -> None:
        self._partner = partner
        self._ports = ports

    def line(self, task: Task) -> str:
        """The task's own: none waits for another."""
        return task.id

    def do(self, task: Task, held: Held) -> Done:  # noqa: ARG002
        """Reads the plate and stores it. Raises `BadInput` or `TryLater`."""
        work = task.work
        if not isinstance(work, ProcessPlate):
            raise MessageRefused("this queue is for process_plate", RefusalReason.UNKNOWN_TASK)
        if not self._partner.may_name(work.camera_id):
            raise MessageRefused(
                f"{self._partner.name} may not name that camera: bridge.partners[].cameras lists those that it may",
                RefusalReason.CAMERA_REFUSED,
            )
        vehicle = self._vehicle(work)
        time_s = self._time_s(work, vehicle)
        readings = self._ports.desk.read(PlatePicture(slug_of(work.camera_id), time_s, vehicle.jpeg))
        kind = _kind(work, vehicle.event)
        agreed = _agreed(readings, kind)
        if agreed is None:
            return Done({"plate": None})
        self._store(self._seen(task.id, work, vehicle, kind, agreed), vehicle, agreed.reading)
        plate = agreed.plate
        return Done({"plate": plate.text, "format": plate.format.value, "score": plate.score})

    def _vehicle(self, work: ProcessPlate) -> _Vehicle:
        """The vehicle's picture: the one that came along, else the stored one of its event, or of that moment."""
        camera_id, pictures = slug_of(work.camera_id), self._ports.pictures
        stored = None if work.event_id is None else pictures.of_event(work.event_id)
        event_ids = _event_ids(work, stored)
        if not event_ids:
            stored = None
        if work.crop is not None:
            event = None if stored is None else stored.event
            area = _WHOLE if event is None else event.best_box
            return _Vehicle(self._ports.files.decode(work.crop), work.crop, area, event, event_ids)
        if stored is None and work.time_s is not None:
            stored = pictures.at(camera_id, work.time_s)
        if stored is None:
            raise MessageRefused(
                "it comes without `crop`, and no picture of that event, or of that camera and time, is kept",
                RefusalReason.NO_PICTURE,
            )
        return self._cut(stored, work.bbox, event_ids)

    def _cut(self, stored: StoredPicture, bbox: Box, event_ids: tuple[str, ...]) -> _Vehicle:
        whole = self._ports.files.decode(stored.jpeg)
        height, width = whole.shape[:2]
        area = with_room((bbox[0] / width, bbox[1] / height, bbox[2] / width, bbox[3] / height), 0.1, 0.1)
        if area[0] >= area[2] or area[1] >= area[3]:
            raise MessageRefused(
                f"det: `bbox` lies outside the picture, which has {width} x {height} pixels", RefusalReason.BAD_DET
            )
        pixels = cut_out(whole, area)
        return _Vehicle(pixels, self._ports.files.encode(pixels, _QUALITY), area, stored.event, event_ids)

    def _time_s(self, work: ProcessPlate, vehicle: _Vehicle) -> float:
        if work.time_s is not None:
            return work.time_s
        return self._ports.now() if vehicle.event is None else vehicle.event.best_s

    def _seen(self, task_id: str, work: ProcessPlate, vehicle: _Vehicle, kind: Kind, agreed: _Agreed) -> VehiclePlate:
        event, track = vehicle.event, work.track_id
        return VehiclePlate(
            id=asked_plate_id(task_id),
            camera_id=slug_of(work.camera_id),
            track=event.track if event is not None else track if isinstance(track, int) else 0,
            kind=kind,
            plate=agreed.plate,
            time_s=self._time_s(work, vehicle),
            box=inside(agreed.reading.box, vehicle.area),
            event_ids=vehicle.event_ids,
            epoch=0 if event is None else event.epoch,
        )

    def _store(self, seen: VehiclePlate, vehicle: _Vehicle, reading: Reading) -> None:
        """Puts the plate into the spool, and its text into its event when that is over and has none."""
        shown = cut_out(vehicle.pixels, with_room(reading.box, 0.25, 0.5))
        self._ports.sink.put(PlateRecord(seen, self._ports.files.encode(shown, _QUALITY)))
        event = vehicle.event
        if event is not None and not event.is_open and event.plate is None and event.id in seen.event_ids:
            named = replace(event, plate=seen.plate.text, revision=event.revision + 1)
            self._ports.sink.put(EventRecord(named))


def _event_ids(work: ProcessPlate, stored: StoredPicture | None) -> tuple[str, ...]:
    """The event that the task names: of its camera, or not known yet and called as events are; else none."""
    if work.event_id is None:
        return ()
    if stored is None:
        return (work.event_id,) if _UUID.fullmatch(work.event_id) else ()
    return (work.event_id,) if stored.event.camera_id == slug_of(work.camera_id) else ()


def _kind(work: ProcessPlate, event: Event | None) -> Kind:
    """What the sender says it is, else its event; a car when neither is known."""
    try:
        return Kind.of(work.label or "")
    except KeyError:
        return Kind.CAR if event is None else event.kind


def _agreed(readings: Sequence[Reading], kind: Kind) -> _Agreed | None:
    """The best reading that can be the vehicle's, and its plate; None when it is too doubtful.

    No second picture will come that could agree with it. So what one reading alone would not settle for a camera is
    taken from 0.8 on where it is Brazilian: of bad pictures, 27 of 30 are right (decision 17).
    """
    own = (each for each in readings if not (is_out_of_place(each, kind) and is_brazilian(each)))
    reading = next(own, None)
    if reading is None:
        return None
    vote = PlateVote()
    vote.see(reading, kind)
    likeliest = plate_of(reading)
    if vote.plate is None and (likeliest.format is PlateFormat.OTHER or likeliest.score < _LEAST_SCORE):
        return None
    return _Agreed(reading, vote.plate or likeliest)
