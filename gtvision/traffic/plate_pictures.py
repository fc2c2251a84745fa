"""Single pictures of vehicles from behind or ahead, with one plate and its truth: what a plate reader is judged by.

Vehicles are the simulator's, in its perspective and light; around the plate there are grilles, handles, dealers'
frames and badges, and one plate in four is a little muddy. The plate is 90 to 220 pixels wide (even chances), whole
and not hidden; the camera looks down by 4 to 20 degrees and hangs up to 3 degrees aslant. Its faults are those of
`plate_camera`.

| stratum | what |
| --- | --- |
| `old`, `mercosul` | a car, bus or lorry by day, at most 12 degrees from ahead |
| `motorcycle` | two lines, either format, by day, at most 12 degrees |
| `night-ir` | infrared light from the camera, 12 degrees: grey, dark around, a private car's plate that shines |
| `rain` | by day: overcast, haze, streaks, drops on the lens, softer |
| `angle-20`, `angle-35` | by day, 18 to 22 and 33 to 37 degrees from ahead |
"""

from dataclasses import dataclass, replace
from math import cos, pi, radians, sin

import cv2
import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from gtvision.domain.errors import BadConfiguration
from gtvision.domain.geometry import Box
from gtvision.domain.kinds import Kind
from gtvision.domain.plate import PlateFormat
from gtvision.traffic.light import Light, light_of
from gtvision.traffic.mesh import Floats
from gtvision.traffic.paint import Picture, Pose, paint_body, paint_shadow, place
from gtvision.traffic.plate_camera import FINER, Conditions, filmed
from gtvision.traffic.plate_faces import CAR_SIZE_M, MOTORCYCLE_SIZE_M, is_mercosul, plate_face
from gtvision.traffic.plate_surroundings import dirty, paint_surroundings
from gtvision.traffic.plates import PlateInView, PlatePlace, plate_in_view, plate_text, stick
from gtvision.traffic.street import (
    ASPHALT,
    PAINT_WHITE,
    PAVEMENT,
    House,
    Street,
    dashes,
    paint_street,
    strip,
)
from gtvision.traffic.vehicles import Looks, looks_of
from gtvision.traffic.view import View

STRATA = ("old", "mercosul", "motorcycle", "night-ir", "rain", "angle-20", "angle-35")
SIZE = (640, 480)
"""Width and height of every picture, pixels."""

_WIDTHS_PX = (90.0, 220.0)
_DOWN_DEG = (4.0, 20.0)
_AWAY_M = (7.0, 16.0)
_ROLL_DEG = 3.0
_ASIDE_DEG = {"angle-20": (18.0, 22.0), "angle-35": (33.0, 37.0)}
_KINDS = {Kind.CAR: 0.8, Kind.BUS: 0.1, Kind.TRUCK: 0.1}
_WALLS = ((150, 175, 200), (120, 150, 190), (160, 190, 180))


@dataclass(frozen=True, slots=True, eq=False)
class PlatePicture:
    """A picture with one plate, and the truth about it.

    Attributes:
        bgr: Shape `(480, 640, 3)`, BGR.
        text: Seven characters.
        format: How they are made up.
        box: Around the plate, corners 0-1 of the picture.
        kind: Of the vehicle.
        stratum: One of `STRATA`.
        width_px: Of the plate in the picture.
    """

    bgr: NDArray[np.uint8]
    text: str
    format: PlateFormat
    box: Box
    kind: Kind
    stratum: str
    width_px: float


def plate_picture(stratum: str, seed: int) -> PlatePicture:
    """The picture of that number in a stratum; the same arguments give the same bytes.

    Raises:
        BadConfiguration: There is no such stratum.
    """
    if stratum not in STRATA:
        raise BadConfiguration(f"there is no stratum {stratum!r}; there are {', '.join(STRATA)}", "stratum")
    rng = default_rng((seed, STRATA.index(stratum), 41))
    looks = _looks(stratum, rng)
    at = looks.plates_at[int(rng.integers(len(looks.plates_at)))]
    pose, view = _seen(at, stratum, rng)
    night = stratum == "night-ir"
    light = Light(0.0, 0.0) if night else light_of(float(rng.uniform(7.5, 16.5)), overcast=_is_overcast(stratum, rng))
    conditions = Conditions.by_chance(rng, infrared=night, rain=stratum == "rain")
    picture, corners = _drawn(looks, at, (pose, view, light), conditions, rng)
    turn = cv2.getRotationMatrix2D((SIZE[0], SIZE[1]), float(rng.uniform(-_ROLL_DEG, _ROLL_DEG)), 1.0)
    picture = cv2.warpAffine(picture, turn, view.size, borderMode=cv2.BORDER_REPLICATE)
    corners = (corners @ turn[:, :2].T + turn[:, 2]) / FINER
    width_px = PlateInView(at, corners).width_px
    bgr = filmed(picture, conditions, width_px, rng)
    (x1, y1), (x2, y2) = corners.min(axis=0) / SIZE, corners.max(axis=0) / SIZE
    text = looks.plate or ""
    format = PlateFormat.MERCOSUL if is_mercosul(text) else PlateFormat.OLD
    box = (float(x1), float(y1), float(x2), float(y2))
    return PlatePicture(bgr, text, format, box, looks.kind, stratum, width_px)


