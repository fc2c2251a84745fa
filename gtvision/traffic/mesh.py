"""Solid bodies of flat faces, built by lofting rings along an axis. x is ahead, y to the left, z up, in metres."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Colour = tuple[int, int, int]
Metres = tuple[float, float, float]


def floats(values: ArrayLike) -> Floats:
    """The values as an array."""
    return np.asarray(values, np.float64)


@dataclass(frozen=True, eq=False)
class Mesh:
    """Quads that face outwards (counter-clockwise as seen from outside).

    Attributes:
        vertices: Metres, shape `(v, 3)`.
        faces: Indices of vertices, shape `(f, 4)`.
        colours: Blue, green and red by daylight, 0-255, shape `(f, 3)`.
        glow: How much of its colour a face keeps in the dark, 0-1, shape `(f,)`.
        gloss: How much of the sky it mirrors, 0-1, shape `(f,)`.
        nearer_m: How much nearer than it is a face counts when faces are ordered by distance, shape `(f,)`.
    """

    vertices: Floats
    faces: NDArray[np.intp]
    colours: Floats
    glow: Floats
    gloss: Floats
    nearer_m: Floats

    @cached_property
    def normals(self) -> Floats:
        """Unit vectors that point away from each face, shape `(f, 3)`."""
        a, b, c, d = (self.vertices[self.faces[:, corner]] for corner in range(4))
        across = np.cross(c - a, d - b)
        return floats(across / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9))

    @cached_property
    def centres(self) -> Floats:
        """The middle of each face, shape `(f, 3)`."""
        return np.asarray(self.vertices[self.faces].mean(axis=1), np.float64)


def mesh_of(
    vertices: Floats, faces: NDArray[np.intp], colours: Floats, *, glow: float = 0.0, nearer_m: float = 0.0
) -> Mesh:
    """A mesh whose faces glow alike; faces as dark as glass are glossy."""
    count = len(faces)
    gloss = np.where(colours.max(axis=1) < GLASS_BELOW, 1.0, 0.0)
    return Mesh(vertices, faces, colours, np.full(count, glow), gloss, np.full(count, nearer_m))


GLASS: Colour = (52, 46, 40)
GLASS_BELOW = 56
RUBBER: Colour = (58, 58, 58)


def join(*meshes: Mesh) -> Mesh:
    """All of them as one."""
    begins = list(accumulate((len(m.vertices) for m in meshes), initial=0))
    return Mesh(
        np.concatenate([m.vertices for m in meshes]),
        np.concatenate([m.faces + begin for m, begin in zip(meshes, begins, strict=False)]),
        *(np.concatenate([getattr(m, name) for m in meshes]) for name in ("colours", "glow", "gloss", "nearer_m")),
    )


def loft(rings: Floats, colours: Floats, caps: Floats) -> Mesh:
    """The closed body between rings that mirror left and right.

    Args:
        rings: From back to front, shape `(stations, points, 3)`; point `i` mirrors point `-1 - i`.
        colours: Of the faces between two rings, shape `(stations - 1, points, 3)`.
        caps: Of the strips that close the back and the front, bottom first, shape `(2, points / 2 - 1, 3)`.
    """
    stations, points, _ = rings.shape
    index = np.arange(stations * points).reshape(stations, points)
    after = np.roll(index, -1, axis=1)
    walls = np.stack([index[:-1], after[:-1], after[1:], index[1:]], axis=-1).reshape(-1, 4)
    rungs = np.arange(points // 2 - 1)
    strip = np.stack([rungs, points - 1 - rungs, points - 2 - rungs, rungs + 1], axis=1)
    faces = np.concatenate([walls, index[0][strip], index[-1][strip[:, ::-1]]])
    vertices = rings.reshape(-1, 3)
    if _volume(vertices, faces) < 0:
        faces = faces[:, ::-1]
    return mesh_of(vertices, faces, np.concatenate([colours.reshape(-1, 3), caps.reshape(-1, 3)]).astype(np.float64))


def _volume(vertices: Floats, faces: NDArray[np.intp]) -> float:
    a, b, c, d = (vertices[faces[:, corner]] - vertices.mean(axis=0) for corner in range(4))
    return float(np.sum(np.cross(a, b) * c) + np.sum(np.cross(a, c) * d))


def tube(a: Metres, b: Metres, radii: Sequence[float], colour: Colour, *, sides: int = 6) -> Mesh:
    """A round limb from `a` to `b` whose radius goes through `radii` at equal distances."""
    begin, end = np.asarray(a, np.float64), np.asarray(b, np.float64)
    axis = (end - begin) / np.linalg.norm(end - begin)
    side = np.cross(axis, [0.0, 0.0, 1.0] if abs(axis[2]) < 0.9 else [0.0, 1.0, 0.0])
    side /= np.linalg.norm(side)
    angles = (np.arange(sides) + 0.5) * 2 * np.pi / sides
    circle = np.cos(angles)[:, None] * side + np.sin(angles)[:, None] * np.cross(axis, side)
    at = np.linspace(0, 1, len(radii))
    rings = (begin + at[:, None] * (end - begin))[:, None] + np.asarray(radii)[:, None, None] * circle
    paint = floats(colour)
    return loft(rings, np.tile(paint, (len(radii) - 1, sides, 1)), np.tile(paint, (2, sides // 2 - 1, 1)))


def ball(centre: Metres, radius_m: float, colour: Colour) -> Mesh:
    """A sphere."""
    x, y, z = centre
    radii = [radius_m * share for share in (0.35, 0.85, 1.0, 0.85, 0.35)]
    return tube((x, y, z - radius_m), (x, y, z + radius_m), radii, colour, sides=8)


def disc(centre: Metres, radius_m: float, side: int, colour: Colour, *, nearer_m: float = 0.8) -> Mesh:
    """A wheel's face, seen from the left (`side` 1) or from the right (-1)."""
    angles = (np.arange(12) + 0.5) * np.pi / 6
    rim = np.stack([np.cos(angles), np.zeros(12), np.sin(angles)], axis=1) * radius_m + np.asarray(centre)
    rungs = np.arange(5)
    faces = np.stack([rungs, rungs + 1, 10 - rungs, 11 - rungs], axis=1)
    return mesh_of(rim, faces if side < 0 else faces[:, ::-1], np.tile(floats(colour), (5, 1)), nearer_m=nearer_m)


def patch(corners: Sequence[Metres], colour: Colour, *, glow: float = 0.0) -> Mesh:
    """A flat piece on a body's skin, such as a lamp; its corners run counter-clockwise as seen from outside."""
    return mesh_of(np.asarray(corners, np.float64), np.array([[0, 1, 2, 3]]), floats([colour]), glow=glow, nearer_m=0.9)


def plate_on(x: float, z: float, size: tuple[float, float], facing: int) -> list[Metres]:
    """Corners of an upright rectangle across the vehicle, top left first and clockwise as its reader sees it.

    Args:
        x: Where it sits along the vehicle, metres ahead of its middle.
        z: Its middle above the road, metres.
        size: Width and height, metres.
        facing: 1 looks ahead, -1 looks back.
    """
    half_w, half_h = size[0] / 2 * facing, size[1] / 2
    return [(x, -half_w, z + half_h), (x, half_w, z + half_h), (x, half_w, z - half_h), (x, -half_w, z - half_h)]
