"""What a line of text says: PP-OCR's recogniser in OpenVINO, held to the characters of plates.

The model knows 18,709 characters. Those of plates compete among themselves: a small letter counts for its capital, an l
for the bar that it looks like, and punctuation of all sorts for a separator.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.adapters.text_finder import MODELS, compiled
from gtvision.domain.plate import ALPHABET

SEPARATOR = "-"
HEIGHT = 48
_WEIGHTS = MODELS / "PP-OCRv6_rec_small.onnx"
_PUNCTUATION = " -.·•:,'_–—|*/~°;!"
_LEAST_WIDTH, _STEP = 96, 32
_GREY = 127  # what PP-OCR fills up with
_BAR = "l"


@dataclass(frozen=True, slots=True)
class Text:
    """What was read.

    Attributes:
        text: Characters of `ALPHABET` and `SEPARATOR`.
        scores: Confidence of each, in [0, 1].
    """

    text: str
    scores: tuple[float, ...]


class TextRecogniser:
    """PP-OCR's recogniser; used by one thread."""

    def __init__(self, core: Any, threads: int) -> None:
        """Compiles the model. `core` is OpenVINO's, `threads` the CPU cores to compute on."""
        model = compiled(core, _WEIGHTS, threads)
        self._model = model.create_infer_request()
        known = core.read_model(_WEIGHTS).get_rt_info()["framework"]["character"].value.splitlines()
        self._columns = _columns({char: index + 1 for index, char in enumerate([*known, " "])})

    def read(self, line: NDArray[np.uint8]) -> Text:
        """The text of a picture that shows one upright line of it, shape `(h, w, 3)`, BGR."""
        width = max(1, round(HEIGHT * line.shape[1] / line.shape[0]))
        way = cv2.INTER_AREA if line.shape[0] > HEIGHT else cv2.INTER_CUBIC
        padded = -(-max(width, _LEAST_WIDTH) // _STEP) * _STEP
        picture = np.full((1, HEIGHT, padded, 3), _GREY, np.uint8)
        picture[0, :, :width] = cv2.resize(line, (width, HEIGHT), interpolation=way)
        odds = self._model.infer({0: picture})[0][0]
        return _decoded(np.stack([odds[:, columns].sum(axis=1) for columns in self._columns], axis=1))


def _columns(index: dict[str, int]) -> list[list[int]]:
    """The model's columns that count for nothing, for each character of `ALPHABET`, and for a separator."""
    spellings = {char: {char, char.lower()} - {_BAR} for char in ALPHABET} | {"I": {"I", "i", _BAR}}
    alphabet = [[index[char] for char in spellings[letter]] for letter in ALPHABET]
    return [[0], *alphabet, [index[char] for char in _PUNCTUATION if char in index]]


def _decoded(odds: NDArray[np.float32]) -> Text:
    """CTC: the likeliest of each step, repetitions and blanks dropped. `odds` has a column for each choice."""
    chars = "\0" + ALPHABET + SEPARATOR
    best = odds.argmax(axis=1)
    text, scores, before = "", list[float](), 0
    for step, choice in enumerate(best):
        score = min(1.0, float(odds[step, choice]))
        if choice and choice != before:
            text += chars[choice]
            scores.append(score)
        elif choice:
            scores[-1] = max(scores[-1], score)
        before = choice
    return Text(text, tuple(scores))
