"""Draws bodies into a picture: where they lie in it, their faces from far to near, and their shadows."""

from dataclasses import dataclass
from math import cos, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.domain.geometry import Box
from gtvision.traffic.light import Light
from gtvision.traffic.mesh import Floats, Mesh, floats
from gtvision.traffic.view import View

Picture = NDArray[np.uint8]
Pose = tuple[float, float, float]
"""World x and y in metres, and the heading in radians from the x axis towards y."""

_SUBPIXEL_BITS = 4
_FARTHEST_PX = 4000.0


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A body in the world and in the picture.

    Attributes:
        mesh: What it is made of.
        pose: Where it stands.
        world: Its vertices in metres, shape `(v, 3)`.
        pixels: The same in the picture, shape `(v, 2)`, also outside of it.
        box: The smallest box around them, 0-1 of the picture, also outside of it.
        away_m: From the lens to its middle, over the road.
    """

    mesh: Mesh
    pose: Pose
    world: Floats
    pixels: Floats
    box: Box
    away_m: float

    @property
    def hull(self) -> NDArray[np.int32]:
        """Its outline in whole pixels, shape `(n, 1, 2)`."""
        outline: NDArray[np.int32] = cv2.convexHull(np.rint(self.pixels).astype(np.int32))
        return outline


def to_world(points: Floats, pose: Pose) -> Floats:
    """Points of a body, shape `(n, 3)`, where its pose puts them."""
    return floats(np.add(turned(points, pose), (pose[0], pose[1], 0.0)))


def turned(vectors: Floats, pose: Pose) -> Floats:
    """Directions of a body, shape `(n, 3)`, as the world sees them."""
    c, s = cos(pose[2]), sin(pose[2])
    world: Floats = vectors @ np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
    return world


def place(mesh: Mesh, pose: Pose, view: View) -> Placed:
    """The body where its pose puts it."""
    world = to_world(mesh.vertices, pose)
    pixels, _ = view.project(world)
    pixels = np.clip(pixels, -_FARTHEST_PX, _FARTHEST_PX)
    (x1, y1), (x2, y2) = pixels.min(axis=0) / view.size, pixels.max(axis=0) / view.size
    away_m = float(np.hypot(pose[0], pose[1]))
    return Placed(mesh, pose, world, pixels, (float(x1), float(y1), float(x2), float(y2)), away_m)


def paint_body(picture: Picture, body: Placed, view: View, light: Light) -> None:
    """Draws the faces that look at the camera, the far ones first."""
    faces = body.mesh.faces
    normal = turned(body.mesh.normals, body.pose)
    to_lens = view.position - to_world(body.mesh.centres, body.pose)
    distance = np.sqrt((to_lens * to_lens).sum(axis=1))
    seen = np.flatnonzero((normal * to_lens).sum(axis=1) > 0)
    colours = light.shade(body.mesh, seen, normal[seen]).tolist()
    order = np.argsort(-(distance - body.mesh.nearer_m)[seen], kind="stable")
    corners = np.rint(body.pixels[faces[seen]] * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    for index in order.tolist():
        cv2.fillConvexPoly(picture, corners[index], colours[index], cv2.LINE_AA, _SUBPIXEL_BITS)


def paint_shadow(picture: Picture, body: Placed, view: View, light: Light) -> None:
    """Darkens the road where the body keeps the sun, or at night the sky, away."""
    fall = light.shadow_fall
    ground = body.world.copy()
    ground[:, :2] += ground[:, 2:] * fall
    ground[:, 2] = 0
    pixels, _ = view.project(ground)
    outline = cv2.convexHull(np.rint(np.clip(pixels, -_FARTHEST_PX, _FARTHEST_PX)).astype(np.int32))
    darken(picture, outline, light.shadow)


def darken(picture: Picture, outline: NDArray[np.int32], share: float) -> None:
    """Takes that share of the light from inside the outline, with a soft border."""
    height, width = picture.shape[:2]
    x, y, w, h = cv2.boundingRect(outline)
    soft = max(1, min(w, h) // 12)
    left, top = max(x - soft, 0), max(y - soft, 0)
    right, bottom = min(x + w + soft, width), min(y + h + soft, height)
    if right <= left or bottom <= top:
        return
    mask = np.full((bottom - top, right - left), 255, np.uint8)
    cv2.fillConvexPoly(mask, outline - (left, top), int(255 * (1 - share)))
    mask = cv2.blur(mask, (2 * soft + 1, 2 * soft + 1))
    area = picture[top:bottom, left:right]
    cv2.multiply(area, cv2.merge([mask, mask, mask]), dst=area, scale=1 / 255)
