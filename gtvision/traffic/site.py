"""A street with its camera: where it looks, who comes, and what is watched and counted."""

from dataclasses import dataclass, replace
from math import inf

import numpy as np

from gtvision.domain.camera import Camera, Source
from gtvision.domain.geometry import Point
from gtvision.domain.places import Calibration, Line, Zone
from gtvision.domain.trigger import Trigger, TriggerType
from gtvision.traffic.demand import Flow
from gtvision.traffic.routes import Ground, Lights
from gtvision.traffic.street import Street
from gtvision.traffic.view import View


@dataclass(frozen=True, slots=True)
class Parked:
    """A car that parks.

    Attributes:
        flow: The number of the flow whose route it uses.
        way_m: Where along that route.
        for_s: How long, from when it has parked.
        from_m: Where it drives at the beginning; None: it is parked already.
    """

    flow: int
    way_m: float
    for_s: float = inf
    from_m: float | None = None


@dataclass(frozen=True)
class Scene:
    """A street and its camera.

    Attributes:
        name: What it is called.
        view: How the camera looks at it, for a picture of 640x360; other sizes see the same.
        street: What stands still.
        flows: Who comes.
        zone: The watched part of the road, corners in world metres.
        line: Both ends of the counted line, world metres.
        lights: Traffic lights, None without.
        parked: Who stands parked from the beginning, or soon.
        way: On a one-way road, from where to where the traffic should go, world metres; else None.
        waiting: Where vehicles wait at the lights, corners in world metres; empty without lights.
    """

    name: str
    view: View
    street: Street
    flows: tuple[Flow, ...]
    zone: tuple[Ground, ...]
    line: tuple[Ground, Ground]
    lights: Lights | None = None
    parked: tuple[Parked, ...] = ()
    way: tuple[Ground, Ground] | None = None
    waiting: tuple[Ground, ...] = ()

    def camera(self) -> Camera:
        """The camera with its zone, its line, and a trigger for each and for parked vehicles."""
        (start, end) = (self._on_picture(point) for point in self.line)
        return Camera(
            self.name,
            (Source("file:///traffic.mp4"),),
            zones=(self._measured("road", self.zone),),
            lines=(Line("line", start, end),),
            triggers=(
                Trigger("enter", TriggerType.ENTER, zone="road"),
                Trigger("cross", TriggerType.CROSS, line="line"),
                Trigger("stationary", TriggerType.STATIONARY, zone="road"),
            ),
        )

    def measuring_camera(self) -> Camera:
        """The camera with triggers that measure as well: `speed`, `wrong_way` where the road is one-way, and `queue`
        where there are lights."""
        camera = self.camera()
        zones, triggers = list(camera.zones), [Trigger("speed", TriggerType.SPEED, zone="road")]
        if self.way is not None:
            start, end = (self._on_picture(point) for point in self.way)
            triggers.append(Trigger("wrong-way", TriggerType.WRONG_WAY, zone="road", way=(start, end)))
        if self.waiting:
            zones.append(self._measured("waiting", self.waiting))
            triggers.append(Trigger("queue", TriggerType.QUEUE, zone="waiting", min_s=5.0))
        return replace(camera, zones=tuple(zones), triggers=(*camera.triggers, *triggers))

    def _measured(self, name: str, corners: tuple[Ground, ...]) -> Zone:
        """A zone, with where its four corners in the picture lie on the road."""
        a, b, c, d = (self._on_picture(point) for point in corners)
        return Zone(name, (a, b, c, d), calibration=Calibration((a, b, c, d), self._on_road(a, b, c, d)))

    def _on_road(self, *corners: Point) -> tuple[Ground, Ground, Ground, Ground]:
        pixels = np.array(corners) * self.view.size
        a, b, c, d = zip(*(each.round(3).tolist() for each in self.view.ground_under(*pixels.T)), strict=True)
        return a, b, c, d

    def _on_picture(self, point: Ground) -> Point:
        pixels, _ = self.view.project(np.array([(*point, 0.0)]))
        x, y = np.clip(pixels[0] / self.view.size, 0.02, 0.98)
        return round(float(x), 4), round(float(y), 4)


def rectangle(x: tuple[float, float], y: tuple[float, float]) -> tuple[Ground, ...]:
    """The corners of a part of the road, the far ones first."""
    return ((x[0], y[1]), (x[1], y[1]), (x[1], y[0]), (x[0], y[0]))
