"""What a task from a queue asks for. Every value here is valid from birth or raises `MessageRefused`.

Points and boxes are in pixels of the picture that they come with, as the senders have them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from gtvision.domain.errors import MessageRefused
from gtvision.domain.geometry import Box, Point, is_simple, polygon_area
from gtvision.domain.kinds import VEHICLES, Kind
from gtvision.domain.places import Direction
from gtvision.domain.refusal import RefusalReason
from gtvision.domain.trigger import TriggerType

_NAMESPACE = UUID("b2a4d9c6-52a7-5f57-8c4e-1d0a7f0c9be3")
_JPEG = b"\xff\xd8\xff"
_LONGEST_NAME = 200
_LARGEST_PIXEL = 65_535  # JPEG has no larger pictures
_MOST_CORNERS = 256
_MOST_TRIGGERS = 64
_LATEST_S = 4_102_444_800.0  # the year 2100; milliseconds lie beyond it
_OVER_A_LINE = (TriggerType.CROSS, TriggerType.COUNT)


def is_name(text: str) -> bool:
    """Whether others may call something so: 1 to 200 visible characters of any script."""
    return 0 < len(text) <= _LONGEST_NAME and text.isprintable() and not text.isspace()


def plate_task_id(event_id: str) -> str:
    """The id of the task that reads the plate of that event's vehicle: sent twice, it is the same task."""
    return str(uuid5(_NAMESPACE, event_id))


@dataclass(frozen=True, slots=True)
class AskedTrigger:
    """A trigger that a sender asks for, for one picture.

    Attributes:
        id: The sender's name for it.
        type: When it fires.
        points: The two points of a line, or the corners of a zone; empty for the whole picture.
        direction: Over a line: only this way; None means both.
        kinds: Which road users count.
        min_score: Detections below it do not count, in [0, 1]; None leaves it to the camera.
        others: Keys that mean nothing to us, as they came.
    """

    id: str
    type: TriggerType
    points: tuple[Point, ...] = ()
    direction: Direction | None = None
    kinds: frozenset[Kind] = VEHICLES
    min_score: float | None = None
    others: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not is_name(self.id):
            raise _bad_trigger("the id of each is 1 to 200 visible characters")
        if self.type in _OVER_A_LINE and (len(self.points) != 2 or self.points[0] == self.points[1]):
            raise _bad_trigger(f"a {self.type} trigger has the two points of its line")
        if self.type not in _OVER_A_LINE and self.direction is not None:
            raise _bad_trigger(f"only a trigger over a line has a direction, not {self.type}")
        fault = "" if self.type in _OVER_A_LINE else _fault_of_zone(self.points)
        if fault or not _are_in_reach(self.points):
            raise _bad_trigger(fault or f"points lie within {_LARGEST_PIXEL} pixels")
        if not self.kinds:
            raise _bad_trigger("`classes` names at least one, or is left out")
        if self.min_score is not None and not 0 <= self.min_score <= 1:
            raise _bad_trigger("`min_score` lies between 0 and 1")


@dataclass(frozen=True, slots=True)
class DetectVehicle:
    """`detect_vehicle`: look for vehicles in a picture.

    Attributes:
        camera_id: The sender's name of the camera, in any script; `slug_of` makes an id of it.
        jpeg: The picture, beginning as a JPEG does; only decoding it shows whether it is whole.
        roi: Corners of what is watched; empty: the whole picture, or the camera's own zones.
        triggers: What makes events; empty: any vehicle does.
    """

    camera_id: str
    jpeg: bytes
    roi: tuple[Point, ...] = ()
    triggers: tuple[AskedTrigger, ...] = ()

    def __post_init__(self) -> None:
        _check_camera_id(self.camera_id)
        _check_jpeg(self.jpeg, "frame_bytes")
        fault = _fault_of_zone(self.roi)
        if fault:
            raise MessageRefused(f"roi: {fault}", RefusalReason.BAD_ROI)
        if len(self.triggers) > _MOST_TRIGGERS:
            raise _bad_trigger(f"{len(self.triggers)} are too many; {_MOST_TRIGGERS} are the most")
        if len({trigger.id for trigger in self.triggers}) < len(self.triggers):
            raise _bad_trigger("each has an id of its own")


