"""Bodies of cars, buses and trucks, lofted from tables of their sections."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from gtvision.traffic.mesh import GLASS, RUBBER, Colour, Floats, Mesh, disc, floats, join, loft, patch

_BLACK: Colour = (60, 58, 57)
_LAMP: Colour = (245, 250, 255)
_TAIL: Colour = (40, 30, 200)
_STEEL: Colour = (165, 165, 165)

PAINTS: tuple[tuple[Colour, float], ...] = (
    ((238, 238, 238), 0.34),
    ((185, 186, 188), 0.2),
    ((66, 64, 62), 0.14),
    ((120, 118, 115), 0.14),
    ((38, 38, 175), 0.1),
    ((150, 80, 40), 0.08),
)
"""Paints of Brazilian cars and roughly their shares; white leads, then silver, black and grey."""

# Sections from the rear: x; half widths at sill, door, belt and roof; heights of the same.
# Shares of length, width, height.
_Sections = tuple[tuple[float, ...], ...]
_SEDAN: _Sections = (
    (-0.50, 0.80, 0.88, 0.84, 0.76, 0.28, 0.42, 0.58, 0.62),
    (-0.46, 0.92, 0.97, 0.92, 0.84, 0.20, 0.42, 0.64, 0.68),
    (-0.36, 0.97, 1.00, 0.94, 0.76, 0.17, 0.42, 0.66, 0.72),
    (-0.22, 0.97, 1.00, 0.94, 0.68, 0.17, 0.42, 0.66, 0.97),
    (-0.04, 0.97, 1.00, 0.94, 0.70, 0.17, 0.42, 0.66, 1.00),
    (0.11, 0.97, 1.00, 0.94, 0.68, 0.17, 0.42, 0.65, 0.96),
    (0.27, 0.97, 1.00, 0.93, 0.78, 0.17, 0.42, 0.63, 0.69),
    (0.43, 0.93, 0.97, 0.90, 0.76, 0.18, 0.40, 0.56, 0.60),
    (0.48, 0.84, 0.90, 0.82, 0.66, 0.20, 0.36, 0.48, 0.52),
    (0.50, 0.74, 0.80, 0.72, 0.60, 0.22, 0.34, 0.42, 0.45),
)
_HATCH: _Sections = (
    (-0.50, 0.84, 0.90, 0.86, 0.70, 0.26, 0.42, 0.60, 0.66),
    (-0.47, 0.94, 0.98, 0.92, 0.70, 0.20, 0.42, 0.64, 0.78),
    (-0.38, 0.97, 1.00, 0.94, 0.70, 0.17, 0.42, 0.65, 0.96),
    (-0.20, 0.97, 1.00, 0.94, 0.72, 0.17, 0.42, 0.65, 1.00),
    (0.00, 0.97, 1.00, 0.94, 0.72, 0.17, 0.42, 0.65, 1.00),
    (0.12, 0.97, 1.00, 0.94, 0.70, 0.17, 0.42, 0.64, 0.96),
    (0.29, 0.97, 1.00, 0.93, 0.80, 0.17, 0.42, 0.62, 0.67),
    (0.43, 0.93, 0.97, 0.90, 0.78, 0.18, 0.40, 0.55, 0.59),
    (0.48, 0.84, 0.90, 0.82, 0.68, 0.20, 0.36, 0.48, 0.51),
    (0.50, 0.74, 0.80, 0.72, 0.60, 0.22, 0.34, 0.42, 0.45),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How big a vehicle is, in metres, and how high its rear and front plates sit."""

    length_m: float
    width_m: float
    height_m: float
    plate_z_m: tuple[float, float]


def paint(rng: Generator) -> Colour:
    """A car's colour."""
    shares = np.array([share for _, share in PAINTS])
    return PAINTS[int(rng.choice(len(PAINTS), p=shares / shares.sum()))][0]


