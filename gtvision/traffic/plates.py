"""Brazilian number plates: their texts, and their faces drawn for the picture.

Source: sizes and layouts after CONTRAN resolution 969/2022 (cars 400 mm x 130 mm, motorcycles 200 mm x 170 mm).
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from gtvision.traffic.light import Light
from gtvision.traffic.mesh import plate_on
from gtvision.traffic.paint import Picture, Pose, to_world
from gtvision.traffic.view import View

CAR_SIZE_M = (0.40, 0.13)
MOTORCYCLE_SIZE_M = (0.20, 0.17)

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MERCOSUL_SHARE = 0.6
_FEWEST_PX = 5.0
_WIDTH_STEP_PX = 12
_TEXTURE_PX_PER_M = 1000
_BLUE, _WHITE, _GREY, _INK = (150, 60, 10), (245, 245, 245), (185, 185, 185), (25, 25, 25)


def plate_text(rng: Generator) -> str:
    """A plate in the Mercosul format `ABC1D23` or in the old one `ABC1234`."""
    letters = "".join(_LETTERS[int(i)] for i in rng.integers(26, size=3))
    digits = [str(i) for i in rng.integers(10, size=4)]
    if rng.random() < _MERCOSUL_SHARE:
        digits[1] = _LETTERS[int(rng.integers(10))]
    return letters + "".join(digits)


@lru_cache(maxsize=512)
def plate_face(text: str, *, two_lines: bool) -> NDArray[np.uint8]:
    """The plate's picture, BGR, a pixel a millimetre."""
    width_m, height_m = MOTORCYCLE_SIZE_M if two_lines else CAR_SIZE_M
    width, height = round(width_m * _TEXTURE_PX_PER_M), round(height_m * _TEXTURE_PX_PER_M)
    is_mercosul = text[4].isalpha()
    face = np.full((height, width, 3), _WHITE if is_mercosul else _GREY, np.uint8)
    top = 30 if is_mercosul else 26
    if is_mercosul:
        face[:top] = _BLUE
        _write(face, "BRASIL", (width // 4, 4, width // 2, top - 8), _WHITE)
    rows = [text[:3], text[3:]] if two_lines else [text if is_mercosul else f"{text[:3]}-{text[3:]}"]
    room = (height - top - 8) // len(rows)
    for index, row in enumerate(rows):
        _write(face, row, (12, top + 4 + index * room, width - 24, room - 6), _INK)
    cv2.rectangle(face, (1, 1), (width - 2, height - 2), _INK, 2)
    return face


def _write(face: NDArray[np.uint8], text: str, area: tuple[int, int, int, int], ink: tuple[int, int, int]) -> None:
    """Writes the text as large as its area x, y, width, height, stretched to fill it."""
    (width, height), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 3.0, 10)
    letters = np.zeros((height + base, width + 12), np.uint8)
    cv2.putText(letters, text, (6, height + base // 2 - 4), cv2.FONT_HERSHEY_SIMPLEX, 3.0, 255, 10, cv2.LINE_AA)
    x, y, w, h = area
    letters = cv2.resize(letters, (w, h), interpolation=cv2.INTER_AREA)[:, :, None] / np.float32(255)
    under = face[y : y + h, x : x + w]
    under[:] = np.rint(under * (1 - letters) + np.asarray(ink, np.float32) * letters)


@lru_cache(maxsize=2048)
def _shrunk(text: str, two_lines: bool, width_px: int) -> NDArray[np.uint8]:
    face = plate_face(text, two_lines=two_lines)
    scale = min(1.0, width_px / face.shape[1])
    return np.asarray(cv2.resize(face, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def paint_plate(picture: Picture, text: str, at: tuple[float, float, int], scene: tuple[Pose, View, Light]) -> None:
    """Draws a plate that looks at the camera and is wide enough to be seen.

    Args:
        text: Seven characters.
        at: Its place along the vehicle and above the road in metres, and 1 for the front or -1 for the rear.
        scene: Where the vehicle is, who looks, and by what light.
    """
    pose, view, light = scene
    x, z, facing = at
    two_lines = z < 0
    size = MOTORCYCLE_SIZE_M if two_lines else CAR_SIZE_M
    corners = to_world(np.asarray(plate_on(x, abs(z), size, facing), np.float64), pose)
    pixels, _ = view.project(corners)
    across = pixels[1] - pixels[0]
    turn = across[0] * (pixels[3] - pixels[0])[1] - across[1] * (pixels[3] - pixels[0])[0]
    if turn <= 0 or np.hypot(*across) < _FEWEST_PX:
        return
    width_px = int(np.hypot(*across) * 1.6 / _WIDTH_STEP_PX + 1) * _WIDTH_STEP_PX
    _stick(picture, _shrunk(text, two_lines, width_px), pixels, np.maximum(light.gain, 0.55))


def _stick(picture: Picture, small: NDArray[np.uint8], pixels: NDArray[np.float64], gain: NDArray[np.float64]) -> None:
    height, width = picture.shape[:2]
    left, top = np.floor(pixels.min(axis=0)).astype(int) - 1
    right, bottom = np.ceil(pixels.max(axis=0)).astype(int) + 2
    if left < 0 or top < 0 or right > width or bottom > height:
        return
    h, w = small.shape[:2]
    corners = np.asarray([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    warp = cv2.getPerspectiveTransform(corners, (pixels - (left, top)).astype(np.float32))
    seen = cv2.warpPerspective(small, warp, (int(right - left), int(bottom - top)), borderMode=cv2.BORDER_REPLICATE)
    mask = np.zeros(seen.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, np.rint((pixels - (left, top)) * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
    share = mask[:, :, None] / np.float32(255)
    area = picture[top:bottom, left:right]
    area[:] = np.rint(area * (1 - share) + seen * gain.astype(np.float32) * share)
