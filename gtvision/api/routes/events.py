"""Events: listed, looked at, followed. Whatever shows plates is recorded first."""

import time
from contextlib import suppress
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Header, Query, Request, Response

from gtvision.api.disclosing import LiveDisclosing
from gtvision.api.problems import RETRY_AFTER_S, ProblemError
from gtvision.api.ranges import JPEG, MP4, media_answer
from gtvision.api.schemas.event import EventOut, EventPage
from gtvision.api.schemas.query import EventQuery
from gtvision.api.services import Ports
from gtvision.api.stream import EventFeed, EventStream
from gtvision.domain.errors import NotFound
from gtvision.domain.metrics import HTTP_REFUSED
from gtvision.domain.plate import is_crop_key
from gtvision.domain.retention import Keepable
from gtvision.pipeline.retention import has_expired
from gtvision.ports import MediaStore, StoredEvent
from gtvision.settings import Retention

router = APIRouter(prefix="/v1/events", tags=["events"])

_Number = Annotated[int | None, Query(ge=0, le=2**63 - 1, description="The number of the last change you have.")]
_LastId = Annotated[int | None, Header(alias="Last-Event-ID", ge=0, le=2**63 - 1)]


@router.get("")
def list_events(query: Annotated[EventQuery, Query()], ports: Ports, disclosing: LiveDisclosing) -> EventPage:
    """The newest events first, a page at a time; one that shows plates is recorded, and every search for one."""
    seq = ports.events.last_seq()
    items, following = ports.events.events(query.to_filter(), limit=query.limit, cursor=query.cursor)
    shown = sum(stored.event.plate is not None for stored in items)
    if shown or query.plate is not None:
        disclosing.record(shown)
    return EventPage(items=tuple(EventOut.of(stored) for stored in items), next=following, seq=seq)


@router.get("/stream", response_class=Response, responses={200: {"content": {"text/event-stream": {}}}})
async def stream(
    request: Request, ports: Ports, disclosing: LiveDisclosing, after: _Number = None, last_event_id: _LastId = None
) -> Response:
    """Server-sent events: each change of an event, its number as id, from now on or after the number given.

    The `Last-Event-ID` header wins over `after`, so that a browser resumes by itself. That it opens is recorded, once,
    with 0 results: which plates will pass is not known yet.
    """
    feed: EventFeed = request.app.state.feed
    newest = await feed.newest()
    if feed.is_full:
        ports.metrics.add(HTTP_REFUSED, bound="streams")
        raise ProblemError(503, "there are too many event streams; try again later", retry_after_s=RETRY_AFTER_S)
    await to_thread.run_sync(disclosing.record, 0)
    known = after if last_event_id is None else last_event_id
    start = newest if known is None else min(known, newest)
    return EventStream(feed.frames(start, newest), feed.bounds.send_s)


@router.get("/{event_id}")
def show_event(event_id: str, ports: Ports, disclosing: LiveDisclosing) -> EventOut:
    """One event; recorded when it shows a plate."""
    stored = ports.events.event(event_id)
    if stored.event.plate is not None:
        disclosing.record(1)
    return EventOut.of(stored)


@router.get("/{event_id}/snapshot.jpg", response_class=Response, responses=JPEG)
def snapshot(event_id: str, request: Request, ports: Ports, disclosing: LiveDisclosing) -> Response:
    """The picture that shows the vehicle best; of a hit, the picture of the plate, which is recorded."""
    stored = ports.events.event(event_id)
    content = _media(request, ports.media, stored, Keepable.SNAPSHOTS)
    if stored.snapshot_key is not None and is_crop_key(stored.snapshot_key):
        disclosing.record(1)
    return media_answer(request, content, "image/jpeg", is_final=not stored.event.is_open)


@router.get("/{event_id}/clip.mp4", response_class=Response, responses=MP4)
def clip(event_id: str, request: Request, ports: Ports) -> Response:
    """The video of the pass; takes a range, so that a browser can seek."""
    stored = ports.events.event(event_id)
    content = _media(request, ports.media, stored, Keepable.CLIPS)
    return media_answer(request, content, "video/mp4", is_final=not stored.event.is_open)


def _media(request: Request, media: MediaStore, stored: StoredEvent, kind: Keepable) -> bytes:
    """The content. Raises `NotFound`, which says so when it was kept long enough."""
    key, what = (stored.clip_key, "clip") if kind is Keepable.CLIPS else (stored.snapshot_key, "picture")
    with suppress(NotFound):
        if key is not None:
            return media.get(key)
    retention: Retention = request.app.state.retention
    if has_expired(retention, kind, stored.event.end_s, time.time()):
        raise NotFound(f"the {what} of this event has expired: {kind.value} are kept for {retention.days(kind)} days")
    raise NotFound(f"this event has no {what} yet" if key is None else f"the {what} of this event is gone")
