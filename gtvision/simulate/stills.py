"""Frozen pictures: a camera whose sensor hangs goes on sending good frames, all of the same picture."""

from fractions import Fraction
from itertools import islice

import av

from gtvision.simulate.clip import AccessUnit, Clip, clip_of
from gtvision.simulate.encode import camera_encoder


def still_clip(clip: Clip, keyframe: int) -> Clip:
    """One second that shows the clip's `keyframe`-th keyframe on and on, of the same codec, size and rate."""
    with av.open(str(clip.path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.skip_frame = "NONKEY"
        picture = list(islice(container.decode(stream), keyframe + 1))[-1]
    fps = Fraction(clip.fps).limit_denominator(1000)
    encoder = camera_encoder(clip.codec, picture.width, picture.height, fps)
    packets: list[av.Packet] = []
    for index in range(max(2, round(fps))):
        frame = picture.reformat(format="yuv420p")
        frame.pts, frame.time_base = index, 1 / fps
        frame.pict_type = av.video.frame.PictureType.NONE
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    seconds = [float(packet.pts / fps) for packet in packets]
    units = (AccessUnit(bytes(packet), at_s, at_s) for packet, at_s in zip(packets, seconds, strict=True))
    return clip_of(clip.path, clip.codec, units)
