"""Fakes of the stores of plates and watchlists, in memory."""

import time
from collections.abc import Sequence
from dataclasses import replace

from gtvision.domain.errors import AlreadyExists, BadInput, NotFound
from gtvision.domain.plate import VehiclePlate
from gtvision.domain.plate_query import PlateMatch
from gtvision.domain.watchlist import Entry, Watchlist, check_length
from gtvision.pipeline.watching import WatchlistIndex, hit_events
from gtvision.ports import EventToSave, PlateFilter, StoredPlate, StoredWatchlist
from gtvision.testing.stores import FakeCameraStore, FakeEventStore


class FakeWatchlistStore:
    """Watchlists in memory; the cursor is the number of entries that came before."""

    def __init__(self) -> None:
        self._lists: dict[str, StoredWatchlist] = {}
        self._entries: dict[str, dict[str, Entry]] = {}

    def watchlists(self) -> list[StoredWatchlist]:
        """All of them by id."""
        return [self.watchlist(watchlist_id) for watchlist_id in sorted(self._lists)]

    def watchlist(self, watchlist_id: str) -> StoredWatchlist:
        """One of them. Raises `NotFound`."""
        if watchlist_id not in self._lists:
            raise NotFound(f"there is no watchlist {watchlist_id!r}")
        return self._lists[watchlist_id]

    def add_watchlist(self, watchlist: Watchlist) -> StoredWatchlist:
        """Stores a new list without entries. Raises `AlreadyExists`."""
        if watchlist.id in self._lists:
            raise AlreadyExists(f"there is already a watchlist {watchlist.id!r}")
        self._entries[watchlist.id] = {}
        return self._changed(watchlist)

    def set_watchlist(self, watchlist: Watchlist) -> StoredWatchlist:
        """Replaces a list's settings; its entries stay. Raises `NotFound`."""
        self.watchlist(watchlist.id)
        return self._changed(watchlist)

    def remove_watchlist(self, watchlist_id: str) -> None:
        """Removes a list and its entries. Raises `NotFound`."""
        self.watchlist(watchlist_id)
        del self._lists[watchlist_id], self._entries[watchlist_id]

    def entries(self, watchlist_id: str, *, limit: int, cursor: str | None = None) -> tuple[list[Entry], str | None]:
        """Its entries by text and match, and the cursor of the next page. Raises `NotFound`, `BadInput`."""
        self.watchlist(watchlist_id)
        start = _position(cursor)
        found = sorted(self._entries[watchlist_id].values(), key=lambda entry: (entry.text, entry.match))
        return found[start : start + limit], str(start + limit) if len(found) > start + limit else None

    def save_entries(self, watchlist_id: str, entries: Sequence[Entry]) -> int:
        """Puts all of them on the list or none. Raises `NotFound`, `BadInput` when it would be too long."""
        stored = self.watchlist(watchlist_id)
        after = self._entries[watchlist_id] | {entry.id: entry for entry in entries}
        check_length(len(after), sum(entry.match is PlateMatch.PATTERN for entry in after.values()))
        self._entries[watchlist_id] = after
        return self._changed(stored.watchlist).entries - stored.entries

    def remove_entry(self, watchlist_id: str, entry_id: str) -> None:
        """Takes an entry off the list. Raises `NotFound`."""
        stored = self.watchlist(watchlist_id)
        if self._entries[watchlist_id].pop(entry_id, None) is None:
            raise NotFound(f"there is no entry {entry_id!r} on watchlist {watchlist_id!r}")
        self._changed(stored.watchlist)

    def indexes(self) -> dict[str, WatchlistIndex]:
        """All of them, ready to be looked into."""
        return {
            list_id: WatchlistIndex(stored.watchlist, self._entries[list_id].values())
            for list_id, stored in self._lists.items()
        }

    def _changed(self, watchlist: Watchlist) -> StoredWatchlist:
        stored = StoredWatchlist(watchlist, len(self._entries[watchlist.id]), time.time())
        self._lists[watchlist.id] = stored
        return stored


class FakePlateStore:
    """Plates in memory; the cursor is the number of plates that came before.

    Args:
        events: Where hits go.
        watchlists: What plates are matched against.
        cameras: Where their groups are looked up.
    """

    def __init__(
        self,
        events: FakeEventStore | None = None,
        watchlists: FakeWatchlistStore | None = None,
        cameras: FakeCameraStore | None = None,
    ) -> None:
        self._events = events or FakeEventStore()
        self._watchlists = watchlists or FakeWatchlistStore()
        self._cameras = cameras or FakeCameraStore()
        self._stored: dict[str, StoredPlate] = {}
        self._hits: dict[str, list[str]] = {}

    def save_plates(self, plates: Sequence[StoredPlate]) -> None:
        """Stores new revisions and their hits; one that is not newer only brings a missing crop key."""
        for new in sorted(plates, key=lambda item: item.vehicle_plate.revision):
            old = self._stored.get(new.vehicle_plate.id)
            merged = new if old is None else _merged(old, new)
            if merged != old:
                self._stored[new.vehicle_plate.id] = merged
                self._save_hits(merged)

    def _save_hits(self, stored: StoredPlate) -> None:
        seen = stored.vehicle_plate
        known = [self._events.event(event_id).event for event_id in self._hits.get(seen.id, [])]
        new = hit_events(seen, self._groups_of(seen.camera_id), self._watchlists.indexes(), known)
        events = {event.id: event for event in (*known, *new)}
        self._events.save_events([EventToSave(event, stored.crop_key) for event in events.values()])
        self._hits[seen.id] = list(events)

    def _groups_of(self, camera_id: str) -> frozenset[str]:
        cameras = (stored.camera for stored in self._cameras.cameras())
        return next((frozenset(camera.groups) for camera in cameras if camera.id == camera_id), frozenset())

    def plate(self, plate_id: str) -> StoredPlate:
        """One of them. Raises `NotFound`."""
        if plate_id not in self._stored:
            raise NotFound(f"there is no plate {plate_id!r}")
        return self._stored[plate_id]

    def plates(
        self, wanted: PlateFilter, *, limit: int, cursor: str | None = None
    ) -> tuple[list[StoredPlate], str | None]:
        """The newest first, and the cursor of the next page. Raises `BadInput` on a bad cursor."""
        start = _position(cursor)
        newest = sorted(self._stored.values(), key=_time_and_id, reverse=True)
        found = [stored for stored in newest if _is_wanted(stored.vehicle_plate, wanted)]
        return found[start : start + limit], str(start + limit) if len(found) > start + limit else None


def _position(cursor: str | None) -> int:
    if cursor is not None and not cursor.isdecimal():
        raise BadInput("that cursor is not one of this list; begin without a cursor")
    return int(cursor or 0)


def _time_and_id(stored: StoredPlate) -> tuple[float, str]:
    return stored.vehicle_plate.time_s, stored.vehicle_plate.id


def _merged(old: StoredPlate, new: StoredPlate) -> StoredPlate:
    if new.vehicle_plate.revision > old.vehicle_plate.revision:
        return replace(new, crop_key=new.crop_key or old.crop_key)
    return replace(old, crop_key=old.crop_key or new.crop_key)


def _is_wanted(seen: VehiclePlate, wanted: PlateFilter) -> bool:
    agrees = wanted.query is None or wanted.query.distance(seen.plate.text, seen.plate.format) is not None
    return (
        agrees
        and wanted.camera_id in (None, seen.camera_id)
        and (wanted.since_s is None or seen.time_s >= wanted.since_s)
        and (wanted.until_s is None or seen.time_s < wanted.until_s)
    )
