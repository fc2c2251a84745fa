"""Who plays in the demo: recordings of real traffic, or drawn traffic with its truth; and the weights that fit."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gtvision.adapters.weights import SIMULATED, is_simulated
from gtvision.cli.loops import draw_loops
from gtvision.cli.output import media_folder
from gtvision.cli.weights import weights_of
from gtvision.settings import Settings
from gtvision.simulate import SimulatedCamera, prepare_clip
from gtvision.traffic import Loop, truth_of

_CLIPS = ("motorway", "crossing", "street", "approach")
LOOPS = tuple(Loop(scene, seed) for seed, scene in enumerate(("crossing", "motorway", "two-way", "one-way"), 4))
"""What is drawn where there are no recordings."""
_STAGGER_S = 1.7
_WATCHED = ("zones", "lines", "triggers")


@dataclass(frozen=True, slots=True)
class Cast:
    """The cameras of a demo.

    Attributes:
        cameras: What each plays.
        weights: What finds vehicles in it.
        is_drawn: Whether it is drawn traffic, whose truth is known.
    """

    cameras: tuple[SimulatedCamera, ...]
    weights: Path
    is_drawn: bool

    def watched(self, camera: SimulatedCamera) -> dict[str, Any]:
        """The zones, lines and triggers of that camera, as the API has them; empty: the whole picture."""
        if not self.is_drawn:
            return {}
        with truth_of(camera.clip).open(encoding="utf-8") as lines:
            drawn: dict[str, Any] = json.loads(next(lines))["scene"]["camera"]
        return {name: drawn[name] for name in _WATCHED}


def cast_of(settings: Settings, count: int) -> Cast:
    """So many cameras, which take turns in the clips; recordings only if there are weights for real traffic."""
    folder, media = settings.data_dir / "clips", media_folder()
    real = [media / "clips" / f"{name}.mp4" for name in _CLIPS] if media is not None else []
    real = [clip for clip in real if clip.is_file()]
    weights = weights_of(settings) if real or settings.detector.weights is not None else SIMULATED
    if real and not is_simulated(weights):
        clips = {clip.stem: prepare_clip(clip, folder) for clip in real}
        return Cast(_playing(clips, count), weights, is_drawn=False)
    loops = LOOPS[:count]
    drawn = dict(zip((loop.scene for loop in loops), draw_loops(loops, folder), strict=True))
    return Cast(_playing(drawn, count), weights, is_drawn=True)


def _playing(clips: dict[str, Path], count: int) -> tuple[SimulatedCamera, ...]:
    playing = []
    for index in range(count):
        turn, place = divmod(index, len(clips))
        name = list(clips)[place]
        camera = f"{name}-{turn + 1}" if turn else name
        playing.append(SimulatedCamera(camera, clips[name], offset_s=index * _STAGGER_S))
    return tuple(playing)
