"""Whether a vehicle is inside an area, whatever its box does at the border."""

from dataclasses import dataclass

from gtvision.domain.geometry import Point
from gtvision.domain.places import Zone
from gtvision.pipeline.track import Track
from gtvision.pipeline.zones import depth, size_of

_MARGIN = 0.1  # of the vehicle's size: so far inside or outside is sure
_LEFT_AFTER_S = 1.0
_LONGEST_STEP_S = 2.0  # between two sights further apart nobody knows which way it took
_FAST = 0.5  # of its size in a step: it may have passed through a corner of the area between two sights
_PIECES = 8
_KNOWN_HITS = 3  # what was seen less often may be two things taken for one,
_SPARSE_S = 0.5  # unless looks are so far apart that there may be no third


@dataclass(slots=True)
class Presence:
    """The visit of one vehicle to the union of some zones; no zones are the whole picture.

    A visit begins with a sight surely inside or two in a row inside, dated back to when the path crossed the border. It
    ends when the vehicle was surely outside for a second. In between, the border is no news.

    Attributes:
        zones: The area.
        since_s: When the newest visit began, None before the first.
        until_s: When it was last inside in that visit.
        is_inside: Whether the visit goes on.
    """

    zones: tuple[Zone, ...]
    since_s: float | None = None
    until_s: float = 0.0
    is_inside: bool = False
    _outside_s: float | None = None
    _last: tuple[float, Point, float] | None = None

    def see(self, track: Track, counts: bool) -> None:
        """Follows the path since the last call; sights that do not count can only show that it left."""
        size = size_of(track.box)
        for time_s, point in track.path:
            if self._last is None or time_s > self._last[0]:
                here = (time_s, point, depth(self.zones, point, size))
                if self.is_inside:
                    self._stay(here, counts)
                elif counts:
                    self._arrive(here, size, track.hits >= _KNOWN_HITS)
                self._last = here

    def resume(self, since_s: float, until_s: float, *, is_inside: bool = True) -> None:
        """Goes on with a visit that was under way when the camera stopped."""
        self.since_s, self.until_s, self.is_inside = since_s, until_s, is_inside

    def _stay(self, here: tuple[float, Point, float], counts: bool) -> None:
        time_s, _, deep = here
        if deep > -_MARGIN:
            self._outside_s = None
            if counts:
                self.until_s = time_s
            return
        if self._outside_s is None:
            self._outside_s = time_s
        self.is_inside = time_s - self._outside_s < _LEFT_AFTER_S

    def _arrive(self, here: tuple[float, Point, float], size: Point, is_known: bool) -> None:
        time_s, _, deep = here
        last = self._last
        if deep > _MARGIN or (deep > 0 and last is not None and last[2] > 0):
            since_s = self._through(last, here, size)
            self._begin(time_s if since_s is None else since_s, time_s)
        elif (
            last is not None and (is_known or time_s - last[0] >= _SPARSE_S) and self._may_have_passed(last, here, size)
        ):
            since_s = self._through(last, here, size, _MARGIN)
            if since_s is not None:
                self._begin(since_s, since_s)
                self._outside_s = time_s

    def _begin(self, since_s: float, until_s: float) -> None:
        self.since_s, self.until_s, self.is_inside, self._outside_s = since_s, until_s, True, None

    def _may_have_passed(self, last: tuple[float, Point, float], here: tuple[float, Point, float], size: Point) -> bool:
        step = max(abs(here[1][0] - last[1][0]) / size[0], abs(here[1][1] - last[1][1]) / size[1])
        return step > _FAST and here[2] < 0 and -last[2] < 2 * step and -here[2] < 2 * step

    def _through(
        self, last: tuple[float, Point, float] | None, here: tuple[float, Point, float], size: Point, deep: float = 0.0
    ) -> float | None:
        """When the straight way from one sight to the next first is so deep inside; None when it is not, or nobody
        knows."""
        if last is None or here[0] - last[0] > _LONGEST_STEP_S:
            return None
        if last[2] > 0:
            return last[0]
        for piece in range(1, _PIECES + 1):
            share = piece / _PIECES
            point = tuple(a + share * (b - a) for a, b in zip(last[1], here[1], strict=True))
            if depth(self.zones, (point[0], point[1]), size) > deep:
                return last[0] + share * (here[0] - last[0])
        return None
