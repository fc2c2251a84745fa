"""The motion gate: did the inside of the zones change since the last samples?

Theory of operation. Each pixel of the watched area has a small mixture of Gaussians (MOG2) that learns by elapsed time,
so that one sample a second and five a second give the same background. Before it is judged, a sample is divided by its
global gain against a slowly learnt thumbnail, so that clouds and auto-exposure do not look like motion, and is blurred
and opened, so that noise and compression do not either. What remains passes as `motion` by its share of the watched
area, or as `blob` when one connected piece is as large as the smallest vehicle wanted. When most of the whole picture
changes at once (infrared switch, lightning, a moved camera) the background is worthless: another one is learnt, unless
the picture looks as it did less than a minute ago, before the last such change.

The gate fails open: while it learns, one sample a second passes.
"""

from dataclasses import dataclass
from math import exp

import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.domain.places import Zone, ZoneKind

SMALLEST_HEIGHT = 0.03
"""Height of the smallest vehicle that the gate must not miss, as a share of the picture's; about what a detector that
looks at 640 pixels can still see."""

_MOTION_SHARE = 0.01
_LEARNING_S = 120.0
_LONGEST_STEP_S = 30.0
"""After a longer gap a single sample still does not replace what was learnt."""
_WARM_UP_S = 8.0
_WARM_UP_SAMPLES = 5
_OPEN_PERIOD_S = 0.9
_JUMP_BACK_S = 60.0
_RECALL_S = 60.0
_THUMBNAIL = (64, 36)
_CHANGED_LEVELS = 12
_CHANGED_SHARE = 0.6
_GAIN_BOUNDS = (0.5, 2.0)
_DARK_LEVEL = 16
_BLOB_FILL = 0.5
_BLUR_PIXELS = 2
"""By how much the blur widens and heightens a blob."""
_KERNEL = np.ones((2, 2), np.uint8)

Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Look:
    """The gate's verdict on one sample.

    Attributes:
        passed: Whether the detector should see it.
        share: Foreground share of the watched area, 0-1.
        reason: `motion`, `blob`, `warm_up`, `recalibrating` or `still`; the camera core adds `track` and `parked`.
    """

    passed: bool
    share: float
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class _Area:
    """The watched part of a picture of one size.

    Attributes:
        rows: Rows of its bounding box.
        columns: Columns of its bounding box.
        mask: 255 where it is watched, uint8, of the bounding box's shape.
        pixels: How many are watched.
        blob_pixels: Foreground pixels of the smallest vehicle.
    """

    rows: slice
    columns: slice
    mask: Grey
    pixels: int
    blob_pixels: int


def _area(zones: tuple[Zone, ...], shape: tuple[int, ...], smallest_height: float) -> _Area:
    height, width = shape
    watched = [zone for zone in zones if zone.kind is ZoneKind.WATCH]
    mask = np.full((height, width), 0 if watched else 255, np.uint8)
    scale = np.array((width, height))
    for kind, value in ((ZoneKind.WATCH, 255), (ZoneKind.IGNORE, 0)):
        for zone in zones:
            if zone.kind is kind:
                cv2.fillPoly(mask, [np.round(np.array(zone.polygon) * scale).astype(np.int32)], value)
    left, top, box_width, box_height = cv2.boundingRect(mask)
    rows, columns = slice(top, top + max(box_height, 1)), slice(left, left + max(box_width, 1))
    return _Area(
        rows,
        columns,
        np.ascontiguousarray(mask[rows, columns]),
        max(cv2.countNonZero(mask), 1),
        _blob_pixels(smallest_height * height),
    )


def _blob_pixels(height: float) -> int:
    """Foreground pixels of a motorcycle of that height: half as wide, and not all of it stands out."""
    return round(_BLOB_FILL * (height + _BLUR_PIXELS) * (height / 2 + _BLUR_PIXELS))


