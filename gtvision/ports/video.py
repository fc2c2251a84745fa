"""Where pictures come from: streams, their packets, and what makes pictures of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.camera import Camera
from gtvision.domain.stream import Packet, StreamInfo


class Picture(Protocol):
    """A decoded frame. Both conversions cost; call each once."""

    @property
    def time_s(self) -> float:
        """When it was taken."""
        ...

    def grey(self, width: int) -> NDArray[np.uint8]:
        """Brightness, shape `(h, w)`, at most `width` wide, aspect kept."""
        ...

    def bgr(self, width: int | None = None) -> NDArray[np.uint8]:
        """Colour, shape `(h, w, 3)`, BGR, at most `width` wide (None: as it is), aspect kept."""
        ...


class PacketSource(Protocol):
    """One open stream or recording.

    Iterating raises `SourceUnavailable` on a stall, an error or the end of a live stream; a recording just ends.
    """

    @property
    def info(self) -> StreamInfo:
        """What the stream says of itself; changes when its resolution does."""
        ...

    def packets(self) -> Iterator[Packet]:
        """The packets of the video stream in decoding order."""
        ...

    def close(self) -> None:
        """Ends it; safe to call from another thread and more than once."""
        ...


class PictureDecoder(Protocol):
    """Turns packets into pictures; one a camera, used by one thread."""

    def keyframe(self, packet: Packet) -> Picture | None:
        """The picture of that keyframe alone, without touching the running decoder; None when it is damaged."""
        ...

    def restart(self) -> None:
        """Forgets all references; the next packet to `feed` must be a keyframe."""
        ...

    def feed(self, packet: Packet) -> Sequence[Picture]:
        """The pictures that come out when the packet goes in, in order of time; empty while references are missing."""
        ...


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What a source turned out to be.

    Attributes:
        stream: What it says of itself.
        measured_fps: Frames a second as seen.
        keyframe_interval_s: Seconds between keyframes as seen, None when only one came.
        bit_rate_bps: Bits a second as seen.
        open_s: Seconds until it was open.
        first_picture_s: Seconds until a picture was decoded.
        advice: What would be better, a sentence each.
    """

    stream: StreamInfo
    measured_fps: float | None
    keyframe_interval_s: float | None
    bit_rate_bps: float | None
    open_s: float
    first_picture_s: float
    advice: tuple[str, ...] = ()


class SourceProbe(Protocol):
    """Opens a source to see whether it would do."""

    def probe(self, camera: Camera) -> ProbeReport:
        """What the camera's analysed source is, within 15 s. Raises `SourceUnavailable` with what to do."""
        ...
