"""What the detector found in one picture, as one struct of arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.errors import BadInput


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """What the detector found in one picture, best score first.

    Attributes:
        xyxy: Corners relative to the picture, shape `(n, 4)`, float32, each in [0, 1].
        score: Shape `(n,)`, float32, in [0, 1].
        kind: `Kind` values, shape `(n,)`, int16.
    """

    xyxy: NDArray[np.float32]
    score: NDArray[np.float32]
    kind: NDArray[np.int16]

    def __post_init__(self) -> None:
        n = len(self.score)
        if self.xyxy.shape != (n, 4) or self.score.shape != (n,) or self.kind.shape != (n,):
            raise BadInput(
                f"detections need xyxy (n, 4), score (n,) and kind (n,), "
                f"got {self.xyxy.shape}, {self.score.shape}, {self.kind.shape}"
            )

    def __len__(self) -> int:
        return len(self.score)

    @classmethod
    def none(cls) -> "Detections":
        """An empty result."""
        return cls(np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty(0, np.int16))
