"""What a camera is and what it watches. Every value here is valid from birth or raises `BadConfiguration`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gtvision.domain.errors import BadConfiguration
from gtvision.domain.geometry import Point, is_simple, polygon_area
from gtvision.domain.kinds import VEHICLES, Kind

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_SCHEMES = ("rtsp", "rtsps", "file")
_SMALLEST_ZONE_AREA = 1e-4


def check_slug(value: str, where: str) -> None:
    """Raises `BadConfiguration` unless the value can be an id."""
    if not _SLUG.fullmatch(value):
        raise BadConfiguration(
            f"{value!r} cannot be an id: use 1 to 63 lower-case letters, digits, '-' and '_', "
            "beginning with a letter or digit",
            where,
        )


def _check_points(points: tuple[Point, ...], where: str) -> None:
    for index, (x, y) in enumerate(points):
        if not (0 <= x <= 1 and 0 <= y <= 1):
            raise BadConfiguration(
                f"({x:g}, {y:g}) lies outside the picture: coordinates run from 0 to 1 of its width and height",
                f"{where}[{index}]",
            )


class Role(StrEnum):
    """What a source is used for."""

    ANALYSE = "analyse"
    DETAIL = "detail"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Source:
    """One stream of a camera, its address and its secret apart.

    Attributes:
        url: `rtsp://`, `rtsps://` or `file:///` address without user and password.
        user: Who logs in, None when nobody has to.
        password: Never shown, logged, sent as an actor argument or answered over HTTP.
        roles: What the stream is used for.
    """

    url: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    roles: frozenset[Role] = frozenset({Role.ANALYSE})

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            has_credentials = "@" in parts.netloc
            _ = parts.port
        except ValueError as exc:
            raise BadConfiguration("it is not an address; write rtsp://HOST[:PORT]/PATH", "url") from exc
        if parts.scheme not in _SCHEMES:
            raise BadConfiguration(
                f"{parts.scheme or 'no scheme'!r} is not supported; write {', '.join(s + '://' for s in _SCHEMES)}",
                "url",
            )
        if has_credentials:
            raise BadConfiguration("user and password must stand in their own fields, not in the address", "url")
        if parts.scheme != "file" and not parts.hostname:
            raise BadConfiguration("it names no host; write rtsp://HOST[:PORT]/PATH", "url")
        if parts.scheme == "file" and (parts.netloc or not parts.path.startswith("/")):
            raise BadConfiguration("a file needs its whole path: file:///path/to/video.mp4", "url")
        if not self.roles:
            raise BadConfiguration(f"a source needs a role: {', '.join(Role)}", "roles")

    @classmethod
    def parse(cls, text: str, roles: frozenset[Role] = frozenset({Role.ANALYSE})) -> "Source":
        """The source of an address as people write it, `rtsp://user:password@host/path`, its credentials taken out."""
        try:
            parts = urlsplit(text)
            host = parts.netloc.rpartition("@")[2]
            user, password = parts.username, parts.password
        except ValueError as exc:
            raise BadConfiguration("it is not an address; write rtsp://HOST[:PORT]/PATH", "url") from exc
        bare = urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
        return cls(bare, unquote(user) if user else None, unquote(password) if password else None, roles)

    @property
    def is_file(self) -> bool:
        """Whether it is a recording, which is played once at its own pace."""
        return self.url.startswith("file:")


class ZoneKind(StrEnum):
    """What a zone does: `watch` what happens inside, or `ignore` it."""

    WATCH = "watch"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon of the analysed picture.

    Attributes:
        id: Slug, unique in its camera.
        polygon: At least 3 corners, 0-1, edges that do not cross.
        kind: Whether it is watched or ignored.
    """

    id: str
    polygon: tuple[Point, ...]
    kind: ZoneKind = ZoneKind.WATCH

    def __post_init__(self) -> None:
        check_slug(self.id, "id")
        if len(self.polygon) < 3:
            raise BadConfiguration(f"a zone needs at least 3 corners, got {len(self.polygon)}", "polygon")
        _check_points(self.polygon, "polygon")
        if not is_simple(self.polygon):
            raise BadConfiguration("its edges cross each other; list the corners in order around the zone", "polygon")
        if polygon_area(self.polygon) < _SMALLEST_ZONE_AREA:
            raise BadConfiguration("it has no area; its corners lie on one line", "polygon")


class Direction(StrEnum):
    """Which way a line was crossed: `forward` is from its left to its right side, looking from start to end."""

    FORWARD = "forward"
    BACKWARD = "backward"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that vehicles cross.

    Attributes:
        id: Slug, unique in its camera.
        start: First point, 0-1.
        end: Second point, 0-1.
    """

    id: str
    start: Point
    end: Point

    def __post_init__(self) -> None:
        check_slug(self.id, "id")
        _check_points((self.start,), "start")
        _check_points((self.end,), "end")
        if self.start == self.end:
            raise BadConfiguration("its two points are the same", "end")


class TriggerType(StrEnum):
    """When a trigger fires for a vehicle."""

    ENTER = "enter"
    LEAVE = "leave"
    CROSS = "cross"
    DWELL = "dwell"
    STATIONARY = "stationary"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a trigger is armed, in the camera's own time zone.

    Attributes:
        days: Weekdays, Monday 0 to Sunday 6, on which the window begins.
        start_min: Minute of the day at which it begins, 0 to 1439.
        end_min: Minute at which it ends, 1 to 1440; at or before `start_min` it ends on the next day.
    """

    days: frozenset[int] = frozenset(range(7))
    start_min: int = 0
    end_min: int = 1440

    def __post_init__(self) -> None:
        if not self.days or not self.days <= set(range(7)):
            raise BadConfiguration("days are numbers from 0 (Monday) to 6 (Sunday), at least one", "days")
        if not (0 <= self.start_min < 1440 and 0 < self.end_min <= 1440):
            raise BadConfiguration("start_min runs from 0 to 1439 and end_min from 1 to 1440", "start_min")

    def covers(self, weekday: int, minute: int) -> bool:
        """Whether the window is open at that local weekday and minute of the day."""
        if self.start_min < self.end_min:
            return weekday in self.days and self.start_min <= minute < self.end_min
        return (weekday in self.days and minute >= self.start_min) or (
            (weekday - 1) % 7 in self.days and minute < self.end_min
        )


