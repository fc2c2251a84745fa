"""One frame: the street, then shadows, then all that stands on it from far to near, with what of it is seen."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray

from gtvision.traffic.lamps import paint_beam, paint_glare
from gtvision.traffic.light import Light
from gtvision.traffic.paint import Picture, Placed, paint_body, paint_shadow, place
from gtvision.traffic.plates import plate_corners, plate_width_px, shrunk_face, smear_px, stick
from gtvision.traffic.scenes import Scene
from gtvision.traffic.street import lamp_glow, lit_street, paint_street
from gtvision.traffic.trees import Trees
from gtvision.traffic.vehicles import Vehicle
from gtvision.traffic.view import View
from gtvision.traffic.weather import Air, Weather

_TREE_ID = 255
_MOST_BODIES = 254
_RELIGHT = 0.01
_FINER = 1.6
_REFLECTED = 0.55


@dataclass(frozen=True, slots=True)
class Shown:
    """A road user in a frame: its box, also outside the picture, and the share of its outline that is seen."""

    vehicle: Vehicle
    box: tuple[float, float, float, float]
    visible_share: float


class Renderer:
    """Draws the frames of one scene."""

    def __init__(self, scene: Scene, view: View, weather: Weather, seed: int) -> None:
        self._view, self._weather = view, weather
        self._noon = paint_street(scene.street, view, default_rng((seed, 1)))
        self._glow = lamp_glow(scene.street, view)
        self._trees = Trees(scene.street.trees, view, weather.sway)
        self._air = Air(weather, view.size, seed)
        self._lit: tuple[float, Picture] | None = None
        self._last: Picture | None = None

    def frame(self, vehicles: list[Vehicle], time_s: float) -> tuple[Picture, list[Shown]]:
        """The recorded picture and who is in it, the nearest last."""
        light = self._weather.light_at(time_s)
        bodies = self._bodies(vehicles)
        shown = self._shown(bodies, time_s)
        if self._last is not None and self._weather.is_frozen(time_s):
            return self._last.copy(), shown
        picture = self._street(light).copy()
        for vehicle, body in bodies:
            paint_shadow(picture, body, self._view, light)
            if light.lamps > 0 and vehicle.parked_since_s is None:
                paint_beam(picture, vehicle, self._view, light)
        self._paint_standing(picture, bodies, time_s, light)
        self._last = self._air.between(picture, time_s, light)
        return self._last.copy(), shown

    def shown(self, vehicles: list[Vehicle], time_s: float) -> list[Shown]:
        """Who is in the picture, which is not painted."""
        return self._shown(self._bodies(vehicles), time_s)

    def _bodies(self, vehicles: list[Vehicle]) -> list[tuple[Vehicle, Placed]]:
        """Those who touch the picture, the nearest last."""
        bodies = [(v, place(v.looks.mesh(v.way_m), v.pose, self._view)) for v in vehicles]
        bodies = [(v, body) for v, body in bodies if _touches_picture(body)][:_MOST_BODIES]
        return sorted(bodies, key=lambda each: -each[1].away_m)

    def _street(self, light: Light) -> Picture:
        if self._lit is None or abs(self._lit[0] - light.day) > _RELIGHT:
            self._lit = (light.day, lit_street(self._noon, self._glow, light))
        return self._lit[1]

    def _paint_standing(
        self, picture: Picture, bodies: list[tuple[Vehicle, Placed]], time_s: float, light: Light
    ) -> None:
        trees = self._trees.at(time_s)
        for vehicle, body in bodies:
            trees.paint_beyond(body.away_m, picture, light)
            is_parked = vehicle.parked_since_s is not None
            paint_body(picture, body, self._view, light.for_parked() if is_parked else light)
            self._paint_plates(picture, vehicle, light)
            if light.lamps > 0 and not is_parked:
                paint_glare(picture, body, self._view, light)
        trees.paint_beyond(0.0, picture, light)

    def _paint_plates(self, picture: Picture, vehicle: Vehicle, light: Light) -> None:
        text = vehicle.looks.plate
        for place in vehicle.looks.plates_at if text is not None else ():
            corners = plate_corners(place, vehicle.pose, self._view)
            if text is not None and corners is not None:
                width_px = int(plate_width_px(corners) * _FINER)
                face = shrunk_face(text, place.two_lines, vehicle.looks.is_commercial, width_px)
                smear = smear_px(place, vehicle.pose, vehicle.speed_mps, self._view)
                stick(picture, face, corners, np.maximum(light.gain, _REFLECTED), smear)

    def _shown(self, bodies: list[tuple[Vehicle, Placed]], time_s: float) -> list[Shown]:
        width, height = self._view.size
        mask = np.zeros((height, width), np.uint8)
        trees = self._trees.at(time_s)
        hulls = []
        for number, (_, body) in enumerate(bodies, start=1):
            trees.mask_beyond(body.away_m, mask, _TREE_ID)
            hulls.append(body.hull)
            cv2.fillConvexPoly(mask, hulls[-1], number)
        trees.mask_beyond(0.0, mask, _TREE_ID)
        counts = cv2.calcHist([mask], [0], None, [256], [0, 256]).ravel()
        dx, dy = self._weather.shift(time_s, width)
        return [
            Shown(v, _moved(body.box, dx / width, dy / height), min(1.0, float(counts[n]) / _pixels_in(hull)))
            for n, ((v, body), hull) in enumerate(zip(bodies, hulls, strict=True), start=1)
        ]


def _touches_picture(body: Placed) -> bool:
    x1, y1, x2, y2 = body.box
    return x2 > 0 and y2 > 0 and x1 < 1 and y1 < 1


def _moved(box: tuple[float, float, float, float], dx: float, dy: float) -> tuple[float, float, float, float]:
    return box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy


def _pixels_in(hull: NDArray[np.int32]) -> float:
    """How many pixels a polygon of whole pixels covers, its border as well (Pick's theorem)."""
    steps = np.abs(np.diff(hull[:, 0], axis=0, append=hull[:1, 0]))
    return float(cv2.contourArea(hull)) + float(np.gcd(steps[:, 0], steps[:, 1]).sum()) / 2 + 1
