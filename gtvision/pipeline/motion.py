"""The motion gate: did the inside of the zones change since the last samples?

Theory of operation. The structure of the watched area is learnt by elapsed time, so that one sample a second and five a
second give the same background; light and shake are taken out before (see `background`). What remains passes when one
connected piece that may be a road user (see `pieces`) is as large as the smallest vehicle wanted: as `motion` when at
least 1 % of the watched area is another one, else as `blob`. Many small pieces and no large one are rain, and for half
a minute after such a sample a piece has to be twice as large, unless it is what is left of a large one. When most of
the whole picture changes at once (lightning, a moved camera) the background is worthless: another one is learnt, unless
the picture looks as it did less than a minute ago, before the last such change.

The gate fails open: while it learns, one sample a second passes, and each that is not like the one before.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.domain.geometry import Box
from gtvision.domain.places import Zone
from gtvision.pipeline.background import Background, Fit, Floats, Grey, logarithmic, thumbnail_of
from gtvision.pipeline.look import MOTION_SHARE, Look
from gtvision.pipeline.pieces import Pieces
from gtvision.pipeline.watched import WatchedArea

SMALLEST_HEIGHT = 0.03
"""Height of the smallest vehicle that the gate must not miss, as a share of the picture's; about what a detector that
looks at 640 pixels can still see."""

_OPEN_PERIOD_S = 0.9
_RECALL_S = 60.0
_RAIN_S = 30.0
_RAIN_PIECES = 3
_LEAVING_S = 1.0
"""So long after a large piece a small one is what is left of it at the edge of the zone."""
_RAIN_BLOBS = 2
"""Rain makes pieces up to the size of so many smallest vehicles."""


class MotionGate:
    """Says for each sample whether something happens in the zones; one a camera, about 1.5 ms a sample."""

    def __init__(self, zones: tuple[Zone, ...], smallest_height: float = SMALLEST_HEIGHT) -> None:
        """Args:
        zones: Watched and ignored polygons; without a watched one, the whole picture.
        smallest_height: Of the smallest vehicle wanted, share of the picture's height.
        """
        self._zones = zones
        self._smallest_height = smallest_height
        self._area: WatchedArea | None = None
        self._background: Background | None = None
        self._earlier: Background | None = None
        self._learning = "warm_up"
        self._opened_s = float("-inf")
        self._rained_s = float("-inf")
        self._large_s = float("-inf")

    def see(self, time_s: float, grey: NDArray[np.uint8]) -> Look:
        """The verdict on a sample. A time before the newest seen is judged without learning from it.

        Args:
            time_s: When the picture was taken.
            grey: Shape `(h, w)`, uint8, about 320 wide; another size than before begins a new background.
        """
        levels = logarithmic(grey)
        area, background, fit = self._scene(time_s, levels)
        change = background.change(time_s, levels, fit, (area.rows, area.columns))
        share = cv2.countNonZero(cv2.bitwise_and(change.body, area.ground)) / area.pixels
        if not background.is_warm(time_s):
            moves = Pieces.of(change.moves, change, area)
            return self._open(time_s, share, moves.largest >= area.blob_pixels)
        pieces = Pieces.of(change.edges, change, area)
        if not self._is_vehicle(time_s, pieces, area.blob_pixels):
            return Look(False, share, "still")
        return Look(
            True, share, "motion" if share >= MOTION_SHARE else "blob", _box(change.body, pieces.rectangle, area)
        )

    def _is_vehicle(self, time_s: float, pieces: Pieces, blob_pixels: int) -> bool:
        if pieces.largest >= _RAIN_BLOBS * blob_pixels:
            self._large_s = time_s
            return True
        if pieces.alike >= _RAIN_PIECES:
            self._rained_s = time_s
        may_be_rain = abs(time_s - self._rained_s) <= _RAIN_S and abs(time_s - self._large_s) > _LEAVING_S
        return pieces.largest >= blob_pixels and not may_be_rain

    def _scene(self, time_s: float, levels: Grey) -> tuple[WatchedArea, Background, Fit]:
        thumbnail = thumbnail_of(levels)
        if self._area is None or self._background is None or levels.shape != self._area.shape:
            self._learning = "warm_up" if self._background is None else "recalibrating"
            self._area = WatchedArea.of(self._zones, levels.shape, self._smallest_height)
            self._background, self._earlier = Background(time_s, thumbnail), None
            return self._area, self._background, Fit()
        background, fit = self._background, self._background.fit(thumbnail)
        if fit is None:
            self._background, fit = self._other_background(time_s, thumbnail)
            self._earlier = background
        return self._area, self._background, fit

    def _other_background(self, time_s: float, thumbnail: Floats) -> tuple[Background, Fit]:
        """The one before, when the picture looks like that again, as after lightning; else a new one."""
        earlier = self._earlier
        if earlier is not None and 0 <= time_s - earlier.newest_s < _RECALL_S:
            fit = earlier.fit(thumbnail)
            if fit is not None:
                return earlier, fit
        self._learning = "recalibrating"
        return Background(time_s, thumbnail), Fit()

    def _open(self, time_s: float, share: float, moves: bool) -> Look:
        is_due = abs(time_s - self._opened_s) >= _OPEN_PERIOD_S
        if is_due:
            self._opened_s = time_s
        return Look(is_due or moves, share, self._learning)


def _box(body: Grey, rectangle: tuple[int, int, int, int], area: WatchedArea) -> Box:
    """The box around the body that made the change in the rectangle, without the rim of its edges."""
    x, y, width, height = rectangle
    left, top, inner_width, inner_height = cv2.boundingRect(body[y : y + height, x : x + width])
    if inner_width:
        x, y, width, height = x + left, y + top, inner_width, inner_height
    x, y = x + area.columns.start, y + area.rows.start
    down, across = area.shape
    return x / across, y / down, (x + width) / across, (y + height) / down
