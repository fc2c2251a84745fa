"""Makes people and plates in a picture unrecognisable, for good.

What must not be recognised is replaced by the mean colours of very few cells: a person by two across and six down, so
that a face is within one; the part of a vehicle where plates are by two across, each wider than a plate. Nothing that
is smaller than a cell is left, so nothing can be brought back as it can from a soft blur or from small cells.

No plate is looked for: each vehicle loses the lower part of its box. A person in front of the event's own vehicle is
blurred with what it covers of it.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.domain.detections import Detections
from gtvision.domain.geometry import Box, iou
from gtvision.domain.kinds import Kind
from gtvision.domain.privacy import Blurred

_MARGIN = 0.1
_PERSON_CELLS = (2, 6)
_PLATE_CELLS = (2, 2)
_PLATES_BELOW = {Kind.MOTORCYCLE: 0.25, Kind.CAR: 0.35, Kind.BUS: 0.35, Kind.TRUCK: 0.35}
"""Share of a box's height below which its plates are. On 55 photographs of cars their upper edge is 0.42 to 0.84."""
_SURELY_OWN_IOU = 0.6
_LEAST_OWN_IOU = 0.3

_Area = tuple[Box, tuple[int, int]]


def blurred(bgr: NDArray[np.uint8], found: Detections, own: Box, what: frozenset[Blurred]) -> NDArray[np.uint8]:
    """The picture with that made unrecognisable; the same array when nothing of it was found.

    Args:
        bgr: Shape `(h, w, 3)`, uint8, BGR; it is not changed.
        found: What was found in it.
        own: The event's own vehicle, corners 0-1, whose plate stays.
        what: What nobody shall recognise. A person is blurred even if the event is about it.
    """
    areas: list[_Area] = []
    if Blurred.PLATES in what:
        areas += _plates_of_others(found, own)
    if Blurred.PEOPLE in what:
        areas += _people(found)
    if not areas:
        return bgr
    picture = bgr.copy()
    for box, cells in areas:
        _coarsen(picture, box, cells)
    return picture


def _people(found: Detections) -> Iterator[_Area]:
    for x1, y1, x2, y2 in found.xyxy[found.kind == Kind.PERSON]:
        dx, dy = _MARGIN * (x2 - x1), _MARGIN * (y2 - y1)
        yield (x1 - dx, y1 - dy, x2 + dx, y2 + dy), _PERSON_CELLS


def _plates_of_others(found: Detections, own: Box) -> Iterator[_Area]:
    for (x1, y1, x2, y2), kind, is_own in zip(found.xyxy, found.kind, _are_own(found, own), strict=True):
        below = _PLATES_BELOW.get(Kind(int(kind)))
        if below is not None and not is_own:
            yield (x1, y1 + below * (y2 - y1), x2, y2), _PLATE_CELLS


def _are_own(found: Detections, own: Box) -> NDArray[np.bool_]:
    """Which are the event's own vehicle: the one that fits best, and further boxes around the same one."""
    if not len(found):
        return np.zeros(0, np.bool_)
    share = iou(found.xyxy, np.asarray([own], np.float32))[:, 0]
    is_best = (share == share.max()) & (share >= _LEAST_OWN_IOU)
    return np.asarray(is_best | (share >= _SURELY_OWN_IOU), np.bool_)


def _coarsen(picture: NDArray[np.uint8], box: Box, most_cells: tuple[int, int]) -> None:
    """Replaces that part of the picture by square cells of one colour each, at most so many across and down."""
    size = np.asarray((picture.shape[1], picture.shape[0]))
    left, top = np.clip(np.floor(box[:2] * size), 0, size).astype(int)
    right, bottom = np.clip(np.ceil(box[2:] * size), 0, size).astype(int)
    width, height = int(right - left), int(bottom - top)
    if width <= 0 or height <= 0:
        return
    cell = max(width / most_cells[0], height / most_cells[1])
    cells = max(1, round(width / cell)), max(1, round(height / cell))
    means = cv2.resize(picture[top:bottom, left:right], cells, interpolation=cv2.INTER_AREA)
    picture[top:bottom, left:right] = cv2.resize(means, (width, height), interpolation=cv2.INTER_NEAREST)
