"""A scene under way: frames with their truth, and the story of each road user; the same seed gives the same bytes."""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from math import ceil, inf

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray

from gtvision.domain.camera import Camera
from gtvision.domain.errors import BadConfiguration
from gtvision.domain.geometry import Box, ground_point
from gtvision.domain.kinds import Kind
from gtvision.traffic.demand import Arrivals
from gtvision.traffic.drivers import drive
from gtvision.traffic.render import Renderer, Shown
from gtvision.traffic.scenes import scene_of
from gtvision.traffic.site import Parked, Scene
from gtvision.traffic.truth import FrameTruth, Seen, Step, Story
from gtvision.traffic.vehicles import Stop, Vehicle, looks_of
from gtvision.traffic.weather import Weather

_LONGEST_STEP_S = 0.05
_MOST_VEHICLES = 120
_CLEAR = Weather()


@dataclass(frozen=True, slots=True)
class Recording:
    """How a scene is filmed.

    Attributes:
        seed: Of everything that is left to chance.
        weather: Light and effects.
        size: Width and height in pixels, 16:9.
        fps: Frames a second.
        arrivals_until_s: Nobody comes after that, and who parks for a while leaves, so that a loop can end on an
            empty street.
    """

    seed: int
    weather: Weather = _CLEAR
    size: tuple[int, int] = (640, 360)
    fps: float = 10.0
    arrivals_until_s: float = inf

    def __post_init__(self) -> None:
        width, height = self.size
        if not 0 <= self.seed < 2**32:
            raise BadConfiguration(f"{self.seed} is no seed; it runs from 0 to 4294967295", "seed")
        if not (160 <= width <= 3840 and width % 2 == height % 2 == 0 and abs(width * 9 - height * 16) <= 32):
            raise BadConfiguration(f"{width}x{height} is no picture; give even sizes of about 16:9", "size")
        if not 0.01 <= self.fps <= 60:
            raise BadConfiguration(f"{self.fps:g} is not between 0.01 and 60 frames a second", "fps")


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """A frame that is drawn only when somebody asks, though time has gone on.

    Attributes:
        time_s: When it is taken.
        parked: The numbers of the vehicles that are parked then.
    """

    time_s: float
    parked: frozenset[int]
    _show: Callable[[], tuple[NDArray[np.uint8], list[Shown]]]

    def draw(self) -> tuple[NDArray[np.uint8], FrameTruth]:
        """The picture, shape `(height, width, 3)`, BGR, and what it shows."""
        picture, shown = self._show()
        return picture, _truth(self.time_s, shown)


