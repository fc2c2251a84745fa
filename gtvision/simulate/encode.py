"""Video as a camera encodes it: a keyframe a second and no B-frames."""

import os
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from tempfile import NamedTemporaryFile

import av

from gtvision.simulate.nal import Codec

_ENCODERS = {Codec.H264: "libx264", Codec.H265: "libx265"}
_OPTIONS = {
    Codec.H264: {"preset": "veryfast", "crf": "23", "bf": "0", "sc_threshold": "0"},
    Codec.H265: {"preset": "ultrafast", "x265-params": "bframes=0:scenecut=0:log-level=none"},
}


def camera_encoder(codec: Codec, width: int, height: int, fps: Fraction) -> av.VideoCodecContext:
    """An encoder whose packets carry their parameter sets in band. One thread: the same input gives the same bytes."""
    encoder = av.CodecContext.create(_ENCODERS[codec], "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.framerate, encoder.time_base = fps, 1 / fps
    encoder.gop_size = max(1, round(fps))
    encoder.thread_count = 1
    encoder.options = dict(_OPTIONS[codec])
    return encoder


def write_recording(path: Path, frames: Iterable[av.VideoFrame], size: tuple[int, int], fps: Fraction) -> None:
    """Encodes the frames, of that width and height, as H.264 into an MP4 file, which appears once it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, suffix=".part.mp4", delete=False) as part:
        name = part.name
    try:
        with av.open(name, "w", format="mp4") as container:
            stream = container.add_stream("libx264", rate=fps, options=dict(_OPTIONS[Codec.H264]))
            stream.width, stream.height = size
            stream.pix_fmt = "yuv420p"
            stream.codec_context.gop_size = max(1, round(fps))
            stream.codec_context.thread_count = 1
            for index, frame in enumerate(frames):
                frame.pts, frame.time_base = index, 1 / fps
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
