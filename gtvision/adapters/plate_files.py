"""A plate reader for encoded pictures; used by one thread."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from gtvision.adapters.picture_file import read_picture
from gtvision.domain.errors import NotAPicture
from gtvision.domain.plate import Reading
from gtvision.domain.stream import PlatePicture
from gtvision.ports import PlateReader


class PlateFiles:
    """The `PlateDesk` of one process, without Ray."""

    def __init__(self, reader: PlateReader) -> None:
        """Uses that reader from the caller's thread."""
        self._reader = reader

    def read(self, picture: PlatePicture) -> tuple[Reading, ...]:
        """The plates in the picture, the best first. Raises `NotAPicture`."""
        found = self.read_all([picture])[0]
        if isinstance(found, NotAPicture):
            raise found
        return found

    def read_all(self, pictures: Sequence[PlatePicture]) -> list[tuple[Reading, ...] | NotAPicture]:
        """One result a picture; bytes that are no picture cost the others nothing."""
        bad: dict[int, NotAPicture] = {}
        found = iter(self._reader.read(_decoded(pictures, bad)))
        return [bad[index] if index in bad else next(found) for index in range(len(pictures))]


def _decoded(pictures: Sequence[PlatePicture], bad: dict[int, NotAPicture]) -> Iterator[NDArray[np.uint8]]:
    for index, picture in enumerate(pictures):
        try:
            yield read_picture(picture.jpeg)
        except NotAPicture as exc:
            bad[index] = exc
