"""What one scene looks like without traffic, in light that changes and from a camera that shakes.

Brightness is on a logarithmic scale, where light of any strength adds the same everywhere: a cloud, a headlight's beam
or the camera's exposure is a smooth map that is added, while a road user has edges of its own. So what is learnt is the
*structure* of the picture, its difference from its surroundings, in a small mixture of Gaussians a pixel (MOG2). The
mean brightness is learnt beside it, to tell a body from the rim that its edges leave around it.
"""

from collections import deque
from dataclasses import dataclass
from math import exp

import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.pipeline.shift import Shift, aligned, moved

WARM_UP_S = 8.0
WARM_UP_SAMPLES = 5
_LEVELS_A_DOUBLING = 80.0
_DARK = 32.0
"""Grey level below which the scale is nearly linear, so that noise in the dark is not blown up."""
_LEARNING_S = 120.0
_LONGEST_STEP_S = 30.0
"""After a longer gap a single sample still does not replace what was learnt."""
_JUMP_BACK_S = 60.0
_THUMBNAIL = (160, 90)
_SURROUNDINGS = (15, 15)
_MIDDLE = 128.0
_CHANGED_LEVELS = 12.0
_CHANGED_SHARE = 0.6
_OTHER_SHARE, _OTHER_RATIO = 0.25, 1.5
"""Two pictures that have nothing in common differ by twice the structure that one has."""
_MOST_GAIN = _LEVELS_A_DOUBLING
_BODY_LEVELS = 10.0
_MOVED_LEVELS = 8.0
_AGO_S = 0.8
_RECENT = 7
"""Samples that reach so far back in a burst, with those of a catch-up."""
_RIM = cv2.getStructuringElement(cv2.MORPH_RECT, _SURROUNDINGS)
_OPEN = np.ones((2, 2), np.uint8)

Grey = NDArray[np.uint8]
Floats = NDArray[np.float32]

_LOGARITHM = np.round(_LEVELS_A_DOUBLING * np.log2(1 + np.arange(256) / _DARK)).astype(np.uint8)


def logarithmic(grey: Grey) -> Grey:
    """Brightness in steps of the same ratio: 80 levels for twice as bright."""
    return np.asarray(cv2.LUT(grey, _LOGARITHM), np.uint8)


def thumbnail_of(levels: Grey) -> Floats:
    """The picture, 160x90."""
    return np.asarray(cv2.resize(levels, _THUMBNAIL, interpolation=cv2.INTER_AREA), np.float32)


@dataclass(frozen=True, slots=True)
class Fit:
    """How a picture lies on a background.

    Attributes:
        shift: By which share of width and height the camera has moved it.
        gain: By how many levels it is brighter.
    """

    shift: Shift = (0.0, 0.0)
    gain: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """Where a picture is not background.

    Attributes:
        edges: 255 where edges are new or gone, and a little around them; uint8.
        body: 255 where, inside those edges, the brightness is another one as well; uint8.
        moves: 255 where edges are not those of a second ago; uint8.
        now: Brightness, logarithmic; uint8.
        known: Brightness of the background, logarithmic; float32.
    """

    edges: Grey
    body: Grey
    moves: Grey
    now: Grey
    known: Floats


