import io
import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import pytest
from recordings import FPS, Record

from gtvision.adapters.clip import remux
from gtvision.domain.errors import BadInput
from gtvision.domain.stream import Packet, StreamInfo

Read = Callable[[Path], tuple[list[Packet], StreamInfo]]


def decoded(clip: bytes) -> list[float]:
    """The times of a clip's pictures."""
    with av.open(io.BytesIO(clip)) as container:
        return [float(frame.time) for frame in container.decode(video=0)]


def boxes(clip: bytes) -> list[bytes]:
    """The names of an MP4's outermost boxes."""
    found, at = [], 0
    while at < len(clip):
        found.append(clip[at + 4 : at + 8])
        at += int.from_bytes(clip[at : at + 4])
    return found


@pytest.mark.parametrize(("codec", "b_frames"), [("libx264", 0), ("libx264", 3), ("libx265", 0)])
def test_a_clip_holds_every_picture_from_zero_on(codec: str, b_frames: int, record: Record, packets_of: Read) -> None:
    packets, info = packets_of(record(f"clip-{codec}-{b_frames}.mp4", codec=codec, b_frames=b_frames))
    live = [replace(packet, time_s=packet.time_s + 1_700_000_000) for packet in packets]

    assert decoded(remux(live, info)) == pytest.approx([index / FPS for index in range(len(packets))], abs=1e-3)


def test_its_header_stands_before_its_pictures(record: Record, packets_of: Read) -> None:
    found = boxes(remux(*packets_of(record("header.mp4"))))

    assert found.index(b"moov") < found.index(b"mdat")


def test_the_header_has_room_for_a_long_clip_whose_every_picture_differs(record: Record, packets_of: Read) -> None:
    packets, info = packets_of(record("long.mp4", seconds=40, gop=2, b_frames=1))
    uneven = [replace(packet, time_s=packet.time_s + 0.001 * (index % 7)) for index, packet in enumerate(packets)]

    assert len(decoded(remux(uneven, info))) == len(packets)


def test_it_begins_at_the_first_keyframe(record: Record, packets_of: Read) -> None:
    packets, info = packets_of(record("begins.mp4"))

    assert len(decoded(remux(packets[10:], info))) == len(packets) - 25


def test_times_rise_even_if_those_of_the_stream_stood_still_or_ran_back(record: Record, packets_of: Read) -> None:
    packets, info = packets_of(record("jumps.mp4"))
    odd = [
        replace(packet, time_s=min(packet.time_s, 1.0) if index < 50 else 0.5) for index, packet in enumerate(packets)
    ]

    with av.open(io.BytesIO(remux(odd, info))) as container:
        decoding_times = [packet.dts for packet in container.demux(video=0) if packet.size]
    assert decoding_times == sorted(set(decoding_times))
    assert len(decoding_times) == len(packets)


def test_of_two_sizes_the_longer_part_is_taken(record: Record, packets_of: Read) -> None:
    small, info = packets_of(record("shorter.mp4", seconds=1))
    large, _ = packets_of(record("longer.mp4", seconds=2, size=(320, 180)))
    later = [replace(packet, time_s=packet.time_s + 1) for packet in large]

    with av.open(io.BytesIO(remux([*small, *later], info))) as container:
        frames = list(container.decode(video=0))
    assert (len(frames), frames[0].width, frames[0].height) == (50, 320, 180)


def test_without_a_keyframe_there_is_no_clip(record: Record, packets_of: Read) -> None:
    packets, info = packets_of(record("keyless.mp4"))

    for some in ([], packets[1:20]):
        with pytest.raises(BadInput, match="keyframe"):
            remux(some, info)


def test_ffprobe_finds_nothing_wrong(
    record: Record, packets_of: Read, needs: Callable[[str], str], tmp_path: Path
) -> None:
    packets, info = packets_of(record("probed.mp4", b_frames=2))
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(remux(packets, info))

    done = subprocess.run(
        [needs("ffprobe"), "-v", "warning", "-of", "json", "-show_streams", "-count_frames", str(clip)],
        capture_output=True,
        check=True,
        timeout=30,
    )

    stream = json.loads(done.stdout)["streams"][0]
    assert done.stderr == b""
    assert (stream["codec_name"], stream["nb_read_frames"], stream["width"]) == ("h264", "75", 192)
    assert float(stream["start_time"]) == 0
    assert float(stream["duration"]) == pytest.approx(3.0, abs=0.01)
