"""Lines of text in a picture's own geometry: cut out upright, judged for sharpness, and set level with one another."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.adapters.text_finder import TextBox
from gtvision.domain.geometry import Box

_BLURRED, _SHARP = 0.10, 0.45  # of the contrast, from one pixel to the next at a line's steepest edges


def cut_out(picture: NDArray[np.uint8], line: TextBox, margin: tuple[float, float], height: int) -> NDArray[np.uint8]:
    """The line, upright, at least `height` pixels high, shape `(h, w, 3)`, BGR.

    Args:
        picture: Shape `(h, w, 3)`, BGR.
        line: Where the text is.
        margin: What is added at each end and above and below, in heights of the line.
        height: Pixels.
    """
    along = (line.corners[1] - line.corners[0]) / line.width * line.height * margin[0]
    across = (line.corners[3] - line.corners[0]) * margin[1]
    corners = line.corners + np.array([-along - across, along - across, along + across, across - along], np.float32)
    wide, high = line.width + 2 * line.height * margin[0], line.height * (1 + 2 * margin[1])
    scale = max(1.0, height / high)
    size = max(1, round(wide * scale)), max(1, round(high * scale))
    target = np.array([[0, 0], [size[0], 0], size, [0, size[1]]], np.float32)
    way = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    cut: NDArray[np.uint8] = cv2.warpPerspective(
        picture, way, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return cut


def sharpness(cut: NDArray[np.uint8], height: int) -> float:
    """How sharp a line is at that height in pixels: 0 is blurred beyond reading, 1 is as sharp as is of use."""
    grey = cv2.cvtColor(cut, cv2.COLOR_BGR2GRAY)
    if grey.shape[0] > height:
        grey = cv2.resize(grey, (max(2, grey.shape[1] * height // grey.shape[0]), height), interpolation=cv2.INTER_AREA)
    steps = np.abs(np.diff(grey.astype(np.float32), axis=1))
    dark, bright = np.percentile(grey, (5, 95))
    if steps.size == 0 or bright - dark < 1:
        return 0.0
    steepest = float(np.percentile(steps, 98)) / float(bright - dark)
    return min(1.0, max(0.0, (steepest - _BLURRED) / (_SHARP - _BLURRED)))


@dataclass(frozen=True, slots=True)
class Level:
    """A picture turned so that its lines of text are level.

    Attributes:
        angle: By which they ran downhill, in radians.
        size: Height and width of the picture, pixels.
    """

    angle: float
    size: tuple[int, int]

    @classmethod
    def of(cls, size: tuple[int, int], lines: Sequence[TextBox]) -> "Level":
        """As most lines run."""
        return cls(median(line.angle for line in lines), size)

    def box(self, line: TextBox) -> Box:
        """The line's corners once it is level, in 0-1 of the picture as it was; outside of it at its edges."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        centre = np.array([self.size[1], self.size[0]]) / 2
        turned = (line.corners - centre) @ np.array([[cos, -sin], [sin, cos]]) + centre
        return _around(turned, self.size)


def box_around(lines: Sequence[TextBox], size: tuple[int, int]) -> Box:
    """The corners of all these lines together, 0-1 of a picture of that height and width."""
    left, top, right, bottom = _around(np.concatenate([line.corners for line in lines]), size)
    return max(0.0, left), max(0.0, top), min(1.0, right), min(1.0, bottom)


def _around(points: NDArray[np.floating], size: tuple[int, int]) -> Box:
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return float(left / size[1]), float(top / size[0]), float(right / size[1]), float(bottom / size[0])
