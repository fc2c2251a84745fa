"""Which snapshots are blurred before they are encoded, and by what was found in them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.detections import Detections
from gtvision.domain.event import Event
from gtvision.domain.geometry import Box
from gtvision.domain.privacy import Blurred
from gtvision.pipeline.blur import blurred

FoundAt = Callable[[float], Detections | None]


class Blurring:
    """Blurs the pictures of one camera's events.

    Args:
        what: What nobody shall recognise in them.
        found_at: What was found in the sample of that time, None when nobody knows any more.
    """

    def __init__(self, what: frozenset[Blurred], found_at: FoundAt) -> None:
        self._what = what
        self._found_at = found_at

    def spared(self, event: Event) -> Box | None:
        """What of a picture is spared for this event; None when the picture is the same for all of its events."""
        return event.best_box if Blurred.PLATES in self._what else None

    def of(self, event: Event, bgr: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
        """The event's best picture as it may be stored; None when what is in it is not known: better none at all."""
        if not self._what:
            return bgr
        found = self._found_at(event.best_s)
        return None if found is None else blurred(bgr, found, event.best_box, self._what)