class _Background:
    """What one scene looks like without traffic, learnt since its first sample."""

    def __init__(self, time_s: float, thumbnail: NDArray[np.float32]) -> None:
        self.begun_s = time_s
        self.newest_s = time_s
        self._samples = 0
        self._thumbnail = thumbnail
        self._mixture = cv2.createBackgroundSubtractorMOG2(detectShadows=False)

    def is_warm(self, time_s: float) -> bool:
        return self._samples >= _WARM_UP_SAMPLES and time_s - self.begun_s >= _WARM_UP_S

    def gain(self, thumbnail: NDArray[np.float32]) -> float | None:
        """How much brighter the picture is than usual; None when most of it has changed in any other way."""
        lit = (self._thumbnail > _DARK_LEVEL) & (thumbnail > 1)
        gain = float(np.median(thumbnail[lit] / self._thumbnail[lit])) if lit.any() else 1.0
        if not _GAIN_BOUNDS[0] <= gain <= _GAIN_BOUNDS[1]:
            return None
        changed = np.abs(thumbnail / gain - self._thumbnail) > _CHANGED_LEVELS
        return gain if changed.mean() < _CHANGED_SHARE else None

    def foreground(self, time_s: float, thumbnail: NDArray[np.float32], crop: Grey) -> Grey:
        """255 where the crop is not background; learns from it unless it is older than the newest seen."""
        rate = self._rate(time_s)
        self._thumbnail += rate * (thumbnail - self._thumbnail)
        mask: Grey = self._mixture.apply(crop, learningRate=rate)
        return mask

    def _rate(self, time_s: float) -> float:
        elapsed_s = time_s - self.newest_s
        if -_JUMP_BACK_S < elapsed_s < 0:
            return 0.0
        if elapsed_s < 0:
            self.begun_s, elapsed_s = time_s, 0.0
        self.newest_s = time_s
        self._samples += 1
        young = 1 / self._samples if self._samples <= _WARM_UP_SAMPLES else 0.0
        return max(young, 1 - exp(-min(elapsed_s, _LONGEST_STEP_S) / _LEARNING_S))


class MotionGate:
    """Says for each sample whether something happens in the zones; one a camera, about 1 ms a sample."""

    def __init__(self, zones: tuple[Zone, ...], smallest_height: float = SMALLEST_HEIGHT) -> None:
        """Args:
        zones: Watched and ignored polygons; without a watched one, the whole picture.
        smallest_height: Of the smallest vehicle wanted, share of the picture's height.
        """
        self._zones = zones
        self._smallest_height = smallest_height
        self._shape: tuple[int, ...] = ()
        self._area: _Area | None = None
        self._background: _Background | None = None
        self._earlier: _Background | None = None
        self._learning = "warm_up"
        self._opened_s = float("-inf")

    def see(self, time_s: float, grey: Grey) -> Look:
        """The verdict on a sample. A time before the newest seen is judged without learning from it.

        Args:
            time_s: When the picture was taken.
            grey: Shape `(h, w)`, uint8, about 320 wide; another size than before begins a new background.
        """
        thumbnail = cv2.resize(grey, _THUMBNAIL, interpolation=cv2.INTER_AREA).astype(np.float32)
        area, background, gain = self._scene(time_s, grey.shape, thumbnail)
        crop = cv2.blur(grey[area.rows, area.columns], (3, 3))
        if gain != 1.0:
            crop = cv2.convertScaleAbs(crop, alpha=1 / gain)
        mask = cv2.bitwise_and(background.foreground(time_s, thumbnail, crop), area.mask)
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, _KERNEL)
        share = cv2.countNonZero(mask) / area.pixels
        if not background.is_warm(time_s):
            return self._open(time_s, share)
        if share >= _MOTION_SHARE:
            return Look(True, share, "motion")
        is_blob = share * area.pixels >= area.blob_pixels and _largest(mask) >= area.blob_pixels
        return Look(is_blob, share, "blob" if is_blob else "still")

    def _scene(
        self, time_s: float, shape: tuple[int, ...], thumbnail: NDArray[np.float32]
    ) -> tuple[_Area, _Background, float]:
        if self._area is None or self._background is None or shape != self._shape:
            self._learning = "warm_up" if self._background is None else "recalibrating"
            self._shape, self._area = shape, _area(self._zones, shape, self._smallest_height)
            self._background, self._earlier = _Background(time_s, thumbnail), None
            return self._area, self._background, 1.0
        background, gain = self._background, self._background.gain(thumbnail)
        if gain is None:
            self._background, gain = self._other_background(time_s, thumbnail)
            self._earlier = background
        return self._area, self._background, gain

    def _other_background(self, time_s: float, thumbnail: NDArray[np.float32]) -> tuple[_Background, float]:
        """The one before, when the picture looks like that again, as after lightning; else a new one."""
        earlier = self._earlier
        if earlier is not None and 0 <= time_s - earlier.newest_s < _RECALL_S:
            gain = earlier.gain(thumbnail)
            if gain is not None:
                return earlier, gain
        self._learning = "recalibrating"
        return _Background(time_s, thumbnail), 1.0

    def _open(self, time_s: float, share: float) -> Look:
        is_due = abs(time_s - self._opened_s) >= _OPEN_PERIOD_S
        if is_due:
            self._opened_s = time_s
        return Look(is_due, share, self._learning)


def _largest(mask: Grey) -> int:
    """Pixels of the largest connected piece; 0 in an empty mask."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return int(stats[1:, cv2.CC_STAT_AREA].max(initial=0))
