"""Recordings made fit for a camera: a keyframe every second or so, no B-frames."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av

from gtvision.domain.errors import BadConfiguration
from gtvision.simulate.clip import Clip, load_clip
from gtvision.simulate.encode import write_recording

_LONGEST_GOP_S = 2.0
_WIDEST = 1280


def prepare_clip(source: Path, folder: Path) -> Path:
    """A recording that any camera could send: the source itself, or a copy encoded anew, kept in `folder`.

    The copy is at most 1280 wide. It is made once for each name, size and time of change of the source.

    Raises:
        BadConfiguration: The source is missing, holds no video that can be read, or the copy cannot be written.
    """
    if not source.is_file():
        raise BadConfiguration(f"there is no recording {source}", "clip")
    stat = source.stat()
    copy = folder / f"{source.stem}-{stat.st_size}-{stat.st_mtime_ns}.mp4"
    if copy.is_file():
        return copy
    if _is_fit(source):
        return source
    try:
        _encode(source, copy)
    except (av.error.FFmpegError, IndexError) as exc:
        raise BadConfiguration(f"{source} cannot be encoded into {folder}: {type(exc).__name__}", "clip") from exc
    return copy


def _is_fit(source: Path) -> bool:
    try:
        clip = load_clip(source)
    except BadConfiguration:
        return False
    return _longest_gop_s(clip) <= _LONGEST_GOP_S and all(frame.sent_s == frame.shown_s for frame in clip.frames)


def _longest_gop_s(clip: Clip) -> float:
    begins = [clip.frames[index].sent_s for index in clip.keyframes]
    return max(after - before for before, after in zip(begins, [*begins[1:], clip.duration_s], strict=True))


def _encode(source: Path, copy: Path) -> None:
    with av.open(str(source)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        scale = min(1.0, _WIDEST / stream.width)
        size = (round(stream.width * scale) // 2 * 2, round(stream.height * scale) // 2 * 2)
        fps = Fraction(stream.average_rate or 25).limit_denominator(1001)
        write_recording(copy, _scaled(container, stream, size), size, fps)


def _scaled(
    container: av.container.InputContainer, stream: av.VideoStream, size: tuple[int, int]
) -> Iterator[av.VideoFrame]:
    for frame in container.decode(stream):
        scaled = frame.reformat(width=size[0], height=size[1], format="yuv420p")
        scaled.pict_type = av.video.frame.PictureType.NONE
        yield scaled
