"""Events as they go out."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from gtvision.api.schemas.common import Answer, KindLabel, TypeLabel, utc
from gtvision.ports import StoredEvent

BoxModel = tuple[float, float, float, float]


class BestOut(Answer):
    """The sample that shows the vehicle best; its picture is the snapshot."""

    time: datetime
    box: BoxModel = Field(description="Corners x1, y1, x2, y2, 0-1 of the picture.")


class EventOut(Answer):
    """One vehicle pass and one trigger."""

    id: str
    seq: int = Field(description="Number of its newest change, over all events; the stream resumes by it.")
    camera: str
    trigger: str
    type: TypeLabel
    zone: str | None
    line: str | None
    track: int
    kind: KindLabel
    score: float
    direction: Literal["forward", "backward"] | None
    start: datetime
    end: datetime | None = Field(description="Null while it goes on.")
    seen: datetime = Field(description="When the vehicle was last detected.")
    best: BestOut
    box: BoxModel = Field(description="The vehicle when last seen.")
    plate: str | None
    speed_kmh: float | None = Field(description="For speed: an estimate, not for fines.")
    vehicles: int | None = Field(description="For queue: the most that stood in it.")
    length_m: float | None = Field(description="For queue in a calibrated zone: its greatest length in metres.")
    epoch: int
    revision: int
    snapshot: str | None = Field(description="Where its picture is, null until there is one.")
    clip: str | None = Field(description="Where its clip is, null until there is one.")

    @classmethod
    def of(cls, stored: StoredEvent) -> "EventOut":
        """An event, to be shown."""
        event, here = stored.event, f"/v1/events/{stored.event.id}"
        return cls(
            id=event.id,
            seq=stored.seq,
            camera=event.camera_id,
            trigger=event.trigger_id,
            type=event.trigger_type.value,
            zone=event.zone_id,
            line=event.line_id,
            track=event.track,
            kind=event.kind.label,
            score=round(event.score, 3),
            direction=event.direction.value if event.direction else None,
            start=utc(event.start_s),
            end=None if event.end_s is None else utc(event.end_s),
            seen=utc(event.seen_s),
            best=BestOut(time=utc(event.best_s), box=_short(event.best_box)),
            box=_short(event.box),
            plate=event.plate,
            speed_kmh=None if event.speed_kmh is None else round(event.speed_kmh, 1),
            vehicles=event.vehicles,
            length_m=None if event.length_m is None else round(event.length_m, 1),
            epoch=event.epoch,
            revision=event.revision,
            snapshot=f"{here}/snapshot.jpg" if stored.snapshot_key else None,
            clip=f"{here}/clip.mp4" if stored.clip_key else None,
        )


class EventPage(Answer):
    """Some events, the newest first."""

    items: tuple[EventOut, ...]
    next: str | None = Field(description="Cursor of the next page, null after the last.")
    seq: int = Field(description="Number of the newest change before this page was read: follow the stream after it.")


def _short(box: BoxModel) -> BoxModel:
    x1, y1, x2, y2 = (round(float(value), 4) for value in box)
    return x1, y1, x2, y2
