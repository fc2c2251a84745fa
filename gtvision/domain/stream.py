"""Packets, samples and what a stream is, as they travel from a source to the detector."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What a stream says of itself when it opens.

    Attributes:
        codec: `h264` or `hevc`; `mjpeg` for frames that are pushed.
        width: Pixels.
        height: Pixels.
        fps: Frames a second as announced, None when it does not say.
        extradata: The codec's own header (SPS, PPS), empty when it comes in band.
    """

    codec: str
    width: int
    height: int
    fps: float | None = None
    extradata: bytes = b""


@dataclass(frozen=True, slots=True, eq=False)
class Packet:
    """One encoded picture, undecoded.

    Attributes:
        time_s: When it was taken: Unix seconds for a live stream, seconds from the start for a recording.
        pts_s: The stream's own time of it, None when it carries none.
        is_keyframe: Whether decoding can begin with it.
        size: Bytes.
        payload: The adapter's packet object; only the adapter that made it looks inside.
    """

    time_s: float
    pts_s: float | None
    is_keyframe: bool
    size: int
    payload: Any


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One picture on its way to the detector.

    Attributes:
        camera_id: Whose it is.
        time_s: When it was taken.
        is_burst: Whether the camera samples densely just now; idle samples are dropped first under overload.
        jpeg: The picture, at most `SAMPLE_WIDTH` wide, as JPEG.
    """

    camera_id: str
    time_s: float
    is_burst: bool
    jpeg: bytes


@dataclass(frozen=True, slots=True, eq=False)
class PlatePicture:
    """One picture on its way to the plate reader.

    Attributes:
        camera_id: Whose it is; for pictures that no camera took, whoever hands them in.
        time_s: When it was taken.
        jpeg: A vehicle, or a whole frame, as JPEG.
    """

    camera_id: str
    time_s: float
    jpeg: bytes


SAMPLE_WIDTH = 640
GREY_WIDTH = 320
