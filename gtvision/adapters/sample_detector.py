"""A model that looks at samples: their JPEG is decoded while the model computes the one before."""

from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.adapters.picture_file import check_picture
from gtvision.domain.detections import Detections
from gtvision.domain.errors import NotAPicture
from gtvision.domain.stream import Sample
from gtvision.ports import PictureDetector


class SampleDetector:
    """The `Detector` of one process, without Ray."""

    def __init__(self, model: PictureDetector) -> None:
        """Uses that model from the caller's thread."""
        self._model = model

    def detect(self, sample: Sample) -> Detections:
        """What is in the picture. Raises `NotAPicture`."""
        found = self.detect_all([sample])[0]
        if isinstance(found, NotAPicture):
            raise found
        return found

    def detect_all(self, samples: Sequence[Sample]) -> list[Detections | NotAPicture]:
        """One result a sample; bytes that are no picture cost the others nothing."""
        bad: dict[int, NotAPicture] = {}
        found = iter(self._model.detect(_decoded(samples, bad)))
        return [bad[index] if index in bad else next(found) for index in range(len(samples))]


def _decoded(samples: Sequence[Sample], bad: dict[int, NotAPicture]) -> Iterator[NDArray[np.uint8]]:
    for index, sample in enumerate(samples):
        try:
            yield decode_picture(sample.jpeg)
        except NotAPicture as exc:
            bad[index] = exc


def decode_picture(encoded: bytes) -> NDArray[np.uint8]:
    """The picture of a JPEG, PNG or other image file, shape `(h, w, 3)`, BGR. Raises `NotAPicture`."""
    check_picture(encoded)
    try:
        picture: Any = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # damaged behind its header
        picture = None
    if picture is None:
        raise NotAPicture(f"{len(encoded)} bytes do not decode as an image")
    decoded: NDArray[np.uint8] = picture
    return decoded