class Traffic:
    """The traffic of one scene, from its beginning on.

    Attributes:
        scene: The street.
        recording: How it is filmed.
        camera: Its zone, line and triggers, in the coordinates of the picture.
    """

    def __init__(self, scene: Scene, recording: Recording) -> None:
        self.scene, self.recording = scene, recording
        self.camera: Camera = scene.camera()
        view = replace(scene.view, size=recording.size)
        self._renderer = Renderer(scene, view, recording.weather, recording.seed)
        self._arrivals = [
            Arrivals(flow, (recording.seed, index), recording.arrivals_until_s)
            for index, flow in enumerate(scene.flows)
        ]
        self._vehicles = [self._parked(*place) for place in enumerate(scene.parked, start=1)]
        self._stories: dict[int, Story] = {}
        self._ids = len(self._vehicles)
        self._shown_frames = 0
        self._time_s = 0.0

    def frames(self, seconds: float) -> Iterator[tuple[float, NDArray[np.uint8], FrameTruth]]:
        """The next frames: time in seconds, picture of shape `(height, width, 3)`, BGR, and what it shows."""
        for moment in self.moments(seconds):
            picture, shown = moment._show()
            self._tell(shown, moment.time_s)
            yield moment.time_s, picture, _truth(moment.time_s, shown)

    def moments(self, seconds: float) -> Iterator[Moment]:
        """The next frames, for whoever looks at few of them: nothing is drawn before it is asked for.

        No stories are told of them, and a `frozen` picture is the one drawn last.
        """
        for _ in range(round(seconds * self.recording.fps)):
            time_s = self._shown_frames / self.recording.fps
            self._drive_to(time_s)
            self._shown_frames += 1
            parked = frozenset(v.id for v in self._vehicles if v.parked_since_s is not None)
            yield Moment(time_s, parked, partial(self._renderer.frame, [copy(v) for v in self._vehicles], time_s))

    def unpainted(self, seconds: float) -> Iterator[FrameTruth]:
        """What the next frames would show, several times faster than with their pictures."""
        for moment in self.moments(seconds):
            shown = self._renderer.shown(self._vehicles, moment.time_s)
            self._tell(shown, moment.time_s)
            yield _truth(moment.time_s, shown)

    def truth(self) -> tuple[Story, ...]:
        """The stories, so far, of all who were in the picture, in the order of coming."""
        return tuple(self._stories[id] for id in sorted(self._stories))

    def _parked(self, number: int, place: Parked) -> Vehicle:
        flow = self.scene.flows[place.flow]
        left_m = flow.route.lanes[0] if flow.route.kerb is None else flow.route.kerb
        looks = looks_of(Kind.CAR, default_rng((self.recording.seed, 1000 + number)))
        stop = Stop(place.way_m, place.for_s, left_m)
        if place.from_m is not None:
            lane_m, mps = flow.route.lanes[0], flow.speed_mps
            return Vehicle(
                number, looks, flow.route, mps, lane_m, way_m=place.from_m, speed_mps=mps, left_m=lane_m, stop=stop
            )
        return Vehicle(
            number,
            looks,
            flow.route,
            flow.speed_mps,
            left_m,
            way_m=place.way_m,
            left_m=left_m,
            stop=stop,
            parked_since_s=0.0,
            parkings=[(0.0, None)],
        )

    def _drive_to(self, time_s: float) -> None:
        steps = ceil((time_s - self._time_s) / _LONGEST_STEP_S - 1e-6)
        if steps <= 0:
            return
        begin_s, step_s = self._time_s, (time_s - self._time_s) / steps
        for index in range(steps):
            now_s = begin_s + index * step_s
            self._let_in(now_s)
            if now_s >= self.recording.arrivals_until_s:
                _send_off(self._vehicles)
            drive(self._vehicles, self.scene.lights, now_s, step_s)
            self._vehicles = [v for v in self._vehicles if v.way_m < v.route.length_m]
        self._time_s = time_s

    def _let_in(self, time_s: float) -> None:
        for arrivals in self._arrivals:
            if len(self._vehicles) >= _MOST_VEHICLES:
                return
            vehicle = arrivals.due(time_s, self._vehicles, self._ids + 1)
            if vehicle is not None:
                self._ids += 1
                self._vehicles.append(vehicle)

    def _tell(self, shown: list[Shown], time_s: float) -> None:
        dx, dy = self.recording.weather.shift(time_s, self.recording.size[0])
        width, height = self.recording.size
        for each in shown:
            vehicle = each.vehicle
            looks = vehicle.looks
            story = self._stories.setdefault(
                vehicle.id, Story(vehicle.id, looks.kind, looks.plate, vehicle.wrong_way, parked=vehicle.parkings)
            )
            x, y = ground_point(each.box)
            place = (x - dx / width, y - dy / height)
            plate_px = each.plate.width_px if each.plate is not None else 0.0
            story.go(Step(time_s, place, vehicle.speed_mps * 3.6, each.visible_share, plate_px), self.camera)


def _send_off(vehicles: list[Vehicle]) -> None:
    """Those that park for a while leave; those that stand for ever stay."""
    for vehicle in vehicles:
        if vehicle.stop is None or vehicle.stop.for_s == inf:
            continue
        vehicle.stop = replace(vehicle.stop, for_s=0.0) if vehicle.parked_since_s is not None else None


def _truth(time_s: float, shown: list[Shown]) -> FrameTruth:
    return FrameTruth(time_s, tuple(seen for each in shown if (seen := _seen(each)) is not None))


def _seen(shown: Shown) -> Seen | None:
    x1, y1, x2, y2 = shown.box
    box: Box = (max(x1, 0.0), max(y1, 0.0), min(x2, 1.0), min(y2, 1.0))
    if box[0] >= box[2] or box[1] >= box[3]:
        return None
    return Seen(shown.vehicle.id, shown.vehicle.looks.kind, box, shown.visible_share, shown.plate)


def scene(
    name: str, seed: int, *, weather: str = "day", size: tuple[int, int] = (640, 360), fps: float = 10.0
) -> Traffic:
    """The traffic of a scene.

    Args:
        name: One of `SCENES` or `CLOSE_UPS`.
        seed: Of everything that is left to chance.
        weather: A light and effects joined by `+`, such as `night+rain`.
        size: Width and height in pixels, about 16:9.
        fps: Frames a second.

    Raises:
        BadConfiguration: There is no such scene, weather, size or rate.
    """
    return Traffic(scene_of(name), Recording(seed, Weather.parse(weather), size, fps))
