"""Picture files of strangers, by Pillow: what they claim to be is checked before anything is decoded.

A file of a few kilobytes can claim a picture of gigabytes. So format and size are read from its header first, and a
large JPEG is decoded at an eighth, a quarter or half of its size: whatever comes in, 400 MB of memory suffice.
"""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, WebPImagePlugin

from gtvision.domain.errors import NotAPicture

MAX_BYTES = 20_000_000
MAX_EDGE = 16_384
MAX_PIXELS = 25_000_000
_MAX_LONG_SIDE = 4096
_JPEG_SCAN, _MAX_SCANS = b"\xff\xda", 100  # each scan of a progressive one is decoded at full size, however small
_WEBP = str(WebPImagePlugin.WebPImageFile.format)
_BEGINNINGS = {"JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n", _WEBP: b"RIFF", "GIF": b"GIF8", "BMP": b"BM"}
_FAULTS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


def read_picture(encoded: bytes) -> NDArray[np.uint8]:
    """The picture of a JPEG, PNG, WebP, GIF or BMP file, shape `(h, w, 3)`, BGR, upright as its EXIF says.

    Of an animation it is the first frame. A picture with a side above 4096 pixels comes smaller.

    Raises:
        NotAPicture: The bytes are empty, truncated, too many, no picture, or claim more pixels than we decode.
    """
    with _only_pictures(encoded):
        picture: Any = _opened(encoded)
        picture.draft("RGB", (_MAX_LONG_SIDE, _MAX_LONG_SIDE))  # only JPEG can, and never below that size
        if max(picture.size) > _MAX_LONG_SIDE:
            picture.thumbnail((_MAX_LONG_SIDE, _MAX_LONG_SIDE))
        rgb = np.asarray(ImageOps.exif_transpose(_eight_bits(picture)).convert("RGB"))
    return np.ascontiguousarray(rgb[:, :, ::-1])


def check_picture(encoded: bytes) -> None:
    """Raises `NotAPicture` unless the header is that of a picture within our bounds. Decodes nothing."""
    with _only_pictures(encoded):
        _opened(encoded)


@contextmanager
def _only_pictures(encoded: bytes) -> Iterator[None]:
    try:
        yield
    except _FAULTS as exc:
        raise NotAPicture(f"{len(encoded)} bytes do not decode as an image") from exc


def _opened(encoded: bytes) -> Image.Image:
    """The picture with its header read. Raises `NotAPicture`, or one of `_FAULTS`."""
    if len(encoded) > MAX_BYTES:
        raise NotAPicture(f"the file has {len(encoded)} bytes; {MAX_BYTES} are the most")
    picture = _factory_of(encoded)(io.BytesIO(encoded), "")
    width, height = picture.size
    if max(width, height) > MAX_EDGE or width * height > MAX_PIXELS:
        raise NotAPicture(
            f"the picture has {width} x {height} pixels; {MAX_EDGE} a side and {MAX_PIXELS // 1_000_000} million "
            "together are the most"
        )
    if picture.format == "JPEG" and encoded.count(_JPEG_SCAN) > _MAX_SCANS:
        raise NotAPicture(f"the picture comes in more than {_MAX_SCANS} scans: save it as an ordinary JPEG")
    return picture


def _factory_of(encoded: bytes) -> Callable[[io.BytesIO, str], Image.Image]:
    """What opens files of that format. Raises `NotAPicture` when it is none of ours.

    Not `Image.open`: Ultralytics puts another one in its place, which installs a package when it knows no format.
    """
    form = next((form for form, beginning in _BEGINNINGS.items() if encoded.startswith(beginning)), None)
    if form is None:
        raise NotAPicture(f"{len(encoded)} bytes do not decode as an image: none of {', '.join(_BEGINNINGS)}")
    Image.preinit()
    return Image.OPEN[form][0]


def _eight_bits(picture: Image.Image) -> Image.Image:
    """The picture with 8 bits a channel: Pillow itself would cut off what is above 255."""
    if not picture.mode.startswith("I"):
        return picture
    exif = picture.getexif()
    scaled = Image.fromarray((np.asarray(picture).astype(np.uint16) >> 8).astype(np.uint8))
    scaled.info["exif"] = exif.tobytes()
    return scaled
