"""Number plates: what is read from one picture, and what is agreed for one vehicle."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid5

from gtvision.domain.errors import BadInput
from gtvision.domain.geometry import Box
from gtvision.domain.kinds import Kind

_NAMESPACE = UUID("0d3fb3b8-6f0e-5c39-8f7c-5b8f4b1e2a77")
_CROP_ENDING = ".plate.jpg"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class PlateFormat(StrEnum):
    """How a plate is made up."""

    MERCOSUL = "mercosul"
    """`AAA9A99`: Brazilian, since 2018."""
    OLD = "old"
    """`AAA9999`: Brazilian, before."""
    OTHER = "other"
    """Anything else: foreign, or not understood."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One plate as read from one picture.

    Attributes:
        text: Of `ALPHABET`, without separators, as it was read.
        scores: Confidence of each character, in [0, 1].
        box: The plate, corners 0-1 of the picture that was read.
        lines: Rows of characters: 2 on motorcycles.
        sharpness: Of the plate's picture: 0 is blurred beyond reading, 1 is as sharp as is of use.
        is_hyphenated: Whether a hyphen or a dot stood after the third character, None when the reader cannot tell.
    """

    text: str
    scores: tuple[float, ...]
    box: Box
    lines: int = 1
    sharpness: float = 1.0
    is_hyphenated: bool | None = None

    def __post_init__(self) -> None:
        if not self.text or len(self.text) != len(self.scores) or not set(self.text) <= set(ALPHABET):
            raise BadInput("a reading needs characters of A-Z and 0-9, and a score for each")

    @property
    def score(self) -> float:
        """Confidence of the least certain character."""
        return min(self.scores)


@dataclass(frozen=True, slots=True)
class Plate:
    """What one or more readings of one vehicle agree on.

    Attributes:
        text: The plate's characters.
        format: How they are made up.
        score: How sure that is, in [0, 1].
        readings: How many readings it rests on.
    """

    text: str
    format: PlateFormat
    score: float
    readings: int = 1


def vehicle_plate_id(camera_id: str, epoch: int, track: int, time_s: float) -> str:
    """The id of a vehicle's plate, made once, when it is first agreed."""
    return str(uuid5(_NAMESPACE, f"{camera_id}|{epoch}|{track}|{time_s:.3f}"))


def asked_plate_id(task_id: str) -> str:
    """The id of the plate that another system's task asked for: asked again, it is the same plate."""
    return str(uuid5(_NAMESPACE, f"asked|{task_id}"))


def crop_key(camera_id: str, plate_id: str) -> str:
    """Where the media store has a plate's picture: always the same place, so that a better one replaces it."""
    return f"plates/{plate_id[:2]}/{camera_id}/{plate_id}{_CROP_ENDING}"


def is_crop_key(key: str) -> bool:
    """Whether a plate's picture lies there, which comes and goes with the plate, whatever else shows it."""
    return key.endswith(_CROP_ENDING)


@dataclass(frozen=True, slots=True)
class VehiclePlate:
    """The agreed plate of one vehicle that passed one camera: the newest state of it.

    Attributes:
        id: From `vehicle_plate_id`; never changes.
        camera_id: The camera's slug.
        track: The vehicle's number, unique in its camera and epoch.
        kind: What it is.
        plate: The agreed text.
        time_s: When its best picture was taken, Unix seconds (in a recording: seconds from its start).
        box: The plate in that picture, corners 0-1 of the analysed stream.
        event_ids: The vehicle's events so far, oldest first.
        epoch: The placement of the camera that read it.
        revision: 0 at first, one more at each change; the store keeps the highest.
    """

    id: str
    camera_id: str
    track: int
    kind: Kind
    plate: Plate
    time_s: float
    box: Box
    event_ids: tuple[str, ...] = ()
    epoch: int = 0
    revision: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class PlateRecord:
    """A vehicle's plate with its picture: what the spool keeps and the recorder stores.

    Attributes:
        vehicle_plate: The state.
        crop: A JPEG of the plate, when this revision has a better one than before, else None.
    """

    vehicle_plate: VehiclePlate
    crop: bytes | None = None

    @property
    def id(self) -> str:
        """The plate's id."""
        return self.vehicle_plate.id

    @property
    def revision(self) -> int:
        """The plate's revision."""
        return self.vehicle_plate.revision

    @property
    def size_bytes(self) -> int:
        """Of its picture."""
        return len(self.crop or b"")
