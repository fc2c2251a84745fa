from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from recordings import FPS, Record, picture

from gtvision.adapters.annexb import Coded
from gtvision.adapters.decode import Decoder
from gtvision.domain.stream import Packet, StreamInfo

Read = Callable[[Path], tuple[list[Packet], StreamInfo]]


def damaged(packet: Packet, seed: int = 1) -> Packet:
    content = np.frombuffer(packet.payload.content, np.uint8).copy()
    content[len(content) // 4 :] = np.random.default_rng(seed).integers(0, 256, len(content) - len(content) // 4)
    return replace(packet, payload=Coded(content.tobytes(), packet.payload.info))


def frame_index(grey: np.ndarray) -> int:
    """Which picture of the recording it is, told from where the square stands."""
    columns = np.flatnonzero(grey[30:50].mean(axis=0) > 140)
    return round(columns[0] / 2)


@pytest.mark.parametrize(("codec", "b_frames"), [("libx264", 0), ("libx264", 3), ("libx265", 0)])
def test_pictures_come_in_order_of_time_each_with_its_own(
    codec: str, b_frames: int, record: Record, packets_of: Read
) -> None:
    packets, info = packets_of(record(f"ordered-{codec}-{b_frames}.mp4", codec=codec, b_frames=b_frames))
    decoder = Decoder(info)

    pictures = [out for packet in packets for out in decoder.feed(packet)]

    assert len(pictures) >= len(packets) - 2
    assert [out.time_s for out in pictures] == pytest.approx([index / FPS for index in range(len(pictures))])
    assert [frame_index(out.grey(192)) for out in pictures[:60]] == list(range(60))


def test_without_b_frames_each_picture_comes_with_its_packet(record: Record, packets_of: Read) -> None:
    packets, info = packets_of(record("undelayed.mp4"))
    decoder = Decoder(info)

    assert [len(decoder.feed(packet)) for packet in packets] == [1] * len(packets)


@pytest.mark.parametrize(("codec", "b_frames"), [("libx264", 0), ("libx264", 3), ("libx265", 0)])
def test_a_keyframe_is_decoded_alone_and_at_once(codec: str, b_frames: int, record: Record, packets_of: Read) -> None:
    packets, info = packets_of(record(f"keyframes-{codec}-{b_frames}.mp4", codec=codec, b_frames=b_frames))
    decoder = Decoder(info)

    for packet in (packet for packet in packets if packet.is_keyframe):
        out = decoder.keyframe(packet)
        assert out is not None
        assert out.time_s == pytest.approx(packet.time_s)
        assert frame_index(out.grey(192)) == round(packet.time_s * FPS)


def test_looking_at_a_keyframe_leaves_the_running_decoder_alone(record: Record, packets_of: Read) -> None:
    packets, info = packets_of(record("untouched.mp4"))
    decoder = Decoder(info)
    for packet in packets[:10]:
        decoder.feed(packet)

    decoder.keyframe(packets[50])

    assert frame_index(decoder.feed(packets[10])[0].grey(192)) == 10


def test_after_a_restart_nothing_comes_until_a_keyframe(record: Record, packets_of: Read) -> None:
    packets, info = packets_of(record("restart.mp4"))
    decoder = Decoder(info)
    for packet in packets[:5]:
        decoder.feed(packet)

    decoder.restart()

    assert [bool(decoder.feed(packet)) for packet in packets[20:27]] == [False] * 5 + [True] * 2


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_damage_gives_no_picture_and_heals_at_the_next_keyframe(codec: str, record: Record, packets_of: Read) -> None:
    packets, info = packets_of(record(f"damage-{codec}.mp4", codec=codec))
    decoder = Decoder(info)

    outs = [decoder.feed(damaged(packet) if 5 <= index < 12 else packet) for index, packet in enumerate(packets)]

    whole = [frame_index(out.grey(192)) for group in outs[25:50] for out in group]
    assert whole == list(range(25, 50))


def test_a_damaged_keyframe_is_none(record: Record, packets_of: Read) -> None:
    packets, info = packets_of(record("damaged-keyframe.mp4"))
    decoder = Decoder(info)

    assert decoder.keyframe(damaged(packets[0])) is None
    assert decoder.keyframe(packets[25]) is not None


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"<html>not video</html>", b"\0\0\0\1\x67", bytes(range(256))])
def test_garbage_never_raises(content: bytes, record: Record, packets_of: Read) -> None:
    packets, info = packets_of(record("garbage.mp4"))
    decoder = Decoder(info)
    junk = replace(packets[0], payload=Coded(content, info))

    assert decoder.keyframe(junk) is None
    assert list(decoder.feed(junk)) == []
    assert len(decoder.feed(packets[0])) == 1


def test_after_a_long_gap_the_next_keyframe_is_awaited(record: Record, packets_of: Read) -> None:
    packets, info = packets_of(record("gap.mp4", seconds=8, gop=4 * FPS))
    decoder = Decoder(info)
    decoder.feed(packets[0])

    assert not decoder.feed(packets[75])
    assert decoder.feed(packets[100])


def test_the_size_may_change_at_a_keyframe(record: Record, packets_of: Read) -> None:
    small, info = packets_of(record("small.mp4", seconds=1))
    large, _ = packets_of(record("large.mp4", seconds=1, size=(320, 180)))
    decoder = Decoder(info)

    later = [replace(packet, time_s=packet.time_s + 1) for packet in large]
    sizes = [out.grey(1000).shape for packet in (*small, *later) for out in decoder.feed(packet)]

    assert sizes == [(108, 192)] * 25 + [(180, 320)] * 25


@pytest.mark.parametrize(
    ("codec", "pixels", "size"),
    [
        ("libx264", "yuv420p", (182, 102)),
        ("libx264", "yuvj420p", (192, 108)),
        ("libx264", "yuv420p10le", (192, 108)),
        ("libx264", "yuv444p", (191, 107)),
        ("libx265", "yuv420p10le", (192, 108)),
    ],
)
def test_any_pixel_format_and_size_becomes_contiguous_grey_and_colour(
    codec: str, pixels: str, size: tuple[int, int], record: Record, packets_of: Read
) -> None:
    packets, info = packets_of(record(f"{codec}-{pixels}-{size[0]}.mp4", codec=codec, pixels=pixels, size=size))
    out = Decoder(info).keyframe(packets[25])
    assert out is not None

    grey, small, colour = out.grey(1000), out.grey(97), out.bgr()

    expected = picture(size, 25).astype(int)
    assert (grey.shape, colour.shape, small.shape[1]) == (size[::-1], (*size[::-1], 3), 97)
    assert small.shape[0] == pytest.approx(97 * size[1] / size[0], abs=1)
    assert all(array.dtype == np.uint8 and array.flags.c_contiguous for array in (grey, small, colour))
    assert np.abs(colour - expected).mean() < 6
    assert np.abs(grey - expected[..., 0]).mean() < 6
    assert out.bgr(96).shape[1] == 96


def test_pictures_of_one_decoder_can_be_converted_in_several_threads(record: Record, packets_of: Read) -> None:
    packets, info = packets_of(record("threads.mp4"))
    decoder = Decoder(info)
    pictures = [out for packet in packets[:50] for out in decoder.feed(packet)]
    expected = [out.bgr(96) for out in pictures]

    with ThreadPoolExecutor(4) as pool:
        greys = pool.map(lambda out: out.grey(96), pictures)
        found = list(pool.map(lambda out: out.bgr(96), pictures))

    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))
    assert len(list(greys)) == 50
