"""What really happened: where each vehicle went, which zones and lines it met, and what each frame shows of it.

A vehicle's place in the picture is the middle of the lower edge of the box around it, whether or not the picture ends
there. Zones and lines are met where the straight steps between its places in two frames meet them.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gtvision.domain.camera import Camera
from gtvision.domain.geometry import Box, Point, contains, segments_cross, side
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction, Line, Zone

_HALVINGS = 24


READABLE_PX = 90.0
"""From this width on a plate can be read."""


@dataclass(frozen=True, slots=True)
class SeenPlate:
    """A plate that looks at the camera, all of it in the picture and none of it hidden.

    Attributes:
        box: Around it, 0-1 of the picture.
        width_px: The mean of its upper and its lower edge.
    """

    box: Box
    width_px: float


@dataclass(frozen=True, slots=True)
class Seen:
    """One road user in one frame.

    Attributes:
        id: Its number in the scene.
        kind: What it is.
        box: Around all of it, hidden parts as well, cut off at the picture's edge; 0-1 of the picture.
        visible_share: Of its outline's pixels, how many are in the picture and not hidden, 0-1.
        plate: Its plate, None when it does not show whole.
    """

    id: int
    kind: Kind
    box: Box
    visible_share: float
    plate: SeenPlate | None = None

    def as_json(self) -> dict[str, Any]:
        """A JSON object; `plate` is there when it shows."""
        told = {
            "id": self.id,
            "kind": self.kind.label,
            "box": [round(v, 5) for v in self.box],
            "visible": round(self.visible_share, 3),
        }
        return told if self.plate is None else told | {"plate": [round(v, 5) for v in self.plate.box]}


@dataclass(frozen=True, slots=True)
class FrameTruth:
    """What one frame shows."""

    time_s: float
    seen: tuple[Seen, ...]

    def as_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {"frame": {"time_s": round(self.time_s, 4), "boxes": [each.as_json() for each in self.seen]}}


@dataclass(frozen=True, slots=True)
class Step:
    """Where a road user is in one frame, how fast on the road, how much of it is seen, and how wide its plate shows.

    The plate's width is in pixels, 0 when it does not show whole.
    """

    time_s: float
    place: Point
    speed_kmh: float
    visible_share: float
    plate_px: float = 0.0


@dataclass(frozen=True, slots=True)
class Crossing:
    """A line that was crossed."""

    line: str
    direction: Direction
    time_s: float
    speed_kmh: float


@dataclass(slots=True)
class Visit:
    """A stay in a zone; `leave_s` is None while it goes on."""

    zone: str
    enter_s: float
    leave_s: float | None = None


@dataclass(slots=True)
class Story:
    """All about one road user.

    Attributes:
        id: From 1 up, in the order of coming.
        kind: What it is.
        plate: Seven characters, None when it has none.
        wrong_way: Whether it drove against the traffic.
        path: Where it was in each frame in which any of it was in the picture.
        crossings: Lines that it crossed, in the order of time.
        visits: Zones that it visited.
        parked: From when to when it was parked; None: until the end.
    """

    id: int
    kind: Kind
    plate: str | None
    wrong_way: bool
    path: list[Step] = field(default_factory=list)
    crossings: list[Crossing] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    parked: list[tuple[float, float | None]] = field(default_factory=list)

    def go(self, step: Step, camera: Camera) -> None:
        """Adds its place in a frame, and what it met on the way there."""
        before = self.path[-1] if self.path else None
        self.path.append(step)
        for zone in camera.zones:
            self._visit(zone, before, step)
        if before is not None:
            self.crossings += [met for line in camera.lines if (met := crossing(line, before, step)) is not None]

    def _visit(self, zone: Zone, before: Step | None, step: Step) -> None:
        open_visit = next((v for v in self.visits if v.zone == zone.id and v.leave_s is None), None)
        is_in = _is_in(zone, step.place)
        if is_in and open_visit is None:
            self.visits.append(Visit(zone.id, step.time_s if before is None else border_s(zone, before, step)))
        elif open_visit is not None and not is_in and before is not None:
            open_visit.leave_s = border_s(zone, before, step)

    def readable(self, width_px: float = READABLE_PX) -> tuple[float, float] | None:
        """The longest time from frame to frame in which its plate was at least so wide: begin and end, None without."""
        stretches: list[tuple[float, float]] = []
        before = 0.0
        for step in self.path:
            if step.plate_px >= width_px:
                begin_s = stretches.pop()[0] if before >= width_px else step.time_s
                stretches.append((begin_s, step.time_s))
            before = step.plate_px
        return max(stretches, key=lambda each: each[1] - each[0], default=None)

    def as_json(self) -> dict[str, Any]:
        """A JSON object."""
        readable = self.readable()
        return {
            "vehicle": {
                "id": self.id,
                "kind": self.kind.label,
                "plate": self.plate,
                "readable": readable and [round(time_s, 4) for time_s in readable],
                "wrong_way": self.wrong_way,
                "crossings": [
                    {
                        "line": c.line,
                        "direction": c.direction.value,
                        "time_s": round(c.time_s, 4),
                        "speed_kmh": round(c.speed_kmh, 2),
                    }
                    for c in self.crossings
                ],
                "visits": [
                    {"zone": v.zone, "enter_s": round(v.enter_s, 4), "leave_s": _rounded(v.leave_s)}
                    for v in self.visits
                ],
                "parked": [[round(begin, 4), _rounded(end)] for begin, end in self.parked],
                "path": [
                    [
                        round(s.time_s, 4),
                        *(round(v, 5) for v in s.place),
                        round(s.speed_kmh, 2),
                        round(s.visible_share, 3),
                        round(s.plate_px, 1),
                    ]
                    for s in self.path
                ],
            }
        }


def _rounded(time_s: float | None) -> float | None:
    return None if time_s is None else round(time_s, 4)


def _is_in(zone: Zone, place: Point) -> bool:
    return bool(contains(zone.polygon, np.array([place]))[0])


def _between(a: Step, b: Step, share: float) -> Point:
    return a.place[0] + share * (b.place[0] - a.place[0]), a.place[1] + share * (b.place[1] - a.place[1])


def border_s(zone: Zone, a: Step, b: Step) -> float:
    """When a step that begins on one side of a zone's border and ends on the other met it."""
    low, high = 0.0, 1.0
    begins_in = _is_in(zone, a.place)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _is_in(zone, _between(a, b, middle)) == begins_in:
            low = middle
        else:
            high = middle
    return a.time_s + high * (b.time_s - a.time_s)


def crossing(line: Line, a: Step, b: Step) -> Crossing | None:
    """How a step crossed a line, None when it did not."""
    if not segments_cross(a.place, b.place, line.start, line.end):
        return None
    before, after = side(line.start, line.end, a.place), side(line.start, line.end, b.place)
    share = before / (before - after)
    direction = Direction.FORWARD if before < 0 else Direction.BACKWARD
    speed = a.speed_kmh + share * (b.speed_kmh - a.speed_kmh)
    return Crossing(line.id, direction, a.time_s + share * (b.time_s - a.time_s), speed)
