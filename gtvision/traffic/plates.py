"""Number plates on vehicles: their texts, where they show in the picture, and how they are drawn there."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, cos, hypot, sin

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from gtvision.traffic.mesh import Floats, plate_on
from gtvision.traffic.paint import Picture, Pose, to_world
from gtvision.traffic.plate_faces import CAR_SIZE_M, MOTORCYCLE_SIZE_M, Face, plate_face
from gtvision.traffic.view import View

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MERCOSUL_SHARE = 0.6
_FEWEST_PX = 5.0
_WIDTH_STEP_PX = 12
_LEAST_SMEAR_PX = 0.7

SHUTTER_S = 1 / 500
"""How long a traffic camera exposes: what moves is smeared by as much."""


@dataclass(frozen=True, slots=True)
class PlatePlace:
    """Where a vehicle wears a plate.

    Attributes:
        x_m: Ahead of the vehicle's middle.
        z_m: The plate's middle above the road.
        facing: 1 looks ahead, -1 looks back.
        two_lines: Whether it is a motorcycle's.
    """

    x_m: float
    z_m: float
    facing: int
    two_lines: bool = False


def plate_text(rng: Generator) -> str:
    """A plate in the Mercosul format `ABC1D23` or in the old one `ABC1234`."""
    letters = "".join(_LETTERS[int(i)] for i in rng.integers(26, size=3))
    digits = [str(i) for i in rng.integers(10, size=4)]
    if rng.random() < _MERCOSUL_SHARE:
        digits[1] = _LETTERS[int(rng.integers(10))]
    return letters + "".join(digits)


@dataclass(frozen=True, slots=True, eq=False)
class PlateInView:
    """A plate that looks at the camera.

    Attributes:
        place: Where the vehicle wears it.
        corners: Pixels, top left first and clockwise as its reader sees it, shape `(4, 2)`, also outside the picture.
    """

    place: PlatePlace
    corners: Floats

    @property
    def width_px(self) -> float:
        """The mean of its upper and its lower edge."""
        edges = self.corners[[1, 2]] - self.corners[[0, 3]]
        return float(np.hypot(*edges.T).mean())


def plate_in_view(places: Iterable[PlatePlace], pose: Pose, view: View) -> PlateInView | None:
    """Which of a vehicle's plates looks at the camera and is wide enough to be seen, None when none does."""
    x, y, heading = pose
    ahead = -x * cos(heading) - y * sin(heading)
    for place in places:
        size = MOTORCYCLE_SIZE_M if place.two_lines else CAR_SIZE_M
        if (ahead - place.x_m) * place.facing <= 0 or view.focal * view.size[0] * size[0] < _FEWEST_PX * hypot(x, y):
            continue
        corners = to_world(np.asarray(plate_on(place.x_m, place.z_m, size, place.facing), np.float64), pose)
        pixels, _ = view.project(corners)
        if np.hypot(*(pixels[1] - pixels[0])) >= _FEWEST_PX:
            return PlateInView(place, pixels)
    return None


def smear_px(place: PlatePlace, pose: Pose, speed_mps: float, view: View) -> tuple[float, float]:
    """How far the plate moves in the picture, to the right and down, while the shutter is open."""
    way_m = speed_mps * SHUTTER_S
    x, y, heading = pose
    ends = ((x, y, heading), (x + cos(heading) * way_m, y + sin(heading) * way_m, heading))
    middle = np.array([[place.x_m, 0.0, place.z_m]])
    (before, after), _ = view.project(np.concatenate([to_world(middle, end) for end in ends]))
    return float(after[0] - before[0]), float(after[1] - before[1])


@lru_cache(maxsize=2048)
def shrunk_face(text: str, two_lines: bool, commercial: bool, width_px: int) -> Face:
    """A plate's face, made smaller so that it is hardly wider than that."""
    face = plate_face(text, two_lines=two_lines, commercial=commercial)
    steps_px = (width_px // _WIDTH_STEP_PX + 1) * _WIDTH_STEP_PX
    scale = min(1.0, steps_px / face.shape[1])
    return np.asarray(cv2.resize(face, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def stick(picture: Picture, face: Face, corners: Floats, gain: Floats, smear: tuple[float, float] = (0.0, 0.0)) -> None:
    """Lays a flat picture over part of another one, in perspective.

    Args:
        picture: What is drawn upon.
        face: What is laid upon it, BGR.
        corners: Where its corners come to lie, pixels, top left first and clockwise, shape `(4, 2)`.
        gain: What is left of its blue, green and red, shape `(3,)`.
        smear: How far it moves to the right and down while the picture is taken, pixels.
    """
    height, width = picture.shape[:2]
    room = 2 + ceil(max(abs(smear[0]), abs(smear[1])) / 2)
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int) - room, 0).tolist()
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + room, (width, height)).tolist()
    if right - left < 1 or bottom - top < 1:
        return
    h, w = face.shape[:2]
    there = corners - (left, top)
    warp = cv2.getPerspectiveTransform(
        np.asarray([[0, 0], [w, 0], [w, h], [0, h]], np.float32), there.astype(np.float32)
    )
    seen = cv2.warpPerspective(face, warp, (right - left, bottom - top), borderMode=cv2.BORDER_REPLICATE)
    mask = np.zeros(seen.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, np.rint(there * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
    if hypot(*smear) >= _LEAST_SMEAR_PX:
        kernel = line_kernel(smear)
        seen, mask = cv2.filter2D(seen, -1, kernel), cv2.filter2D(mask, -1, kernel)
    share = mask[:, :, None] / np.float32(255)
    area = picture[top:bottom, left:right]
    area[:] = np.rint(np.minimum(area * (1 - share) + seen * gain.astype(np.float32) * share, 255))


def line_kernel(way_px: tuple[float, float]) -> NDArray[np.float32]:
    """The filter that smears a picture along a way to the right and down, its sum 1."""
    half = ceil(max(abs(way_px[0]), abs(way_px[1])) / 2) + 1
    fine = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    for share in np.linspace(-0.5, 0.5, 4 * half + 1).tolist():
        x, y = half + way_px[0] * share, half + way_px[1] * share
        column, row = int(x), int(y)
        for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
            weight = (x - column if dx else 1 - x + column) * (y - row if dy else 1 - y + row)
            fine[row + dy, column + dx] += weight
    return np.asarray(fine / fine.sum(), np.float32)
