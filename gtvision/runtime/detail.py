"""A camera's large stream, kept undecoded: only the moments that are asked for are ever decoded."""

import time
from collections.abc import Sequence
from contextlib import closing
from threading import Event as Flag
from threading import Lock

import structlog

from gtvision.domain.camera import Source
from gtvision.domain.errors import SourceUnavailable
from gtvision.domain.stream import Packet, StreamInfo
from gtvision.pipeline.ring import PacketRing
from gtvision.ports import PacketSource, Picture
from gtvision.runtime.backoff import backoff_s
from gtvision.runtime.camera_ports import CameraPorts
from gtvision.runtime.moments import REORDERED_S, picture_at
from gtvision.settings import Streams

_KEPT_S = 20.0
_AGREE_S = 0.25  # a picture farther from the moment shows the vehicle elsewhere
_LATE_S = 1.0  # how long the moment may come later than the analysed stream's
_POLL_S = 0.05

_log = structlog.get_logger()


class DetailStream:
    """Reads one stream into a ring in a thread of its own; anybody may ask for pictures."""

    def __init__(self, camera_id: str, ports: CameraPorts, streams: Streams, max_bytes: int) -> None:
        """Args:
        camera_id: Whose stream it is.
        ports: What opens and decodes it.
        streams: How long to wait before it is opened again.
        max_bytes: Bound of what is kept, about 20 s.
        """
        self._camera_id = camera_id
        self._ports = ports
        self._streams = streams
        self._ring = PacketRing(_KEPT_S, max_bytes)
        self._lock = Lock()  # guards what follows
        self._info: StreamInfo | None = None
        self._newest_s = float("-inf")
        self._open: PacketSource | None = None
        self._stopping = Flag()

    @property
    def width_px(self) -> int:
        """How wide its pictures are, 0 while it is not open."""
        with self._lock:
            return self._info.width if self._info is not None else 0

    def run(self, source: Source) -> None:
        """Reads and re-reads the stream until `stop`; blocks."""
        failures = 0
        while not self._stopping.is_set():
            try:
                self._read(source)
                failures = 0
            except SourceUnavailable as exc:
                failures = 1 if self.width_px else failures + 1
                if failures == 1:
                    _log.warning("detail_stream_lost", camera=self._camera_id, reason=exc.reason, detail=str(exc))
            except Exception:  # the outermost loop of this thread: the analysed stream has to do meanwhile
                failures += 1
                _log.exception("detail_stream_failed", camera=self._camera_id)
            self._lose()
            self._stopping.wait(backoff_s(self._streams, failures + 1))

    def stop(self) -> None:
        """Makes `run` return soon."""
        self._stopping.set()
        with self._lock:
            source = self._open
        if source is not None:
            source.close()

    def picture(self, time_s: float) -> Picture | None:
        """The picture of that moment, within 1 s; None when the stream does not have it."""
        deadline_s = time.monotonic() + _LATE_S
        while not self._has(time_s + REORDERED_S) and time.monotonic() < deadline_s and not self._stopping.is_set():
            self._stopping.wait(_POLL_S)
        picture = picture_at(self._stretch, self._ports.decoder, time_s)
        return picture if picture is not None and abs(picture.time_s - time_s) <= _AGREE_S else None

    def _read(self, source: Source) -> None:
        with closing(self._ports.open_source(source)) as opened:
            with self._lock:
                self._open = opened
            for packet in opened.packets():
                if self._stopping.is_set():
                    return
                self._keep(packet, opened.info)

    def _keep(self, packet: Packet, info: StreamInfo) -> None:
        with self._lock:
            if info != self._info:
                self._ring.clear()
                self._info = info
            self._ring.append(packet)
            self._newest_s = packet.time_s

    def _lose(self) -> None:
        with self._lock:
            self._ring.clear()
            self._info, self._open, self._newest_s = None, None, float("-inf")

    def _has(self, time_s: float) -> bool:
        with self._lock:
            return self._info is None or self._newest_s >= time_s

    def _stretch(self, start_s: float, end_s: float) -> tuple[Sequence[Packet], StreamInfo | None]:
        with self._lock:
            return self._ring.between(start_s, end_s), self._info
