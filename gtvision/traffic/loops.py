"""Traffic that can be played on and on, and what it asks for between two moments."""

import json
from dataclasses import dataclass
from math import floor
from pathlib import Path

from gtvision import __version__
from gtvision.domain.errors import BadConfiguration
from gtvision.traffic.clips import truth_of, write_clip
from gtvision.traffic.scenes import scene_of
from gtvision.traffic.traffic import Recording, Traffic
from gtvision.traffic.weather import Weather

LONGEST_LOOP_S = 3600.0
_SHORTEST_LOOP_S = 45.0
_LAST_ARRIVAL_S = 30.0
"""Nobody comes so late in a loop: when it begins again the street is as it was at its beginning."""


@dataclass(frozen=True, slots=True)
class Loop:
    """Traffic that can be played on and on: it begins and ends with a street on which nobody drives.

    Attributes:
        scene: One of `SCENES` or `CLOSE_UPS`.
        seed: Of everything that is left to chance.
        weather: A light and effects joined by `+`.
        seconds: How long it is.
        size: Width and height in pixels.
        fps: Frames a second.
    """

    scene: str
    seed: int
    weather: str = "day"
    seconds: float = 80.0
    size: tuple[int, int] = (640, 360)
    fps: float = 10.0

    def __post_init__(self) -> None:
        if not _SHORTEST_LOOP_S <= self.seconds <= LONGEST_LOOP_S:
            raise BadConfiguration(
                f"{self.seconds:g} is not between {_SHORTEST_LOOP_S:g} and {LONGEST_LOOP_S:g} seconds", "seconds"
            )
        _ = self.recording  # raises when there is no such weather, size or rate

    @property
    def recording(self) -> Recording:
        """How it is filmed."""
        weather = Weather.parse(self.weather)
        return Recording(self.seed, weather, self.size, self.fps, self.seconds - _LAST_ARRIVAL_S)

    @property
    def file_name(self) -> str:
        """Says all that the pictures depend on."""
        width, height = self.size
        how = f"{self.weather}-{self.seconds:g}s-{width}x{height}-{self.fps:g}"
        return f"{self.scene}-{self.seed}-{how}-{__version__}.mp4"


def loop_clip(loop: Loop, folder: Path) -> Path:
    """The recording of a loop, kept in `folder` and made when it is not there, its truth beside it: see `write_clip`.

    Raises:
        BadConfiguration: There is no such scene.
    """
    path = folder / loop.file_name
    if not path.is_file():
        write_clip(Traffic(scene_of(loop.scene), loop.recording), loop.seconds, path)
    return path


@dataclass(frozen=True, slots=True)
class Due:
    """The events that the truth asks for.

    Attributes:
        demanded: How many must be told.
        doubtful: How many more may be told: a vehicle that only touches the border, or that can hardly be seen.
    """

    demanded: int
    doubtful: int

    def difference_share(self, told: int) -> float:
        """By how much of what is demanded the number told is outside what the truth allows."""
        outside = max(self.demanded - told, told - self.demanded - self.doubtful, 0)
        return outside / max(self.demanded, 1)


def due(clip: Path, origin_s: float, since_s: float, until_s: float) -> Due:
    """What a loop that has been playing over and over since `origin_s` asks for between two moments, the same clock.

    Vehicles that stand there for ever are left out: they are told when somebody begins to look, and never again.

    Args:
        clip: From `loop_clip`.
        origin_s: When it began for the first time.
        since_s: First moment.
        until_s: Last moment.
    """
    told = [json.loads(line) for line in truth_of(clip).read_text(encoding="utf-8").splitlines()]
    length_s = next(one["scene"]["seconds"] for one in told if "scene" in one)
    stand = {one["vehicle"]["id"] for one in told if "vehicle" in one and [0.0, None] in one["vehicle"]["parked"]}
    demanded = doubtful = 0
    for event in (one["event"] for one in told if "event" in one):
        if event["vehicle"] in stand:
            continue
        first_s = origin_s + event["earliest_s"]
        times = floor((until_s - first_s) / length_s) - floor((since_s - first_s) / length_s)
        demanded += times * (event["doubt"] is None)
        doubtful += times * (event["doubt"] is not None)
    return Due(demanded, doubtful)
