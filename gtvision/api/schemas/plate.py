"""Plates as they are asked for, and as they go out."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from gtvision.api.schemas.common import Answer, BoxModel, KindLabel, utc
from gtvision.api.schemas.disclosure import ReasonedQuery
from gtvision.domain.errors import BadConfiguration
from gtvision.domain.plate_query import PlateMatch, PlateQuery
from gtvision.ports import PlateFilter, StoredPlate

MatchLabel = Literal["exact", "prefix", "pattern", "near"]


class PlateSearch(ReasonedQuery):
    """Which plates, and how many at once; what is left out means any."""

    plate: str | None = Field(None, max_length=40, description="What to look for, such as ABC1D23 or ABC-1234.")
    match: MatchLabel = Field(
        "exact",
        description="How a plate agrees with it: exact; prefix; pattern with * and ?; near: but for one look-alike "
        "character. A converted plate is the same vehicle: ABC1234 is ABC1C34.",
    )
    camera: str | None = Field(None, description="Id of a camera.")
    since: AwareDatetime | None = Field(None, description="Pictured at or after, RFC 3339.")
    until: AwareDatetime | None = Field(None, description="Pictured before, RFC 3339.")
    limit: int = Field(50, ge=1, le=500)
    cursor: str | None = Field(None, max_length=512, description="The 'next' of the page before.")

    def to_filter(self) -> PlateFilter:
        """The same for the store. Raises `BadConfiguration`."""
        return PlateFilter(
            query=None if self.plate is None else query_of(self.plate, PlateMatch(self.match)),
            camera_id=self.camera,
            since_s=self.since.timestamp() if self.since else None,
            until_s=self.until.timestamp() if self.until else None,
        )


def query_of(plate: str, match: PlateMatch) -> PlateQuery:
    """What to look for. Raises `BadConfiguration` that names the parameter `plate`."""
    try:
        return PlateQuery(plate, match)
    except BadConfiguration as exc:
        raise BadConfiguration(str(exc.args[0]), "plate") from None


class PlateOut(Answer):
    """The agreed plate of one vehicle that passed one camera."""

    id: str
    camera: str
    track: int
    kind: KindLabel
    plate: str
    format: Literal["mercosul", "old", "other"]
    score: float
    readings: int = Field(description="How many pictures it rests on.")
    time: datetime = Field(description="When its best picture was taken.")
    box: BoxModel = Field(description="The plate in that picture, corners 0-1 of the analysed stream.")
    events: tuple[str, ...] = Field(description="Ids of the vehicle's events.")
    epoch: int
    revision: int
    crop: str | None = Field(description="Where the picture of the plate is, null until there is one.")

    @classmethod
    def of(cls, stored: StoredPlate) -> "PlateOut":
        """A plate, to be shown."""
        seen = stored.vehicle_plate
        x1, y1, x2, y2 = (round(float(value), 4) for value in seen.box)
        return cls(
            id=seen.id,
            camera=seen.camera_id,
            track=seen.track,
            kind=seen.kind.label,
            plate=seen.plate.text,
            format=seen.plate.format.value,
            score=round(seen.plate.score, 3),
            readings=seen.plate.readings,
            time=utc(seen.time_s),
            box=(x1, y1, x2, y2),
            events=seen.event_ids,
            epoch=seen.epoch,
            revision=seen.revision,
            crop=f"/v1/plates/{seen.id}/crop.jpg" if stored.crop_key else None,
        )


class PlatePage(Answer):
    """Some plates, the newest first."""

    items: tuple[PlateOut, ...]
    next: str | None = Field(description="Cursor of the next page, null after the last.")
