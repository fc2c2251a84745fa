"""Pictures to train and judge a detector with: crops of simulated traffic, and YOLO's labels beside them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from gtvision.domain.kinds import Kind
from gtvision.traffic import SCENES, FrameTruth, Recording, Traffic, Weather
from gtvision.traffic.scenes import Scene

LIGHTS = ("day", "day", "dusk", "night", "night")
EFFECTS = ("rain", "clouds", "wind", "lightning", "ir", "shake", "dirt")
_EFFECT_SHARE = 0.25
_SIZE = (640, 360)
_FPS = 0.4
_FRAMES_A_RUN = 16
_KEPT_SHARE = 0.5
_CROP_PX = (260, 360)
"""Edges of the square that is cut from a frame before it becomes the network's input: what is learnt is near the size
at which the product's detector sees it."""
_ON_A_VEHICLE = 0.85
_SMALLEST_PX = 5.0
_SEEN_SHARE = 0.3
"""A road user that is hidden more than that is no example, neither of something nor of nothing; it is left in."""
_INSIDE_SHARE = 0.35

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A picture, `(side, side, 3)`, BGR, and what is in it: kind, and centre and size relative to the picture."""

    picture: Picture
    labels: tuple[tuple[Kind, float, float, float, float], ...]


def write_examples(folder: Path, name: str, examples: Iterator[Example]) -> int:
    """Writes them as Ultralytics wants them, and says how many road users are in them."""
    pictures, labels = folder / "images" / name, folder / "labels" / name
    pictures.mkdir(parents=True)
    labels.mkdir(parents=True)
    users = 0
    for index, example in enumerate(examples):
        cv2.imwrite(str(pictures / f"{index:05d}.png"), example.picture)
        lines = [f"{int(kind)} " + " ".join(f"{value:.5f}" for value in box) for kind, *box in example.labels]
        (labels / f"{index:05d}.txt").write_text("\n".join(lines), encoding="utf-8")
        users += len(lines)
    return users


def crops(count: int, side: int, seed: int, *, even: bool = False) -> Iterator[Example]:
    """So many crops of all scenes in all weathers, seen from slightly different places; the same for the same seed.

    Kinds are as frequent as in the scenes, or `even`: those of one road as frequent as each other.
    """
    rng = default_rng(seed)
    made = 0
    while made < count:
        traffic = _traffic(rng, even)
        for _, picture, truth in traffic.frames(_FRAMES_A_RUN / _FPS):
            if made < count and rng.random() < _KEPT_SHARE:
                yield _crop(picture, truth, side, rng)
                made += 1


def _traffic(rng: Generator, even: bool) -> Traffic:
    name = list(SCENES)[int(rng.integers(len(SCENES)))]
    effects = frozenset(effect for effect in EFFECTS if rng.random() < _EFFECT_SHARE)
    weather = Weather(str(rng.choice(LIGHTS)), effects)
    scene = _seen_anew(SCENES[name](), rng)
    if even:
        scene = replace(scene, flows=tuple(replace(flow, mix=dict.fromkeys(flow.mix, 1.0)) for flow in scene.flows))
    return Traffic(scene, Recording(int(rng.integers(2**32)), weather, _SIZE, _FPS))


def _seen_anew(scene: Scene, rng: Generator) -> Scene:
    """The scene from a camera that was put up a little otherwise, so that no place is learnt by heart."""
    view = scene.view
    moved = replace(
        view,
        height_m=view.height_m * float(rng.uniform(0.85, 1.2)),
        pitch_deg=view.pitch_deg + float(rng.uniform(-2, 4)),
        yaw_deg=view.yaw_deg + float(rng.uniform(-7, 7)),
        focal=view.focal * float(rng.uniform(0.85, 1.35)),
    )
    return replace(scene, view=moved)


def _crop(picture: Picture, truth: FrameTruth, side: int, rng: Generator) -> Example:
    height, width = picture.shape[:2]
    edge = int(rng.integers(_CROP_PX[0], _CROP_PX[1] + 1))
    boxes = [np.array(seen.box) * (width, height, width, height) for seen in truth.seen]
    centre = np.array([rng.uniform(0, width), rng.uniform(0, height)])
    if boxes and rng.random() < _ON_A_VEHICLE:
        x1, y1, x2, y2 = boxes[int(rng.integers(len(boxes)))]
        centre = np.array([rng.uniform(x1, x2), rng.uniform(y1, y2)]) + rng.uniform(-edge / 4, edge / 4, 2)
    left, top = (int(value) for value in np.clip(centre - edge / 2, 0, (width - edge, height - edge)))
    cut = cv2.resize(picture[top : top + edge, left : left + edge], (side, side), interpolation=cv2.INTER_AREA)
    labels = []
    for seen, box in zip(truth.seen, boxes, strict=True):
        inside = np.clip(box - (left, top, left, top), 0, edge)
        w, h = inside[2] - inside[0], inside[3] - inside[1]
        share = w * h / max((box[2] - box[0]) * (box[3] - box[1]), 1e-6)
        if (
            seen.visible_share >= _SEEN_SHARE
            and share >= _INSIDE_SHARE
            and min(w, h) * side / edge >= _SMALLEST_PX / 2
            and max(w, h) * side / edge >= _SMALLEST_PX
        ):
            x, y = (inside[0] + inside[2]) / 2, (inside[1] + inside[3]) / 2
            labels.append((seen.kind, float(x / edge), float(y / edge), float(w / edge), float(h / edge)))
    return Example(np.ascontiguousarray(cut), tuple(labels))
