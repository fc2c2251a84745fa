"""The letters and digits of number plates, drawn as strokes of one pen.

Both Brazilian typefaces, Mandatory of the old plates and FE-Schrift of the Mercosul ones, are of one even weight and
built of straight lines and rounded corners. So a glyph is a few strokes in a box, and no font file is needed: the
widths are the regulation's, the shapes are our own. As on real plates `O` and `0` look nearly alike in the old
typeface, and in the newer one `I` has serifs and `0` is narrower than `O`.

Source: widths of the old plates after CONTRAN resolution 231/2007, for letters 63 mm high with a 10 mm pen.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.uint8]

_FINER = 4
_ARC = np.linspace(0.0, 1.0, 7)[1:-1]
_LONGEST_MITRE = 4.0
_OVERLAP = 0.05
_APART_PX = 0.1
_TURN = np.array([[0.0, -1.0], [1.0, 0.0]])

# A stroke's corners in hundredths of its box, y downwards; ~ rounds a corner off.
_STROKES = {
    "A": ("0,100 40,0 60,0 100,100", "15,67 85,67"),
    "B": ("0,0 90,0~ 90,47~ 0,47", "0,47 100,47~ 100,100~ 0,100", "0,0 0,100"),
    "C": ("100,30 100,0~ 0,0~ 0,100~ 100,100~ 100,70",),
    "D": ("0,100 0,0 100,0~ 100,100~ 0,100 0,0",),
    "E": ("100,0 0,0 0,100 100,100", "0,48 84,48"),
    "F": ("100,0 0,0 0,100", "0,50 82,50"),
    "G": ("100,28 100,0~ 0,0~ 0,100~ 100,100~ 100,54 54,54",),
    "H": ("0,0 0,100", "100,0 100,100", "0,48 100,48"),
    "I": ("50,0 50,100",),
    "J": ("100,0 100,100~ 0,100~ 0,68",),
    "K": ("0,0 0,100", "97,0 4,60", "32,44 100,100"),
    "L": ("0,0 0,100 100,100",),
    "M": ("0,100 0,0 50,64 100,0 100,100",),
    "N": ("0,100 0,0 100,100 100,0",),
    "O": ("50,0 100,0~ 100,100~ 0,100~ 0,0~ 50,0",),
    "P": ("0,100 0,0 100,0~ 100,55~ 0,55",),
    "Q": ("48,0 94,0~ 94,100~ 0,100~ 0,0~ 48,0", "56,70 100,104"),
    "R": ("0,100 0,0 100,0~ 100,52~ 0,52", "46,52 100,100"),
    "S": ("100,26 100,0~ 0,0~ 0,48~ 100,48~ 100,100~ 0,100~ 0,74",),
    "T": ("0,0 100,0", "50,0 50,100"),
    "U": ("0,0 0,100~ 100,100~ 100,0",),
    "V": ("0,0 42,100 58,100 100,0",),
    "W": ("0,0 20,100 30,100 50,25 70,100 80,100 100,0",),
    "X": ("0,0 100,100", "100,0 0,100"),
    "Y": ("0,0 50,54 100,0", "50,54 50,100"),
    "Z": ("0,0 100,0 0,100 100,100",),
    "0": ("50,0 100,0~ 100,100~ 0,100~ 0,0~ 50,0",),
    "1": ("0,20 100,0 100,100",),
    "2": ("0,27 0,0~ 100,0~ 100,46~ 0,100 100,100",),
    "3": ("0,24 0,0~ 94,0~ 94,47~ 38,47", "38,47 100,47~ 100,100~ 0,100~ 0,76"),
    "4": ("64,0 0,70 100,70", "72,44 72,100"),
    "5": ("94,0 4,0 0,45 100,42~ 100,100~ 0,100~ 0,76",),
    "6": ("98,22 98,0~ 0,0~ 0,100~ 100,100~ 100,43~ 0,43",),
    "7": ("0,0 100,0 34,100",),
    "8": ("50,0 93,0~ 93,47~ 7,47~ 7,0~ 50,0", "50,47 100,47~ 100,100~ 0,100~ 0,47~ 50,47"),
    "9": ("2,78 2,100~ 100,100~ 100,0~ 0,0~ 0,57~ 100,57",),
    "-": ("0,50 100,50",),
}
_NEWER_STROKES = {
    "I": ("0,0 100,0", "50,0 50,100", "0,100 100,100"),
    "J": ("18,0 100,0 100,100~ 0,100~ 0,70",),
    "3": ("2,0 96,0 44,42 100,42~ 100,100~ 0,100~ 0,76",),
    "4": ("58,0 0,74 100,74", "76,46 76,100"),
    "6": ("72,0 10,44 0,60~ 0,100~ 100,100~ 100,42~ 12,42",),
    "9": ("28,100 90,56 100,40~ 100,0~ 0,0~ 0,58~ 88,58",),
}
_OLD_WIDTHS = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890-",
        (
            *(54, 44, 44, 43, 40, 40, 45, 45, 10, 36, 49, 40, 54, 47, 45, 44, 51, 46, 46, 44, 45, 49, 56, 49, 47, 40),
            *(18, 37, 38, 40, 37, 39, 37, 39, 39, 40, 16),
        ),
        strict=True,
    )
)
_NEWER_WIDTHS = _OLD_WIDTHS | {"I": 28, "1": 22, "M": 48, "W": 52, "A": 46, "O": 46, "0": 37, "Q": 48, "D": 44}


@dataclass(frozen=True)
class Typeface:
    """How the glyphs of one kind of plate are made.

    Attributes:
        strokes: By character, each a stroke's corners in hundredths of the glyph's box.
        widths: By character, as shares of a height of 63.
        pen: Its width, as a share of the height.
        bend: The radius of a rounded corner, along the pen's middle, as a share of the height.
    """

    strokes: dict[str, tuple[str, ...]]
    widths: dict[str, int]
    pen: float
    bend: float

    def width(self, character: str, height: float) -> float:
        """Of that character when it is so high, in the height's unit."""
        return self.widths[character] * height / 63


