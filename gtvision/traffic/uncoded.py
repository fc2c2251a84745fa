"""Simulated traffic as packets that were never encoded: each carries a picture that is drawn when it is decoded."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from gtvision.adapters.pixels import PixelPicture
from gtvision.domain.stream import Packet, StreamInfo
from gtvision.traffic.paint import Picture

_PACKET_BYTES = 12_000
"""What such a frame takes as H.264, so that rings of packets hold as much as they would of a real stream."""

Draw = Callable[[], Picture]


class UncodedSource:
    """`PacketSource` of drawings with a keyframe a second."""

    def __init__(self, size: tuple[int, int], fps: float, drawings: Iterable[tuple[float, Draw]]) -> None:
        """Args:
        size: Width and height in pixels.
        fps: Frames a second.
        drawings: The time of each frame in seconds, and what draws it.
        """
        self.info = StreamInfo("h264", *size, fps)
        self._drawings = drawings

    def packets(self) -> Iterator[Packet]:
        """A packet a frame."""
        keyframe_s = float("-inf")
        for time_s, draw in self._drawings:
            is_keyframe = time_s - keyframe_s > 1 - 1e-6
            if is_keyframe:
                keyframe_s = time_s
            yield Packet(time_s, time_s, is_keyframe, _PACKET_BYTES, draw)

    def close(self) -> None:
        """Nothing is open."""


class UncodedDecoder:
    """`PictureDecoder` of such packets; it needs no reference, so that every packet comes out at once."""

    def keyframe(self, packet: Packet) -> PixelPicture:
        """Its picture."""
        return PixelPicture(packet.time_s, packet.payload())

    def restart(self) -> None:
        """There is nothing to forget."""

    def feed(self, packet: Packet) -> Sequence[PixelPicture]:
        """Its picture."""
        return (self.keyframe(packet),)
