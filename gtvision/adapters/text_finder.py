"""Where lines of text are in a picture: PP-OCR's detector in OpenVINO.

The weights lie in RapidOCR's wheel, whose own step from the model's map of text to boxes is used as it is.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import openvino as ov
import rapidocr
from numpy.typing import NDArray
from openvino.preprocess import PrePostProcessor
from rapidocr.ch_ppocr_det.utils import DBPostProcess

MODELS = Path(rapidocr.__file__).parent / "models"
_WEIGHTS = MODELS / "PP-OCRv6_det_small.onnx"
_GREY, _SPREAD = [127.5], [127.5]
_STEP = 32  # the model's own; sizes are its multiples
_LEAST_TEXT = 0.3
_LEAST_BOX = 0.5
_UNCLIP = 1.6


@dataclass(frozen=True, slots=True, eq=False)
class TextBox:
    """A line of text.

    Attributes:
        corners: Pixels of the picture, upper left first, clockwise along the text, shape `(4, 2)`, float32.
        score: How sure that is, in [0, 1].
    """

    corners: NDArray[np.float32]
    score: float

    @property
    def width(self) -> float:
        """Length along the text, pixels."""
        return float(np.linalg.norm(self.corners[1] - self.corners[0]))

    @property
    def height(self) -> float:
        """Across the text, pixels."""
        return float(np.linalg.norm(self.corners[3] - self.corners[0]))

    @property
    def angle(self) -> float:
        """How far it runs downhill, in radians."""
        along = self.corners[1] - self.corners[0]
        return math.atan2(float(along[1]), float(along[0]))


class TextFinder:
    """PP-OCR's detector; used by one thread."""

    def __init__(self, core: Any, threads: int) -> None:
        """Compiles the model. `core` is OpenVINO's, `threads` the CPU cores to compute on."""
        self._model = compiled(core, _WEIGHTS, threads).create_infer_request()
        self._boxes = DBPostProcess(_LEAST_TEXT, _LEAST_BOX, unclip_ratio=_UNCLIP, use_dilation=True)

    def find(self, picture: NDArray[np.uint8], long_side: int) -> list[TextBox]:
        """The lines of text, in no order.

        Args:
            picture: Shape `(h, w, 3)`, BGR.
            long_side: Pixels to which its longer side is scaled for the model. Text of 10 to 60 pixels is found best.
        """
        height, width = picture.shape[:2]
        scale = long_side / max(height, width)
        size = [max(_STEP, round(edge * scale / _STEP) * _STEP) for edge in (width, height)]
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        text = self._model.infer({0: cv2.resize(picture, size, interpolation=way)[None]})[0]
        found, scores = self._boxes(text, (height, width))
        return [TextBox(corners.astype(np.float32), float(score)) for corners, score in zip(found, scores, strict=True)]


def compiled(core: Any, weights: Path, threads: int) -> Any:
    """The model, taking uint8 BGR pictures of any size; what PP-OCR does to them first becomes part of it."""
    steps = PrePostProcessor(core.read_model(weights))
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    steps.input().model().set_layout(ov.Layout("NCHW"))
    steps.input().preprocess().convert_element_type(ov.Type.f32).mean(_GREY * 3).scale(_SPREAD * 3)
    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads}
    return core.compile_model(steps.build(), "CPU", settings)