MANDATORY = Typeface(_STROKES, _OLD_WIDTHS, 10 / 63, 0.2)
FE_SCHRIFT = Typeface(_STROKES | _NEWER_STROKES, _NEWER_WIDTHS, 0.15, 0.27)
TYPEFACES = {"mandatory": MANDATORY, "fe-schrift": FE_SCHRIFT}


@lru_cache(maxsize=512)
def glyph(typeface: str, character: str, height: int) -> Mask:
    """How much of each pixel the character inks, 0-255, shape `(height, width)`.

    Args:
        typeface: One of `TYPEFACES`.
        character: A-Z, 0-9 or a hyphen.
        height: In pixels.
    """
    face = TYPEFACES[typeface]
    width = max(1, round(face.width(character, height)))
    pen = face.pen * height * _FINER
    fine = np.zeros((height * _FINER, width * _FINER), np.uint8)
    room = np.array([width, height]) * _FINER - pen
    for stroke in face.strokes[character]:
        _ink(fine, _bent(stroke, room, face.bend * height * _FINER) + pen / 2, pen)
    return np.asarray(cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _bent(stroke: str, room: Floats, radius: float) -> Floats:
    """The stroke as a line of points in pixels, shape `(n, 2)`."""
    corners = stroke.split()
    points = np.array([corner.rstrip("~").split(",") for corner in corners], np.float64) / 100 * room
    line: list[Floats] = []
    for index, corner in enumerate(corners):
        if not corner.endswith("~"):
            line.append(points[index])
            continue
        before, here, after = points[index - 1 : index + 2]
        ends = [here + (other - here) * _share(radius, here, other) for other in (before, after)]
        line += [ends[0], *_arc(ends[0], here, ends[1]), ends[1]]
    return np.array([line[0], *(after for before, after in pairwise(line) if np.abs(after - before).max() > _APART_PX)])


def _share(radius: float, here: Floats, other: Floats) -> float:
    return min(0.5, radius / float(np.linalg.norm(other - here)))


def _arc(begin: Floats, corner: Floats, end: Floats) -> list[Floats]:
    """Points of the quarter of an ellipse that rounds the corner off."""
    weights = np.stack([(1 - _ARC) ** 2, np.sqrt(2) * _ARC * (1 - _ARC), _ARC**2], axis=1)
    return list(weights @ np.stack([begin, corner, end]) / weights.sum(axis=1, keepdims=True))


def _ink(fine: Mask, line: Floats, pen: float) -> None:
    """Draws with square ends, half a pen beyond the line's; corners are mitred unless they are too sharp.

    Whatever goes beyond the box is cut off, so that slanted strokes end level.
    """
    half = pen / 2
    for index, (a, b) in enumerate(pairwise(line)):
        side = _normal(a, b) * half
        along = side @ _TURN
        begin = a - along * (1 if index == 0 else _OVERLAP)
        end = b + along * (1 if index == len(line) - 2 else _OVERLAP)
        _fill(fine, [begin + side, end + side, end - side, begin - side])
    for a, b, c in zip(line, line[1:], line[2:], strict=False):
        first, second = _normal(a, b), _normal(b, c)
        middle = first + second
        reach = 2 / max(float(middle @ middle), 1e-6)
        outer = -1 if first[0] * second[1] - first[1] * second[0] > 0 else 1
        tip = [b + middle * reach * half * outer] if reach * np.linalg.norm(middle) < _LONGEST_MITRE else []
        _fill(fine, [b, b + first * half * outer, *tip, b + second * half * outer])


def _normal(a: Floats, b: Floats) -> Floats:
    along = (b - a) / max(float(np.linalg.norm(b - a)), 1e-6)
    return np.array([-along[1], along[0]])


def _fill(fine: Mask, corners: list[Floats]) -> None:
    cv2.fillConvexPoly(fine, np.rint(np.array(corners) * 16 - 8).astype(np.int32), 255, cv2.LINE_AA, 4)


def written(typeface: str, text: str, height: int, gap: float) -> Mask:
    """A line of text, 0-255, shape `(height, width)`.

    Args:
        typeface: One of `TYPEFACES`.
        text: A-Z, 0-9, hyphens and spaces.
        height: In pixels.
        gap: Between two characters, as a share of the height.
    """
    between = np.zeros((height, max(1, round(gap * height))), np.uint8)
    parts: list[Mask] = []
    for character in text:
        parts += [between, between if character == " " else glyph(typeface, character, height)]
    return np.concatenate(parts[1:], axis=1)
