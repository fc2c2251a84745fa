"""What the last minutes of one camera looked like to the gate and to the detector.

Kept in memory and bounded twice, by time and by count; a full log of 3000 samples with five detections each takes
about 2 MB. The times are those of the pictures; when they run back by more than a late picture does, the log begins
anew.
"""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.detections import Detections
from gtvision.pipeline.look import Look

KEPT_S = 600.0
MOST_SAMPLES = 3000
MOST_DETECTIONS = 100
"""Of one sample, the best ones."""
_STEPPED_BACK_S = 10.0
_COLUMNS = 6  # four corners, score, kind


@dataclass(frozen=True, slots=True, eq=False)
class LoggedSample:
    """One sample, what the gate said of it, and what the detector found in it.

    Attributes:
        time_s: When it was taken.
        look: The verdict.
        is_burst: Whether the camera sampled densely then.
        found: A row a detection: corners, score and kind, shape `(n, 6)`, float32; None without an answer.
    """

    time_s: float
    look: Look
    is_burst: bool = False
    found: NDArray[np.float32] | None = None

    @property
    def detections(self) -> Detections | None:
        """What the detector found, None when it was not asked or had no answer."""
        if self.found is None:
            return None
        return Detections(self.found[:, :4], self.found[:, 4], self.found[:, 5].astype(np.int16))


class SampleLog:
    """The log of one camera; one thread at a time."""

    def __init__(self) -> None:
        self._samples: deque[LoggedSample] = deque()
        self._reasons: Counter[str] = Counter()
        self.cut = 0
        """Samples that had to go before their time because the log was full."""

    @property
    def reasons(self) -> Mapping[str, int]:
        """How many samples there were for each reason, since the beginning."""
        return dict(self._reasons)

    def add(self, time_s: float, look: Look, *, is_burst: bool) -> None:
        """A sample that was looked at."""
        self._reasons[look.reason] += 1
        samples = self._samples
        if samples and time_s < samples[-1].time_s - _STEPPED_BACK_S:
            samples.clear()
        samples.append(LoggedSample(time_s, look, is_burst))
        while samples[0].time_s < time_s - KEPT_S:
            samples.popleft()
        if len(samples) > MOST_SAMPLES:
            samples.popleft()
            self.cut += 1

    def answer(self, time_s: float, detections: Detections) -> None:
        """The detector's answer for the sample of that time; when it has gone from the log, nothing happens."""
        place = self._place_of(time_s)
        if place is not None:
            self._samples[place] = replace(self._samples[place], found=_packed(detections))

    def found_at(self, time_s: float) -> Detections | None:
        """What the detector found in the sample of that time; None when it has gone, or had no answer."""
        place = self._place_of(time_s)
        return None if place is None else self._samples[place].detections

    def since(self, after_s: float, limit: int) -> list[LoggedSample]:
        """The first samples after that time, in order; times count in whole milliseconds."""
        later = (sample for sample in self._samples if round(sample.time_s, 3) > round(after_s, 3))
        return sorted(later, key=_time)[:limit]

    def _place_of(self, time_s: float) -> int | None:
        for place in range(len(self._samples) - 1, -1, -1):
            if self._samples[place].time_s == time_s:
                return place
            if self._samples[place].time_s < time_s - _STEPPED_BACK_S:
                return None
        return None


def _time(sample: LoggedSample) -> float:
    return sample.time_s


def _packed(detections: Detections) -> NDArray[np.float32]:
    packed = np.empty((min(len(detections), MOST_DETECTIONS), _COLUMNS), np.float32)
    packed[:, :4] = detections.xyxy[:MOST_DETECTIONS]
    packed[:, 4] = detections.score[:MOST_DETECTIONS]
    packed[:, 5] = detections.kind[:MOST_DETECTIONS]
    return packed


def logged(time_s: float, look: Look, *, is_burst: bool, detections: Detections | None) -> LoggedSample:
    """A sample as it would be in a log."""
    return LoggedSample(time_s, look, is_burst, None if detections is None else _packed(detections))
