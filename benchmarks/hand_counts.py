"""The vehicles that a person counted in the real clips, and those that the product counts there.

`tests/real_clips` has the counts and says how they came about.
"""

import os
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gtvision.adapters.decode import Decoder
from gtvision.adapters.rtsp import Recording
from gtvision.adapters.weights import find_weights, load_detector
from gtvision.domain.camera import Camera, Source
from gtvision.domain.codec import camera_from_json
from gtvision.domain.event import Event
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction
from gtvision.ports import PictureDetector
from gtvision.runtime.analyse import Models, analyse
from gtvision.settings import settings_of

CLIPS = ("motorway", "crossing", "street", "approach")
"""Those whose counts are promised; `overhead` is on record only."""

_FOLDER = Path(__file__).parents[1] / "tests" / "real_clips"
_ENTER = "enter"
_SAME_S = 1.0


@dataclass(frozen=True, slots=True)
class Crossing:
    """A vehicle that crossed a line: when, in seconds from the clip's start, which way, and what it looks like."""

    line: str
    at_s: float
    direction: Direction
    kind: Kind
    what: str = ""

    def is_same(self, other: "Crossing") -> bool:
        """Whether it is that line and way at about that time."""
        return (self.line, self.direction) == (other.line, other.direction) and abs(self.at_s - other.at_s) <= _SAME_S

    def __str__(self) -> str:
        return f"{self.kind.label} {self.direction.value} over {self.line} at {self.at_s:.1f} s {self.what}".rstrip()


@dataclass(frozen=True, slots=True)
class HandCount:
    """What a person counted in a clip.

    Attributes:
        camera: One that counts who crosses the lines and who comes into the picture.
        crossings: Who crossed a line.
        fewest: Vehicles that are clearly visible for at least a second, parked ones left out.
        most: The same with parked and doubtful ones.
    """

    camera: Camera
    crossings: tuple[Crossing, ...]
    fewest: int
    most: int


@dataclass(frozen=True, slots=True)
class LineCount:
    """How many vehicles crossed a line one way, by hand and by the product."""

    line: str
    direction: Direction
    by_hand: int
    counted: int


@dataclass(frozen=True, slots=True)
class ClipCount:
    """The product's events of a clip beside the count by hand."""

    by_hand: HandCount
    events: tuple[Event, ...]

    @property
    def crossings(self) -> tuple[Crossing, ...]:
        """Who crossed a line according to the product."""
        return tuple(
            Crossing(event.line_id, event.start_s, event.direction, event.kind)
            for event in self.events
            if event.line_id and event.direction
        )

    @property
    def vehicles(self) -> int:
        """How many came into the picture according to the product."""
        return sum(event.trigger_id == _ENTER for event in self.events)

    @property
    def lines(self) -> tuple[LineCount, ...]:
        """Both counts of each line and direction."""
        hand, ours = (
            Counter((each.line, each.direction) for each in seen) for seen in (self.by_hand.crossings, self.crossings)
        )
        keys = [(line.id, direction) for line in self.by_hand.camera.lines for direction in Direction]
        return tuple(LineCount(*key, hand[key], ours[key]) for key in keys)

    @property
    def differences(self) -> tuple[tuple[Crossing, ...], tuple[Crossing, ...]]:
        """The crossings that the product missed, and those that only it saw."""
        surplus = list(self.crossings)
        missed = []
        for crossing in self.by_hand.crossings:
            same = [other for other in surplus if crossing.is_same(other)]
            if same:
                surplus.remove(min(same, key=lambda other: abs(other.at_s - crossing.at_s)))
            else:
                missed.append(crossing)
        return tuple(missed), tuple(surplus)

    @property
    def error(self) -> int:
        """Crossings missed and crossings too many, over all lines: one is never made up for by the other."""
        missed, surplus = self.differences
        return len(missed) + len(surplus)

    @property
    def allowed(self) -> float:
        """The error that is allowed: one vehicle or a tenth of the crossings, whichever is more."""
        return max(1.0, 0.1 * len(self.by_hand.crossings))


def real_count_errors(media: Path, models: Path) -> dict[str, ClipCount]:
    """The counts of each promised clip.

    Args:
        media: The folder with `clips/`.
        models: The folder of weights; the first in it are used, at the product's defaults.
    """
    detector = detector_of(models)
    return {clip: clip_count(media / "clips" / f"{clip}.mp4", detector) for clip in CLIPS}


def clip_count(recording: Path, detector: PictureDetector) -> ClipCount:
    """The counts of the clip in that file."""
    by_hand = hand_count(recording.stem)
    events: list[Event] = []
    with closing(Recording(Source(recording.absolute().as_uri()))) as opened:
        analyse(by_hand.camera, opened, Decoder, Models(detector), on_event=events.append)
    return ClipCount(by_hand, tuple(sorted(events, key=lambda event: (event.start_s, event.track))))


def hand_count(clip: str) -> HandCount:
    """What is on record of that clip."""
    values = yaml.safe_load((_FOLDER / f"{clip}.yaml").read_text(encoding="utf-8"))
    fewest = len(values["vehicles"])
    return HandCount(
        camera=_camera({line["id"]: line["points"] for line in values["lines"]}),
        crossings=tuple(_crossing(line["id"], **each) for line in values["lines"] for each in line["crossings"]),
        fewest=fewest,
        most=fewest + len(values["parked"]) + len(values["doubtful"]),
    )


def _camera(points: dict[str, list[float]]) -> Camera:
    value: dict[str, Any] = {
        "id": "recording",
        "sources": [{"url": "file:///recording"}],
        "lines": [{"id": line, "start": [x1, y1], "end": [x2, y2]} for line, (x1, y1, x2, y2) in points.items()],
        "triggers": [
            {"id": _ENTER, "type": "enter"},
            *({"id": line, "type": "cross", "line": line} for line in points),
        ],
    }
    return camera_from_json(value)


def _crossing(line: str, *, at_s: float, direction: str, kind: str, what: str) -> Crossing:
    return Crossing(line, at_s, Direction(direction), Kind.of(kind), what)


def detector_of(models: Path) -> PictureDetector:
    """The first weights of that folder at the product's defaults."""
    settings = settings_of({})
    return load_detector(
        find_weights(settings.detector.weights, models),
        min_score=settings.detector.min_score,
        threads=os.cpu_count() or 1,
        config_dir=settings.data_dir / "ultralytics",
    )
