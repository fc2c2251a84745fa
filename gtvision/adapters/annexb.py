"""H.264 and H.265 byte streams: coded pictures, and the parameter sets in them.

Source: ITU-T H.264 and H.265, annex B and the tables of NAL unit types.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gtvision.domain.stream import StreamInfo

CODECS = ("h264", "hevc")
_START = b"\0\0\0\1"
_SETS = {"h264": {7, 8}, "hevc": {32, 33, 34}}
_SLICES = {"h264": range(1, 6), "hevc": range(32)}


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """One coded picture, the payload of a `Packet`; it can be pickled and outlives its connection.

    Attributes:
        content: With start codes; a keyframe carries its parameter sets, so that decoding needs nothing else.
        info: The stream as it was at that picture.
    """

    content: bytes
    info: StreamInfo


def parameter_sets(content: bytes, codec: str) -> bytes:
    """The parameter sets before the first slice, each behind a start code of 4 bytes; empty unless they are complete.

    Args:
        content: A coded picture or a codec header, with start codes.
        codec: `h264` or `hevc`.
    """
    found: dict[int, bytes] = {}
    for unit_type, unit in _units_before_slice(content, codec):
        if unit_type in _SETS[codec]:
            found[unit_type] = found.get(unit_type, b"") + _START + unit
    if not _SETS[codec] <= found.keys():
        return b""
    return b"".join(found[unit_type] for unit_type in sorted(found))


def _units_before_slice(content: bytes, codec: str) -> Iterator[tuple[int, bytes]]:
    begin = content.find(b"\0\0\1") + 3
    while 3 <= begin < len(content):
        unit_type = content[begin] & 0x1F if codec == "h264" else content[begin] >> 1 & 0x3F
        if unit_type in _SLICES[codec]:
            return
        following = content.find(b"\0\0\1", begin)
        end = following if following >= 0 else len(content)
        yield unit_type, content[begin:end].rstrip(b"\0")
        begin = end + 3
