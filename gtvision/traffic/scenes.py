"""The scenes: their streets, who drives there, and what the camera watches."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from gtvision.domain.errors import BadConfiguration
from gtvision.domain.kinds import Kind
from gtvision.traffic.close_ups import close_up
from gtvision.traffic.demand import Flow
from gtvision.traffic.routes import Ground, Lights, Route
from gtvision.traffic.site import Parked, Scene, rectangle
from gtvision.traffic.street import (
    ASPHALT,
    PAINT_WHITE,
    PAINT_YELLOW,
    PAVEMENT,
    Area,
    House,
    Street,
    Tree,
    dashes,
    strip,
    zebra,
)
from gtvision.traffic.view import View

_FAR_M, _NEAR_M, _END_M = 150.0, 3.0, -6.0
_WALLS = ((150, 175, 200), (120, 150, 190), (190, 195, 200), (160, 190, 180), (140, 140, 165))
_ON_FOOT = {Kind.PERSON: 1.0}


def scene_of(name: str) -> Scene:
    """The scene of that name. Raises `BadConfiguration` when there is none."""
    known = SCENES | CLOSE_UPS
    if name not in known:
        raise BadConfiguration(f"there is no scene {name!r}; there are {', '.join(known)}", "scene")
    return known[name]()


def _houses(x: float, width_m: float, seed: int) -> tuple[House, ...]:
    rng = np.random.default_rng(seed)
    found, y = [], 14.0
    while y < 130:
        depth = float(rng.uniform(9, 16))
        size = (width_m, depth, float(rng.uniform(4, 11)))
        found.append(House((x, y), size, _WALLS[int(rng.integers(len(_WALLS)))]))
        y += depth + float(rng.choice([0.0, 0.0, 4.0]))
    return tuple(found)


def _trees(x: float, y: tuple[float, float], step_m: float) -> tuple[Tree, ...]:
    return tuple(Tree((x, float(at)), 5.0 + float(at * 7 % 2)) for at in np.arange(*y, step_m))


def _lamps(x: float) -> tuple[Ground, ...]:
    return tuple((x, float(y)) for y in range(16, 120, 26))


def one_way() -> Scene:
    """Two lanes towards the camera, parking at the kerb, people on the pavement, now and then a wrong-way rider."""
    along = Route(((-2.0, _FAR_M), (-2.0, _END_M)), lanes=(-1.7, 1.7), kerb=-4.7)
    pavement = Route(((3.6, 70.0), (3.6, _END_M)), lanes=(-0.5, 0.5))
    against = {Kind.MOTORCYCLE: 0.6, Kind.BICYCLE: 0.3, Kind.CAR: 0.1}
    areas = (
        strip((-12, 6.5), (_NEAR_M, 160), PAVEMENT),
        strip((-8.0, 2.2), (_NEAR_M, 160), (126, 126, 126)),
        strip((-7.8, 2.0), (_NEAR_M, 160), ASPHALT),
        *dashes(-2.0, (_NEAR_M, 150), PAINT_WHITE),
        *dashes(-5.6, (_NEAR_M, 150), PAINT_WHITE, dash_m=1.0),
        *zebra((-7.5, 1.8), (47, 50)),
    )
    return Scene(
        "one-way",
        View(6.5, 15.5, -4, 1.08, (640, 360)),
        Street(areas, _houses(-26, 14, 1) + _houses(6.5, 14, 2), _trees(-9.6, (24, 110), 17), _lamps(-9)),
        (
            Flow(along, 15, 12.5, platoon=3, parks=12, stops_m=(112.0,)),
            Flow(pavement, 3, 1.4, _ON_FOOT),
            Flow(Route(((1.2, _END_M), (1.2, _FAR_M))), 0.5, 8.0, against, wrong_way=True),
        ),
        rectangle((-7.6, 1.9), (13.5, 45)),
        ((-7.8, 22.0), (2.0, 22.0)),
        parked=(Parked(0, 124.0), Parked(0, 133.0)),
        way=((-2.0, 45.0), (-2.0, 13.5)),
    )


def quiet_street(parked_s: float) -> Scene:
    """The one-way street with a vehicle every few minutes; a car parks at once and leaves after so many seconds."""
    busy = one_way()
    along, pavement, _ = busy.flows
    flows = (replace(along, per_minute=0.25, parks=0.0), replace(pavement, per_minute=0.05))
    return replace(busy, name="quiet-street", flows=flows, parked=(Parked(0, 118.0, parked_s, from_m=60.0),))


def two_way() -> Scene:
    """One lane each way and people on both pavements."""
    coming = Route(((-1.9, _FAR_M), (-1.9, _END_M)), kerb=-2.9)
    going = Route(((1.9, _END_M), (1.9, _FAR_M)), kerb=-2.9)
    areas = (
        strip((-9, 9), (_NEAR_M, 160), PAVEMENT),
        strip((-6.2, 6.2), (_NEAR_M, 160), (126, 126, 126)),
        strip((-6.0, 6.0), (_NEAR_M, 160), ASPHALT),
        strip((-0.2, -0.08), (_NEAR_M, 150), PAINT_YELLOW),
        strip((0.08, 0.2), (_NEAR_M, 150), PAINT_YELLOW),
    )
    return Scene(
        "two-way",
        View(6.2, 15, 5, 1.08, (640, 360)),
        Street(areas, _houses(-24, 15, 3) + _houses(10, 15, 4), _trees(8.2, (26, 110), 15), _lamps(-7.5)),
        (
            Flow(coming, 9, 12.0, platoon=3, parks=8, stops_m=(113.0,)),
            Flow(going, 9, 12.0, platoon=3),
            Flow(Route(((-7.4, 70.0), (-7.4, _END_M)), lanes=(-0.4, 0.4)), 2, 1.4, _ON_FOOT),
            Flow(Route(((7.2, 5.0), (7.2, 70.0)), lanes=(-0.4, 0.4)), 2, 1.4, _ON_FOOT),
        ),
        rectangle((-5.8, 5.8), (13.5, 45)),
        ((-6.0, 22.0), (6.0, 22.0)),
        parked=(Parked(0, 125.0),),
    )


def crossing() -> Scene:
    """Two roads that cross, with lights; people cross the side road."""
    stop = _FAR_M - 43.0
    right_turn = ((-3.4, _FAR_M), (-3.4, 42.0), (-3.6, 36.0), (-7.0, 33.5), (-14.0, 33.2), (-70.0, 33.2))
    areas = (
        strip((-75, 75), (_NEAR_M, 160), PAVEMENT),
        strip((-7.0, 7.0), (_NEAR_M, 160), ASPHALT),
        strip((-75, 75), (24, 36), ASPHALT),
        *(strip((x, x + 0.12), y, PAINT_YELLOW) for y in ((_NEAR_M, 19), (43, 150)) for x in (-0.2, 0.1)),
        *(strip(x, (29.9, 30.1), PAINT_YELLOW) for x in ((-75, -12), (12, 75))),
        *zebra((-6.6, 6.6), (20.5, 22.8)),
        *zebra((-6.6, 6.6), (37.2, 40)),
        strip((-6.8, -0.3), (42.4, 42.9), PAINT_WHITE),
        strip((0.3, 6.8), (19.0, 19.4), PAINT_WHITE),
    )
    return Scene(
        "crossing",
        View(8.0, 18, -3, 0.98, (640, 360)),
        Street(
            areas,
            _houses(-32, 20, 5)[3:] + _houses(12, 20, 6)[3:],
            _trees(-10.5, (46, 110), 16),
            _lamps(-9) + _lamps(9),
        ),
        (
            Flow(Route(((-3.4, _FAR_M), (-3.4, _END_M)), (-1.6, 1.6), stop, 0), 11, 12.0, platoon=3),
            Flow(Route(((3.4, _END_M), (3.4, _FAR_M)), (-1.6, 1.6), 24.5, 0), 9, 12.0, platoon=3),
            Flow(Route(((-70.0, 27.0), (70.0, 27.0)), (0.0,), 60.0, 1), 7, 11.0, platoon=2),
            Flow(Route(((70.0, 33.0), (-70.0, 33.0)), (0.0,), 60.0, 1), 7, 11.0, platoon=2),
            Flow(Route(right_turn, (0.0,), stop, 0), 2, 6.5),
            Flow(Route(((9.0, 8.0), (9.0, 70.0)), (-0.5, 0.5), 15.0, 0), 3, 1.4, _ON_FOOT),
        ),
        rectangle((-6.9, 6.9), (14, 44)),
        ((-7.0, 20.0), (7.0, 20.0)),
        Lights(),
        waiting=rectangle((-6.9, -0.1), (42, 80)),
    )


def motorway() -> Scene:
    """Three lanes each way at 80 to 120 km/h, with overtaking; the camera stands on a bridge."""
    mix = {Kind.CAR: 0.7, Kind.TRUCK: 0.18, Kind.BUS: 0.05, Kind.MOTORCYCLE: 0.07}
    lanes = (-3.6, 0.0, 3.6)
    sides: tuple[Area, ...] = ()
    for x in (-8.5, 8.5):
        sides += (strip((x - 7.4, x + 7.4), (_NEAR_M, 200), ASPHALT),)
        sides += tuple(
            strip((x + at - 0.1, x + at + 0.1), (_NEAR_M, 190), PAINT_WHITE if at * x > 0 else PAINT_YELLOW)
            for at in (-5.6, 5.6)
        )
        sides += dashes(x - 1.8, (_NEAR_M, 190), PAINT_WHITE, dash_m=4) + dashes(
            x + 1.8, (_NEAR_M, 190), PAINT_WHITE, dash_m=4
        )
    return Scene(
        "motorway",
        View(8.5, 14.5, 0, 0.95, (640, 360)),
        Street(sides, (), _trees(-22, (40, 150), 11) + _trees(23, (34, 150), 13), _lamps(0)),
        (
            Flow(Route(((-8.5, 190.0), (-8.5, _END_M)), lanes), 26, 28.0, mix, platoon=2),
            Flow(Route(((8.5, _END_M), (8.5, 190.0)), lanes), 26, 28.0, mix, platoon=2),
        ),
        rectangle((-14.6, 14.6), (17, 60)),
        ((-14.6, 27.0), (14.6, 27.0)),
    )


_BAYS = (-9.0, -6.0, -3.0, 0.0, 3.0, 6.0, 9.0)


def _bay(x: float) -> Route:
    corners = ((-45.0, 30.0), (x - 6, 30.0), (x - 1, 30.0), (x, 28.0), (x, 24.0), (x, 19.0), (x, 16.0), (x + 1, 14.0))
    return Route((*corners, (x + 6, 14.0), (45.0, 14.0)))


def _place_of_bay(x: float) -> float:
    route = _bay(x)
    return min(
        np.arange(30.0, 80.0, 0.25), key=lambda way: abs(route.pose(way, 0)[1] - 21.6) + abs(way - 58 - x) * 1e-3
    )


def car_park() -> Scene:
    """Bays that are driven through between two aisles, seen from a mast; people walk to their cars."""
    mix = {Kind.CAR: 0.92, Kind.MOTORCYCLE: 0.08}
    lines = tuple(strip((x - 1.56, x - 1.44), (18.6, 24.6), PAINT_WHITE) for x in (*_BAYS, 12.0))
    upper = tuple(strip((x - 1.56, x - 1.44), (34.6, 40), PAINT_WHITE) for x in (*_BAYS, 12.0))
    flows = tuple(
        Flow(_bay(x), 0.8, 5.0, mix, parks=100, stops_m=(float(_place_of_bay(x)),), park_s=(12, 60)) for x in _BAYS
    )
    return Scene(
        "car-park",
        View(8.0, 21, 0, 0.95, (640, 360)),
        Street(
            (strip((-60, 60), (_NEAR_M, 44), ASPHALT), strip((-60, 60), (44, 48), PAVEMENT), *lines, *upper),
            (House((-40, 49), (34, 20, 8), _WALLS[2]), House((-2, 50), (50, 20, 11), _WALLS[0])),
            _trees(-15, (42, 46), 10) + _trees(14, (43, 46), 10),
            ((-12.0, 20.0), (12.0, 20.0), (0.0, 40.0)),
        ),
        (
            *flows,
            Flow(Route(((-45.0, 16.0), (45.0, 16.0)), lanes=(-3.0,)), 2, 1.3, _ON_FOOT),
            Flow(Route(((-45.0, 37.0), (45.0, 37.0))), 0.1, 5.0, mix, parks=100, stops_m=(48.0,)),
        ),
        rectangle((-10.5, 10.5), (12.6, 34)),
        ((-8.0, 27.5), (10.5, 27.5)),
        parked=(Parked(2, float(_place_of_bay(-3.0))), Parked(5, float(_place_of_bay(6.0)))),
    )


SCENES: dict[str, Callable[[], Scene]] = {
    "one-way": one_way,
    "two-way": two_way,
    "crossing": crossing,
    "motorway": motorway,
    "car-park": car_park,
}
"""Streets as traffic cameras overlook them."""

CLOSE_UPS: dict[str, Callable[[], Scene]] = {"close-up": close_up}
"""Streets as cameras see them that read plates: near, and little of them."""
