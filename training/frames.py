"""Pictures to train and judge a detector with: crops of simulated traffic, and YOLO's labels beside them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from gtvision.domain.kinds import Kind
from gtvision.traffic import CLOSE_UPS, SCENES, FrameTruth, Recording, Traffic, Weather
from gtvision.traffic.site import Scene

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
_WIDE_FOCAL = 1.1

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Mix:
    """What streets the pictures are of.

    Attributes:
        even: Whether the kinds of one road are as frequent as each other, or as in the scenes.
        near: The share of runs that are filmed so near that plates can be read.
        infrared: The share that is seen by infrared at least for a part; None leaves it to chance like any effect.
    """

    even: bool = False
    near: float = 0.0
    infrared: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A picture, shape `(h, w, 3)`, BGR, and what is in it: kind, and centre and size relative to the picture."""

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


def crops(count: int, side: int, seed: int, mix: Mix) -> Iterator[Example]:
    """So many square crops of all scenes in all weathers, seen from slightly different places; the same for a seed."""
    rng = default_rng(seed)
    for picture, truth in _frames(count, rng, mix):
        yield _crop(picture, truth, side, rng)


def whole_frames(count: int, seed: int, mix: Mix) -> Iterator[Example]:
    """So many frames as a camera sends them, with the largest vehicles whole; else as `crops`."""
    for picture, truth in _frames(count, default_rng(seed), mix):
        yield _labelled(picture, truth, (0, 0, picture.shape[1], picture.shape[0]), 1.0)


def _frames(count: int, rng: Generator, mix: Mix) -> Iterator[tuple[Picture, FrameTruth]]:
    made = 0
    while made < count:
        traffic = _traffic(rng, mix)
        for _, picture, truth in traffic.frames(_FRAMES_A_RUN / _FPS):
            if made < count and rng.random() < _KEPT_SHARE:
                yield picture, truth
                made += 1


def _traffic(rng: Generator, mix: Mix) -> Traffic:
    scenes = CLOSE_UPS if mix.near and rng.random() < mix.near else SCENES
    name = list(scenes)[int(rng.integers(len(scenes)))]
    effects = frozenset(effect for effect in EFFECTS if rng.random() < _EFFECT_SHARE)
    if mix.infrared is not None:
        effects = effects - {"ir"} | ({"ir"} if rng.random() < mix.infrared else set())
    weather = Weather(str(rng.choice(LIGHTS)), effects)
    scene = _seen_anew(scenes[name](), rng)
    if mix.even:
        scene = replace(scene, flows=tuple(replace(flow, mix=dict.fromkeys(flow.mix, 1.0)) for flow in scene.flows))
    return Traffic(scene, Recording(int(rng.integers(2**32)), weather, _SIZE, _FPS))


def _seen_anew(scene: Scene, rng: Generator) -> Scene:
    """The scene from a camera that was put up a little otherwise, so that no place is learnt by heart.

    A long lens turns by less: by the same share of its picture.
    """
    view = scene.view
    turned = min(1.0, _WIDE_FOCAL / view.focal)
    moved = replace(
        view,
        height_m=view.height_m * float(rng.uniform(0.85, 1.2)),
        pitch_deg=view.pitch_deg + turned * float(rng.uniform(-2, 4)),
        yaw_deg=view.yaw_deg + turned * float(rng.uniform(-7, 7)),
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
    example = _labelled(picture, truth, (left, top, edge, edge), side / edge)
    cut = cv2.resize(example.picture, (side, side), interpolation=cv2.INTER_AREA)
    return Example(np.ascontiguousarray(cut), example.labels)


def _labelled(picture: Picture, truth: FrameTruth, window: tuple[int, int, int, int], scale: float) -> Example:
    """What of the picture lies in the window: left, top, width, height; it will be shown `scale` times as large."""
    left, top, width, height = window
    labels = []
    for seen in truth.seen:
        box = np.array(seen.box) * np.tile((picture.shape[1], picture.shape[0]), 2)
        inside = np.clip(box - (left, top, left, top), 0, (width, height, width, height))
        w, h = inside[2:] - inside[:2]
        share = w * h / max(float(np.prod(box[2:] - box[:2])), 1e-6)
        is_large = min(w, h) * scale >= _SMALLEST_PX / 2 and max(w, h) * scale >= _SMALLEST_PX
        if seen.visible_share >= _SEEN_SHARE and share >= _INSIDE_SHARE and is_large:
            x, y = (inside[:2] + inside[2:]) / 2
            labels.append((seen.kind, float(x / width), float(y / height), float(w / width), float(h / height)))
    return Example(picture[top : top + height, left : left + width], tuple(labels))
