"""RTP over the RTSP connection: packets made once, stamped for each client.

Source: RFC 3550 (RTP, RTCP), RFC 2326 section 10.12 (interleaving).
"""

import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass

CLOCK_HZ = 90_000
PAYLOAD_TYPE = 96
INTERLEAVED_BYTES = 4
HEADER_BYTES = INTERLEAVED_BYTES + 12
_HEADER = struct.Struct(">cBHBBHII")
_STAMP = struct.Struct(">HII")
_STAMP_AT = INTERLEAVED_BYTES + 2
_NTP_EPOCH_S = 2_208_988_800
_WORD = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One encoded picture, ready to be stamped and sent.

    Attributes:
        sent_s: When it is sent, seconds from the clip's start.
        shown_s: When it is shown, same clock; later than `sent_s` where there are B-frames.
        is_keyframe: Whether decoding can begin with it.
        wire: Its RTP packets in interleaved form, with blank sequence number, timestamp and sender.
        packets: Where each packet begins in `wire`.
    """

    sent_s: float
    shown_s: float
    is_keyframe: bool
    wire: bytes
    packets: tuple[int, ...]


def blank_packets(payloads: Sequence[bytes]) -> tuple[bytes, tuple[int, ...]]:
    """The packets of one picture one after the other, the marker on the last, and where each begins."""
    wire = bytearray()
    begins = []
    for index, payload in enumerate(payloads):
        begins.append(len(wire))
        marker = 0x80 if index == len(payloads) - 1 else 0
        size = HEADER_BYTES - INTERLEAVED_BYTES + len(payload)
        wire += _HEADER.pack(b"$", 0, size, 0x80, marker | PAYLOAD_TYPE, 0, 0, 0) + payload
    return bytes(wire), tuple(begins)


class RtpStream:
    """The numbering of one client's stream. Starts are random unless given; all counters wrap."""

    def __init__(self, channel: int = 0, first_seq: int | None = None, zero: int | None = None) -> None:
        self._channel = channel
        self._zero = secrets.randbits(32) if zero is None else zero
        self._ssrc = secrets.randbits(32)
        self.next_seq = secrets.randbits(16) if first_seq is None else first_seq
        self._sent_packets = 0
        self._sent_bytes = 0

    def timestamp(self, media_s: float) -> int:
        """The RTP time of a moment."""
        return (self._zero + round(media_s * CLOCK_HZ)) & _WORD

    def stamp(self, frame: Frame, media_s: float) -> bytearray:
        """The picture's packets, numbered on, with the time of `media_s`."""
        wire = bytearray(frame.wire)
        timestamp, seq = self.timestamp(media_s), self.next_seq
        for at in frame.packets:
            wire[at + 1] = self._channel
            _STAMP.pack_into(wire, at + _STAMP_AT, seq, timestamp, self._ssrc)
            seq = seq + 1 & 0xFFFF
        self.next_seq = seq
        self._sent_packets += len(frame.packets)
        self._sent_bytes += len(wire) - HEADER_BYTES * len(frame.packets)
        return wire

    def skip(self, frame: Frame) -> None:
        """Counts packets that the client never gets, so that it can see the gap."""
        self.next_seq = self.next_seq + len(frame.packets) & 0xFFFF

    def sender_report(self, media_s: float, unix_s: float) -> bytes:
        """RTCP sender report with CNAME, interleaved: `media_s` was at `unix_s`."""
        ntp = round((unix_s + _NTP_EPOCH_S) * (1 << 32))
        report = struct.pack(
            ">BBHIQIII",
            0x80,
            200,
            6,
            self._ssrc,
            ntp,
            self.timestamp(media_s),
            self._sent_packets & _WORD,
            self._sent_bytes & _WORD,
        )
        name = struct.pack(">BBHIBB8sxx", 0x81, 202, 4, self._ssrc, 1, 8, b"gtvision")
        return struct.pack(">cBH", b"$", self._channel + 1, len(report) + len(name)) + report + name