def car(rng: Generator) -> tuple[Mesh, Shape]:
    """A saloon, a hatchback or an SUV."""
    style = int(rng.integers(3))
    sections = (_SEDAN, _HATCH, _HATCH)[style]
    length, width, height = ((4.5, 1.78, 1.48), (3.95, 1.72, 1.5), (4.35, 1.84, 1.68))[style]
    shape = Shape(length, width, height, ((0.62, 0.55, 0.6)[style] * height * 0.8, 0.3 * height))
    body = _shell(sections, shape, paint(rng), windows=(2 if style == 0 else 1, 5))
    radius = 0.205 * height if style < 2 else 0.215 * height
    return join(body, *_car_lamps(shape), *_wheels((-0.31, 0.31), shape, radius)), shape


def _shell(sections: _Sections, shape: Shape, colour: Colour, windows: tuple[int, int]) -> Mesh:
    table = np.asarray(sections)
    x = table[:, :1] * shape.length_m
    half = table[:, 1:5] * shape.width_m / 2
    z = table[:, 5:9] * shape.height_m
    right = np.stack([np.broadcast_to(x, half.shape), -half, z], axis=-1)
    rings = np.concatenate([right, right[:, ::-1] * [1, -1, 1]], axis=1)
    faces = np.tile(floats(colour), (len(table) - 1, 8, 1))
    faces[:, [0, 6]] *= 0.8
    faces[:, 7] = RUBBER
    first, last = windows
    faces[first : last + 1, [2, 4]] = GLASS
    faces[[first, last], 3] = GLASS
    return loft(rings, faces, np.tile(np.array([floats(colour) * 0.6, colour, colour]), (2, 1, 1)))


def _car_lamps(shape: Shape) -> list[Mesh]:
    front, rear, half, high = shape.length_m / 2, -shape.length_m / 2, shape.width_m / 2, shape.height_m
    lamps = [
        patch(
            _ahead(front - 0.03, 0.34 * high, 0.25 * high, half * 0.45),
            _BLACK,
        ),
    ]
    for side in (-1, 1):
        a, b = sorted((side * half * 0.52, side * half * 0.88))
        lamps.append(patch(_front_quad(front - 0.06, (a, b), (0.40 * high, 0.50 * high)), _LAMP, glow=1.0))
        a, b = sorted((side * half * 0.6, side * half * 0.93))
        lamps.append(patch(_rear_quad(rear + 0.0, (a, b), (0.46 * high, 0.58 * high)), _TAIL, glow=0.8))
    return lamps


def _ahead(x: float, top: float, bottom: float, half: float) -> list[tuple[float, float, float]]:
    return _front_quad(x, (-half, half), (bottom, top))


def _front_quad(x: float, y: tuple[float, float], z: tuple[float, float]) -> list[tuple[float, float, float]]:
    return [(x, y[0], z[0]), (x, y[1], z[0]), (x - 0.08, y[1], z[1]), (x - 0.08, y[0], z[1])]


def _rear_quad(x: float, y: tuple[float, float], z: tuple[float, float]) -> list[tuple[float, float, float]]:
    return [(x, y[1], z[0]), (x, y[0], z[0]), (x, y[0], z[1]), (x, y[1], z[1])]


def _wheels(at: tuple[float, ...], shape: Shape, radius_m: float) -> list[Mesh]:
    """Tyre, arch and rim of each wheel on both sides; `at` in shares of the length."""
    found = []
    for share in at:
        for side in (-1, 1):
            x, y = share * shape.length_m, side * shape.width_m / 2
            found.append(disc((x, y * 0.995, radius_m * 1.08), radius_m * 1.12, side, (40, 40, 40), nearer_m=0.6))
            found.append(disc((x, y * 1.0, radius_m), radius_m, side, RUBBER))
            found.append(disc((x, y * 1.005, radius_m), radius_m * 0.62, side, _STEEL, nearer_m=0.9))
    return found


def _box(x: tuple[float, float], half: float, levels: tuple[float, ...], stations: int) -> Floats:
    """Rings of an upright box with rounded edges, from rear to front; `levels` are the heights of its ring's points."""
    at = np.linspace(x[0], x[1], stations)
    widths = np.array([1.0] * (len(levels) - 1) + [0.9]) * half
    right = np.stack(np.broadcast_arrays(at[:, None], -widths, np.asarray(levels)), axis=-1)
    rings = np.concatenate([right, right[:, ::-1] * [1, -1, 1]], axis=1)
    rings[[0, -1], :, 1] *= 0.96
    return rings


