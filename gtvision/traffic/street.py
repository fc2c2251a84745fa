"""The still part of a scene: sky, ground, markings, houses, and the glow of street lamps at night."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from gtvision.traffic.light import Light, light_of
from gtvision.traffic.mesh import Colour, Mesh, floats, join, loft, patch
from gtvision.traffic.paint import Picture, paint_body, place
from gtvision.traffic.routes import Ground
from gtvision.traffic.view import View

Floats32 = NDArray[np.float32]

ASPHALT: Colour = (98, 96, 95)
PAVEMENT: Colour = (150, 156, 160)
GRASS: Colour = (62, 112, 98)
PAINT_WHITE: Colour = (222, 226, 226)
PAINT_YELLOW: Colour = (70, 180, 225)
_LAMP_REACH_M = 9.0
_LAMP_TINT = (0.42, 0.56, 0.66)


@dataclass(frozen=True, slots=True)
class Area:
    """A flat polygon of the ground, or a marking; corners in world metres."""

    corners: tuple[Ground, ...]
    colour: Colour


@dataclass(frozen=True, slots=True)
class House:
    """A block: its nearest left corner, width, depth and height in metres, and colour."""

    at: Ground
    size: tuple[float, float, float]
    colour: Colour


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree: where it stands and how high it is, in metres."""

    at: Ground
    height_m: float


@dataclass(frozen=True, slots=True)
class Street:
    """What stands and lies still in a scene, the ground's areas in the order of painting."""

    areas: tuple[Area, ...]
    houses: tuple[House, ...] = ()
    trees: tuple[Tree, ...] = ()
    lamps: tuple[Ground, ...] = ()


def strip(x: tuple[float, float], y: tuple[float, float], colour: Colour) -> Area:
    """A rectangle of the ground."""
    return Area(((x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1])), colour)


def dashes(x: float, y: tuple[float, float], colour: Colour, *, dash_m: float = 3.0) -> tuple[Area, ...]:
    """A broken line along y."""
    begins = np.arange(y[0], y[1], dash_m * 2.5)
    return tuple(strip((x - 0.08, x + 0.08), (float(begin), float(begin) + dash_m), colour) for begin in begins)


def zebra(x: tuple[float, float], y: tuple[float, float]) -> tuple[Area, ...]:
    """A crossing for people over a road along y."""
    begins = np.arange(x[0], x[1] - 0.5, 1.1)
    return tuple(strip((float(begin), float(begin) + 0.55), y, PAINT_WHITE) for begin in begins)


def paint_street(street: Street, view: View, rng: Generator) -> Picture:
    """The empty street at noon."""
    width, height = view.size
    x, y = view.ground_of_pixels()
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = np.linspace((225, 190, 150), (238, 228, 215), height)[:, None]
    picture[np.isfinite(y)] = GRASS
    for area in street.areas:
        corners = np.array([(*corner, 0.0) for corner in area.corners])
        pixels, _ = view.project(corners)
        outline = np.rint(np.clip(pixels, -2000, 4000) * 16).astype(np.int32)
        cv2.fillPoly(picture, [outline], area.colour, cv2.LINE_AA, 4)
    picture = _grained(picture, (x, y), rng)
    noon = light_of(11)
    for house in sorted(street.houses, key=lambda each: -each.at[1]):
        paint_body(picture, place(_block(house), (*house.at, 0.0), view), view, noon)
    return picture


def _grained(picture: Picture, ground: tuple[NDArray[np.float64], NDArray[np.float64]], rng: Generator) -> Picture:
    """Stones, stains and tyre marks, in perspective."""
    x, y = (np.nan_to_num(each, nan=0.0, posinf=0.0).astype(np.float32) for each in ground)
    rough = np.zeros(picture.shape[:2], np.float32)
    for pixels_per_m, across, along, strength in ((16, 1, 1, 0.05), (3, 1, 1, 0.025), (1.2, 1, 0.1, 0.04)):
        tile = cv2.GaussianBlur(rng.normal(0, 1, (512, 512)).astype(np.float32), (5, 5), 0)
        tile /= tile.std()
        u, v = (_back_and_forth(each, 511) for each in (x * pixels_per_m * across, y * pixels_per_m * along))
        rough += strength * cv2.remap(tile, u, v, cv2.INTER_LINEAR)
    fade = np.clip(1.4 - np.hypot(x, y) / 60, 0.12, 1.0)
    rough[~np.isfinite(ground[1])] = 0
    return np.clip(picture * (1 + rough * fade)[:, :, None], 0, 255).astype(np.uint8)


def _back_and_forth(way: Floats32, end: int) -> Floats32:
    """The way folded into 0 to `end`, so that a tile meets its mirror image without a seam."""
    return np.abs(way % (2 * end) - end)


def _block(house: House) -> Mesh:
    width, depth, high = house.size
    wall = floats(house.colour)
    levels = np.array([0.0, high * 0.5, high * 0.97, high])
    right = np.stack(np.broadcast_arrays(np.array([[0.0], [width]]), np.zeros(4), levels), axis=-1)
    left = right[:, ::-1] + [0, depth, 0]
    body = loft(np.concatenate([right, left], axis=1), np.tile(wall, (1, 8, 1)), np.tile(wall, (2, 3, 1)))
    return join(body, *_windows(house))


def _windows(house: House) -> list[Mesh]:
    width, depth, high = house.size
    found = []
    for storey in np.arange(1.0, high - 1.6, 3.0):
        low, top = float(storey), float(storey) + 1.5
        for at in np.arange(1.0, width - 1.2, 2.8):
            a, b = float(at), float(at) + 1.4
            found.append(patch([(a, -0.02, low), (b, -0.02, low), (b, -0.02, top), (a, -0.02, top)], (92, 78, 66)))
        for at in np.arange(1.0, depth - 1.2, 2.8):
            a, b = float(at), float(at) + 1.4
            for x, (near, far) in ((-0.02, (b, a)), (width + 0.02, (a, b))):
                found.append(patch([(x, near, low), (x, far, low), (x, far, top), (x, near, top)], (92, 78, 66)))
    return found


def lamp_glow(street: Street, view: View) -> Floats32:
    """How strongly the street lamps light each pixel's ground, shape `(height, width, 1)`, 0 to about 1."""
    x, y = view.ground_of_pixels()
    glow = np.zeros(x.shape)
    for lamp_x, lamp_y in street.lamps:
        away = ((x - lamp_x) ** 2 + (y - lamp_y) ** 2) / (2 * _LAMP_REACH_M**2)
        glow += np.exp(-np.where(np.isfinite(away), away, np.inf))
    return np.minimum(glow, 1.2).astype(np.float32)[:, :, None]


def lit_street(noon: Picture, glow: Floats32, light: Light) -> Picture:
    """The empty street by that light."""
    gain = light.gain.astype(np.float32) + glow * light.lamps * np.asarray(_LAMP_TINT, np.float32)
    return np.clip(noon * gain, 0, 255).astype(np.uint8)
