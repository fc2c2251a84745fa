"""What an event shows at a moment: a vehicle, or a queue of them; and how good a picture that is."""

from dataclasses import dataclass

from gtvision.domain.geometry import Box
from gtvision.domain.kinds import Kind
from gtvision.pipeline.track import Track

_BORDER = 0.005
_CUT_WORTH = 0.4


@dataclass(frozen=True, slots=True)
class Sight:
    """What an event shows at a moment.

    Attributes:
        number: The vehicle's.
        kind: What it is.
        score: Of the detection.
        time_s: When.
        box: Around it.
    """

    number: int
    kind: Kind
    score: float
    time_s: float
    box: Box

    @classmethod
    def of(cls, track: Track) -> "Sight":
        """The vehicle as it was last seen."""
        return cls(track.number, track.kind, track.score, track.seen_s, track.box)

    @property
    def merit(self) -> float:
        """How good a picture it is."""
        return merit(self.box, self.score)


def merit(box: Box, score: float) -> float:
    """How good a picture of the vehicle is: score times visible size, less when the picture's edge cuts it."""
    x1, y1, x2, y2 = box
    is_cut = min(x1, y1, 1 - x2, 1 - y2) < _BORDER
    return float(score * ((x2 - x1) * (y2 - y1)) ** 0.5 * (_CUT_WORTH if is_cut else 1.0))
