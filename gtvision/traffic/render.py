"""One frame: the street, then shadows, then all that stands on it from far to near, with what of it is seen."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray

from gtvision.domain.geometry import Box, Point
from gtvision.traffic.lamps import paint_beam, paint_glare
from gtvision.traffic.light import Light
from gtvision.traffic.paint import Picture, Placed, paint_body, paint_shadow, place
from gtvision.traffic.plates import PlateInView, plate_in_view, shrunk_face, smear_px, stick
from gtvision.traffic.site import Scene
from gtvision.traffic.street import lamp_glow, lit_street, paint_street
from gtvision.traffic.trees import Trees
from gtvision.traffic.truth import SeenPlate
from gtvision.traffic.vehicles import Vehicle
from gtvision.traffic.view import View
from gtvision.traffic.weather import Air, Weather

_TREE_ID = 255
_MOST_BODIES = 254
_RELIGHT = 0.01
_FINER = 1.6
_REFLECTED = 0.55
_WELL_INSIDE = 0.9


@dataclass(frozen=True, slots=True)
class Shown:
    """A road user in a frame.

    Attributes:
        vehicle: Who it is.
        box: Around all of it, also outside the picture; 0-1 of the picture.
        visible_share: Of its outline, how much is seen.
        plate: Its plate when all of it is in the picture and not hidden.
    """

    vehicle: Vehicle
    box: Box
    visible_share: float
    plate: SeenPlate | None


@dataclass(frozen=True, slots=True, eq=False)
class _Figure:
    """A road user as it stands in the picture, with the plate that looks at the camera."""

    vehicle: Vehicle
    body: Placed
    plate: PlateInView | None


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
        figures = self._figures(vehicles)
        shown = self._shown(figures, time_s)
        if self._last is not None and self._weather.is_frozen(time_s):
            return self._last.copy(), shown
        picture = self._street(light).copy()
        for figure in figures:
            paint_shadow(picture, figure.body, self._view, light)
            if light.lamps > 0 and figure.vehicle.parked_since_s is None:
                paint_beam(picture, figure.vehicle, self._view, light)
        self._paint_standing(picture, figures, time_s, light)
        self._last = self._air.between(picture, time_s, light)
        return self._last.copy(), shown

    def shown(self, vehicles: list[Vehicle], time_s: float) -> list[Shown]:
        """Who is in the picture, which is not painted."""
        return self._shown(self._figures(vehicles), time_s)

    def _figures(self, vehicles: list[Vehicle]) -> list[_Figure]:
        """Those who touch the picture, the nearest last."""
        bodies = [(v, place(v.looks.mesh(v.way_m), v.pose, self._view)) for v in vehicles]
        bodies = [(v, body) for v, body in bodies if _touches_picture(body)][:_MOST_BODIES]
        figures = [_Figure(v, body, plate_in_view(v.looks.plates_at, v.pose, self._view)) for v, body in bodies]
        return sorted(figures, key=lambda each: -each.body.away_m)

    def _street(self, light: Light) -> Picture:
        if self._lit is None or abs(self._lit[0] - light.day) > _RELIGHT:
            self._lit = (light.day, lit_street(self._noon, self._glow, light))
        return self._lit[1]

    def _paint_standing(self, picture: Picture, figures: list[_Figure], time_s: float, light: Light) -> None:
        trees = self._trees.at(time_s)
        for figure in figures:
            trees.paint_beyond(figure.body.away_m, picture, light)
            is_parked = figure.vehicle.parked_since_s is not None
            paint_body(picture, figure.body, self._view, light.for_parked() if is_parked else light)
            self._paint_plate(picture, figure, light)
            if light.lamps > 0 and not is_parked:
                paint_glare(picture, figure.body, self._view, light)
        trees.paint_beyond(0.0, picture, light)

    def _paint_plate(self, picture: Picture, figure: _Figure, light: Light) -> None:
        plate, vehicle = figure.plate, figure.vehicle
        if plate is None or vehicle.looks.plate is None:
            return
        two_lines, commercial = plate.place.two_lines, vehicle.looks.is_commercial
        face = shrunk_face(vehicle.looks.plate, two_lines, commercial, int(plate.width_px * _FINER))
        smear = smear_px(plate.place, vehicle.pose, vehicle.speed_mps, self._view)
        stick(picture, face, plate.corners, np.maximum(light.gain, _REFLECTED), smear)

    def _shown(self, figures: list[_Figure], time_s: float) -> list[Shown]:
        width, height = self._view.size
        mask = np.zeros((height, width), np.uint8)
        trees = self._trees.at(time_s)
        hulls = []
        for number, figure in enumerate(figures, start=1):
            trees.mask_beyond(figure.body.away_m, mask, _TREE_ID)
            hulls.append(figure.body.hull)
            cv2.fillConvexPoly(mask, hulls[-1], number)
        trees.mask_beyond(0.0, mask, _TREE_ID)
        counts = cv2.calcHist([mask], [0], None, [256], [0, 256]).ravel()
        dx, dy = self._weather.shift(time_s, width)
        off = (dx / width, dy / height)
        return [
            Shown(
                figure.vehicle,
                _moved(figure.body.box, off),
                min(1.0, float(counts[n]) / _pixels_in(hull)),
                _seen_plate(figure.plate, mask, n, off),
            )
            for n, (figure, hull) in enumerate(zip(figures, hulls, strict=True), start=1)
        ]


def _touches_picture(body: Placed) -> bool:
    x1, y1, x2, y2 = body.box
    return x2 > 0 and y2 > 0 and x1 < 1 and y1 < 1


def _moved(box: Box, off: Point) -> Box:
    dx, dy = off
    return box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy


def _seen_plate(plate: PlateInView | None, mask: NDArray[np.uint8], number: int, off: Point) -> SeenPlate | None:
    """The plate, unless a part of it is outside the picture or behind somebody with a higher number, or a tree."""
    if plate is None:
        return None
    height, width = mask.shape
    (left, top), (right, bottom) = plate.corners.min(axis=0).tolist(), plate.corners.max(axis=0).tolist()
    if left < 0 or top < 0 or right >= width or bottom >= height:
        return None
    middle = plate.corners.mean(axis=0)
    looked_at = np.vstack([middle, middle + (plate.corners - middle) * _WELL_INSIDE]).astype(int)
    if mask[looked_at[:, 1], looked_at[:, 0]].max() > number:
        return None
    box = (left / width, top / height, right / width, bottom / height)
    return SeenPlate(_moved(box, off), plate.width_px)


def _pixels_in(hull: NDArray[np.int32]) -> float:
    """How many pixels a polygon of whole pixels covers, its border as well (Pick's theorem)."""
    steps = np.abs(np.diff(hull[:, 0], axis=0, append=hull[:1, 0]))
    return float(cv2.contourArea(hull)) + float(np.gcd(steps[:, 0], steps[:, 1]).sum()) / 2 + 1
