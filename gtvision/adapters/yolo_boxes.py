"""From a picture to a YOLO model's input, and from its output to detections; the same for every runtime.

Source: Ultralytics 8.4 `LetterBox`, `non_max_suppression` and `scale_boxes`, whose boxes these agree with.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.domain.detections import Detections
from gtvision.domain.errors import BadWeights
from gtvision.domain.kinds import Kind

WEIGHTS_FIELD = "detector.weights"
DETECTOR_TASKS = ("detect", "segment")

_KINDS = {
    Kind.PERSON: ("person", "pedestrian", "people"),
    Kind.BICYCLE: ("bicycle", "bike", "cyclist"),
    Kind.MOTORCYCLE: ("motorcycle", "motorbike", "motor", "scooter"),
    Kind.CAR: ("car", "van", "suv", "pickup", "taxi"),
    Kind.BUS: ("bus", "minibus", "coach"),
    Kind.TRUCK: ("truck", "lorry", "trailer"),
}
_KIND_OF_NAME = {name: kind for kind, names in _KINDS.items() for name in names}
# A box is suppressed by a better one of the same rival group: a car is often seen as a truck too.
_RIVALS = np.array([0, 1, 1, 2, 2, 2], np.int32)
_NOTHING = -1
_GREY = (114, 114, 114)
_RIVAL_IOU = 0.7
_CANDIDATES_AT_MOST = 1000
_DETECTIONS_AT_MOST = 300
_suppress: Any = cv2.dnn.NMSBoxesBatched  # its stubs know lists only, which would have to be made first


def kinds_of(names: Mapping[int, str]) -> NDArray[np.int16]:
    """The kind of each class of a model, by its name; -1 for what is no road user.

    Returns:
        Shape `(classes,)`, int16.

    Raises:
        BadWeights: The model knows no road user.
    """
    kinds = [_KIND_OF_NAME.get(names[index].strip().lower(), _NOTHING) for index in sorted(names)]
    if all(kind == _NOTHING for kind in kinds):
        known = ", ".join(list(names.values())[:5])
        raise BadWeights(
            f"the model knows no road user, only {known or 'nothing'}; use weights with classes such as 'car'",
            WEIGHTS_FIELD,
        )
    return np.array(kinds, np.int16)


@dataclass(frozen=True, slots=True)
class Letterbox:
    """How a picture lies inside the model's input: scaled, centred, with grey edges.

    Attributes:
        size: Height and width of the input.
        inner: Height and width of the scaled picture in it.
        top: Rows of grey above.
        left: Columns of grey to the left.
    """

    size: tuple[int, int]
    inner: tuple[int, int]
    top: int
    left: int

    @classmethod
    def fit(cls, picture: tuple[int, int], size: tuple[int, int]) -> "Letterbox":
        """The letterbox of a picture of that height and width in an input of that height and width."""
        scale = min(size[0] / picture[0], size[1] / picture[1])
        inner = (max(round(picture[0] * scale), 1), max(round(picture[1] * scale), 1))
        top, left = (round((outer - part) / 2 - 0.1) for outer, part in zip(size, inner, strict=True))
        return cls(size, inner, top, left)

    def apply(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The input, shape `(*size, 3)`, uint8, channels as they were."""
        height, width = self.inner
        if picture.shape[:2] != self.inner:
            picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)
        bottom, right = self.size[0] - height - self.top, self.size[1] - width - self.left
        edges = (self.top, bottom, self.left, right)
        boxed: NDArray[np.uint8] = (
            cv2.copyMakeBorder(picture, *edges, cv2.BORDER_CONSTANT, value=_GREY) if any(edges) else picture
        )
        return boxed

    def relative(self, xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes of the input as shares of the picture, shape `(n, 4)`, clipped to [0, 1]."""
        offset = np.array([self.left, self.top] * 2, np.float32)
        scale = np.array([self.inner[1], self.inner[0]] * 2, np.float32)
        shares: NDArray[np.float32] = np.clip((xyxy - offset) / scale, 0, 1)
        return shares


def smallest_input(picture: tuple[int, int], side: int, stride: int) -> tuple[int, int]:
    """Height and width of the smallest input, in steps of the stride, that holds the picture scaled to `side`."""
    scale = side / max(picture)
    height, width = (-(-max(round(edge * scale), 1) // stride) * stride for edge in picture)
    return height, width


@dataclass(frozen=True, slots=True, eq=False)
class Decoder:
    """Turns a model's raw output into detections.

    Attributes:
        kinds: From `kinds_of`.
        min_score: Detections below it are left out, in [0, 1].
    """

    kinds: NDArray[np.int16]
    min_score: float

    def detections(self, raw: NDArray[np.float32], letterbox: Letterbox) -> Detections:
        """What one picture's output says.

        Args:
            raw: Shape `(4 + classes + more, boxes)`: centre, size, a score a class; or of a model that suppresses
                rivals by itself `(boxes, 6)`: corners, score, class. In pixels of the input.
            letterbox: How the picture lay in the input.
        """
        xyxy, score, kind = self._corners(raw) if raw.shape[1] == 6 else self._candidates(raw)
        if not len(score):
            return Detections.none()
        kept = _best_of_rivals(xyxy, score, kind)
        return Detections(letterbox.relative(xyxy[kept]), np.minimum(score[kept], 1), kind[kept])

    def _candidates(
        self, raw: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int16]]:
        scores = raw[4 : 4 + len(self.kinds)]
        likely = np.flatnonzero(scores.max(axis=0) > self.min_score)
        scores, boxes = scores[:, likely], raw[:4, likely].T
        classes = scores.argmax(axis=0)
        kind, score = self.kinds[classes], scores[classes, np.arange(len(classes))]
        wanted = kind != _NOTHING
        half = boxes[wanted, 2:] / 2
        centre = boxes[wanted, :2]
        return np.hstack([centre - half, centre + half]), score[wanted], kind[wanted]

    def _corners(self, raw: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int16]]:
        kind = self.kinds[raw[:, 5].astype(np.intp)]
        wanted = (raw[:, 4] > self.min_score) & (kind != _NOTHING)
        return raw[wanted, :4], raw[wanted, 4], kind[wanted]


def _best_of_rivals(xyxy: NDArray[np.float32], score: NDArray[np.float32], kind: NDArray[np.int16]) -> NDArray[np.intp]:
    order = np.argsort(-score, kind="stable")[:_CANDIDATES_AT_MOST]
    xywh = np.hstack([xyxy[order, :2], xyxy[order, 2:] - xyxy[order, :2]])
    kept = _suppress(xywh, score[order], _RIVALS[kind[order]], 0.0, _RIVAL_IOU)
    return order[np.sort(np.asarray(kept, np.intp))][:_DETECTIONS_AT_MOST]
