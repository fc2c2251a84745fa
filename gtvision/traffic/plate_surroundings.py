"""What one sees around a plate: a recess, a grille or a handle, a dealer's frame, badges; and dirt on the plate."""

import cv2
import numpy as np
from numpy.random import Generator

from gtvision.traffic.glyphs import written
from gtvision.traffic.light import Light
from gtvision.traffic.mesh import Floats
from gtvision.traffic.paint import Picture
from gtvision.traffic.plate_faces import CAR_SIZE_M, MOTORCYCLE_SIZE_M, Colour, Face
from gtvision.traffic.plates import PlatePlace, stick

_DEALERS = ("AUTO CENTER SILVA", "VALE VEICULOS", "NORTE MOTORS", "SEMINOVOS CENTRAL", "IPE AUTOMOVEIS")
_BADGES = ("FLEX", "TURBO", "16V", "CROSS", "SPORT", "AUTO", "4X4")
_BLACK, _CHROME, _PALE = (34, 34, 34), (205, 205, 208), (215, 220, 220)
_FRAMED_SHARE, _BADGE_SHARE, _DIRTY_SHARE = 0.4, 0.5, 0.25


class _Plane:
    """The plate's plane: draws by millimetres from the plate's upper left corner, to the right and down."""

    def __init__(self, picture: Picture, corners: Floats, size_mm: tuple[float, float], light: Light) -> None:
        w, h = size_mm
        ends = np.asarray([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
        self._warp = cv2.getPerspectiveTransform(ends, corners.astype(np.float32))
        self._picture, self._gain = picture, light.gain

    def pixels(self, x: tuple[float, float], y: tuple[float, float]) -> Floats:
        """Corners of a rectangle, shape `(4, 2)`."""
        ends = np.asarray([[[x[0], y[0]], [x[1], y[0]], [x[1], y[1]], [x[0], y[1]]]], np.float64)
        return np.asarray(cv2.perspectiveTransform(ends, self._warp)[0], np.float64)

    def fill(self, x: tuple[float, float], y: tuple[float, float], colour: Colour) -> None:
        """A rectangle."""
        corners = np.rint(self.pixels(x, y) * 16).astype(np.int32)
        cv2.fillConvexPoly(self._picture, corners, (np.asarray(colour) * self._gain).tolist(), cv2.LINE_AA, 4)

    def write(self, text: str, at: tuple[float, float, float], ink: Colour, ground: Colour) -> None:
        """A line of text; `at` is the middle of its upper edge and its height."""
        middle, top, high = at
        letters = np.pad(written("mandatory", text, 40, 0.25), 6)
        share = letters[:, :, None] / np.float32(255)
        face = np.rint(np.asarray(ground) * (1 - share) + np.asarray(ink) * share).astype(np.uint8)
        half = face.shape[1] / face.shape[0] * high / 2
        stick(self._picture, face, self.pixels((middle - half, middle + half), (top, top + high)), self._gain)


def paint_surroundings(picture: Picture, corners: Floats, at: PlatePlace, light: Light, rng: Generator) -> None:
    """Draws, by chance, what is around a plate with these corners in the picture; the plate comes after it."""
    width, height = (1000 * side for side in (MOTORCYCLE_SIZE_M if at.two_lines else CAR_SIZE_M))
    plane = _Plane(picture, corners, (width, height), light)
    around = picture[np.clip(int(corners[:, 1].mean()), 0, picture.shape[0] - 1)]
    paint = around[np.clip(int(corners[0, 0] - 8), 0, len(around) - 1)] / np.maximum(light.gain, 0.05)
    blue, green, red = (int(value) for value in np.minimum(paint, 255) * 0.72)
    dark = (blue, green, red)
    framed, badge = rng.random(2) < (_FRAMED_SHARE, _BADGE_SHARE)
    if at.two_lines:
        plane.fill((-12, width + 12), (-25, height + 14), _BLACK)
        return
    plane.fill((-55, width + 55), (-28, height + 30), dark)
    if at.facing > 0:
        for top in range(-125, -50, 24):
            plane.fill((-230, width + 230), (top, top + 12), _BLACK)
    else:
        plane.fill((width / 2 - 170, width / 2 + 170), (-52, -38), _CHROME if rng.random() < 0.6 else _BLACK)
    if framed:
        plane.fill((-9, width + 9), (-9, height + 30), _BLACK)
        plane.write(_DEALERS[int(rng.integers(len(_DEALERS)))], (width / 2, height + 6, 20), _PALE, _BLACK)
    if badge and at.facing < 0:
        x = float(rng.choice([-150.0, width + 150.0]))
        plane.write(_BADGES[int(rng.integers(len(_BADGES)))], (x, float(rng.uniform(-60, -20)), 34), _CHROME, dark)


def dirty(face: Face, rng: Generator) -> Face:
    """The plate, now and then with some mud on it, which leaves at least two thirds of its contrast."""
    if rng.random() >= _DIRTY_SHARE:
        return face
    height, width = face.shape[:2]
    coarse = rng.random((4, 9)).astype(np.float32)
    spots = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    share = np.clip((spots - 0.6) * 1.6, 0, 0.33)[:, :, None]
    return np.asarray(np.rint(face * (1 - share) + np.array([70, 95, 115]) * share), np.uint8)
