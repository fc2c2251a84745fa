"""One client's connection: bytes in and out, bounded in memory and in time."""

import asyncio
import time
from collections.abc import Mapping
from typing import cast

from gtvision.simulate.camera import RunningCamera
from gtvision.simulate.dialogue import SESSION_TIMEOUT_S, Dialogue
from gtvision.simulate.rtsp import MalformedRequest, Reply, RequestReader

_GRACE_S = 10.0
_LONGEST_CONGESTION_S = 10.0
_MOST_UNSENT_BYTES = 2 << 20
_LEAST_UNSENT_BYTES = 1 << 18
_MOST_CONNECTIONS = 4096


class Connection(asyncio.Protocol):
    """One RTSP connection. The client may be slow: above 2 MiB unsent, pictures are left out; after 10 s it is cut."""

    def __init__(self, cameras: Mapping[str, RunningCamera], others: set["Connection"]) -> None:
        self._others = others
        self._reader = RequestReader()
        self._dialogue = Dialogue(cameras, self)
        self._heard_s = time.monotonic()
        self._congested_since_s: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Joins the others, unless there are too many."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(_MOST_UNSENT_BYTES, _LEAST_UNSENT_BYTES)
        if len(self._others) >= _MOST_CONNECTIONS:
            self._transport.abort()
        else:
            self._others.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Leaves the others."""
        self._others.discard(self)
        self._dialogue.end()

    def pause_writing(self) -> None:
        """The client reads too slowly."""
        self._congested_since_s = time.monotonic()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._congested_since_s = None

    def data_received(self, data: bytes) -> None:
        """Answers the requests in it; who speaks no RTSP is cut."""
        self._heard_s = time.monotonic()
        try:
            for request in self._reader.feed(data):
                if not self._transport.is_closing():
                    self._dialogue.hear(request)
        except MalformedRequest:
            self.send(Reply(400).encode("0"))
            self.hang_up()

    @property
    def is_congested(self) -> bool:
        """Whether the client reads too slowly for more to be sent."""
        return self._congested_since_s is not None

    def send(self, content: bytes | bytearray) -> None:
        """Sends it, or holds it until the client reads on."""
        self._transport.write(content)

    def hang_up(self) -> None:
        """Closes the connection after what was sent."""
        self._dialogue.end()
        self._transport.close()

    def abort(self) -> None:
        """Closes the connection at once."""
        self._dialogue.end()
        self._transport.abort()

    def look_after(self, now_s: float) -> None:
        """Sends a report to a client that lives, and cuts one that is silent or stuck."""
        stuck = self._congested_since_s is not None and now_s - self._congested_since_s > _LONGEST_CONGESTION_S
        if stuck or now_s - self._heard_s > SESSION_TIMEOUT_S + _GRACE_S:
            self.abort()
        else:
            self._dialogue.report()
