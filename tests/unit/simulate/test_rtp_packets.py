import random
import struct

from hypothesis import given
from hypothesis import strategies as st

from gtvision.simulate.damage import corrupt, to_garbage
from gtvision.simulate.nal import Codec, nal_type, payloads, split_nals
from gtvision.simulate.rtp import HEADER_BYTES, Frame, RtpStream, blank_packets

H264_IDR, H264_SPS = 0x65, 0x67


def _rejoined(parts, codec):
    """What a receiver makes of the payloads of one NAL unit. Source: RFC 6184 section 5.8, RFC 7798 section 4.4.3."""
    if len(parts) == 1:
        return parts[0]
    if codec is Codec.H264:
        header, skip, marks = bytes([parts[0][0] & 0xE0 | parts[0][1] & 0x1F]), 2, [part[1] for part in parts]
    else:
        kind = parts[0][2] & 0x3F
        header, skip, marks = bytes([parts[0][0] & 0x81 | kind << 1, parts[0][1]]), 3, [part[2] for part in parts]
    assert [mark >> 6 for mark in marks] == [2, *[0] * (len(parts) - 2), 1]
    return header + b"".join(part[skip:] for part in parts)


@given(st.binary(min_size=3, max_size=400), st.sampled_from(Codec), st.integers(10, 120))
def test_fragments_join_to_the_nal_unit_and_keep_within_the_room(body, codec, room):
    nal = (b"\x65" if codec is Codec.H264 else b"\x26\x01") + body
    parts = payloads(nal, codec, room)
    assert all(len(part) <= room for part in parts)
    assert _rejoined(parts, codec) == nal


def test_a_byte_stream_is_split_at_short_and_long_start_codes():
    assert split_nals(b"\0\0\0\1\x67ab\0\0\1\x68c\0\0\0\1\x65d") == [b"\x67ab", b"\x68c", b"\x65d"]
    assert nal_type(b"\x67", Codec.H264) == 7
    assert nal_type(b"\x40\x01", Codec.H265) == 32


def _frame(*sizes):
    wire, begins = blank_packets([b"\x41" * size for size in sizes])
    return Frame(0.0, 0.0, True, wire, begins)


def _packets(wire):
    found, at = [], 0
    while at < len(wire):
        size = int.from_bytes(wire[at + 2 : at + 4], "big")
        found.append((wire[at + 1], bytes(wire[at + 4 : at + 4 + size])))
        at += 4 + size
    return found


def test_packets_of_a_picture_share_its_time_count_on_and_mark_the_last():
    stream = RtpStream(channel=2, first_seq=65_534, zero=0)
    packets = _packets(stream.stamp(_frame(10, 20, 30), media_s=2.0))
    heads = [struct.unpack(">BBHI", packet[:8]) for _, packet in packets]
    assert [channel for channel, _ in packets] == [2, 2, 2]
    assert heads == [(0x80, 96, 65_534, 180_000), (0x80, 96, 65_535, 180_000), (0x80, 0x80 | 96, 0, 180_000)]
    assert stream.next_seq == 1


def test_timestamps_wrap_after_32_bits_without_a_step():
    stream = RtpStream(zero=2**32 - 90_000)
    assert [stream.timestamp(second) for second in (0, 0.5, 1, 1.5)] == [2**32 - 90_000, 2**32 - 45_000, 0, 45_000]


def test_left_out_pictures_leave_a_gap_in_the_numbers():
    stream = RtpStream(first_seq=65_535)
    stream.skip(_frame(1, 1, 1))
    assert stream.next_seq == 2


def test_a_sender_report_ties_stream_time_to_wall_time_and_counts_what_was_sent():
    stream = RtpStream(zero=0)
    stream.stamp(_frame(10, 20), media_s=0)
    [(channel, report)] = _packets(stream.sender_report(media_s=1.0, unix_s=1_000_000_000.5))
    kind, words, ntp_s, ntp_share, rtp_time, packets, octets = struct.unpack(">xBH4xIIIII", report[:28])
    assert (channel, kind, words) == (1, 200, 6)
    assert (ntp_s - 2_208_988_800, ntp_share) == (1_000_000_000, 1 << 31)
    assert (rtp_time, packets, octets) == (90_000, 2, 30)
    assert struct.unpack(">BH", report[29:32]) == (202, 4)


def test_garbage_keeps_the_interleaving_and_nothing_else():
    frame = _frame(100, 200)
    whole = RtpStream().stamp(frame, 0)
    spoiled = bytearray(whole)
    to_garbage(spoiled, frame, random.Random(1))
    assert [len(packet) for _, packet in _packets(spoiled)] == [112, 212]
    assert all(a != b for (_, a), (_, b) in zip(_packets(whole), _packets(spoiled), strict=True))


def test_corruption_flips_one_payload_bit_in_the_wanted_share_of_packets():
    frame = _frame(*[50] * 1000)
    whole = RtpStream().stamp(frame, 0)
    spoiled = bytearray(whole)
    corrupt(spoiled, frame, 0.2, random.Random(1))
    changed = [(a ^ b).bit_count() for a, b in zip(whole, spoiled, strict=True)]
    per_packet = [changed[begin : begin + HEADER_BYTES + 50] for begin in frame.packets]
    assert all(sum(bits[:HEADER_BYTES]) == 0 and sum(bits) <= 1 for bits in per_packet)
    assert 150 < sum(changed) < 250