def bus(rng: Generator) -> tuple[Mesh, Shape]:
    """A city bus with a row of windows."""
    shape = Shape(11.5, 2.5, 3.1, (0.9, 0.6))
    colour = floats([(60, 160, 235), (70, 70, 200), (190, 120, 50), (225, 225, 225)][int(rng.integers(4))])
    stations = 20
    rings = _box((-5.75, 5.75), 1.25, (0.35, 1.0, 1.35, 2.45, 2.9, 3.1), stations)
    rings[1:-1:2, :, 0] = rings[2::2, :, 0] - 0.12
    faces = np.tile(colour, (stations - 1, 12, 1))
    faces[:, [1, 9]] = (225, 225, 225)
    faces[::2, [2, 8]] = GLASS
    faces[:, 5] = (175, 175, 175)
    caps = np.array([[colour * 0.8, colour, GLASS, colour, colour], [colour * 0.8, colour, GLASS, _BLACK, colour]])
    lamps = [
        patch(quad(x, y, (0.7, 0.95)), lamp, glow=1.0)
        for quad, x, lamp in ((_front_quad, 5.84, _LAMP), (_rear_quad, -5.76, _TAIL))
        for y in ((-1.1, -0.75), (0.75, 1.1))
    ]
    return join(loft(rings, faces, caps), *lamps, *_wheels((-0.26, 0.3), shape, 0.48)), shape


def truck(rng: Generator) -> tuple[Mesh, Shape]:
    """A rigid lorry: a cab, and a box behind it."""
    length = float(rng.choice([7.5, 9.0, 11.0]))
    shape = Shape(length, 2.45, 3.5, (0.8, 0.55))
    cab_paint = floats([(235, 235, 235), (45, 45, 180), (160, 90, 40), (60, 170, 230)][int(rng.integers(4))])
    box_paint = floats([(228, 226, 222), (205, 205, 205), (150, 120, 90)][int(rng.integers(3))])
    front, cab = length / 2, 2.0
    rings = _box((front - cab, front), 1.18, (0.45, 0.95, 1.45, 2.3, 2.6, 2.75), 4)
    rings[-1, 3:9, 0] -= 0.25
    faces = np.tile(cab_paint, (3, 12, 1))
    faces[1:2, [2, 8]] = GLASS
    caps = np.array([[cab_paint] * 5, [_BLACK, cab_paint, GLASS, cab_paint, cab_paint]])
    stations = 7
    hold = _box((-front, front - cab - 0.25), 1.225, (0.95, 1.1, 3.4, 3.5), stations)
    hold_faces = np.tile(box_paint, (stations - 1, 8, 1))
    hold_faces[:, [0, 6]] = _BLACK
    hold = np.where(np.arange(stations)[:, None, None] % (stations - 1) == 0, hold / [1, 0.96, 1], hold)
    hold_caps = np.array([[_BLACK, box_paint * 0.95, box_paint]] * 2)
    frame = _box((-front + 0.2, front - 0.3), 0.9, (0.45, 0.6, 0.9, 0.95), 4)
    chassis = loft(frame, np.tile(floats(_BLACK), (3, 8, 1)), np.tile(floats(_BLACK), (2, 3, 1)))
    lamps = [patch(_front_quad(front + 0.08, y, (0.65, 0.9)), _LAMP, glow=1.0) for y in ((-1.1, -0.75), (0.75, 1.1))]
    lamps += [patch(_rear_quad(-front, y, (0.75, 0.92)), _TAIL, glow=1.0) for y in ((-1.1, -0.75), (0.75, 1.1))]
    body = join(chassis, loft(hold, hold_faces, hold_caps), loft(rings, faces, caps), *lamps)
    return join(body, *_wheels((-0.36, -0.24, 0.36), shape, 0.48)), shape
