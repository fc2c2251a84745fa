"""Where plates and watchlists are stored and found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gtvision.domain.plate import VehiclePlate
from gtvision.domain.plate_query import PlateQuery
from gtvision.domain.watchlist import Entry, Watchlist


@dataclass(frozen=True, slots=True)
class PlateFilter:
    """Which vehicles' plates to list; None means any.

    Attributes:
        query: What the plate agrees with.
        since_s: Pictured at or after, Unix seconds.
        until_s: Pictured before, Unix seconds.
    """

    query: PlateQuery | None = None
    camera_id: str | None = None
    since_s: float | None = None
    until_s: float | None = None


@dataclass(frozen=True, slots=True)
class StoredPlate:
    """A vehicle's plate as the store holds it, or as it is to be saved.

    Attributes:
        vehicle_plate: Its newest revision.
        crop_key: Where its picture lies in the media store, None when there is none yet; saved as None it stays.
    """

    vehicle_plate: VehiclePlate
    crop_key: str | None = None


class PlateStore(Protocol):
    """Plates that vehicles carried. Raises `StoreUnavailable` when the database does not answer."""

    def save_plates(self, plates: Sequence[StoredPlate]) -> None:
        """Stores new revisions in one transaction, and with them an event for each watchlist entry that they match.

        A revision that is not newer than the stored one changes nothing but a missing crop key. One that does not match
        any more withdraws its hit. Raises `BadInput` when the database refuses a value; then none of them is stored.
        """
        ...

    def plate(self, plate_id: str) -> StoredPlate:
        """One of them. Raises `NotFound`."""
        ...

    def plates(
        self, wanted: PlateFilter, *, limit: int, cursor: str | None = None
    ) -> tuple[list[StoredPlate], str | None]:
        """The newest first, and the cursor of the next page, None after the last.

        Raises `BadInput` on a bad cursor, and when so little of the plate is known that the search takes too long.
        """
        ...


@dataclass(frozen=True, slots=True)
class StoredWatchlist:
    """A watchlist as the store holds it.

    Attributes:
        watchlist: Its settings.
        entries: How many plates and patterns are on it.
        updated_s: When it or its entries last changed, Unix seconds.
    """

    watchlist: Watchlist
    entries: int
    updated_s: float


class WatchlistStore(Protocol):
    """The plates that people look out for. Raises `StoreUnavailable` when the database does not answer."""

    def watchlists(self) -> list[StoredWatchlist]:
        """All of them by id."""
        ...

    def watchlist(self, watchlist_id: str) -> StoredWatchlist:
        """One of them. Raises `NotFound`."""
        ...

    def add_watchlist(self, watchlist: Watchlist) -> StoredWatchlist:
        """Stores a new list without entries. Raises `AlreadyExists`."""
        ...

    def set_watchlist(self, watchlist: Watchlist) -> StoredWatchlist:
        """Replaces a list's settings; its entries stay. Raises `NotFound`."""
        ...

    def remove_watchlist(self, watchlist_id: str) -> None:
        """Removes a list and its entries; the hits stay. Raises `NotFound`."""
        ...

    def entries(self, watchlist_id: str, *, limit: int, cursor: str | None = None) -> tuple[list[Entry], str | None]:
        """Its entries by text and match, and the cursor of the next page. Raises `NotFound`, `BadInput`."""
        ...

    def save_entries(self, watchlist_id: str, entries: Sequence[Entry]) -> int:
        """Puts all of them on the list or none; those of the same text and match are replaced.

        Returns how many were not there yet. Raises `NotFound`, or `BadInput` when the list would become too long.
        """
        ...

    def remove_entry(self, watchlist_id: str, entry_id: str) -> None:
        """Takes an entry off the list. Raises `NotFound`."""
        ...
