"""What all models share."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from gtvision.domain.errors import BadConfiguration

KindLabel = Literal["person", "bicycle", "motorcycle", "car", "bus", "truck"]
TypeLabel = Literal["enter", "leave", "cross", "dwell", "stationary", "wrong_way", "speed", "queue", "count"]
EventTypeLabel = Literal[
    "enter", "leave", "cross", "dwell", "stationary", "wrong_way", "speed", "queue", "count", "watchlist"
]
ProfileLabel = Literal["day", "night"]
RoleLabel = Literal["analyse", "detail", "live"]
PointModel = tuple[float, float]
BoxModel = tuple[float, float, float, float]


class Request(BaseModel):
    """Base of all bodies that come in: an unknown field is a mistake, and a number is finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Answer(BaseModel):
    """Base of all bodies that go out."""

    model_config = ConfigDict(frozen=True)


@contextmanager
def within(place: str) -> Iterator[None]:
    """Puts the place before the field of a `BadConfiguration` raised inside: `polygon` becomes `zones[0].polygon`."""
    try:
        yield
    except BadConfiguration as exc:
        path = f"{place}.{exc.field}" if exc.field else place
        raise BadConfiguration(exc.args[0], path) from exc


def utc(unix_s: float) -> datetime:
    """That moment in UTC, whole milliseconds; it becomes RFC 3339 in JSON."""
    return datetime.fromtimestamp(round(unix_s, 3), UTC)
