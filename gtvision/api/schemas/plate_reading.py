"""The plates in a picture that somebody sent, as they go out."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from gtvision.api.schemas.common import Answer
from gtvision.domain.plate import Reading
from gtvision.pipeline.plate_format import plate_of


class ReadPlate(Answer):
    """One plate."""

    text: str = Field(description="Of A-Z and 0-9, look-alikes set right where the format says which it is.")
    score: float = Field(description="How sure the least certain character is, 0 to 1.")
    format: Literal["mercosul", "old", "other"] = Field(description="AAA9A99, AAA9999; anything else.")
    box: tuple[float, float, float, float] = Field(description="Corners x1, y1, x2, y2 in 0-1 of the upright picture.")

    @classmethod
    def of(cls, reading: Reading) -> "ReadPlate":
        """What that reading most likely means."""
        plate = plate_of(reading)
        x1, y1, x2, y2 = (round(edge, 4) for edge in reading.box)
        return cls(text=plate.text, score=round(plate.score, 3), format=plate.format.value, box=(x1, y1, x2, y2))


class ReadPlates(Answer):
    """All plates of one picture."""

    plates: tuple[ReadPlate, ...] = Field(description="The best first, empty when there is none.")
    ms: int = Field(description="Milliseconds that it took.")

    @classmethod
    def of(cls, readings: Sequence[Reading], took_s: float) -> "ReadPlates":
        """The readings, to be shown."""
        return cls(plates=tuple(map(ReadPlate.of, readings)), ms=round(1000 * took_s))
