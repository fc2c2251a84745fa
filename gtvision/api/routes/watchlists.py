"""Watchlists: which plates are looked out for. What is on them is shown only after it was recorded."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response

from gtvision.api.disclosing import Disclosing
from gtvision.api.schemas.watchlist import (
    EntryOut,
    EntryPage,
    EntryQuery,
    Imported,
    NewEntry,
    NewWatchlist,
    WatchlistList,
    WatchlistOut,
    WatchlistSettings,
)
from gtvision.api.services import Ports, Services
from gtvision.domain.watchlist import Entry
from gtvision.domain.watchlist_csv import entries_as_csv, entries_of_csv

router = APIRouter(prefix="/v1/watchlists", tags=["watchlists"])

_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}
_PAGE = 5000


@router.get("")
def list_watchlists(ports: Ports) -> WatchlistList:
    """All lists, by id."""
    return WatchlistList(items=tuple(WatchlistOut.of(stored) for stored in ports.watchlists.watchlists()))


@router.post("", status_code=201)
def add_watchlist(watchlist: NewWatchlist, ports: Ports, response: Response) -> WatchlistOut:
    """Adds a list. Plates are matched as they are stored: those of the past are found by `/v1/plates`."""
    stored = ports.watchlists.add_watchlist(watchlist.to_domain(watchlist.id))
    response.headers["Location"] = f"/v1/watchlists/{watchlist.id}"
    return WatchlistOut.of(stored)


@router.get("/{watchlist_id}")
def show_watchlist(watchlist_id: str, ports: Ports) -> WatchlistOut:
    """One list."""
    return WatchlistOut.of(ports.watchlists.watchlist(watchlist_id))


@router.put("/{watchlist_id}")
def replace_watchlist(watchlist_id: str, settings: WatchlistSettings, ports: Ports) -> WatchlistOut:
    """Replaces all settings of a list; its entries stay."""
    return WatchlistOut.of(ports.watchlists.set_watchlist(settings.to_domain(watchlist_id)))


@router.delete("/{watchlist_id}", status_code=204)
def remove_watchlist(watchlist_id: str, ports: Ports) -> None:
    """Removes a list and its entries; the hits that it made stay."""
    ports.watchlists.remove_watchlist(watchlist_id)


@router.get("/{watchlist_id}/entries")
def list_entries(
    watchlist_id: str, query: Annotated[EntryQuery, Query()], ports: Ports, disclosing: Disclosing
) -> EntryPage:
    """What is on the list, a page at a time."""
    found, following = ports.watchlists.entries(watchlist_id, limit=query.limit, cursor=query.cursor)
    disclosing.record(len(found))
    return EntryPage(items=tuple(EntryOut.of(entry) for entry in found), next=following)


@router.post("/{watchlist_id}/entries", status_code=201)
def add_entry(watchlist_id: str, entry: NewEntry, ports: Ports) -> EntryOut:
    """Puts a plate or a pattern on the list; one of the same text and match is replaced."""
    new = entry.to_domain(watchlist_id)
    ports.watchlists.save_entries(watchlist_id, [new])
    return EntryOut.of(new)


@router.delete("/{watchlist_id}/entries/{entry_id}", status_code=204)
def remove_entry(watchlist_id: str, entry_id: str, ports: Ports) -> None:
    """Takes an entry off the list; the hits that it made stay."""
    ports.watchlists.remove_entry(watchlist_id, entry_id)


@router.get("/{watchlist_id}/entries.csv", response_class=Response, responses=_CSV)
def export_entries(watchlist_id: str, ports: Ports, disclosing: Disclosing) -> Response:
    """All that is on the list, as the import takes it."""
    entries = list(_all_entries(ports, watchlist_id))
    disclosing.record(len(entries))
    headers = {"Content-Disposition": f'attachment; filename="{watchlist_id}.csv"', "Cache-Control": "no-store"}
    return Response(entries_as_csv(entries), headers=headers, media_type="text/csv")


@router.post("/{watchlist_id}/entries.csv")
def import_entries(watchlist_id: str, content: Annotated[bytes, Body(media_type="text/csv")], ports: Ports) -> Imported:
    """Puts all entries of a CSV file on the list, or none; what is on it otherwise stays. Again changes nothing."""
    entries = entries_of_csv(watchlist_id, content)
    added = ports.watchlists.save_entries(watchlist_id, entries)
    return Imported(added=added, entries=ports.watchlists.watchlist(watchlist_id).entries)


def _all_entries(ports: Services, watchlist_id: str) -> Iterator[Entry]:
    cursor = None
    while True:
        page, cursor = ports.watchlists.entries(watchlist_id, limit=_PAGE, cursor=cursor)
        yield from page
        if cursor is None:
            return
