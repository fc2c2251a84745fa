"""Counts as they are asked for, and as they go out."""

import time
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gtvision.api.schemas.common import Answer, KindLabel, utc
from gtvision.domain.errors import BadConfiguration
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction
from gtvision.ports import CountFilter, IntervalCount

DirectionLabel = Literal["forward", "backward"]

_HOUR_S, _DAY_S = 3600.0, 86_400.0
_DEFAULT_S = _DAY_S
_LONGEST_S = 31 * _DAY_S
_LONGEST_OF_A_CAMERA_S = 366 * _DAY_S
_UNITS_S = {"m": 60, "h": 3600, "d": 86_400}


class CountQuery(BaseModel):
    """Which counts, in what intervals, and how many at once; what is left out means any."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    camera: str | None = Field(None, description="Id of a camera.")
    trigger: str | None = Field(None, description="Id of a count trigger.")
    line: str | None = Field(None, description="Id of a line.")
    kind: KindLabel | None = None
    direction: DirectionLabel | None = None
    since: AwareDatetime | None = Field(
        None, description="Intervals that began at or after, RFC 3339; left out: a day before `until`, at a full hour."
    )
    until: AwareDatetime | None = Field(None, description="Intervals that began before, RFC 3339; left out: no end.")
    interval: str | None = Field(
        None,
        pattern=r"^[1-9]\d{0,3}[mhd]$",
        description="Adds up to intervals of that length, such as 15m, 1h or 1d, by the clock of the camera's site; a "
        "day is a whole number of them. Left out: as they were counted.",
    )
    limit: int = Field(500, ge=1, le=5000)
    cursor: str | None = Field(None, max_length=1024, description="The 'next' of the page before.")
    format: Literal["json", "csv"] = Field("json", description="csv: rows with a title; its next page is a Link.")

    @property
    def interval_s(self) -> float:
        """Of the intervals asked for, 0 for those that were counted. Raises `BadConfiguration`."""
        if self.interval is None:
            return 0.0
        length_s = float(self.interval[:-1]) * _UNITS_S[self.interval[-1]]
        if _DAY_S % length_s:
            raise BadConfiguration(f"a day is no whole number of {self.interval}; write 15m, 1h or 1d", "interval")
        return length_s

    def to_filter(self) -> CountFilter:
        """The same for the store. Raises `BadConfiguration` when it is too much to add up while a caller waits."""
        until_s = self.until.timestamp() if self.until else time.time()
        since_s = self.since.timestamp() if self.since else (until_s - _DEFAULT_S) // _HOUR_S * _HOUR_S
        longest_s = _LONGEST_OF_A_CAMERA_S if self.camera else _LONGEST_S
        if until_s - since_s > longest_s:
            raise BadConfiguration(
                f"it may lie {longest_s / _DAY_S:.0f} days before until: 31 for all cameras, 366 for one", "since"
            )
        return CountFilter(
            camera_id=self.camera,
            trigger_id=self.trigger,
            line_id=self.line,
            kind=Kind.of(self.kind) if self.kind else None,
            direction=Direction(self.direction) if self.direction else None,
            since_s=since_s,
            until_s=until_s if self.until else None,
        )


class CountOut(Answer):
    """How many vehicles of one kind went over a line one way in an interval; at least one."""

    camera: str
    trigger: str
    line: str
    start: datetime = Field(description="When the interval began.")
    time_zone: str = Field(description="IANA zone of the camera's site, whose clock the intervals follow.")
    interval_s: float = Field(description="Length of the interval; it is never shorter than it was counted.")
    kind: KindLabel
    direction: DirectionLabel
    vehicles: int

    @classmethod
    def of(cls, count: IntervalCount) -> "CountOut":
        """A count, to be shown."""
        return cls(
            camera=count.camera_id,
            trigger=count.trigger_id,
            line=count.line_id,
            start=utc(count.start_s),
            time_zone=count.time_zone,
            interval_s=count.interval_s,
            kind=count.kind.label,
            direction=count.direction.value,
            vehicles=count.vehicles,
        )


class CountPage(Answer):
    """Some counts, the newest intervals first."""

    items: tuple[CountOut, ...]
    next: str | None = Field(description="Cursor of the next page, null after the last.")
