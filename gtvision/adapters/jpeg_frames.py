"""Frames that come as JPEG, each for itself, as packets and pictures like those of a stream."""

from collections.abc import Sequence

from gtvision.adapters.pixels import PixelPicture
from gtvision.adapters.sample_detector import decode_picture
from gtvision.domain.errors import NotAPicture
from gtvision.domain.stream import Packet


class JpegDecoder:
    """`PictureDecoder` of packets whose payload is a JPEG: it needs no reference, so that every packet comes out.

    What a header claims is checked before anything is decoded: see `picture_file`.
    """

    def keyframe(self, packet: Packet) -> PixelPicture | None:
        """The packet's picture; None when it is damaged, cut short, or claims more pixels than we decode."""
        try:
            return PixelPicture(packet.time_s, decode_picture(packet.payload))
        except NotAPicture:
            return None

    def restart(self) -> None:
        """There is nothing to forget."""

    def feed(self, packet: Packet) -> Sequence[PixelPicture]:
        """The packet's picture, none when there is none in it."""
        picture = self.keyframe(packet)
        return () if picture is None else (picture,)