class Background:
    """One scene, learnt since its first sample."""

    def __init__(self, time_s: float, thumbnail: Floats) -> None:
        self.begun_s = time_s
        self.newest_s = time_s
        self._samples = 0
        self._thumbnail = thumbnail
        self._mixture = cv2.createBackgroundSubtractorMOG2(detectShadows=False)
        self._brightness: Floats | None = None
        self._recent: deque[tuple[float, Grey]] = deque(maxlen=_RECENT)

    def is_warm(self, time_s: float) -> bool:
        """Whether its foreground means anything yet."""
        return self._samples >= WARM_UP_SAMPLES and time_s - self.begun_s >= WARM_UP_S

    def fit(self, thumbnail: Floats) -> Fit | None:
        """How a picture lies on it; None when most of it has changed in another way than by light and shake."""
        shift, thumbnail = aligned(self._thumbnail, thumbnail)
        apart = thumbnail - self._thumbnail
        gain = float(np.median(apart[::2, ::2]))
        is_other = abs(gain) > _MOST_GAIN or _is_other(_structure(self._thumbnail), _structure(apart))
        return None if is_other else Fit(shift, gain)

    def change(self, time_s: float, levels: Grey, fit: Fit, place: tuple[slice, slice]) -> Change:
        """Where the place in the picture has changed; learns from it unless it is older than the newest seen.

        Args:
            time_s: When it was taken.
            levels: The whole picture, logarithmic, shape `(h, w)`.
            fit: How it lies on this background.
            place: Rows and columns, the same ones each time.
        """
        if fit.shift != (0.0, 0.0):
            levels = moved(levels, fit.shift)
        rate = self._rate(time_s)
        self._thumbnail = self._thumbnail + rate * (thumbnail_of(levels) - self._thumbnail)
        crop = cv2.blur(cv2.medianBlur(np.ascontiguousarray(levels[place]), 3), (3, 3))
        structure = cv2.addWeighted(crop, 1.0, cv2.blur(crop, _SURROUNDINGS), -1.0, _MIDDLE)
        edges = cv2.morphologyEx(self._mixture.apply(structure, learningRate=rate), cv2.MORPH_OPEN, _OPEN)
        moves = _above(cv2.absdiff(structure, self._past(time_s, structure)), _MOVED_LEVELS)
        known = self._known(crop, rate)
        body = _body(edges, crop, known + fit.gain)
        return Change(edges, body, cv2.morphologyEx(moves, cv2.MORPH_OPEN, _OPEN), crop, known)

    def _past(self, time_s: float, structure: Grey) -> Grey:
        """The structure of about a second ago; while there is none, the oldest. Keeps the one of now."""
        older = [kept for kept_s, kept in self._recent if kept_s <= time_s - _AGO_S]
        past = older[-1] if older else self._recent[0][1] if self._recent else structure
        self._recent.append((time_s, structure))
        return past

    def _known(self, now: Grey, rate: float) -> Floats:
        """The brightness as it was known before, of which this one becomes a part."""
        known = now.astype(np.float32) if self._brightness is None else self._brightness
        self._brightness = known + np.float32(rate) * (now - known)
        return known

    def _rate(self, time_s: float) -> float:
        elapsed_s = time_s - self.newest_s
        if -_JUMP_BACK_S < elapsed_s < 0:
            return 0.0
        if elapsed_s < 0:
            self.begun_s, elapsed_s = time_s, 0.0
        self.newest_s = time_s
        self._samples += 1
        young = 1 / self._samples if self._samples <= WARM_UP_SAMPLES else 0.0
        return max(young, 1 - exp(-min(elapsed_s, _LONGEST_STEP_S) / _LEARNING_S))


def _body(edges: Grey, now: Grey, known: Floats) -> Grey:
    """255 where, within edges, the brightness is another one."""
    other = _above(cv2.absdiff(now.astype(np.float32), known), _BODY_LEVELS)
    return np.asarray(cv2.bitwise_and(cv2.morphologyEx(edges, cv2.MORPH_CLOSE, _RIM), other), np.uint8)


def _structure(thumbnail: Floats) -> Floats:
    return np.asarray(thumbnail - cv2.blur(thumbnail, _SURROUNDINGS), np.float32)


def _is_other(structure: Floats, difference: Floats) -> bool:
    changed = float(np.count_nonzero(np.abs(difference) > _CHANGED_LEVELS)) / difference.size
    ratio = float(np.vdot(difference, difference)) / max(float(np.vdot(structure, structure)), 1.0)
    return bool(changed > _CHANGED_SHARE or (changed > _OTHER_SHARE and ratio > _OTHER_RATIO))


def _above(levels: NDArray[np.generic], bound: float) -> Grey:
    return np.asarray(cv2.compare(levels, bound, cv2.CMP_GT), np.uint8)
