"""Simulated traffic as a detector sees it, for the tests of tracker, triggers and camera core."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from gtvision.domain.camera import Camera, Source
from gtvision.domain.detections import Detections
from gtvision.domain.event import Event
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Line, Zone
from gtvision.domain.trigger import Trigger
from gtvision.pipeline.camera import CameraCore
from gtvision.traffic import Seen

LEFT_HALF = Zone("left", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
MIDDLE = Zone("middle", ((0.35, 0.1), (0.65, 0.1), (0.65, 0.95), (0.35, 0.95)))
UPRIGHT = Line("upright", (0.5, 1.0), (0.5, 0.0))  # crossed forward from left to right


@dataclass(frozen=True)
class Vehicle:
    """A vehicle on a straight way at a constant speed.

    Attributes:
        start: Where its ground point is at `begins_s`.
        velocity: Picture widths and heights a second.
        size: Width and height.
    """

    start: tuple[float, float]
    velocity: tuple[float, float]
    size: tuple[float, float] = (0.12, 0.1)
    begins_s: float = 0.0
    ends_s: float = float("inf")
    kind: Kind = Kind.CAR
    score: float = 0.8

    def box(self, time_s: float) -> np.ndarray | None:
        """Its box without noise, cut by the picture's edge; None while it cannot be seen."""
        if not self.begins_s <= time_s <= self.ends_s:
            return None
        elapsed_s = time_s - self.begins_s
        x, y = (a + elapsed_s * v for a, v in zip(self.start, self.velocity, strict=True))
        whole = np.array([x - self.size[0] / 2, y - self.size[1], x + self.size[0] / 2, y])
        box = np.clip(whole, 0, 1)
        visible = (box[2] - box[0]) * (box[3] - box[1]) / (self.size[0] * self.size[1])
        return box if visible > 0.25 else None


@dataclass(frozen=True)
class Noise:
    """What a detector does wrong: edges off by a share of the box, vehicles missed, things seen that are not there."""

    jitter: float = 0.03
    dropout: float = 0.0
    ghosts: float = 0.0


SMALL_NOISE = Noise()


def found(*rows: tuple[Sequence[float], float, Kind]) -> Detections:
    """Detections of `(box, score, kind)`."""
    ordered = sorted(rows, key=lambda row: -row[1])
    return Detections(
        np.array([row[0] for row in ordered], np.float32).reshape(-1, 4),
        np.array([row[1] for row in ordered], np.float32),
        np.array([row[2] for row in ordered], np.int16),
    )


def look_at(vehicles: Iterable[Vehicle], time_s: float, rng: np.random.Generator, noise: Noise) -> Detections:
    """What the detector finds at that time."""
    rows = []
    for vehicle in vehicles:
        box = vehicle.box(time_s)
        if box is None or rng.random() < noise.dropout:
            continue
        sizes = np.tile(box[2:] - box[:2], 2)
        jittered = np.clip(box + rng.normal(0, noise.jitter, 4).clip(-3 * noise.jitter, 3 * noise.jitter) * sizes, 0, 1)
        rows.append((jittered, vehicle.score, vehicle.kind))
    if rng.random() < noise.ghosts:
        corner = rng.uniform(0, 0.9, 2)
        rows.append((np.concatenate([corner, corner + 0.08]), 0.45, Kind.CAR))
    return found(*rows)


def camera(*triggers: Trigger, zones: Sequence[Zone] = (LEFT_HALF, MIDDLE), **settings: object) -> Camera:
    """A camera with these triggers; the line `upright` is there too."""
    return Camera(
        "cam",
        (Source("rtsp://host/stream"),),
        zones=tuple(zones),
        lines=(UPRIGHT,),
        triggers=triggers,
        **settings,  # type: ignore[arg-type]
    )


def detected(seen: Iterable[Seen], rng: np.random.Generator, jitter: float = 0.03) -> Detections:
    """What a detector finds in a frame of simulated traffic: who is seen well, edges off by a share of the box."""
    rows = []
    for one in seen:
        box = np.array(one.box)
        if one.visible_share > 0.3 and one.kind is not Kind.PERSON and box[3] - box[1] > 0.03:
            off = rng.normal(0, jitter, 4).clip(-3 * jitter, 3 * jitter) * np.tile(box[2:] - box[:2], 2)
            rows.append((np.clip(box + off, 0, 1), 0.8, one.kind))
    return found(*rows)


def play(
    core: CameraCore,
    vehicles: Sequence[Vehicle],
    times_s: Iterable[float],
    noise: Noise = SMALL_NOISE,
    seed: int = 0,
) -> list[Event]:
    """Every revision that came out when the core looked at these times; events stay open."""
    rng = np.random.default_rng(seed)
    told: list[Event] = []
    for time_s in times_s:
        told += core.detected(float(time_s), look_at(vehicles, float(time_s), rng, noise))
    return told


def newest(told: Iterable[Event]) -> list[Event]:
    """The newest revision of each event, in order of start."""
    by_id: dict[str, Event] = {}
    for event in told:
        by_id[event.id] = event
    return sorted(by_id.values(), key=lambda event: (event.start_s, event.id))