@dataclass(frozen=True, slots=True)
class ProcessPlate:
    """`process_plate`: read the plate of a vehicle.

    Attributes:
        camera_id: The sender's name of the camera.
        bbox: The vehicle, corners in pixels of the camera's picture.
        confidence: Of the detection, in [0, 1].
        label: What it is, as the sender says it, such as `car`.
        track_id: The sender's number or name of the vehicle.
        time_s: When the picture was taken, Unix seconds; together with the camera it finds the picture.
        crop: The vehicle as JPEG; None: it has to be looked up.
        event_id: The event that asks for it, where the sender names one.
    """

    camera_id: str
    bbox: Box
    confidence: float | None = None
    label: str | None = None
    track_id: int | str | None = None
    time_s: float | None = None
    crop: bytes | None = None
    event_id: str | None = None

    def __post_init__(self) -> None:
        _check_camera_id(self.camera_id)
        left, top, right, bottom = self.bbox
        if not (_are_in_reach(((left, top), (right, bottom))) and left < right and top < bottom):
            raise _bad_det("`bbox` is x1, y1, x2, y2 in pixels, x1 below x2 and y1 below y2")
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            raise _bad_det("`confidence` lies between 0 and 1")
        for name, text in (("class", self.label), ("track_id", self.track_id), ("event_id", self.event_id)):
            if isinstance(text, str) and not is_name(text):
                raise _bad_det(f"`{name}` is 1 to 200 visible characters")
        if isinstance(self.track_id, int) and abs(self.track_id) >= 2**63:
            raise _bad_det("`track_id` has 64 bits at most")
        if self.time_s is not None and not 0 <= self.time_s < _LATEST_S:
            raise _bad_det("`timestamp` is in Unix seconds")
        if self.crop is not None:
            _check_jpeg(self.crop, "det: `crop`")
        elif self.time_s is None:
            raise _bad_det("without `crop` it needs the `timestamp` of the picture")


@dataclass(frozen=True, slots=True)
class Task:
    """A task from a queue.

    Attributes:
        id: The message's own, the same at each attempt.
        work: What is to be done.
        retries: Attempts that failed so far.
        eta_s: Not before then, Unix seconds; None: at once.
        expires_s: Of no use after that, Unix seconds; None: never.
        priority: 0 to 10.
        reply_to: The queue that waits for a result, None when none does. Senders name one even when nobody waits.
        correlation_id: What the sender knows its answer by.
        may_be_repeated: Whether it may have been done before: it was delivered, tried, or a dead letter before.
    """

    id: str
    work: DetectVehicle | ProcessPlate
    retries: int = 0
    eta_s: float | None = None
    expires_s: float | None = None
    priority: int = 0
    reply_to: str | None = None
    correlation_id: str | None = None
    may_be_repeated: bool = False


def _check_camera_id(camera_id: str) -> None:
    if not is_name(camera_id):
        raise MessageRefused("camera_id is 1 to 200 visible characters", RefusalReason.BAD_CAMERA_ID)


def _check_jpeg(encoded: bytes, where: str) -> None:
    if not encoded.startswith(_JPEG):
        raise MessageRefused(f"{where}: {len(encoded)} bytes that do not begin as a JPEG", RefusalReason.NOT_JPEG)


def _fault_of_zone(corners: tuple[Point, ...]) -> str:
    """What keeps the corners from being a zone; nothing where there is none of them, or they are good."""
    if not corners:
        return ""
    if not 3 <= len(corners) <= _MOST_CORNERS:
        return f"a zone has 3 to {_MOST_CORNERS} corners, not {len(corners)}"
    if not _are_in_reach(corners):
        return f"corners lie within {_LARGEST_PIXEL} pixels"
    if not is_simple(corners):
        return "its edges cross each other; list the corners in order around the zone"
    return "" if polygon_area(corners) >= 1 else "it has no area; its corners lie on one line"


def _are_in_reach(points: tuple[Point, ...]) -> bool:
    return all(abs(x) <= _LARGEST_PIXEL and abs(y) <= _LARGEST_PIXEL for x, y in points)


def _bad_trigger(sentence: str) -> MessageRefused:
    return MessageRefused(f"triggers: {sentence}", RefusalReason.BAD_TRIGGERS)


def _bad_det(sentence: str) -> MessageRefused:
    return MessageRefused(f"det: {sentence}", RefusalReason.BAD_DET)
