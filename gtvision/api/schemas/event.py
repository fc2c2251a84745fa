"""Events as they go out."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from gtvision.api.schemas.common import Answer, BoxModel, EventTypeLabel, KindLabel, utc
from gtvision.domain.event import Hit
from gtvision.ports import StoredEvent


class BestOut(Answer):
    """The sample that shows the vehicle best; its picture is the snapshot."""

    time: datetime
    box: BoxModel = Field(description="Corners x1, y1, x2, y2, 0-1 of the picture.")


class HitOut(Answer):
    """What the plate of a `watchlist` event matched."""

    watchlist: str
    entry: str = Field(description="Id of the entry.")
    text: str = Field(description="The plate or pattern on the list.")
    distance: int = Field(description="Look-alike characters in which the plate differs from it.")
    reason: str
    action: str = Field(description="alert or log.")
    withdrawn: bool = Field(description="The plate was read better since, and does not match any more.")

    @classmethod
    def of(cls, hit: Hit) -> "HitOut":
        """A hit, to be shown."""
        return cls(
            watchlist=hit.watchlist_id,
            entry=hit.entry_id,
            text=hit.entry_text,
            distance=hit.distance,
            reason=hit.reason,
            action=hit.action,
            withdrawn=hit.is_withdrawn,
        )


class EventOut(Answer):
    """One vehicle pass and one trigger."""

    id: str
    seq: int = Field(description="Number of its newest change, over all events; the stream resumes by it.")
    camera: str
    trigger: str
    type: EventTypeLabel
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
    hit: HitOut | None = Field(description="For watchlist: what the plate matched.")
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
            hit=None if event.hit is None else HitOut.of(event.hit),
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
