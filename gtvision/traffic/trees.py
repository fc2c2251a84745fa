"""Trees beside the road, which swing in the wind and hide what is behind them."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.traffic.light import Light
from gtvision.traffic.mesh import floats
from gtvision.traffic.paint import Picture
from gtvision.traffic.street import Tree
from gtvision.traffic.view import View

_LEAVES = ((45, 92, 62), (38, 78, 50), (58, 110, 80))
_BARK = (52, 66, 82)
_TUFTS = 11
_CROWN_M = 0.9


class Trees:
    """All trees of a scene."""

    def __init__(self, trees: tuple[Tree, ...], view: View, sway: float) -> None:
        ordered = sorted(trees, key=lambda tree: -np.hypot(*tree.at))
        self._away = [float(np.hypot(*tree.at)) for tree in ordered]
        at = np.array([tree.at for tree in ordered]).reshape(-1, 2)
        high = np.array([tree.height_m * 0.7 for tree in ordered])
        self._foot, _ = view.project(np.column_stack([at, np.zeros(len(at))]))
        self._top, depth = view.project(np.column_stack([at, high]))
        self._radius = np.maximum(view.focal * view.size[0] * _CROWN_M / depth, 1.0)
        self._sway = sway
        index = np.arange(_TUFTS)
        self._out_of_step = at[:, 1:] + 0.6 * index
        reach = self._radius[:, None] * (0.25 + 0.09 * index)
        self._tuft = np.stack([reach * np.cos(index * 2.4), 0.7 * reach * np.sin(index * 2.4)], axis=-1)
        self._size = np.maximum(self._radius[:, None] * (0.75 - 0.03 * index), 1).astype(int).tolist()

    def at(self, time_s: float) -> "Swaying":
        """The trees at that moment, each tuft a little out of step."""
        swing = (0.035 * self._sway * self._radius)[:, None]
        dx = swing * np.sin(1.7 * time_s + self._out_of_step)
        dy = 0.5 * swing * np.sin(2.3 * time_s + self._out_of_step)
        tufts = self._top[:, None] + self._tuft + np.stack([dx, dy], axis=-1)
        trunks = np.stack([self._foot, self._top], axis=1).astype(int).tolist()
        return Swaying(self._away, trunks, tufts.astype(int).tolist(), self._size)


@dataclass(slots=True)
class Swaying:
    """Trees at one moment, painted by and by, the farthest first."""

    away_m: list[float]
    trunks: list[list[list[int]]]
    tufts: list[list[list[int]]]
    sizes: list[list[int]]
    painted: int = 0

    def paint_beyond(self, away_m: float, picture: Picture, light: Light) -> None:
        """Paints the trees that are farther away than that and were not painted yet."""
        bark = (floats(_BARK) * light.gain).tolist()
        leaves = [(floats(colour) * light.gain).tolist() for colour in _LEAVES]
        for tree in self._beyond(away_m):
            foot, top = self.trunks[tree]
            cv2.line(picture, foot, top, bark, max(1, self.sizes[tree][0] // 4), cv2.LINE_AA)
            for index, (middle, size) in enumerate(zip(self.tufts[tree], self.sizes[tree], strict=True)):
                cv2.circle(picture, middle, size, leaves[index % len(leaves)], -1, cv2.LINE_AA)

    def mask_beyond(self, away_m: float, mask: NDArray[np.uint8], number: int) -> None:
        """Writes that number wherever such a tree's crown is."""
        for tree in self._beyond(away_m):
            for middle, size in zip(self.tufts[tree], self.sizes[tree], strict=True):
                cv2.circle(mask, middle, size, number, -1)

    def _beyond(self, away_m: float) -> range:
        begin = self.painted
        while self.painted < len(self.away_m) and self.away_m[self.painted] > away_m:
            self.painted += 1
        return range(begin, self.painted)
