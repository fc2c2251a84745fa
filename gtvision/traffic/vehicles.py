"""A road user: what it looks like, what it is called, and where it is."""

from dataclasses import dataclass, field
from zlib import crc32

from numpy.random import Generator

from gtvision.domain.kinds import Kind
from gtvision.traffic import bodies, riders
from gtvision.traffic.bodies import Shape
from gtvision.traffic.mesh import Mesh
from gtvision.traffic.paint import Pose
from gtvision.traffic.plates import PlatePlace, plate_text
from gtvision.traffic.routes import Route

_POSED = {Kind.PERSON: riders.person, Kind.MOTORCYCLE: riders.motorcycle, Kind.BICYCLE: riders.bicycle}
_SOLID = {Kind.CAR: bodies.car, Kind.BUS: bodies.bus, Kind.TRUCK: bodies.truck}
_WITH_PLATE = frozenset({Kind.CAR, Kind.BUS, Kind.TRUCK, Kind.MOTORCYCLE})
_COMMERCIAL = frozenset({Kind.BUS, Kind.TRUCK})
_TAXI_EVERY = 12


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """What does not change about a road user.

    Attributes:
        kind: What it is.
        poses: Its body in each phase of its walk, at least one.
        shape: How big it is.
        plate: Its plate; None for bicycles and people.
    """

    kind: Kind
    poses: tuple[Mesh, ...]
    shape: Shape
    plate: str | None

    def mesh(self, way_m: float) -> Mesh:
        """Its body after that way."""
        return self.poses[riders.phase_at(way_m) if len(self.poses) > 1 else 0]

    @property
    def is_commercial(self) -> bool:
        """Whether its plate is that of a bus, a lorry or a taxi."""
        taxi = self.plate is not None and crc32(self.plate.encode()) % _TAXI_EVERY == 0
        return self.kind in _COMMERCIAL or (self.kind is Kind.CAR and taxi)

    @property
    def plates_at(self) -> tuple[PlatePlace, ...]:
        """Where its plates sit: at both ends, on motorcycles at the rear alone."""
        if self.plate is None:
            return ()
        half = self.shape.length_m / 2
        rear, front = self.shape.plate_z_m
        if self.kind is Kind.MOTORCYCLE:
            return (PlatePlace(-0.84, rear, -1, two_lines=True),)
        return PlatePlace(-half - 0.03, rear, -1), PlatePlace(half + 0.1, front, 1)


def looks_of(kind: Kind, rng: Generator) -> Looks:
    """A road user of that kind by chance."""
    if kind in _POSED:
        poses, shape = _POSED[kind](rng)
    else:
        mesh, shape = _SOLID[kind](rng)
        poses = [mesh]
    return Looks(kind, tuple(poses), shape, plate_text(rng) if kind in _WITH_PLATE else None)


@dataclass(frozen=True, slots=True)
class Stop:
    """A planned stop: where along the way, for how long, and how far to the left of the way."""

    way_m: float
    for_s: float
    left_m: float


@dataclass(slots=True, eq=False)
class Vehicle:
    """A road user under way.

    Attributes:
        id: From 1 up, in the order of coming.
        looks: What it is.
        route: Where it goes.
        desired_mps: How fast it would like to go.
        lane_m: Metres to the left of the way where it wants to be.
        wrong_way: Whether it drives against the traffic.
        way_m: How far its middle has come.
        speed_mps: How fast it is now.
        left_m: Metres to the left of the way where it is.
        stop: Where it is going to park, None when it drives on.
        parked_since_s: Since when it has been parked, None while it drives.
    """

    id: int
    looks: Looks
    route: Route
    desired_mps: float
    lane_m: float
    wrong_way: bool = False
    way_m: float = 0.0
    speed_mps: float = 0.0
    left_m: float = 0.0
    stop: Stop | None = None
    parked_since_s: float | None = None
    parkings: list[tuple[float, float | None]] = field(default_factory=list)

    @property
    def pose(self) -> Pose:
        """Where it is, and where it heads."""
        return self.route.pose(self.way_m, self.left_m)
