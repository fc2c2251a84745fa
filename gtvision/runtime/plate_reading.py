"""The plate-reading half of a running camera: pictures of vehicles to the plate reader, its answers to the core."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Event as Flag
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.errors import BadInput, TryLater
from gtvision.domain.metrics import PLATE_SHOTS
from gtvision.domain.plate import PlateRecord, Reading, VehiclePlate
from gtvision.domain.stream import PlatePicture
from gtvision.pipeline.camera import CameraCore
from gtvision.pipeline.plate_shots import Shot
from gtvision.ports import PlateDesk
from gtvision.runtime.camera_ports import CameraPorts
from gtvision.runtime.moments import cut_out
from gtvision.runtime.plate_pictures import PlatePictures
from gtvision.runtime.reporting import Reporter
from gtvision.runtime.sampling import Taken

_WAITING_SHOTS = 8
_WAIT_S = 0.25
_QUALITY = 92
_PLATE_MARGIN = 0.25

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    """A shot to be read; `crop` is there when its picture was in hand."""

    shot: Shot
    crop: Pixels | None


class PlateReading:
    """Has one picture after the other read, in a thread of its own."""

    def __init__(
        self, core: CameraCore, lock: Lock, ports: CameraPorts, reporter: Reporter, pictures: PlatePictures
    ) -> None:
        """Args:
        core: Chooses the pictures, and takes what was read.
        lock: Guards the core.
        ports: The plate reader, and what it needs.
        reporter: Where events and plates go.
        pictures: Those of moments that are over.
        """
        self._camera_id = reporter.camera_id
        self._core = core
        self._pictures = pictures
        self._lock = lock
        self._ports = ports
        self._reporter = reporter
        self._stopping = Flag()
        self._waiting: Queue[_Order] = Queue(_WAITING_SHOTS)

    def order(self, taken: Taken | None) -> None:
        """Puts the pictures in line that are worth reading now; `taken` is the sample just detected, if any."""
        in_hand = taken if self._pictures.reads_samples else None
        whole: Pixels | None = None
        for shot in self._next(_WAITING_SHOTS - self._waiting.qsize()):
            crop = None
            if in_hand is not None and shot.time_s == in_hand.time_s:
                whole = in_hand.picture.bgr() if whole is None else whole
                crop = cut_out(whole, shot.area)
            self._waiting.put_nowait(_Order(shot, crop))  # there is room: nobody else puts

    def run(self, stopping: Flag) -> None:
        """Works until told to stop; an answer that comes later changes nothing."""
        self._stopping = stopping
        while not stopping.is_set():
            try:
                order = self._waiting.get(timeout=_WAIT_S)
            except Empty:
                continue
            if self._ports.plate_desk is not None:
                self._read(order, self._ports.plate_desk)
            self._waiting.task_done()

    def drain(self, timeout_s: float) -> None:
        """Waits until all pictures have been dealt with, at most that long."""
        with self._waiting.all_tasks_done:
            self._waiting.all_tasks_done.wait_for(lambda: not self._waiting.unfinished_tasks, timeout_s)

    def tell(self) -> None:
        """Sends on what changed because of other things than a reading; the caller holds the reporter's lock."""
        with self._lock:
            plates = self._core.plates()
        self._reporter.report_plates(PlateRecord(plate) for plate in plates)

    def _next(self, most: int) -> Sequence[Shot]:
        with self._reporter.lock:
            self.tell()
            with self._lock:
                return self._core.plate_shots(max(most, 0))

    def _read(self, order: _Order, desk: PlateDesk) -> None:
        shot, crop = order.shot, order.crop
        if crop is None:
            whole = self._pictures.whole(shot.time_s)
            if whole is None:
                self._miss(shot, "gone")
                return
            crop = cut_out(whole, shot.area)
        picture = PlatePicture(self._camera_id, shot.time_s, self._ports.encode_jpeg(crop, _QUALITY))
        try:
            readings = desk.read(picture)
        except (TryLater, BadInput):
            self._miss(shot, "unread")
            return
        self._ports.metrics.add(PLATE_SHOTS, camera=self._camera_id, result="read" if readings else "nothing")
        self._answer(shot, readings, crop)

    def _answer(self, shot: Shot, readings: Sequence[Reading], crop: Pixels) -> None:
        with self._reporter.lock:
            if self._stopping.is_set():
                return
            with self._lock:
                events = self._core.plate_read(shot, readings)
                plates = self._core.plates()
            self._reporter.report(events)
            self._reporter.report_plates(self._records(plates, shot, crop))

    def _records(self, plates: Iterable[VehiclePlate], shot: Shot, crop: Pixels) -> Iterator[PlateRecord]:
        for plate in plates:
            is_shown = plate.track == shot.track and plate.time_s == shot.time_s
            picture = plate_picture(crop, shot, plate) if is_shown else None
            yield PlateRecord(plate, None if picture is None else self._ports.encode_jpeg(picture, _QUALITY))

    def _miss(self, shot: Shot, why: str) -> None:
        with self._lock:
            self._core.plate_missed(shot)
        self._ports.metrics.add(PLATE_SHOTS, camera=self._camera_id, result=why)


def plate_picture(crop: Pixels, shot: Shot, plate: VehiclePlate) -> Pixels:
    """The plate and a margin, cut out of what was read."""
    x1, y1, x2, y2 = shot.area
    left, top, right, bottom = plate.box
    aside, along = _PLATE_MARGIN * (right - left), 2 * _PLATE_MARGIN * (bottom - top)
    width, height = x2 - x1, y2 - y1
    wide = (left - aside - x1) / width, (top - along - y1) / height
    far = (right + aside - x1) / width, (bottom + along - y1) / height
    return cut_out(crop, (*wide, *far))
