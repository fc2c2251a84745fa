"""What a camera is and what it watches. Every value here is valid from birth or raises `BadConfiguration`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gtvision.domain.errors import BadConfiguration
from gtvision.domain.places import Line, Zone
from gtvision.domain.slug import check_slug
from gtvision.domain.trigger import Trigger, TriggerType

_SCHEMES = ("rtsp", "rtsps", "file")
PUSHED = "pushed:"
"""The address of a source that nobody opens: others push its frames."""


class Role(StrEnum):
    """What a source is used for."""

    ANALYSE = "analyse"
    DETAIL = "detail"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Source:
    """One stream of a camera, its address and its secret apart.

    Attributes:
        url: `rtsp://`, `rtsps://` or `file:///` address without user and password, or `pushed:`.
        user: Who logs in, None when nobody has to.
        password: Never shown, logged, sent as an actor argument or answered over HTTP.
        roles: What the stream is used for.
    """

    url: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    roles: frozenset[Role] = frozenset({Role.ANALYSE})

    def __post_init__(self) -> None:
        if not self.roles:
            raise BadConfiguration(f"a source needs a role: {', '.join(Role)}", "roles")
        if self.is_pushed:
            self._check_pushed()
        else:
            self._check_address()

    def _check_address(self) -> None:
        try:
            parts = urlsplit(self.url)
            has_credentials = "@" in parts.netloc
            _ = parts.port
        except ValueError as exc:
            raise BadConfiguration("it is not an address; write rtsp://HOST[:PORT]/PATH", "url") from exc
        if parts.scheme not in _SCHEMES:
            raise BadConfiguration(
                f"{parts.scheme or 'no scheme'!r} is not supported; write {', '.join(s + '://' for s in _SCHEMES)}, "
                f"or {PUSHED}",
                "url",
            )
        if has_credentials:
            raise BadConfiguration("user and password must stand in their own fields, not in the address", "url")
        if parts.scheme != "file" and not parts.hostname:
            raise BadConfiguration("it names no host; write rtsp://HOST[:PORT]/PATH", "url")
        if parts.scheme == "file" and (parts.netloc or not parts.path.startswith("/")):
            raise BadConfiguration("a file needs its whole path: file:///path/to/video.mp4", "url")

    def _check_pushed(self) -> None:
        if self.url != PUSHED:
            raise BadConfiguration(
                f"nobody opens it, so that it has no address: write {PUSHED} and nothing more", "url"
            )
        if self.user is not None or self.password is not None:
            raise BadConfiguration("frames are pushed to it, so that nobody logs in: leave it out", "user")
        if self.roles != {Role.ANALYSE}:
            raise BadConfiguration("frames that are pushed have the role 'analyse' and no other", "roles")

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

    @property
    def is_pushed(self) -> bool:
        """Whether others push its frames, instead of a stream that we open."""
        return self.url.partition(":")[0] == "pushed"


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
class Location:
    """Where something stands.

    Attributes:
        latitude: Degrees, north is positive.
        longitude: Degrees, east is positive.
    """

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        for name, value, most in (("latitude", self.latitude, 90.0), ("longitude", self.longitude, 180.0)):
            if not -most <= value <= most:
                raise BadConfiguration(f"{value:g} is not between {-most:g} and {most:g} degrees", name)


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
        location: Where it stands, for day and night; None: nobody has said.
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
    location: Location | None = None

    def __post_init__(self) -> None:
        check_slug(self.id, "id")
        if not any(Role.ANALYSE in source.roles for source in self.sources):
            raise BadConfiguration("a camera needs a source with the role 'analyse'", "sources")
        if len(self.sources) > 1 and any(source.is_pushed for source in self.sources):
            raise BadConfiguration(f"{PUSHED} is the only source of its camera: take out the others, or it", "sources")
        for where, named in (("zones", self.zones), ("lines", self.lines), ("triggers", self.triggers)):
            _check_unique((item.id for item in named), where)
        for index, trigger in enumerate(self.triggers):
            self._check_places(trigger, f"triggers[{index}]")
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

    @property
    def detail(self) -> Source | None:
        """The large stream that plates are read from, None when the analysed one has to do."""
        large = (source for source in self.sources if Role.DETAIL in source.roles and source != self.analysed)
        return next(large, None)

    def _check_places(self, trigger: Trigger, where: str) -> None:
        zone = next((zone for zone in self.zones if zone.id == trigger.zone), None)
        if trigger.zone is not None and zone is None:
            raise BadConfiguration(f"there is no zone {trigger.zone!r}", f"{where}.zone")
        for name, line in (("line", trigger.line), ("until_line", trigger.until_line)):
            if line is not None and all(line != known.id for known in self.lines):
                raise BadConfiguration(f"there is no line {line!r}", f"{where}.{name}")
        if trigger.type is TriggerType.SPEED and zone is not None and zone.calibration is None:
            raise BadConfiguration(
                f"the zone {zone.id!r} has no `calibration`: four points, and where they lie on the road in metres",
                f"{where}.zone",
            )


def _check_unique(ids: Iterable[str], where: str) -> None:
    seen: set[str] = set()
    for index, value in enumerate(ids):
        if value in seen:
            raise BadConfiguration(f"{value!r} is there twice; give each its own id", f"{where}[{index}].id")
        seen.add(value)
