"""Who comes when: arrivals by chance, alone or in platoons, the same for the same seed."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf

from numpy.random import Generator, default_rng

from gtvision.domain.kinds import Kind
from gtvision.traffic.routes import Route
from gtvision.traffic.vehicles import Stop, Vehicle, looks_of

CITY_MIX = {Kind.CAR: 0.68, Kind.MOTORCYCLE: 0.17, Kind.BUS: 0.06, Kind.TRUCK: 0.05, Kind.BICYCLE: 0.04}
_HEADWAY_S = 1.7
_PLACE_M = 8.0
_SLOW = {Kind.BICYCLE: 4.5, Kind.PERSON: 1.4, Kind.BUS: 12.5, Kind.TRUCK: 22.0}


@dataclass(frozen=True)
class Flow:
    """Road users that come on one route.

    Attributes:
        route: Where they go.
        per_minute: How many come, platoons counted once.
        speed_mps: How fast they like to go, on the mean.
        mix: Shares of the kinds.
        platoon: The most in a platoon.
        parks: How many in a hundred park at the route's kerb, or at `stops`.
        stops_m: Where one can park along the way.
        park_s: The shortest and the longest stay.
        wrong_way: Whether they drive against the traffic.
    """

    route: Route
    per_minute: float
    speed_mps: float
    mix: dict[Kind, float] = field(default_factory=lambda: CITY_MIX)
    platoon: int = 1
    parks: float = 0.0
    stops_m: tuple[float, ...] = ()
    park_s: tuple[float, float] = (15.0, 40.0)
    wrong_way: bool = False


class Arrivals:
    """The road users of one flow, in the order of coming."""

    def __init__(self, flow: Flow, seed: tuple[int, ...], until_s: float = inf) -> None:
        self._flow = flow
        self._rng: Generator = default_rng(seed)
        self._times = self._draw(until_s)
        self._next_s = next(self._times, inf)
        self._waiting: deque[Vehicle] = deque(maxlen=32)

    def _draw(self, until_s: float) -> Iterator[float]:
        time_s = 0.0
        while True:
            time_s += float(self._rng.exponential(60 / self._flow.per_minute))
            for _ in range(int(self._rng.integers(self._flow.platoon)) + 1):
                if time_s > until_s:
                    return
                yield time_s
                time_s += _HEADWAY_S

    def due(self, time_s: float, vehicles: list[Vehicle], next_id: int) -> Vehicle | None:
        """Who comes now, if anybody, and if there is room at the beginning of the route."""
        while self._next_s <= time_s:
            self._waiting.append(self._vehicle())
            self._next_s = next(self._times, inf)
        if not self._waiting or not self._has_room(self._waiting[0], vehicles):
            return None
        vehicle = self._waiting.popleft()
        vehicle.id = next_id
        return vehicle

    def _has_room(self, coming: Vehicle, vehicles: list[Vehicle]) -> bool:
        if coming.stop is not None and _is_taken(coming.stop, coming.route, vehicles):
            if coming.route.kerb is None:
                return False
            coming.stop = None
        return not any(
            other.route.points[0] == coming.route.points[0]
            and abs(other.left_m - coming.left_m) < 2.2
            and other.way_m - coming.way_m
            < 3
            + (other.looks.shape.length_m + coming.looks.shape.length_m) / 2
            + max(0.0, coming.speed_mps * 1.0 + (coming.speed_mps - other.speed_mps) * 2)
            for other in vehicles
        )

    def _vehicle(self) -> Vehicle:
        flow, rng = self._flow, self._rng
        kinds = list(flow.mix)
        kind = kinds[int(rng.choice(len(kinds), p=[flow.mix[k] / sum(flow.mix.values()) for k in kinds]))]
        looks = looks_of(kind, rng)
        speed = max(1.0, min(_SLOW.get(kind, inf), float(rng.normal(flow.speed_mps, flow.speed_mps * 0.12))))
        lanes = flow.route.lanes
        lane = lanes[int(rng.integers(len(lanes)))]
        if kind is Kind.BICYCLE:
            lane = min(lanes) - 0.9
        vehicle = Vehicle(0, looks, flow.route, speed, lane, flow.wrong_way, speed_mps=speed, left_m=lane)
        if rng.random() * 100 < flow.parks and flow.stops_m and kind in (Kind.CAR, Kind.TRUCK):
            at_m = flow.stops_m[int(rng.integers(len(flow.stops_m)))]
            beside = lane if flow.route.kerb is None else flow.route.kerb
            vehicle.stop = Stop(at_m, float(rng.uniform(*flow.park_s)), beside)
        return vehicle


def _is_taken(stop: Stop, route: Route, vehicles: list[Vehicle]) -> bool:
    return any(
        other.stop is not None and other.route == route and abs(other.stop.way_m - stop.way_m) < _PLACE_M
        for other in vehicles
    )
