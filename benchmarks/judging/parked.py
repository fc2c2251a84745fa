"""A car that parks, stands while light and weather change and others drive by, and leaves: one `stationary` event."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.event import Event
from gtvision.domain.geometry import iou
from gtvision.ports import PictureDetector
from gtvision.traffic import FrameTruth, Recording, Traffic, Weather
from gtvision.traffic.scenes import quiet_street
from gtvision.traffic.traffic import Moment
from gtvision.traffic.uncoded import Draw
from judging.runs import FPS, Watching, watch
from judging.stand_in import StandIn

_BEFORE_S, _AFTER_S = 15.0, 25.0
"""It needs less to drive in and park; and to drive off."""
_SAME_PLACE_IOU = 0.4
_ID = 1


@dataclass(frozen=True, slots=True)
class Standing:
    """What was told of a parked car.

    Attributes:
        label: Which stretch of the day.
        parked_s: From when to when it was parked.
        stationary: Its `stationary` events.
        surplus: What else was told of it while it stood.
        others: Events of other road users.
        samples: Pictures looked at.
        passed: Those that the detector saw.
    """

    label: str
    parked_s: tuple[float, float]
    stationary: tuple[Event, ...]
    surplus: tuple[Event, ...]
    others: int
    samples: int
    passed: int

    @property
    def events(self) -> int:
        """All that was told of it while it stood: 1 is right."""
        return len(self.stationary) + len(self.surplus)

    @property
    def ends_with_it(self) -> bool:
        """Whether its only event ended when it left, within half a minute, and not before."""
        return len(self.stationary) == 1 and abs((self.stationary[0].end_s or 0.0) - self.parked_s[1]) < 31.0


class _Kerb:
    """The street with the car: frames are drawn when they are decoded, since a quiet street wants one in ten."""

    def __init__(self, traffic: Traffic, seconds: float) -> None:
        self._traffic = traffic
        self._seconds = seconds
        self._shown: dict[int, FrameTruth] = {}
        self.parked_s: list[float] = []
        self.place = np.empty((0, 4))

    def truth_at(self, time_s: float) -> FrameTruth:
        return self._shown[round(time_s * FPS)]

    def drawings(self) -> Iterator[tuple[float, Draw]]:
        for moment in self._traffic.moments(self._seconds):
            if _ID in moment.parked:
                self.parked_s = [*self.parked_s[:1], moment.time_s]
            yield moment.time_s, partial(self._draw, moment)

    def _draw(self, moment: Moment) -> NDArray[np.uint8]:
        picture, truth = moment.draw()
        self._shown[round(moment.time_s * FPS)] = truth
        if _ID in moment.parked and not len(self.place):
            self.place = np.array([next(seen.box for seen in truth.seen if seen.id == _ID)])
        return picture


def stand(label: str, weather: Weather, stands_s: float, seed: int, detector: PictureDetector | None) -> Standing:
    """What is told of a car that stands so long; without a detector by the stand-in that is made from the truth."""
    traffic = Traffic(quiet_street(stands_s), Recording(seed, weather, fps=FPS))
    kerb = _Kerb(traffic, _BEFORE_S + stands_s + _AFTER_S)
    watching = Watching(detector or StandIn(lambda: kerb.truth_at(watching.now_s), seed))
    events, summary = watch(traffic, kerb.drawings(), traffic.camera, watching)
    begin_s, end_s = kerb.parked_s[0], kerb.parked_s[-1]
    its = [event for event in events if begin_s <= event.start_s < end_s and _is_at(event, kerb.place)]
    stationary = tuple(event for event in its if event.trigger_id == "stationary")
    surplus = tuple(event for event in its if event.trigger_id != "stationary")
    others = len(events) - len(its)
    return Standing(label, (begin_s, end_s), stationary, surplus, others, summary.samples, summary.passed)


def _is_at(event: Event, place: NDArray[np.float64]) -> bool:
    return bool(iou(np.array([event.best_box]), place).max() > _SAME_PLACE_IOU)
