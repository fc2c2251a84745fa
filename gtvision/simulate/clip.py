"""A recording, packetised once, that any number of simulated cameras send."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from av.bitstream import BitStreamFilterContext

from gtvision.domain.errors import BadConfiguration
from gtvision.simulate.nal import Codec, is_padding, is_parameter_set, is_random_access, payloads, split_nals
from gtvision.simulate.rtp import Frame, blank_packets

_FILTERS = {Codec.H264: "h264_mp4toannexb", Codec.H265: "hevc_mp4toannexb"}


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One encoded picture as a byte stream with start codes; both times in seconds from any zero."""

    annexb: bytes
    dts_s: float
    pts_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A packetised recording. It begins with a keyframe, so that it can follow itself for ever.

    Attributes:
        path: The recording.
        codec: H.264 or H.265.
        fps: Mean frames a second.
        parameter_sets: The first keyframe's VPS, SPS and PPS.
        frames: In the order of sending.
        keyframes: Indices of those with which decoding can begin, rising; the first is 0.
        duration_s: From its first frame to the first frame of its repetition.
    """

    path: Path
    codec: Codec
    fps: float
    parameter_sets: tuple[bytes, ...]
    frames: tuple[Frame, ...]
    keyframes: tuple[int, ...]
    duration_s: float

    def keyframe_at(self, position_s: float) -> int:
        """Index of the last keyframe that is sent at or before a position of the clip."""
        after = bisect_right(self.keyframes, position_s, key=lambda index: self.frames[index].sent_s)
        return self.keyframes[max(0, after - 1)]


def load_clip(path: Path) -> Clip:
    """The packetised recording.

    Raises:
        BadConfiguration: The file is missing, no video, of another codec, or holds fewer than 2 pictures.
    """
    if not path.is_file():
        raise BadConfiguration(f"there is no recording {path}", "clip")
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise BadConfiguration(f"{path} holds no video", "clip")
            stream = container.streams.video[0]
            if stream.codec_context.name not in list(Codec):
                raise BadConfiguration(
                    f"{path} is {stream.codec_context.name}; only H.264 and H.265 can be sent", "clip"
                )
            codec = Codec(stream.codec_context.name)
            return clip_of(path, codec, _access_units(container, stream, codec))
    except (av.error.FFmpegError, OSError) as exc:
        raise BadConfiguration(f"{path} is not a recording that can be read: {type(exc).__name__}", "clip") from exc


def _access_units(container: av.container.InputContainer, stream: av.VideoStream, codec: Codec) -> Iterator[AccessUnit]:
    annexb = BitStreamFilterContext(_FILTERS[codec], stream)
    period_s = float(1 / (stream.average_rate or 25))
    for index, packet in enumerate(container.demux(stream)):
        if not packet.size:
            continue
        dts_s = index * period_s if packet.dts is None else float(packet.dts * packet.time_base)
        pts_s = dts_s if packet.pts is None else float(packet.pts * packet.time_base)
        for filtered in annexb.filter(packet):
            yield AccessUnit(bytes(filtered), dts_s, pts_s)


def clip_of(path: Path, codec: Codec, units: Iterable[AccessUnit]) -> Clip:
    """The clip of its pictures from the first keyframe on. Raises `BadConfiguration` when fewer than 2 are
    left, or they carry no parameter sets."""
    frames: list[Frame] = []
    parameter_sets: tuple[bytes, ...] = ()
    first_sets: tuple[bytes, ...] = ()
    zero_s = 0.0
    for unit in units:
        nals = [nal for nal in split_nals(unit.annexb) if not is_padding(nal, codec)]
        parameter_sets = tuple(nal for nal in nals if is_parameter_set(nal, codec)) or parameter_sets
        pictures = [nal for nal in nals if not is_parameter_set(nal, codec)]
        is_keyframe = any(is_random_access(nal, codec) for nal in pictures)
        if not frames:
            if not is_keyframe:
                continue
            zero_s, first_sets = unit.dts_s, parameter_sets
        sent = (*parameter_sets, *pictures) if is_keyframe else pictures
        wire, begins = blank_packets([payload for nal in sent for payload in payloads(nal, codec)])
        frames.append(Frame(unit.dts_s - zero_s, unit.pts_s - zero_s, is_keyframe, wire, begins))
    if len(frames) < 2 or frames[-1].sent_s <= 0 or not first_sets:
        raise BadConfiguration(f"{path} holds fewer than 2 pictures that can be decoded", "clip")
    period_s = frames[-1].sent_s / (len(frames) - 1)
    keyframes = tuple(index for index, frame in enumerate(frames) if frame.is_keyframe)
    return Clip(path, codec, 1 / period_s, first_sets, tuple(frames), keyframes, frames[-1].sent_s + period_s)
