"""Plates read by PP-OCR, whose weights lie in RapidOCR's wheel: nothing is downloaded.

Text is looked for in the whole picture, each line is cut out upright and read, and the lines that may be a plate are
told from the others by where they stand and what they say. What is not read for sure is looked at again: with more
room around the lines, because the finder cuts off a first or last character now and then, and at another scale.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from gtvision.adapters.text_finder import TextBox, TextFinder
from gtvision.adapters.text_lines import Level, box_around, cut_out, sharpness
from gtvision.adapters.text_recogniser import HEIGHT, TextRecogniser
from gtvision.domain.geometry import Box, boxes_overlap, is_middle_in
from gtvision.domain.plate import Reading
from gtvision.pipeline.plate_format import is_brazilian, plate_of
from gtvision.pipeline.plate_rows import TextRow, readings

_LEAST_SIDE = 16
_LINES = 40  # a picture with more is a page of a book
_SCALE, _FINER_SCALE, _FRAME_SCALE = 640, 960, 1280
_MARGINS = ((0.0, 0.0), (0.4, 0.1))
_SURE, _DOUBTFUL = 0.9, 0.5
_TALLEST, _FLATTEST = 0.8, 12.0  # width by height of a line of a plate
_WARM_UP = (360, 640, 3)


class RapidOcrPlates:
    """Implements `PlateReader`."""

    name = "rapidocr"

    def __init__(self, *, threads: int) -> None:
        """Compiles the models and reads once. `threads` are the CPU cores to compute on."""
        core = ov.Core()
        self._finder = TextFinder(core, threads)
        self._recogniser = TextRecogniser(core, threads)
        self._plates(np.full(_WARM_UP, 127, np.uint8))

    def read(self, pictures: Iterable[NDArray[np.uint8]]) -> list[tuple[Reading, ...]]:
        """The plates in each picture, each of shape `(h, w, 3)`, BGR, any size; the best first."""
        return [self._plates(picture) for picture in pictures]

    def _plates(self, picture: NDArray[np.uint8]) -> tuple[Reading, ...]:
        if min(picture.shape[:2]) < _LEAST_SIDE:
            return ()
        is_frame = max(picture.shape[:2]) >= _FRAME_SCALE
        found: tuple[Reading, ...] = ()
        for scale in (_SCALE, _FRAME_SCALE if is_frame else _FINER_SCALE):
            if is_frame or not _is_sure(found):
                found = _merged(found, self._at_scale(picture, scale))
        return found

    def _at_scale(self, picture: NDArray[np.uint8], scale: int) -> tuple[Reading, ...]:
        lines = [line for line in self._finder.find(picture, scale) if _may_be_of_a_plate(line)][:_LINES]
        found: tuple[Reading, ...] = ()
        for margin in _MARGINS if lines else ():
            if not _is_sure(found):
                found = _merged(found, self._readings(picture, lines, margin))
        return found

    def _readings(
        self, picture: NDArray[np.uint8], lines: Sequence[TextBox], margin: tuple[float, float]
    ) -> tuple[Reading, ...]:
        size = (picture.shape[0], picture.shape[1])
        level = Level.of(size, lines)
        cuts = [cut_out(picture, line, margin, HEIGHT) for line in lines]
        boxes = [level.box(line) for line in lines]
        texts = [self._recogniser.read(cut) for cut in cuts]
        found = []
        for reading in readings([TextRow(said.text, said.scores, box) for said, box in zip(texts, boxes, strict=True)]):
            own = [index for index, box in enumerate(boxes) if is_middle_in(box, reading.box)]
            sharp = float(np.mean([sharpness(cuts[index], HEIGHT) for index in own]))
            found.append(replace(reading, box=box_around([lines[index] for index in own], size), sharpness=sharp))
        return tuple(found)


def _may_be_of_a_plate(line: TextBox) -> bool:
    return _TALLEST < line.width / max(line.height, 1.0) < _FLATTEST


def _is_sure(found: Sequence[Reading]) -> bool:
    """Whether there are plates, and all are read for sure."""
    return bool(found) and is_brazilian(found[0]) and plate_of(found[0]).score >= _SURE


def _merged(found: Sequence[Reading], more: Sequence[Reading]) -> tuple[Reading, ...]:
    """The best reading of each place, the best first."""
    kept: list[Reading] = []
    for reading in sorted((*found, *more), key=_rank):
        if not any(boxes_overlap(reading.box, other.box) for other in kept):
            kept.append(reading)
    return tuple(kept)


def _rank(reading: Reading) -> tuple[bool, bool, float]:
    """Brazilian plates before others; of those that are read well the largest, which is the vehicle's own."""
    is_doubtful = plate_of(reading).score < _DOUBTFUL
    return not is_brazilian(reading), is_doubtful, -_area(reading.box)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
