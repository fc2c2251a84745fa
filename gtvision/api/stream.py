"""The event stream: server-sent events that resume by id.

One task a process, the poller, reads what changed in the store while anybody listens, and puts each change, encoded
once, into every subscriber's queue. A subscriber first reads what it missed from the store, page by page, then its
queue. Nothing falls in between: its queue holds all that the poller finds after the subscription began, and what the
poller had found before can be read from the store by then. What comes twice is told by its number.

A subscriber whose queue is full is too slow. Its stream ends after what is queued, and the browser resumes by the last
id that it saw: it gets all of it late rather than some of it never.
"""

import asyncio
from collections.abc import AsyncGenerator, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from gtvision.api.schemas.event import EventOut
from gtvision.domain.errors import TryLater
from gtvision.domain.metrics import STREAM_SUBSCRIBERS, STREAMS_CUT
from gtvision.ports import EventStore, Metrics, StoredEvent

_OPENING = b"retry: 2000\n\n"


@dataclass(frozen=True, slots=True)
class StreamBounds:
    """The bounds of the streams of one process.

    Attributes:
        subscribers: Streams at most.
        queued: Changes that wait for one subscriber at most.
        page: Changes read from the store at once.
        poll_s: Between two looks into the store.
        heartbeat_s: A silent stream sends a comment that often.
        retry_s: Wait after the store did not answer.
        send_s: A subscriber that takes nothing for that long is gone.
    """

    subscribers: int = 200
    queued: int = 500
    page: int = 200
    poll_s: float = 0.25
    heartbeat_s: float = 10.0
    retry_s: float = 1.0
    send_s: float = 30.0


@dataclass(frozen=True, slots=True)
class _Frame:
    seq: int
    content: bytes


_SILENCE = _Frame(0, b": still here\n\n")


@dataclass(frozen=True, slots=True, eq=False)
class _Subscriber:
    """One stream's queue; None in it means that the stream ends there."""

    queue: asyncio.Queue[_Frame | None] = field(default_factory=asyncio.Queue)


class EventFeed:
    """Gives every change of an event to all who listen. Used on one event loop."""

    def __init__(self, events: EventStore, metrics: Metrics, bounds: StreamBounds | None = None) -> None:
        self.bounds = bounds or StreamBounds()
        self._events = events
        self._metrics = metrics
        self._subscribers: set[_Subscriber] = set()
        self._poller: asyncio.Task[None] | None = None
        self._threads = CapacityLimiter(4)

    @property
    def is_full(self) -> bool:
        """Whether there are as many streams as may be."""
        return len(self._subscribers) >= self.bounds.subscribers

    async def newest(self) -> int:
        """The number of the newest change. Raises `StoreUnavailable`."""
        return await to_thread.run_sync(self._events.last_seq, limiter=self._threads)

    def close(self) -> None:
        """Ends all streams, after what is queued for them."""
        if self._poller is not None:
            self._poller.cancel()
        self._end_all()

    async def frames(self, after_seq: int, newest_seq: int) -> AsyncGenerator[bytes]:
        """The stream's bytes: every change after that number, and a comment while there is none.

        Args:
            after_seq: The last change that the caller has.
            newest_seq: What `newest` answered just now.
        """
        if self.is_full:
            return
        subscriber = self._join(newest_seq)
        try:
            yield _OPENING
            while page := await self._changes(after_seq):
                for stored in page:
                    yield _frame(stored).content
                after_seq = page[-1].seq
            while frame := await self._next(subscriber):
                if frame is _SILENCE:
                    yield frame.content
                elif frame.seq > after_seq:
                    yield frame.content
                    after_seq = frame.seq
        except TryLater:
            return
        finally:
            self._leave(subscriber)

    def _join(self, newest_seq: int) -> _Subscriber:
        subscriber = _Subscriber()
        self._subscribers.add(subscriber)
        self._count()
        if self._poller is None:
            self._poller = asyncio.create_task(self._poll(newest_seq), name="event-feed")
            self._poller.add_done_callback(self._poller_ended)
        return subscriber

    def _leave(self, subscriber: _Subscriber) -> None:
        self._subscribers.discard(subscriber)
        self._count()
        if not self._subscribers and self._poller is not None:
            self._poller.cancel()
            self._poller = None

    def _poller_ended(self, poller: asyncio.Task[None]) -> None:
        """After a fault that nobody foresaw all streams end, and resume with a new poller; asyncio logs the fault."""
        if not poller.cancelled():
            self._poller = None
            self._end_all()

    async def _poll(self, position: int) -> None:
        while True:
            try:
                page = await self._changes(position)
            except TryLater:
                await asyncio.sleep(self.bounds.retry_s)
                continue
            for stored in page:
                self._give(_frame(stored))
                position = stored.seq
            if len(page) < self.bounds.page:
                await asyncio.sleep(self.bounds.poll_s)

    async def _next(self, subscriber: _Subscriber) -> _Frame | None:
        try:
            async with asyncio.timeout(self.bounds.heartbeat_s):
                return await subscriber.queue.get()
        except TimeoutError:
            return _SILENCE

    async def _changes(self, after_seq: int) -> list[StoredEvent]:
        read = partial(self._events.changes, after_seq, limit=self.bounds.page)
        return await to_thread.run_sync(read, limiter=self._threads)

    def _give(self, frame: _Frame) -> None:
        for subscriber in list(self._subscribers):
            if subscriber.queue.qsize() < self.bounds.queued:
                subscriber.queue.put_nowait(frame)
            else:
                self._metrics.add(STREAMS_CUT)
                self._end(subscriber)

    def _end(self, subscriber: _Subscriber) -> None:
        subscriber.queue.put_nowait(None)
        self._subscribers.discard(subscriber)
        self._count()

    def _end_all(self) -> None:
        for subscriber in list(self._subscribers):
            self._end(subscriber)

    def _count(self) -> None:
        self._metrics.set(STREAM_SUBSCRIBERS, len(self._subscribers))


class EventStream(StreamingResponse):
    """A stream that ends when its reader stops taking, and frees its place at once."""

    media_type = "text/event-stream"

    def __init__(self, frames: AsyncGenerator[bytes], send_s: float) -> None:
        super().__init__(frames, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._frames = frames
        self._send_s = send_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the frames until they end, the reader leaves, or takes nothing for too long."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._frames.aclose()

    async def stream_response(self, send: Send) -> None:
        """The frames, each sent within the bound."""

        async def bounded(message: MutableMapping[str, Any]) -> None:
            async with asyncio.timeout(self._send_s):
                await send(message)

        with suppress(TimeoutError):
            await super().stream_response(bounded)


def _frame(stored: StoredEvent) -> _Frame:
    body = EventOut.of(stored).model_dump_json()
    return _Frame(stored.seq, f"id: {stored.seq}\nevent: event\ndata: {body}\n\n".encode())
