"""Files of strangers: what comes out of good ones, and how the others are refused."""

import io
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gtvision.adapters.picture_file import MAX_BYTES, MAX_PIXELS, check_picture, read_picture
from gtvision.adapters.sample_detector import decode_picture
from gtvision.domain.errors import NotAPicture

RED, BLUE = (200, 30, 40), (30, 40, 200)
ROTATED = 0x0112
MOST_MB = 450
"""Above what the interpreter and its libraries take."""


def encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def halves(size: tuple[int, int] = (64, 32)) -> Image.Image:
    """Red to the left, blue to the right."""
    picture = Image.new("RGB", size, RED)
    picture.paste(BLUE, (size[0] // 2, 0, *size))
    return picture


def claimed(width: int, height: int) -> bytes:
    """A small PNG that is really that large."""
    return encoded(Image.new("1", (width, height)), "PNG")


def near(pixel: np.ndarray, rgb: tuple[int, int, int], by: int = 12) -> bool:
    return bool(np.abs(pixel[::-1].astype(int) - rgb).max() <= by)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
def test_pictures_come_in_bgr(form: str) -> None:
    picture = read_picture(encoded(halves(), form))
    assert (picture.shape, picture.dtype) == ((32, 64, 3), np.uint8)
    assert near(picture[16, 8], RED)
    assert near(picture[16, 56], BLUE)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1"])
def test_every_sort_of_png_becomes_three_channels(mode: str) -> None:
    assert read_picture(encoded(halves().convert(mode), "PNG")).shape == (32, 64, 3)


def test_a_cmyk_jpeg_keeps_its_colours() -> None:
    picture = read_picture(encoded(halves().convert("CMYK"), "JPEG"))
    assert near(picture[16, 8], RED, by=30)
    assert near(picture[16, 56], BLUE, by=30)


def test_a_picture_with_16_bits_keeps_its_brightness() -> None:
    grey = np.full((32, 64), 40_000, np.uint16)
    assert read_picture(encoded(Image.fromarray(grey), "PNG"))[0, 0].tolist() == [156, 156, 156]


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
def test_of_an_animation_the_first_frame_comes(form: str) -> None:
    frames = [Image.new("RGB", (64, 32), colour) for colour in (RED, BLUE)]
    picture = read_picture(encoded(frames[0], form, save_all=True, append_images=frames[1:]))
    assert near(picture[16, 32], RED)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_that_was_taken_upright_comes_upright(form: str) -> None:
    exif = Image.Exif()
    exif[ROTATED] = 6  # to be turned clockwise
    picture = read_picture(encoded(halves(), form, exif=exif))
    assert picture.shape == (64, 32, 3)
    assert near(picture[8, 16], RED)
    assert near(picture[56, 16], BLUE)


def test_a_single_pixel_is_a_picture() -> None:
    assert read_picture(claimed(1, 1)).shape == (1, 1, 3)


def test_a_picture_larger_than_is_of_use_comes_smaller() -> None:
    assert max(read_picture(encoded(Image.new("RGB", (6000, 2000)), "PNG")).shape) == 4096
    assert 4096 <= max(read_picture(encoded(Image.new("RGB", (6000, 2000)), "JPEG")).shape) <= 6000


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"", "0 bytes do not decode"),
        (b"no picture at all", "17 bytes do not decode"),
        (encoded(halves(), "JPEG")[:-150], "do not decode"),
        (encoded(halves(), "PNG")[:-40], "do not decode"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "do not decode"),
        (claimed(20_000, 10), "20000 x 10 pixels"),
        (claimed(6_000, MAX_PIXELS // 6_000 + 1), "million together are the most"),
        (claimed(16_000, 16_000), "16000 x 16000 pixels"),
        (encoded(halves(), "BMP") + bytes(MAX_BYTES), "bytes; 20000000 are the most"),
    ],
    ids=["empty", "text", "cut jpeg", "cut png", "postscript", "wide", "large", "bomb", "heavy"],
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_what_is_no_picture_within_bounds_is_refused_with_its_reason(file: bytes, said: str) -> None:
    with pytest.raises(NotAPicture, match=said):
        read_picture(file)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_header_is_enough_to_refuse_what_claims_too_much() -> None:
    check_picture(encoded(halves(), "JPEG")[:700])  # its pixels are missing, and nobody looked
    for file in (claimed(20_000, 10), claimed(16_000, 16_000), b"", b"text"):
        with pytest.raises(NotAPicture):
            check_picture(file)
        with pytest.raises(NotAPicture):
            decode_picture(file)  # what the detector takes is held to the same bounds


SEEDS = [
    encoded(halves(), "JPEG"),
    encoded(halves().convert("CMYK"), "JPEG", progressive=True),
    encoded(halves(), "PNG"),
    encoded(halves(), "WEBP"),
    encoded(halves(), "GIF"),
    encoded(halves(), "BMP"),
]


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning")
@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 300), st.binary(max_size=6)), min_size=1, max_size=6))
def test_a_damaged_file_is_a_picture_or_refused_and_nothing_else(seed: bytes, faults: list[tuple[int, bytes]]) -> None:
    damaged = bytearray(seed)
    for place, bytes_ in faults:
        damaged[place : place + len(bytes_)] = bytes_
    with suppress(NotAPicture):
        assert read_picture(bytes(damaged)).dtype == np.uint8


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_the_largest_picture_that_is_taken_needs_little_memory(form: str, tmp_path: object) -> None:
    """In a process of its own, whose peak tells; a bomb that is refused costs nothing at all."""
    script = f"""
import io, resource
from PIL import Image
from gtvision.adapters.picture_file import MAX_PIXELS, read_picture
from gtvision.domain.errors import NotAPicture
def peak_mb(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
def refused(file):
    try: read_picture(file)
    except NotAPicture: return True
bomb, large = io.BytesIO(), io.BytesIO()
Image.new("1", (16_000, 16_000)).save(bomb, "PNG")
before = peak_mb()
assert refused(bomb.getvalue())
assert peak_mb() - before < 5, "the bomb went off"
import os
if os.fork() == 0:
    Image.new("RGB", (5000, MAX_PIXELS // 5000), (9, 99, 199)).save("{tmp_path}/large", "{form}")
    os._exit(0)
os.wait()
before = peak_mb()
read_picture(open("{tmp_path}/large", "rb").read())
print(peak_mb() - before)
"""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, timeout=110, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert float(ran.stdout) < MOST_MB


def test_a_jpeg_of_very_many_scans_is_refused_before_it_is_decoded():
    whole = encoded(halves(), "JPEG")
    bomb = whole[:-2] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00" * 200 + whole[-2:]
    with pytest.raises(NotAPicture, match="scans"):
        check_picture(bomb)
    check_picture(whole)


HOSTILE = """
import ultralytics
from gtvision.adapters.picture_file import check_picture
from gtvision.domain.errors import NotAPicture

for content in (b"", b"GIF89a", b"no picture", bytes.fromhex("ffd8ff"), b"RIFF0000WEBP", b"BM", b"0000ftypheic"):
    try:
        check_picture(content)
    except NotAPicture:
        print("refused")
"""


def test_nothing_is_installed_for_a_picture_that_nobody_knows(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOSTILE]
    environment = os.environ | {"YOLO_CONFIG_DIR": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, env=environment, check=False)
    assert (done.stdout.split()[-7:], done.returncode) == (["refused"] * 7, 0), done.stderr
