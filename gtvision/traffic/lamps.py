"""Headlights and tail lights in the dark: their beams on the road and their glare in the lens."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.domain.kinds import Kind
from gtvision.traffic.light import Light
from gtvision.traffic.paint import Picture, Placed, to_world, turned
from gtvision.traffic.vehicles import Vehicle
from gtvision.traffic.view import View

_LIT = frozenset({Kind.CAR, Kind.BUS, Kind.TRUCK, Kind.MOTORCYCLE})
_BEAM = (58, 68, 72)
_SPRITE_PX = 64
_GLARE_M = {True: 1.1, False: 0.55}


def paint_beam(picture: Picture, vehicle: Vehicle, view: View, light: Light) -> None:
    """Brightens the road ahead of a vehicle with headlights."""
    if vehicle.looks.kind not in _LIT:
        return
    begin = vehicle.looks.shape.length_m / 2 + 0.5
    for reach, wide, share in ((13.0, 2.4, 0.5), (8.0, 1.7, 0.5)):
        corners = [(begin, -0.6, 0), (begin, 0.6, 0), (begin + reach, wide, 0), (begin + reach, -wide, 0)]
        pixels, _ = view.project(to_world(np.asarray(corners, np.float64), vehicle.pose))
        _brighten(picture, np.rint(np.clip(pixels, -3000, 4000)).astype(np.int32), share * light.lamps)


def _brighten(picture: Picture, outline: NDArray[np.int32], share: float) -> None:
    height, width = picture.shape[:2]
    x, y, w, h = cv2.boundingRect(outline)
    soft = max(1, min(w, h) // 5)
    left, top = max(x - soft, 0), max(y - soft, 0)
    right, bottom = min(x + w + soft, width), min(y + h + soft, height)
    if right - left < 2 or bottom - top < 2:
        return
    beam = np.zeros((bottom - top, right - left, 3), np.uint8)
    cv2.fillConvexPoly(beam, outline - (left, top), [share * each for each in _BEAM])
    area = picture[top:bottom, left:right]
    cv2.add(area, cv2.blur(beam, (2 * soft + 1, 2 * soft + 1)), dst=area)


def paint_glare(picture: Picture, body: Placed, view: View, light: Light) -> None:
    """Draws the glare of the lamps that look at the camera."""
    middles, normals = to_world(body.mesh.centres, body.pose), turned(body.mesh.normals, body.pose)
    for face in np.flatnonzero(body.mesh.glow > 0):
        middle, normal = middles[face], normals[face]
        to_lens = view.position - middle
        facing = float(normal @ to_lens) / float(np.linalg.norm(to_lens))
        if facing <= 0:
            continue
        is_head = bool(body.mesh.colours[face].min() > 150)
        pixel, depth = view.project(middle[None])
        size = int(view.focal * view.size[0] * _GLARE_M[is_head] * (0.5 + facing) / depth[0])
        strength = light.lamps * facing * (1.0 if is_head else 0.5)
        _add_glare(picture, pixel[0], min(max(size, 2), 90), body.mesh.colours[face] * strength)


@lru_cache(maxsize=1)
def _sprite() -> NDArray[np.float32]:
    at = np.linspace(-1, 1, _SPRITE_PX)
    away = np.hypot(at[:, None], at[None, :])
    glow = np.exp(-((away * 5) ** 2)) + 0.35 * np.exp(-((away * 2.2) ** 2)) * np.clip(1 - away, 0, 1)
    return np.asarray(glow, np.float32)


def _add_glare(picture: Picture, at: NDArray[np.float64], radius: int, colour: NDArray[np.float64]) -> None:
    height, width = picture.shape[:2]
    x, y = int(at[0]) - radius, int(at[1]) - radius
    left, top, right, bottom = max(x, 0), max(y, 0), min(x + 2 * radius, width), min(y + 2 * radius, height)
    if right <= left or bottom <= top:
        return
    glow = cv2.resize(_sprite(), (2 * radius, 2 * radius), interpolation=cv2.INTER_LINEAR)
    glow = glow[top - y : bottom - y, left - x : right - x, None] * colour.astype(np.float32)
    area = picture[top:bottom, left:right]
    cv2.add(area, np.minimum(glow, 255).astype(np.uint8), dst=area)
