"""An open container as a row of coded pictures, each keyframe of which can be understood alone."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import av
import av.bitstream

from gtvision.adapters.annexb import CODECS, Coded, parameter_sets
from gtvision.adapters.av_errors import source_errors
from gtvision.adapters.decode import Decoder
from gtvision.adapters.sockets import connection_opened_since, open_sockets
from gtvision.domain.errors import SourceUnavailable
from gtvision.domain.stream import Packet, StreamInfo

_HIGHEST_FPS = 240.0
_POLITE_WAIT_S = 0.1
_CLOSE_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class Opening:
    """How a container is opened.

    Attributes:
        location: Path, or address with its credentials.
        address: What errors call it, without credentials.
        options: FFmpeg's.
        port: Where it connects to, None for a file.
        open_timeout_s: Longest wait in each of the two steps of opening, None for no bound.
        read_timeout_s: A stream silent for that long has stalled, None for no bound.
    """

    location: str
    address: str
    options: tuple[tuple[str, str], ...] = ()
    port: int | None = None
    open_timeout_s: float | None = None
    read_timeout_s: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Demuxed:
    """A coded picture with the container's own times, None when it gives none."""

    coded: Coded
    is_keyframe: bool
    pts_s: float | None
    dts_s: float | None

    def at(self, time_s: float) -> Packet:
        """It as a packet that was taken at that time."""
        return Packet(time_s, self.pts_s, self.is_keyframe, len(self.coded.content), self.coded)


class Demuxer:
    """The video of one container; read by one thread, closed by any.

    Raises:
        SourceUnavailable: It cannot be opened, or holds no H.264 or H.265.
    """

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._is_closed = threading.Event()
        self._is_reading = threading.Lock()
        self._connection: socket.socket | None = None
        before = open_sockets()
        with source_errors(opening.address, opening.open_timeout_s):
            self._container = av.open(
                opening.location,
                "r",
                options=dict(opening.options),
                timeout=(opening.open_timeout_s, opening.read_timeout_s),
            )
        if opening.port is not None:
            self._connection = connection_opened_since(before, opening.port)
        try:
            self._stream = _video_of(self._container, opening.address)
            self._info = _info_of(self._stream)
            self._to_start_codes = _start_code_filter(self._stream)
        except BaseException:
            self.close()
            raise

    @property
    def info(self) -> StreamInfo:
        """What the stream says of itself, from the newest keyframe on."""
        return self._info

    @property
    def duration_s(self) -> float | None:
        """How long the container says that it is, None when it does not say."""
        duration_us = self._container.duration
        return duration_us / av.time_base if duration_us else None

    def wait_closed(self, timeout_s: float) -> bool:
        """Waits that long, or until `close` is called; returns whether it was."""
        return self._is_closed.wait(timeout_s)

    def pictures(self) -> Iterator[Demuxed]:
        """The coded pictures in decoding order from the first keyframe on; ends with the stream or after `close`.

        Raises:
            SourceUnavailable: The connection failed or stalled.
        """
        packets = self._container.demux(self._stream)
        has_begun = False
        while (packet := self._read(packets)) is not None:
            for coded in self._with_start_codes(packet):
                has_begun = has_begun or coded.is_keyframe
                if has_begun:
                    yield self._demuxed(coded)

    def _read(self, packets: Iterator[Any]) -> Any:
        """The next packet; None at the end and once closed."""
        packet = None
        begun_s = time.monotonic()
        try:
            with self._is_reading, source_errors(self._opening.address):
                packet = None if self._is_closed.is_set() else next(packets, None)
        except SourceUnavailable as exc:
            if not self._is_closed.is_set():
                self._check_broken(exc)
                raise
        if self._is_closed.is_set():
            self.close()
            return None
        self._check_stall(time.monotonic() - begun_s)
        return packet

    def _check_broken(self, exc: SourceUnavailable) -> None:
        """What failed to be read was video until now: a connection that gives nonsense has been broken off."""
        if self._opening.port is not None and exc.reason == "invalid":
            raise SourceUnavailable(
                f"{self._opening.address} broke the connection off: it may be restarting, or the network fails", "ended"
            ) from exc

    def _check_stall(self, waited_s: float) -> None:
        """FFmpeg hands its parser's last picture out when the time is up, and would report the stall after a second
        wait; so the clock decides."""
        limit_s = self._opening.read_timeout_s
        if limit_s is not None and waited_s >= limit_s:
            raise SourceUnavailable(
                f"{self._opening.address} sent nothing for {limit_s:g} s: check the network and that the camera "
                "has power",
                "timeout",
            )

    def _with_start_codes(self, packet: Any) -> list[Any]:
        if not packet.size:
            return []
        if self._to_start_codes is None:
            return [packet]
        with source_errors(self._opening.address):
            return list(self._to_start_codes.filter(packet))

    def _demuxed(self, packet: Any) -> Demuxed:
        content = bytes(packet)
        if packet.is_keyframe:
            content = self._completed(content)
        unit_s = float(self._stream.time_base)
        pts_s = None if packet.pts is None else packet.pts * unit_s
        dts_s = None if packet.dts is None else packet.dts * unit_s
        return Demuxed(Coded(content, self._info), packet.is_keyframe, pts_s, dts_s)

    def _completed(self, content: bytes) -> bytes:
        """The keyframe with its parameter sets; learns the picture's size from it when they are new."""
        sets = parameter_sets(content, self._info.codec)
        if not sets:
            return self._info.extradata + content
        if sets != self._info.extradata or not self._info.width:
            picture = Decoder(self._info).keyframe(Packet(0.0, None, True, len(content), Coded(content, self._info)))
            if picture is not None:
                self._info = replace(self._info, width=picture.width, height=picture.height, extradata=sets)
        return content

    def close(self) -> None:
        """Ends reading, at once even while it waits for the network; safe from any thread and more than once."""
        self._is_closed.set()
        if not self._is_reading.acquire(timeout=_POLITE_WAIT_S):
            if self._connection is not None:
                with suppress(OSError):
                    self._connection.shutdown(socket.SHUT_RDWR)
            if not self._is_reading.acquire(timeout=_CLOSE_WAIT_S):
                return  # the reader closes it when its read has timed out
        try:
            self._container.close()
        finally:
            self._is_reading.release()
        if self._connection is not None:
            self._connection.close()


def _video_of(container: Any, address: str) -> Any:
    """The first stream of a codec that is understood; cover pictures and the like are not."""
    found = [stream.codec_context.name for stream in container.streams.video if stream.codec_context is not None]
    if not found:
        raise SourceUnavailable(
            f"{address} carries no video: check that the path is that of the camera's picture", "no_video"
        )
    for stream in container.streams.video:
        if stream.codec_context is not None and stream.codec_context.name in CODECS:
            return stream
    raise SourceUnavailable(
        f"{address} sends {', '.join(found)}: set the camera to H.264 or H.265, or convert the recording", "invalid"
    )


def _info_of(stream: Any) -> StreamInfo:
    context = stream.codec_context
    fps = float(stream.average_rate or stream.guessed_rate or 0)
    extradata = context.extradata or b""
    return StreamInfo(
        context.name,
        context.width,
        context.height,
        fps if 0 < fps <= _HIGHEST_FPS else None,
        parameter_sets(extradata, context.name),
    )


def _start_code_filter(stream: Any) -> Any:
    """What turns the lengths of a container such as MP4 into start codes, None when the stream has those."""
    extradata = stream.codec_context.extradata or b""
    if not extradata.startswith(b"\1"):
        return None
    return av.bitstream.BitStreamFilterContext(f"{stream.codec_context.name}_mp4toannexb", stream)