@dataclass(frozen=True, slots=True)
class Trigger:
    """What makes an event.

    Attributes:
        id: Slug, unique in its camera.
        type: When it fires.
        zone: The zone it watches; None means the whole picture. Not for `cross`.
        line: The line it watches; for `cross` only.
        direction: For `cross`: only this way; None means both.
        kinds: Which road users count.
        min_score: Detections below it neither begin nor prolong an event, in [0, 1].
        min_s: For `dwell` and `stationary`: how long, in seconds, before it fires.
        cooldown_s: After an event has closed, the trigger stays silent for that long.
        schedule: When it is armed; None means always.
    """

    id: str
    type: TriggerType
    zone: str | None = None
    line: str | None = None
    direction: Direction | None = None
    kinds: frozenset[Kind] = VEHICLES
    min_score: float = 0.4
    min_s: float = 10.0
    cooldown_s: float = 0.0
    schedule: Schedule | None = None

    def __post_init__(self) -> None:
        check_slug(self.id, "id")
        is_cross = self.type is TriggerType.CROSS
        if is_cross and self.line is None:
            raise BadConfiguration("a cross trigger names the line it watches", "line")
        if is_cross and self.zone is not None:
            raise BadConfiguration("a cross trigger watches a line, not a zone", "zone")
        if not is_cross and (self.line is not None or self.direction is not None):
            raise BadConfiguration(f"only a cross trigger has a line and a direction, not {self.type}", "line")
        if not self.kinds:
            raise BadConfiguration(f"name at least one of {', '.join(k.label for k in Kind)}", "kinds")
        for name, value, low, high in (
            ("min_score", self.min_score, 0.0, 1.0),
            ("min_s", self.min_s, 0.0, 86_400.0),
            ("cooldown_s", self.cooldown_s, 0.0, 86_400.0),
        ):
            if not low <= value <= high:
                raise BadConfiguration(f"{value:g} is not between {low:g} and {high:g}", name)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How often a camera is looked at.

    Attributes:
        idle_period_s: Between samples while nothing moves.
        burst_period_s: Between samples while something does.
        quiet_s: A burst ends after that long without motion or moving tracks.
    """

    idle_period_s: float = 1.0
    burst_period_s: float = 0.2
    quiet_s: float = 3.0

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("idle_period_s", self.idle_period_s, 0.1, 60.0),
            ("burst_period_s", self.burst_period_s, 0.03, 10.0),
            ("quiet_s", self.quiet_s, 0.5, 60.0),
        ):
            if not low <= value <= high:
                raise BadConfiguration(f"{value:g} is not between {low:g} and {high:g}", name)
        if self.burst_period_s > self.idle_period_s:
            raise BadConfiguration("a burst cannot sample less often than an idle camera", "burst_period_s")


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera and what it watches.

    Attributes:
        id: Slug, the name of its actor, metric label and folder.
        sources: In order of preference; the first with role `analyse` is analysed.
        name: What people call it; the id when empty.
        zones: Where it looks; without a `watch` zone, the whole picture.
        lines: What vehicles cross.
        triggers: What makes events; without any, one `enter` on the whole picture.
        sampling: How often it is looked at.
        enabled: Whether it should run.
        groups: Free labels for filters.
        time_zone: IANA name of its site's zone, for schedules.
    """

    id: str
    sources: tuple[Source, ...]
    name: str = ""
    zones: tuple[Zone, ...] = ()
    lines: tuple[Line, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    sampling: Sampling = Sampling()
    enabled: bool = True
    groups: tuple[str, ...] = ()
    time_zone: str = "America/Sao_Paulo"

    def __post_init__(self) -> None:
        check_slug(self.id, "id")
        if not any(Role.ANALYSE in source.roles for source in self.sources):
            raise BadConfiguration("a camera needs a source with the role 'analyse'", "sources")
        for where, named in (("zones", self.zones), ("lines", self.lines), ("triggers", self.triggers)):
            _check_unique((item.id for item in named), where)
        zone_ids, line_ids = {zone.id for zone in self.zones}, {line.id for line in self.lines}
        for index, trigger in enumerate(self.triggers):
            if trigger.zone is not None and trigger.zone not in zone_ids:
                raise BadConfiguration(f"there is no zone {trigger.zone!r}", f"triggers[{index}].zone")
            if trigger.line is not None and trigger.line not in line_ids:
                raise BadConfiguration(f"there is no line {trigger.line!r}", f"triggers[{index}].line")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as exc:
            raise BadConfiguration(
                f"{self.time_zone!r} is no IANA time zone; write one like America/Sao_Paulo", "time_zone"
            ) from exc

    @property
    def analysed(self) -> Source:
        """The source that is analysed."""
        return next(source for source in self.sources if Role.ANALYSE in source.roles)


def _check_unique(ids: Iterable[str], where: str) -> None:
    seen: set[str] = set()
    for index, value in enumerate(ids):
        if value in seen:
            raise BadConfiguration(f"{value!r} is there twice; give each its own id", f"{where}[{index}].id")
        seen.add(value)
