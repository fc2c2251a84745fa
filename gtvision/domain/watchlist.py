"""Watchlists: plates that people look out for. Every value here is valid from birth or raises `BadConfiguration`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from gtvision.domain.errors import BadConfiguration, BadInput
from gtvision.domain.plate_query import PlateMatch, PlateQuery
from gtvision.domain.slug import check_slug

_NAMESPACE = UUID("9a4f6c11-7c39-54c5-8f0e-2f1d6a9b7e30")
_LONGEST_NAME = 120
_LONGEST_REASON = 500
_FEWEST_FIXED = 2
_YEAR_1_S = datetime(1, 1, 1, tzinfo=UTC).timestamp()
_YEAR_10000_S = datetime(9999, 12, 31, tzinfo=UTC).timestamp() + 86_400
_NO_WILDCARDS = str.maketrans("", "", "*?")
MOST_ENTRIES = 100_000
"""A list holds so many entries at most: every recorder keeps all of them in memory."""
MOST_PATTERNS = 1000
"""So many of them at most are patterns: no index tells which of them a plate matches."""


class WatchAction(StrEnum):
    """What a hit asks for."""

    ALERT = "alert"
    """Somebody should look now."""
    LOG = "log"
    """It is kept to be looked up later."""


@dataclass(frozen=True, slots=True)
class Watchlist:
    """A list of plates and where they are looked out for.

    Attributes:
        id: Slug; hits carry it as their trigger.
        name: What people call it; empty: its id.
        action: What a hit asks for.
        cameras: Ids of cameras that look out for it.
        groups: Groups of cameras that do. Without cameras and groups all do.
    """

    id: str
    name: str = ""
    action: WatchAction = WatchAction.ALERT
    cameras: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        check_slug(self.id, "id")
        _check_text(self.name, _LONGEST_NAME, "name")
        for camera_id in self.cameras:
            check_slug(camera_id, "cameras")
        for group in self.groups:
            if not group.strip():
                raise BadConfiguration("a group has a name", "groups")
            _check_text(group, _LONGEST_NAME, "groups")

    def is_for(self, camera_id: str, groups: frozenset[str]) -> bool:
        """Whether a camera of that id and of those groups looks out for it."""
        is_everywhere = not self.cameras and not self.groups
        return is_everywhere or camera_id in self.cameras or bool(self.groups & groups)


@dataclass(frozen=True, slots=True)
class Entry:
    """One plate, or a pattern of plates, on a list. No two entries of a list have the same text and match.

    Attributes:
        watchlist_id: The list it is on.
        text: Of A-Z and 0-9; a pattern also has `*` for any characters and `?` for one.
        match: How a plate has to agree with it.
        valid_from_s: Since when it holds, Unix seconds; None: always has.
        valid_to_s: Until when, that moment not included; None: with no end.
        reason: Why it is on the list; a hit carries it.
    """

    watchlist_id: str
    text: str
    match: PlateMatch = PlateMatch.EXACT
    valid_from_s: float | None = None
    valid_to_s: float | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        check_slug(self.watchlist_id, "watchlist_id")
        if self.match is PlateMatch.PREFIX:
            raise BadConfiguration("an entry is exact, pattern or near; write a prefix as the pattern ABC*", "match")
        if PlateQuery(self.text, self.match).text != self.text:
            raise BadConfiguration("write it in capitals and without separators", "text")
        if self.match is PlateMatch.PATTERN and len(self.text.translate(_NO_WILDCARDS)) < _FEWEST_FIXED:
            raise BadConfiguration(f"a pattern has at least {_FEWEST_FIXED} letters or digits", "text")
        _check_time(self.valid_from_s, "valid_from")
        _check_time(self.valid_to_s, "valid_to")
        if self.valid_from_s is not None and self.valid_to_s is not None and self.valid_from_s >= self.valid_to_s:
            raise BadConfiguration("it must lie after valid_from", "valid_to")
        _check_text(self.reason, _LONGEST_REASON, "reason")

    @property
    def id(self) -> str:
        """The same for the same list, text and match, however often it is imported."""
        return str(uuid5(_NAMESPACE, f"{self.watchlist_id}|{self.match}|{self.text}"))

    def is_valid_at(self, time_s: float) -> bool:
        """Whether it holds at that moment."""
        is_begun = self.valid_from_s is None or self.valid_from_s <= time_s
        return is_begun and (self.valid_to_s is None or time_s < self.valid_to_s)


def check_length(entries: int, patterns: int) -> None:
    """Raises `BadInput` when a list with so many entries, so many of them patterns, would be too long."""
    for number, most, what in ((entries, MOST_ENTRIES, "entries"), (patterns, MOST_PATTERNS, "patterns")):
        if number > most:
            raise BadInput(f"a watchlist has {most} {what} at most, this would be {number}: split it")


def _check_time(time_s: float | None, where: str) -> None:
    if time_s is not None and not _YEAR_1_S <= time_s < _YEAR_10000_S:
        raise BadConfiguration("it lies in the years 1 to 9999 UTC; leave it out for no bound", where)


def _check_text(text: str, longest: int, where: str) -> None:
    if len(text) > longest or not text.isprintable():
        raise BadConfiguration(f"it has at most {longest} characters, all of them printable, on one line", where)
