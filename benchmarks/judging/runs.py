"""A scene played through the pipeline as `gtvision analyse` runs it; all is kept that a judge wants to know."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.camera import Camera
from gtvision.domain.detections import Detections
from gtvision.domain.event import Event
from gtvision.domain.trigger import Trigger, TriggerType
from gtvision.ports import PictureDetector
from gtvision.runtime.analyse import Models, Summary, analyse
from gtvision.runtime.sampling import Taken
from gtvision.traffic import FrameTruth, Traffic, scene
from gtvision.traffic.passages import Passage, passages
from gtvision.traffic.uncoded import Draw, UncodedDecoder, UncodedSource
from judging.stand_in import StandIn

FPS = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """One run: a scene, its weather, and the seed of all that is left to chance."""

    scene: str
    weather: str
    seed: int
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """What came of a run.

    Attributes:
        plan: Of the run.
        detector: The name of what found the vehicles.
        camera: What was watched.
        passages: What really happened.
        frames: What each frame really showed.
        events: What was told, each event as it ended.
        looks: The pictures that the detector saw: their time, and what it found.
        summary: Of the analysis.
    """

    plan: Plan
    detector: str
    camera: Camera
    passages: tuple[Passage, ...]
    frames: tuple[FrameTruth, ...]
    events: tuple[Event, ...]
    looks: tuple[tuple[float, Detections], ...]
    summary: Summary


class Watching:
    """`PictureDetector` that keeps what another one found, and knows the time of the picture."""

    def __init__(self, detector: PictureDetector) -> None:
        self._detector = detector
        self.name = detector.name
        self.now_s = 0.0
        self.looks: list[tuple[float, Detections]] = []

    def on_sample(self, taken: Taken) -> None:
        self.now_s = taken.time_s

    def detect(self, pictures: Iterable[NDArray[np.uint8]]) -> list[Detections]:
        found = self._detector.detect(pictures)
        self.looks += [(self.now_s, each) for each in found]
        return found


def judged(camera: Camera) -> Camera:
    """A scene's camera with every trigger that is judged."""
    more = (
        Trigger("leave", TriggerType.LEAVE, zone="road"),
        Trigger("dwell", TriggerType.DWELL, zone="road", min_s=8.0),
        Trigger("count", TriggerType.COUNT, line="line"),
    )
    return replace(camera, triggers=(*camera.triggers, *more))


def play(plan: Plan, detector: PictureDetector | None) -> Played:
    """The run with that detector; None takes the stand-in that is made from the truth."""
    traffic = scene(plan.scene, plan.seed, weather=plan.weather, fps=FPS)
    told: list[FrameTruth] = []

    def truth_now() -> FrameTruth:
        return told[round(watching.now_s * FPS)]

    watching = Watching(detector or StandIn(truth_now, plan.seed))
    camera = judged(traffic.scene.measuring_camera())
    events, summary = watch(traffic, _drawings(traffic, plan.seconds, told), camera, watching)
    return Played(
        plan,
        watching.name,
        camera,
        passages(traffic.truth(), told),
        tuple(told),
        events,
        tuple(watching.looks),
        summary,
    )


def watch(
    traffic: Traffic, drawings: Iterable[tuple[float, Draw]], camera: Camera, watching: Watching
) -> tuple[tuple[Event, ...], Summary]:
    """The events of these frames, each as it ended, and the analysis' own summary."""
    events: list[Event] = []
    source = UncodedSource(traffic.recording.size, traffic.recording.fps, drawings)
    models = Models(watching)
    summary = analyse(
        camera, source, lambda _: UncodedDecoder(), models, on_event=events.append, on_sample=watching.on_sample
    )
    return tuple(events), summary


def _drawings(traffic: Traffic, seconds: float, told: list[FrameTruth]) -> Iterator[tuple[float, Draw]]:
    for time_s, picture, truth in traffic.frames(seconds):
        told.append(truth)
        yield time_s, _gives(picture)


def _gives(picture: NDArray[np.uint8]) -> Draw:
    return lambda: picture
