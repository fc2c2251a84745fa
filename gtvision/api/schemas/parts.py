"""The parts of a camera. Their names are those of the domain, whose codec turns them into values and back."""

from typing import Literal

from pydantic import Field, SecretStr

from gtvision.api.schemas.common import Answer, KindLabel, PointModel, ProfileLabel, Request, RoleLabel, TypeLabel
from gtvision.domain.camera import Role, Source

_ROLES: tuple[RoleLabel, ...] = ("analyse",)
_VEHICLES: tuple[KindLabel, ...] = ("bicycle", "motorcycle", "car", "bus", "truck")


class SourceIn(Request):
    """One stream of a camera."""

    url: str = Field(
        max_length=2048,
        description="rtsp://HOST[:PORT]/PATH, a user and password in it are taken out; pushed: for frames of others.",
    )
    user: str | None = Field(None, max_length=256, description="Who logs in; wins over the one in the address.")
    password: SecretStr | None = Field(
        None, max_length=256, description="Write only. Left out, the one stored for the same address and user stays."
    )
    roles: tuple[RoleLabel, ...] = Field(_ROLES, max_length=3, description="What the stream is used for.")

    def to_domain(self) -> Source:
        """The source, its credentials out of the address. Raises `BadConfiguration`."""
        bare = Source.parse(self.url)
        password = self.password.get_secret_value() if self.password else bare.password
        return Source(bare.url, self.user or bare.user, password, frozenset(Role(role) for role in self.roles))


class SourceOut(Answer):
    """One stream of a camera; its password never leaves."""

    url: str
    user: str | None
    has_password: bool
    roles: tuple[RoleLabel, ...]


FourPoints = tuple[PointModel, PointModel, PointModel, PointModel]


class CalibrationModel(Request):
    """Where four points of the picture lie on a flat road."""

    points: FourPoints = Field(description="0-1 of the picture, in order around what they enclose.")
    metres: FourPoints = Field(description="Where they are on the road, from any origin, in the same order.")


class ZoneModel(Request):
    """A polygon of the analysed picture."""

    id: str = Field(description="Slug, unique in its camera.")
    polygon: tuple[PointModel, ...] = Field(max_length=128, description="At least 3 corners in order, 0-1.")
    kind: Literal["watch", "ignore"] = "watch"
    calibration: CalibrationModel | None = Field(None, description="For speed and length in metres.")


class LineModel(Request):
    """A line that vehicles cross; forward is from its left to its right, looking from start to end."""

    id: str = Field(description="Slug, unique in its camera.")
    start: PointModel
    end: PointModel


class ScheduleModel(Request):
    """When a trigger is armed, in the camera's time zone."""

    days: tuple[int, ...] = Field((0, 1, 2, 3, 4, 5, 6), max_length=7, description="Monday is 0, Sunday 6.")
    start_min: int = Field(0, description="Minute of the day, 0 to 1439.")
    end_min: int = Field(1440, description="Minute of the day, 1 to 1440; not after the start: on the next day.")


class TriggerModel(Request):
    """What makes an event."""

    id: str = Field(description="Slug, unique in its camera.")
    type: TypeLabel
    zone: str | None = Field(None, description="Id of a zone; none: the whole picture. Not for cross and count.")
    line: str | None = Field(None, description="Id of a line; for cross and count, and the first of two for speed.")
    until_line: str | None = Field(None, description="Id of the second line; for speed between two lines.")
    distance_m: float | None = Field(None, description="Metres between the two lines on the road.")
    direction: Literal["forward", "backward"] | None = Field(None, description="For cross and count; none: both ways.")
    way: tuple[PointModel, PointModel] | None = Field(
        None, description="For wrong_way: from where to where the traffic should go, 0-1 of the picture."
    )
    kinds: tuple[KindLabel, ...] = Field(_VEHICLES, max_length=6, description="Which road users count.")
    min_score: float = Field(0.4, description="Detections below it do not count, 0-1.")
    min_s: float = Field(10.0, description="For dwell, stationary and queue: seconds before it fires.")
    min_kmh: float = Field(0.0, description="For speed: only vehicles at least so fast. An estimate, not for fines.")
    min_vehicles: int = Field(3, description="For queue: how many have to stand.")
    interval_s: float = Field(900.0, description="For count: seconds of an interval.")
    cooldown_s: float = Field(0.0, description="Seconds of silence after an event has closed.")
    schedule: ScheduleModel | None = Field(None, description="When it is armed; none: always.")
    profile: ProfileLabel | None = Field(None, description="Armed only by day or by night; none: both.")
    read_plate: bool = Field(True, description="Whether its vehicles' plates are read, where they are large enough.")


class LocationModel(Request):
    """Where a camera stands, in degrees."""

    latitude: float
    longitude: float


class SamplingModel(Request):
    """How often the camera is looked at, in seconds."""

    idle_period_s: float = Field(1.0, description="Between samples while nothing moves.")
    burst_period_s: float = Field(0.2, description="Between samples while something does.")
    quiet_s: float = Field(3.0, description="A burst ends after that long without motion.")
