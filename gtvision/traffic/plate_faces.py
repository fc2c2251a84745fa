"""The faces of Brazilian number plates, a pixel a millimetre.

Source: layouts after CONTRAN resolutions 231/2007 (old) and 969/2022 (Mercosul): cars 400 mm x 130 mm with characters
63 and 65 mm high, motorcycles 200 mm x 170 mm in two lines of 53 mm. Colours are those of private vehicles, and of
commercial ones: taxis, buses and lorries.
"""

from functools import lru_cache
from zlib import crc32

import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.traffic.glyphs import written

CAR_SIZE_M = (0.40, 0.13)
MOTORCYCLE_SIZE_M = (0.20, 0.17)

Face = NDArray[np.uint8]
Colour = tuple[int, int, int]

_WHITE, _GREY, _INK, _RED, _BLUE = (240, 240, 240), (182, 180, 178), (28, 28, 28), (40, 35, 185), (150, 62, 14)
_GREEN, _YELLOW = (60, 140, 20), (40, 215, 245)
_CITIES = (
    *("SP-SAO PAULO", "SP-CAMPINAS", "SP-SANTOS", "RJ-RIO DE JANEIRO", "RJ-NITEROI", "MG-BELO HORIZONTE"),
    *("PR-CURITIBA", "PR-LONDRINA", "RS-PORTO ALEGRE", "SC-JOINVILLE", "BA-SALVADOR", "PE-RECIFE", "GO-GOIANIA"),
    *("DF-BRASILIA", "CE-FORTALEZA", "ES-VITORIA", "AM-MANAUS", "PA-BELEM"),
)
_TOP = {True: 28, False: 25}
"""Height of the band or strip above the characters, Mercosul or not."""


def is_mercosul(text: str) -> bool:
    """Whether seven characters are in the newer format, `ABC1D23`."""
    return text[4].isalpha()


@lru_cache(maxsize=512)
def plate_face(text: str, *, two_lines: bool, commercial: bool = False) -> Face:
    """The plate's picture, BGR.

    Args:
        text: Seven characters, `ABC1D23` or `ABC1234`.
        two_lines: As motorcycles wear it.
        commercial: Red characters on Mercosul plates, a red ground on old ones.
    """
    newer = is_mercosul(text)
    width_m, height_m = MOTORCYCLE_SIZE_M if two_lines else CAR_SIZE_M
    ground, ink = _colours(newer, commercial)
    face = np.full((round(height_m * 1000), round(width_m * 1000), 3), ground, np.uint8)
    if newer:
        _band(face)
        _frame(face, ink)
    else:
        _frame(face, _darker(ground, 0.8))
        _strip(face, _CITIES[crc32(text.encode()) % len(_CITIES)], ink, two_lines)
    _characters(face, text, ink, two_lines)
    return face


def _colours(newer: bool, commercial: bool) -> tuple[Colour, Colour]:
    if newer:
        return _WHITE, _RED if commercial else _INK
    return (_RED, _WHITE) if commercial else (_GREY, _INK)


def _characters(face: Face, text: str, ink: Colour, two_lines: bool) -> None:
    newer = is_mercosul(text)
    height, width = face.shape[:2]
    high = 53 if two_lines else 65 if newer else 63
    rows = (text[:3], text[3:]) if two_lines else (text if newer else f"{text[:3]}-{text[3:]}",)
    typeface, gap = ("fe-schrift", 0.15) if newer else ("mandatory", 0.12)
    top = _TOP[newer]
    space = (height - top - len(rows) * high) / (len(rows) + 1)
    left = 14 if newer and not two_lines else 0
    for index, row in enumerate(rows):
        letters = _within(written(typeface, row, high, gap), width - left - 12)
        x = left + (width - left - letters.shape[1]) // 2
        _ink(face, letters, (x, round(top + space + index * (high + space))), ink)


def _band(face: Face) -> None:
    """The blue band: the bloc's emblem, the country and its flag; below, the country's letters and a square code."""
    height, width = face.shape[:2]
    top = _TOP[True]
    face[:top] = _BLUE
    country = written("mandatory", "BRASIL", 15, 0.3)
    _ink(face, country, ((width - country.shape[1]) // 2, (top - 15) // 2 + 1), _WHITE)
    cv2.ellipse(face, (20, 16), (9, 6), 0, 180, 360, _GREEN, 2, cv2.LINE_AA)
    cv2.circle(face, (20, 9), 2, _YELLOW, -1, cv2.LINE_AA)
    flag = (width - 33, 5)
    cv2.rectangle(face, flag, (flag[0] + 23, flag[1] + 17), _GREEN, -1)
    cv2.circle(face, (flag[0] + 12, flag[1] + 9), 6, _YELLOW, -1, cv2.LINE_AA)
    cv2.circle(face, (flag[0] + 12, flag[1] + 9), 4, _BLUE, -1, cv2.LINE_AA)
    if width > height * 2:
        _ink(face, written("mandatory", "BR", 9, 0.3), (8, height - 18), _INK)
        code = np.indices((7, 7)).sum(axis=0) % 3 * np.indices((7, 7))[0] % 2 == 0
        face[top + 8 : top + 22, 8:22][np.kron(code, np.ones((2, 2), bool))] = _INK


def _strip(face: Face, city: str, ink: Colour, two_lines: bool) -> None:
    """The small plate with state and city, riveted above the characters."""
    height = 13 if two_lines else 15
    letters = _within(written("mandatory", city, height, 0.22), face.shape[1] - 44)
    x = (face.shape[1] - letters.shape[1]) // 2
    edge = _darker(tuple(face[12, 12].tolist()), 0.72)
    cv2.rectangle(face, (x - 10, 5), (x + letters.shape[1] + 10, _TOP[False] + 1), edge, 1, cv2.LINE_AA)
    _ink(face, letters, (x, 8), ink)


def _frame(face: Face, colour: Colour) -> None:
    """The raised rim, with its two bolts."""
    height, width = face.shape[:2]
    cv2.rectangle(face, (2, 2), (width - 3, height - 3), colour, 3)
    y = _TOP[True] + 1
    for x in (width // 4, width - width // 4):
        cv2.circle(face, (x, y), 3, (120, 120, 120), -1, cv2.LINE_AA)


def _darker(colour: Colour, share: float) -> Colour:
    blue, green, red = colour
    return int(blue * share), int(green * share), int(red * share)


def _within(letters: Face, room: int) -> Face:
    """The line of text, narrowed when it is wider than the room."""
    height, width = letters.shape
    return letters if width <= room else np.asarray(cv2.resize(letters, (room, height), interpolation=cv2.INTER_AREA))


def _ink(face: Face, letters: Face, at: tuple[int, int], ink: Colour) -> None:
    x, y = at
    height, width = letters.shape
    share = letters[:, :, None] / np.float32(255)
    under = face[y : y + height, x : x + width]
    under[:] = np.rint(under * (1 - share) + np.asarray(ink, np.float32) * share)
