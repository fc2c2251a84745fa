"""H.264 and H.265 on the level of NAL units: splitting, kinds, and RTP payloads.

Source: RFC 6184 (H.264: single NAL unit, FU-A) and RFC 7798 (H.265: single NAL unit, FU).
"""

import re
from enum import StrEnum

MAX_PAYLOAD_BYTES = 1400
_START_CODE = re.compile(b"\0\0\1")


class Codec(StrEnum):
    """The codecs that can be sent, as FFmpeg names them."""

    H264 = "h264"
    H265 = "hevc"


_PARAMETER_SETS = {Codec.H264: (7, 8), Codec.H265: (32, 33, 34)}
_DELIMITERS = {Codec.H264: (9, 12), Codec.H265: (35, 38)}
_RANDOM_ACCESS = {Codec.H264: (5,), Codec.H265: (16, 17, 18, 19, 20, 21)}


def split_nals(annexb: bytes) -> list[bytes]:
    """The NAL units of a byte stream with start codes."""
    pieces = (piece.rstrip(b"\0") for piece in _START_CODE.split(annexb))
    return [piece for piece in pieces if piece]


def nal_type(nal: bytes, codec: Codec) -> int:
    """The number of the NAL unit's kind."""
    return nal[0] & 0x1F if codec is Codec.H264 else nal[0] >> 1 & 0x3F


def is_parameter_set(nal: bytes, codec: Codec) -> bool:
    """Whether it is a VPS, SPS or PPS."""
    return nal_type(nal, codec) in _PARAMETER_SETS[codec]


def is_padding(nal: bytes, codec: Codec) -> bool:
    """Whether a decoder does without it: access unit delimiters and filler."""
    return nal_type(nal, codec) in _DELIMITERS[codec]


def is_random_access(nal: bytes, codec: Codec) -> bool:
    """Whether decoding can begin with it."""
    return nal_type(nal, codec) in _RANDOM_ACCESS[codec]


def payloads(nal: bytes, codec: Codec, room: int = MAX_PAYLOAD_BYTES) -> list[bytes]:
    """The RTP payloads of one NAL unit: itself, or fragments of at most `room` bytes."""
    if len(nal) <= room:
        return [nal]
    prefix, body = _fragment_header(nal, codec)
    step = room - len(prefix) - 1
    kind = nal_type(nal, codec)
    found = []
    for at in range(0, len(body), step):
        begins, ends = at == 0, at + step >= len(body)
        found.append(prefix + bytes([begins << 7 | ends << 6 | kind]) + body[at : at + step])
    return found


def _fragment_header(nal: bytes, codec: Codec) -> tuple[bytes, bytes]:
    if codec is Codec.H264:
        return bytes([nal[0] & 0xE0 | 28]), nal[1:]
    return bytes([nal[0] & 0x81 | 49 << 1, nal[1]]), nal[2:]
