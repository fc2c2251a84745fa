"""Streams and recordings as packets with the time at which they were taken, by PyAV (FFmpeg)."""

import time
from collections.abc import Iterator
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from gtvision.adapters.demux import Demuxed, Demuxer, Opening
from gtvision.adapters.redact import redact
from gtvision.domain.camera import Source
from gtvision.domain.errors import SourceUnavailable
from gtvision.domain.stream import Packet, StreamInfo
from gtvision.pipeline.clock import Arrival, RecordingClock, StreamClock
from gtvision.ports import PacketSource
from gtvision.settings import Streams

_LIVE_OPTIONS = (
    ("rtsp_transport", "tcp"),
    ("allowed_media_types", "video"),
    ("analyzeduration", "100000"),
    ("fpsprobesize", "0"),
)
_RECORDING_OPTIONS = (("protocol_whitelist", "file"),)
_PORTS = {"rtsp": 554, "rtsps": 322}


def open_source(source: Source, streams: Streams, *, is_paced: bool = True) -> PacketSource:
    """The open stream or recording.

    Args:
        source: Where it is and who logs in.
        streams: How long opening and reading may take.
        is_paced: Whether a recording is played at its own pace, as if it were live; its times are then Unix seconds.
            Otherwise it is read as fast as possible, and its times are seconds from its start.

    Raises:
        SourceUnavailable: It cannot be opened; the message says what to do and holds no credentials.
    """
    if not source.is_file:
        return LiveStream(source, streams)
    return PacedRecording(source) if is_paced else Recording(source)


class Recording:
    """A recording, read as fast as possible; times are seconds from its start."""

    def __init__(self, source: Source) -> None:
        path = unquote(urlsplit(source.url).path)
        self._demuxer = Demuxer(Opening(path, redact(source.url), _RECORDING_OPTIONS))

    @property
    def info(self) -> StreamInfo:
        """What the recording says of itself; changes when its resolution does."""
        return self._demuxer.info

    @property
    def duration_s(self) -> float | None:
        """How long the recording says that it is, None when it does not say."""
        return self._demuxer.duration_s

    def packets(self) -> Iterator[Packet]:
        """The packets of the video in decoding order; ends with the recording."""
        clock = RecordingClock()
        for picture in self._demuxer.pictures():
            yield picture.at(clock.time_of(picture.pts_s, picture.dts_s))

    def close(self) -> None:
        """Ends it; safe to call from another thread and more than once."""
        self._demuxer.close()


class PacedRecording(Recording):
    """A recording played once at its own pace; times are Unix seconds."""

    def packets(self) -> Iterator[Packet]:
        """The packets of the video in decoding order, each when it is due; ends with the recording."""
        clock = RecordingClock()
        begun_s, begun_unix_s = time.monotonic(), time.time()
        for picture in self._demuxer.pictures():
            time_s = clock.time_of(picture.pts_s, picture.dts_s)
            if self._demuxer.wait_closed(max(0.0, begun_s + time_s - time.monotonic())):
                return
            yield picture.at(begun_unix_s + time_s)


class LiveStream:
    """An RTSP stream over TCP; times are Unix seconds.

    One connection has one timeline: the wall clock is read once, when it opens, so that a step of it does not tear
    events apart.
    """

    def __init__(self, source: Source, streams: Streams) -> None:
        self._address = redact(source.url, source.password)
        parts = urlsplit(source.url)
        self._demuxer = Demuxer(
            Opening(
                location=_with_credentials(source),
                address=self._address,
                options=_LIVE_OPTIONS,
                port=parts.port or _PORTS[parts.scheme],
                open_timeout_s=streams.open_timeout_s / 2,  # PyAV spends it twice: connecting, and reading a first bit
                read_timeout_s=streams.read_timeout_s,
            )
        )
        self._unix_minus_monotonic_s = time.time() - time.monotonic()

    @property
    def info(self) -> StreamInfo:
        """What the stream says of itself; changes when its resolution does."""
        return self._demuxer.info

    def packets(self) -> Iterator[Packet]:
        """The packets of the video in decoding order; ends only after `close`.

        Raises:
            SourceUnavailable: The stream stalled, failed or ended.
        """
        clock: StreamClock[Demuxed] = StreamClock()
        for picture in self._demuxer.pictures():
            now_s = time.monotonic() + self._unix_minus_monotonic_s
            for stamped, time_s in clock.push(Arrival(picture, now_s, picture.pts_s, picture.dts_s)):
                yield stamped.at(time_s)
        if not self._demuxer.wait_closed(0):
            raise SourceUnavailable(
                f"{self._address} ended the stream: the camera may be restarting, or at its limit of viewers", "ended"
            )

    def close(self) -> None:
        """Ends it; safe to call from another thread and more than once."""
        self._demuxer.close()


def _with_credentials(source: Source) -> str:
    """The address as FFmpeg wants it; it lives in memory only."""
    if source.user is None:
        return source.url
    parts = urlsplit(source.url)
    password = "" if source.password is None else f":{quote(source.password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{quote(source.user, safe='')}{password}@{parts.netloc}"))
