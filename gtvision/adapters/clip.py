"""Packets into a clip that browsers play, by PyAV (FFmpeg); nothing is decoded."""

import io
from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby, pairwise

import av

from gtvision.adapters.annexb import Coded
from gtvision.domain.errors import BadInput
from gtvision.domain.stream import Packet, StreamInfo

_TICKS_A_SECOND = 90_000
_HEADER_BYTES = 8192
_HEADER_BYTES_A_PACKET = 48


def remux(packets: Sequence[Packet], info: StreamInfo) -> bytes:
    """An MP4 with its header in front, beginning at the first keyframe.

    A clip has one picture size: of a stream that changed it, the longest part with one size is taken.

    Args:
        packets: In decoding order.
        info: The stream; its frame rate is what players are told.

    Raises:
        BadInput: There is no keyframe.
    """
    part = _longest_part(packets)
    if not part:
        raise BadInput("a clip needs at least one keyframe")
    stream_info = _coded(part[0]).info
    output = io.BytesIO()
    header_bytes = _HEADER_BYTES + len(stream_info.extradata) + _HEADER_BYTES_A_PACKET * len(part)
    with av.open(output, "w", format="mp4", options={"moov_size": str(header_bytes)}) as container:
        stream = container.add_mux_stream(
            stream_info.codec,
            rate=Fraction(info.fps or 25).limit_denominator(1001),
            width=stream_info.width,
            height=stream_info.height,
        )
        stream.time_base = Fraction(1, _TICKS_A_SECOND)
        for packet, (pts, dts, duration) in zip(part, _timeline(part), strict=True):
            out = av.Packet(_coded(packet).content)
            out.stream, out.time_base = stream, stream.time_base
            out.pts, out.dts, out.duration, out.is_keyframe = pts, dts, duration, packet.is_keyframe
            container.mux_one(out)
    return output.getvalue()


def _coded(packet: Packet) -> Coded:
    coded: Coded = packet.payload
    return coded


def _longest_part(packets: Sequence[Packet]) -> list[Packet]:
    """The longest run with one codec and size, from its first keyframe on."""
    parts: list[list[Packet]] = []
    for _, run in groupby(packets, key=lambda p: (_coded(p).info.codec, _coded(p).info.width, _coded(p).info.height)):
        part = list(run)
        begin = next((index for index, packet in enumerate(part) if packet.is_keyframe), len(part))
        parts.append(part[begin:])
    return max(parts, key=len, default=[])


def _timeline(packets: Sequence[Packet]) -> list[tuple[int, int, int]]:
    """Presentation time, decoding time and duration of each packet, in ticks from the clip's start.

    Decoding times are the sorted presentation times, moved back until none comes after its picture: they rise whatever
    the stream's own timestamps did, and fit B-frames.
    """
    order = sorted(range(len(packets)), key=lambda index: packets[index].time_s)
    begin_s = packets[order[0]].time_s
    shown = [0] * len(packets)
    tick = -1
    for index in order:
        tick = max(tick + 1, round((packets[index].time_s - begin_s) * _TICKS_A_SECOND))
        shown[index] = tick
    ascending = sorted(shown)
    delay = max(rank - tick for rank, tick in zip(ascending, shown, strict=True))
    steps = [after - before for before, after in pairwise(ascending)]
    usual = sorted(steps)[len(steps) // 2] if steps else _TICKS_A_SECOND // 25
    return [(tick, rank - delay, step) for tick, rank, step in zip(shown, ascending, [*steps, usual], strict=True)]