def _is_overcast(stratum: str, rng: Generator) -> bool:
    return bool(rng.random() < 0.3) or stratum == "rain"


def _looks(stratum: str, rng: Generator) -> Looks:
    """A vehicle that wears a plate of the stratum's format."""
    kinds = list(_KINDS)
    kind = kinds[int(rng.choice(len(kinds), p=[_KINDS[each] for each in kinds]))]
    kind = {"motorcycle": Kind.MOTORCYCLE, "night-ir": Kind.CAR}.get(stratum, kind)
    wanted = {"old": False, "mercosul": True}.get(stratum)
    while True:
        looks = replace(looks_of(kind, rng), plate=plate_text(rng))
        private = stratum != "night-ir" or not looks.is_commercial
        if private and (wanted is None or is_mercosul(looks.plate or "") == wanted):
            return looks


def _seen(at: PlatePlace, stratum: str, rng: Generator) -> tuple[Pose, View]:
    """Where the vehicle stands, and the camera that sees its plate as large and as much from aside as it should."""
    low, high = _ASIDE_DEG.get(stratum, (0.0, 12.0))
    aside = radians(float(rng.uniform(low, high))) * (1 if rng.random() < 0.5 else -1)
    down, away_m = radians(float(rng.uniform(*_DOWN_DEG))), float(rng.uniform(*_AWAY_M))
    heading = -at.facing * pi / 2 + aside
    reach_m = away_m * cos(down)
    pose = (-cos(heading) * at.x_m, reach_m - sin(heading) * at.x_m, heading)
    size_m = (MOTORCYCLE_SIZE_M if at.two_lines else CAR_SIZE_M)[0]
    focal = float(rng.uniform(*_WIDTHS_PX)) * away_m / (size_m * cos(aside)) / SIZE[0]
    off = np.degrees(rng.uniform(-0.14, 0.14, 2) / focal)
    view = View(
        at.z_m + away_m * sin(down),
        float(np.degrees(down) + off[0]),
        float(off[1]),
        focal,
        (SIZE[0] * FINER, SIZE[1] * FINER),
    )
    return pose, view


def _drawn(
    looks: Looks, at: PlatePlace, scene: tuple[Pose, View, Light], conditions: Conditions, rng: Generator
) -> tuple[Picture, Floats]:
    """The vehicle on its street, several pixels for each of the camera's, and its plate's corners there."""
    pose, view, light = scene
    side = float(rng.uniform(3.0, 5.0))
    areas = (
        strip((-40, 40), (0.5, 160), PAVEMENT),
        strip((-side - 4, side), (0.5, 160), ASPHALT),
        *dashes(float(rng.uniform(-side, side)), (0.5, 100), PAINT_WHITE),
    )
    wall = _WALLS[int(rng.integers(len(_WALLS)))]
    houses = tuple(House((x, y), (9.0, 9.0, 6.0), wall) for x in (-side - 16, side + 3) for y in (16.0, 28.0, 41.0))
    lit = paint_street(Street(areas, houses), view, rng)
    picture = np.asarray(np.clip(lit * light.gain, 0, 255), np.uint8)
    body = place(looks.mesh(0.0), pose, view)
    paint_shadow(picture, body, view, light)
    paint_body(picture, body, view, light)
    plate = plate_in_view((at,), pose, view)
    if plate is None or looks.plate is None:
        raise AssertionError("the plate looks at the camera")
    paint_surroundings(picture, plate.corners, at, light, rng)
    face = dirty(plate_face(looks.plate, two_lines=at.two_lines, commercial=looks.is_commercial), rng)
    stick(picture, face, plate.corners, (np.ones(3) if conditions.infrared else light.gain) * conditions.shine)
    return picture, plate.corners
