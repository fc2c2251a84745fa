"""Which plates are on a watchlist, and the events that say so.

A list is looked into by what was read, not entry by entry: whole plates by their converted form, near ones by their
look-alike key; patterns are one expression, and tried one after the other only when it matches. A hit is found when the
plate is stored, against the lists as they are then: a list that changes later makes no hits of the past.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from uuid import UUID, uuid5

from gtvision.domain.event import Event, Hit
from gtvision.domain.plate import Plate, VehiclePlate
from gtvision.domain.plate_match import converted, look_alike_key, pattern_expression, spellings
from gtvision.domain.plate_query import PlateMatch, PlateQuery
from gtvision.domain.trigger import TriggerType
from gtvision.domain.watchlist import Entry, Watchlist

_NAMESPACE = UUID("3d2c7b0a-52f4-5a8e-9b61-7c0d8e4f6a95")
_NOTHING = "(?!)"
_WHOLE_CROP = (0.0, 0.0, 1.0, 1.0)


class WatchlistIndex:
    """One list, ready to be looked into."""

    def __init__(self, watchlist: Watchlist, entries: Iterable[Entry]) -> None:
        self.watchlist = watchlist
        self._entries = {entry.id: entry for entry in entries}
        self._exact: defaultdict[str, list[Entry]] = defaultdict(list)
        self._near: defaultdict[str, list[Entry]] = defaultdict(list)
        self._patterns: list[Entry] = []
        for entry in self._entries.values():
            if entry.match is PlateMatch.EXACT:
                self._exact[converted(entry.text)].append(entry)
            elif entry.match is PlateMatch.NEAR:
                for key in {look_alike_key(spelling) for spelling in spellings(entry.text)}:
                    self._near[key].append(entry)
            else:
                self._patterns.append(entry)
        expressions = (pattern_expression(entry.text) for entry in self._patterns)
        self._any_pattern = re.compile("|".join(expressions) or _NOTHING)

    def matches(self, plate: Plate) -> Iterator[tuple[Entry, int]]:
        """Every entry that the plate agrees with, whenever it is valid, and in how many characters it differs."""
        exact = self._exact.get(converted(plate.text), ())
        near = self._near.get(look_alike_key(plate.text), ())
        has_pattern = any(self._any_pattern.fullmatch(spelling) for spelling in spellings(plate.text))
        for entry in (*exact, *near, *(self._patterns if has_pattern else ())):
            distance = _distance(entry, plate)
            if distance is not None:
                yield entry, distance

    def entry(self, entry_id: str) -> Entry | None:
        """The entry of that id, None when it is not on the list any more."""
        return self._entries.get(entry_id)


Indexes = Mapping[str, WatchlistIndex]
"""The lists by id."""


def hit_id(plate_id: str, entry_id: str) -> str:
    """The id of the event that says that this vehicle's plate is that entry: one, however often it is stored."""
    return str(uuid5(_NAMESPACE, f"{plate_id}|{entry_id}"))


def hit_events(seen: VehiclePlate, groups: frozenset[str], lists: Indexes, known: Collection[Event]) -> list[Event]:
    """The `watchlist` events of a vehicle's plate that are new or have changed.

    Args:
        seen: The newest state of the plate.
        groups: Those of its camera.
        lists: All watchlists.
        known: The events that earlier states of it made. One whose entry is gone stays as it is; one whose entry the
            plate does not agree with any more is withdrawn.
    """
    news = {event.id: event for event in _new_hits(seen, groups, lists)}
    changed = []
    for event in known:
        news.pop(event.id, None)
        if (newer := _judged_again(event, seen, lists)) != event:
            changed.append(replace(newer, revision=event.revision + 1))
    return [*news.values(), *changed]


def _new_hits(seen: VehiclePlate, groups: frozenset[str], lists: Indexes) -> Iterator[Event]:
    for index in lists.values():
        if not index.watchlist.is_for(seen.camera_id, groups):
            continue
        for entry, distance in index.matches(seen.plate):
            if entry.is_valid_at(seen.time_s):
                yield _event(seen, index.watchlist, entry, distance)


def _event(seen: VehiclePlate, watchlist: Watchlist, entry: Entry, distance: int) -> Event:
    return Event(
        id=hit_id(seen.id, entry.id),
        camera_id=seen.camera_id,
        trigger_id=watchlist.id,
        trigger_type=TriggerType.WATCHLIST,
        zone_id=None,
        line_id=None,
        track=seen.track,
        kind=seen.kind,
        score=seen.plate.score,
        direction=None,
        start_s=seen.time_s,
        end_s=seen.time_s,
        seen_s=seen.time_s,
        best_s=seen.time_s,
        best_box=_WHOLE_CROP,
        box=seen.box,
        epoch=seen.epoch,
        plate=seen.plate.text,
        hit=_hit(watchlist, entry, distance),
    )


def _hit(watchlist: Watchlist, entry: Entry, distance: int) -> Hit:
    return Hit(watchlist.id, entry.id, entry.text, distance, entry.reason, watchlist.action.value)


def _judged_again(event: Event, seen: VehiclePlate, lists: Indexes) -> Event:
    """The event after its plate was read better; when it began stays, so that it keeps its place in lists."""
    index, hit = lists.get(event.trigger_id), event.hit
    entry = None if index is None or hit is None else index.entry(hit.entry_id)
    if index is None or hit is None or entry is None:
        return event
    distance = _distance(entry, seen.plate)
    new = replace(hit, is_withdrawn=True) if distance is None else _hit(index.watchlist, entry, distance)
    return replace(
        event, hit=new, plate=seen.plate.text, kind=seen.kind, score=seen.plate.score, best_s=seen.time_s, box=seen.box
    )


def _distance(entry: Entry, plate: Plate) -> int | None:
    return PlateQuery(entry.text, entry.match).distance(plate.text, plate.format)
