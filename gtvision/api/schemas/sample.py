"""The samples of a camera's last minutes, as they go out."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gtvision.api.schemas.common import Answer, KindLabel, utc
from gtvision.domain.kinds import Kind
from gtvision.pipeline.sample_log import LoggedSample

BoxModel = tuple[float, float, float, float]


class SampleQuery(BaseModel):
    """Which samples, and how many at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: AwareDatetime | None = Field(None, description="Taken after that, RFC 3339; the 'next' of the page before.")
    limit: int = Field(500, ge=1, le=1000)

    @property
    def after_s(self) -> float:
        """Unix seconds."""
        return self.since.timestamp() if self.since else float("-inf")


class DetectionOut(Answer):
    """One road user that the detector found."""

    box: BoxModel
    kind: KindLabel
    score: float


class SampleOut(Answer):
    """One picture that was looked at."""

    time: datetime
    share: float = Field(description="Foreground share of the watched area, 0-1.")
    passed: bool = Field(description="Whether the detector was asked.")
    reason: str = Field(description="motion, blob, track, parked, pushed, warm_up, recalibrating; or still.")
    burst: bool = Field(description="Whether the camera sampled densely.")
    box: BoxModel | None = Field(description="Around the largest change, corners 0-1; null without one.")
    detections: tuple[DetectionOut, ...] | None = Field(description="Null when the detector did not answer.")

    @classmethod
    def of(cls, sample: LoggedSample) -> "SampleOut":
        """A sample, to be shown."""
        look = sample.look
        return cls(
            time=utc(sample.time_s),
            share=round(look.share, 5),
            passed=look.passed,
            reason=look.reason,
            burst=sample.is_burst,
            box=None if look.box is None else _rounded(look.box),
            detections=None if sample.found is None else tuple(_detection(row) for row in sample.found.tolist()),
        )


class SampleList(Answer):
    """Samples in order of time."""

    items: tuple[SampleOut, ...]
    next: datetime | None = Field(description="The 'since' of the page after this one; null when this is the last.")

    @classmethod
    def of(cls, samples: Sequence[LoggedSample], *, has_more: bool) -> "SampleList":
        """A page."""
        items = tuple(SampleOut.of(sample) for sample in samples)
        return cls(items=items, next=items[-1].time if has_more else None)


def _detection(row: Sequence[float]) -> DetectionOut:
    *box, score, kind = row
    return DetectionOut.model_validate(
        {"box": _rounded(box), "kind": Kind(int(kind)).label, "score": round(score, 4)},
    )


def _rounded(box: Sequence[float]) -> BoxModel:
    x1, y1, x2, y2 = (round(value, 5) for value in box)
    return x1, y1, x2, y2
