"""What a roadside camera makes of a view: exposure, weather, focus, movement, noise and JPEG.

| | by day | rain | infrared |
| --- | --- | --- | --- |
| exposure | 0.85 to 1.3 | 0.85 to 1.3, then 0.55 to 0.75 of the contrast | the plate 0.85 to 1.35 |
| focus, sigma of the blur, px | 0.3 to 0.9 | 0.7 to 1.2 | 0.4 to 1.0 |
| movement, share of the plate's width | 0 to 0.02 | 0 to 0.02 | 0 to 0.02 |
| noise, sigma of 255 | 2 to 6 | 3 to 7 | 5 to 11 |
| JPEG quality | 80 to 92 | 80 to 92 | 80 to 92 |

Rain is 120 to 259 streaks, up to 38 of 255 bright, and 2 to 6 drops on the lens of 5 to 14 pixels' radius.
By infrared light all but the plate and the lamps is half to a quarter as bright as by day. In three of ten pictures by
day a shadow's edge lies across the picture and takes a quarter to a half of the light.
"""

from dataclasses import dataclass
from math import cos, pi, sin

import cv2
import numpy as np
from numpy.random import Generator

from gtvision.traffic.paint import Picture
from gtvision.traffic.plates import line_kernel
from gtvision.traffic.street import Floats32

FINER = 2
"""A view is drawn with so many pixels to each of the camera's, along either side."""

_MOST_MOVEMENT = 0.02
_SHADOWED_SHARE = 0.3
_SHADED = 0.85


@dataclass(frozen=True, slots=True)
class Conditions:
    """How one picture is taken.

    Attributes:
        infrared: Whether by infrared light at night.
        rain: Whether it rains.
        exposure: How bright it comes out.
        shine: How bright the plate is, before the exposure: by infrared light it sends back what comes from the camera.
        blur_px: Sigma of what the lens blurs.
        movement: How far the plate moves meanwhile, as a share of its width.
        noise: Sigma of the sensor's noise, of 255.
        quality: Of the JPEG.
        shadow: What of the light a shadow takes; 0: there is none.
    """

    infrared: bool
    rain: bool
    exposure: float
    shine: float
    blur_px: float
    movement: float
    noise: float
    quality: int
    shadow: float

    @classmethod
    def by_chance(cls, rng: Generator, *, infrared: bool, rain: bool) -> "Conditions":
        """Within the table's limits, even chances."""
        index = 2 if infrared else 1 if rain else 0
        exposure = float(rng.uniform(*((0.85, 1.3), (0.85, 1.3), (1.6, 2.9))[index]))
        blur_px = float(rng.uniform(*((0.3, 0.9), (0.7, 1.2), (0.4, 1.0))[index]))
        noise = float(rng.uniform(*((2.0, 6.0), (3.0, 7.0), (5.0, 11.0))[index]))
        shine = float(rng.uniform(0.85, 1.35)) / exposure if infrared else _SHADED
        movement, shadow = float(rng.uniform(0, _MOST_MOVEMENT)), float(rng.uniform(0.25, 0.5))
        shadowed = rng.random() < _SHADOWED_SHARE and index == 0
        quality = int(rng.integers(80, 93))
        return cls(infrared, rain, exposure, shine, blur_px, movement, noise, quality, shadow * shadowed)


def filmed(picture: Picture, how: Conditions, plate_px: float, rng: Generator) -> Picture:
    """The camera's picture of a view that was drawn `FINER` times as large.

    Args:
        picture: The view, BGR.
        how: How it is taken.
        plate_px: How wide its plate is in the camera's pixels.
        rng: Of noise, streaks, the shadow's edge and the direction of the movement.
    """
    height, width = picture.shape[0] // FINER, picture.shape[1] // FINER
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    light = np.asarray(small * np.float32(how.exposure), np.float32)
    if how.shadow:
        light *= _shadow((width, height), how.shadow, rng)
    if how.infrared:
        light = _infrared(light)
    if how.rain:
        light = _rainy(light, rng)
    light = cv2.GaussianBlur(light, (0, 0), how.blur_px)
    way_px, turn = how.movement * plate_px, float(rng.normal(pi / 2, 0.3))
    light = cv2.filter2D(light, -1, line_kernel((way_px * cos(turn), way_px * sin(turn))))
    light += _noise(light.shape[:2], how, rng)
    _, jpeg = cv2.imencode(".jpg", np.clip(light, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, how.quality])
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)


def _shadow(size: tuple[int, int], share: float, rng: Generator) -> Floats32:
    """Light left on each side of a soft edge that passes near the middle, shape `(height, width, 1)`."""
    width, height = size
    turn = float(rng.uniform(0, 2 * pi))
    off_px = float(rng.normal(0, 0.08)) * width
    x, y = np.meshgrid(np.arange(width) - width / 2, np.arange(height) - height / 2)
    beyond = np.clip((x * cos(turn) + y * sin(turn) - off_px) / 6 + 0.5, 0, 1)
    return np.asarray(1 - share * beyond, np.float32)[:, :, None]


def _infrared(light: Floats32) -> Floats32:
    """Grey, darker towards the borders, and bright places bloom."""
    grey = cv2.cvtColor(np.asarray(light, np.float32), cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    x, y = np.meshgrid((np.arange(width) / width - 0.5) * 1.6, np.arange(height) / height - 0.5)
    grey *= 1 - 0.5 * np.clip(np.hypot(x, y), 0, 1).astype(np.float32)
    bloom = cv2.GaussianBlur(np.maximum(np.minimum(grey, 320) - 180, 0), (0, 0), width / 70)
    return np.asarray(cv2.merge([grey + 0.5 * bloom + 6] * 3), np.float32)


def _rainy(light: Floats32, rng: Generator) -> Floats32:
    """Haze, streaks and a few drops on the lens."""
    height, width = light.shape[:2]
    contrast = float(rng.uniform(0.55, 0.75))
    hazy = np.asarray(light * contrast + (1 - contrast) * rng.uniform(115, 150), np.float32)
    streaks = np.zeros((height, width, 3), np.float32)
    for _ in range(int(rng.integers(120, 260))):
        x, y = float(rng.uniform(0, width)), float(rng.uniform(-40, height))
        long, shade = float(rng.uniform(12, 45)), float(rng.uniform(10, 38))
        slant = long * float(rng.uniform(0.1, 0.25))
        cv2.line(streaks, (int(x), int(y)), (int(x - slant), int(y + long)), (shade, shade, shade), 1, cv2.LINE_AA)
    hazy += streaks
    drops = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(2, 7))):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        cv2.circle(drops, centre, int(rng.integers(5, 15)), float(rng.uniform(0.4, 0.9)), -1)
    share = cv2.GaussianBlur(drops, (0, 0), 3)[:, :, None]
    return np.asarray(hazy * (1 - share) + cv2.GaussianBlur(hazy, (0, 0), 5) * share, np.float32)


def _noise(shape: tuple[int, int], how: Conditions, rng: Generator) -> Floats32:
    """Noise of single pixels, a little of it in patches as left by a camera's own filter, shape `(h, w, 1 or 3)`."""
    channels = 1 if how.infrared else 3
    fine = rng.normal(0, how.noise, (*shape, channels)).astype(np.float32)
    soft = cv2.GaussianBlur(rng.normal(0, how.noise, (*shape, channels)).astype(np.float32), (0, 0), 1.0)
    return np.asarray((0.8 * fine + soft.reshape(*shape, channels)), np.float32)
