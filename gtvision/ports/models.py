"""What looks at pictures: the detector and the plate reader."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.detections import Detections
from gtvision.domain.plate import Reading
from gtvision.domain.stream import PlatePicture, Sample


class Detector(Protocol):
    """Finds road users in a sample."""

    def detect(self, sample: Sample) -> Detections:
        """What is in the picture. Raises `DetectorBusy` when no replica answered in time, else `NotAPicture`."""
        ...


@dataclass(frozen=True, slots=True)
class DetectorInfo:
    """What finds road users in this system.

    Attributes:
        weights: Their name.
        is_simulated: Whether they know simulated traffic only, and are of no use with real cameras.
    """

    weights: str
    is_simulated: bool


class PictureDetector(Protocol):
    """A loaded model; used by one thread."""

    @property
    def name(self) -> str:
        """Which weights these are."""
        ...

    def detect(self, pictures: Iterable[NDArray[np.uint8]]) -> list[Detections]:
        """One result a picture, each of shape `(h, w, 3)`, BGR, any size; a lazy iterable is decoded on the way."""
        ...


class PlateReader(Protocol):
    """A loaded engine that reads plates; used by one thread."""

    @property
    def name(self) -> str:
        """Which engine it is."""
        ...

    def read(self, pictures: Iterable[NDArray[np.uint8]]) -> list[tuple[Reading, ...]]:
        """The plates in each picture, the best first, none where nothing looks like one.

        Each picture is of shape `(h, w, 3)`, BGR, any size: a vehicle, or a whole frame.
        """
        ...


class PlateDesk(Protocol):
    """Where pictures are handed in and their plates come back."""

    def read(self, picture: PlatePicture) -> tuple[Reading, ...]:
        """The plates in the picture, the best first, none where nothing looks like one.

        Each reading's box is relative to the picture handed in. Safe to call from several threads; each waits for its
        answer. Raises `PlateReaderBusy` when no replica answered in time, else `NotAPicture`.
        """
        ...
