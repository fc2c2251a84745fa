"""Looking at a source for some seconds to tell whether it would do, and what would be better."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from gtvision.adapters.decode import Decoder
from gtvision.adapters.redact import redact
from gtvision.adapters.rtsp import open_source
from gtvision.domain.camera import Camera
from gtvision.domain.errors import SourceUnavailable
from gtvision.domain.stream import Packet, StreamInfo
from gtvision.ports import PacketSource, ProbeReport
from gtvision.settings import Streams

# 5 s to open, packets until 10 s after the start, and a last wait of 4 s at most: less than the 15 s promised.
_OPEN_S = 5.0
_LOOK_UNTIL_S = 10.0
_STALL_S = 4.0
_USUAL_LOOK_S = 5.0
_SHORTEST_LOOK_S = 2.0
_ENOUGH_KEYFRAMES = 3

_LONG_INTERVAL_S = 2.0
_LARGEST_PIXELS = 1920 * 1088
_SMALLEST_WIDTH = 640
_NEEDED_FPS = 16.0


class Probe:
    """Implements `SourceProbe`."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams.model_copy(
            update={
                "open_timeout_s": min(streams.open_timeout_s, _OPEN_S),
                "read_timeout_s": min(streams.read_timeout_s, _STALL_S),
            }
        )

    def probe(self, camera: Camera) -> ProbeReport:
        """What the camera's analysed source is, within 15 s. Raises `SourceUnavailable` with what to do."""
        begun_s = time.monotonic()
        source = open_source(camera.analysed, self._streams, is_paced=False)
        open_s = time.monotonic() - begun_s
        try:
            look = _look(source, begun_s)
        finally:
            source.close()
        if look.first_picture_s is None:
            raise SourceUnavailable(
                f"{redact(camera.analysed.url)} sent no picture that can be decoded: restart the camera, and check the "
                "network for loss",
                "no_video",
            )
        return look.report(source.info, open_s)


@dataclass(slots=True)
class _Look:
    """What was seen so far; times are those of the pictures, in seconds."""

    first_picture_s: float | None = None
    times_s: list[float] = field(default_factory=list)
    keyframes_s: list[float] = field(default_factory=list)
    size_bytes: int = 0

    @property
    def span_s(self) -> float:
        return max(self.times_s) - min(self.times_s) if self.times_s else 0.0

    @property
    def is_enough(self) -> bool:
        keyframes, span_s = len(self.keyframes_s), self.span_s
        return (keyframes >= _ENOUGH_KEYFRAMES and span_s >= _SHORTEST_LOOK_S) or (
            keyframes > 1 and span_s >= _USUAL_LOOK_S
        )

    def add(self, packet: Packet) -> None:
        self.times_s.append(packet.time_s)
        self.size_bytes += packet.size
        if packet.is_keyframe:
            self.keyframes_s.append(packet.time_s)

    def report(self, info: StreamInfo, open_s: float) -> ProbeReport:
        span_s, keyframes = self.span_s, len(self.keyframes_s)
        assert self.first_picture_s is not None
        interval_s = (self.keyframes_s[-1] - self.keyframes_s[0]) / (keyframes - 1) if keyframes > 1 else None
        fps = (len(self.times_s) - 1) / span_s if span_s else None
        return ProbeReport(
            stream=info,
            measured_fps=fps,
            keyframe_interval_s=interval_s,
            bit_rate_bps=8 * self.size_bytes / span_s if span_s else None,
            open_s=open_s,
            first_picture_s=self.first_picture_s,
            advice=tuple(_advice(info, fps, interval_s, span_s)),
        )


def _look(source: PacketSource, begun_s: float) -> _Look:
    look = _Look()
    decoder = Decoder(source.info)
    for packet in source.packets():
        look.add(packet)
        is_wanted = look.first_picture_s is None and packet.is_keyframe
        if is_wanted and decoder.keyframe(packet) is not None:
            look.first_picture_s = time.monotonic() - begun_s
        if look.is_enough or time.monotonic() - begun_s > _LOOK_UNTIL_S:
            break
    return look


def _advice(info: StreamInfo, fps: float | None, interval_s: float | None, span_s: float) -> Iterator[str]:
    longest_s = span_s if interval_s is None else interval_s
    if longest_s > _LONG_INTERVAL_S:
        more = "more than " if interval_s is None else ""
        yield (
            f"A keyframe comes every {more}{longest_s:.0f} s: set the camera's I-frame interval to 1 s; "
            "idle sampling then costs a fifth."
        )
    if info.codec == "hevc":
        yield "It is H.265, which browsers do not play: add an H.264 substream for the live view."
    if info.width * info.height > _LARGEST_PIXELS:
        yield (
            f"{info.width}x{info.height} is more than the analysis uses: take a substream of at most 1920x1080 for it, "
            "and keep this one for details."
        )
    if info.width < _SMALLEST_WIDTH:
        yield f"{info.width}x{info.height} is small: vehicles far away need a picture at least {_SMALLEST_WIDTH} wide."
    if fps is not None and fps > _NEEDED_FPS:
        yield f"{fps:.0f} frames a second are more than is needed: 10 to 15 save network and memory."
