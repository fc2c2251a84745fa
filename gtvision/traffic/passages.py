"""What the truth says of each road user, frame by frame, as arrays; and its stays in an area."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.geometry import Box
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Zone
from gtvision.pipeline.motion import SMALLEST_HEIGHT
from gtvision.pipeline.zones import depth
from gtvision.traffic.truth import FrameTruth, Story

Floats = NDArray[np.float64]

MARGIN = 0.1
"""Of the vehicle's size: nearer to a border than that it cannot be told on which side it is."""
SEEN_SHARE = 0.3
"""A vehicle of which less is visible is hidden."""
SEEN_S = 0.5
"""For so long altogether it has to be seen, anywhere within the stay."""
SURELY_STANDS, MAY_STAND = 0.1, 0.3
"""Sizes of its box: what strays less from where it stood surely stands, what strays more surely moves; see `rests`."""
_AWAY_S = 1.0
"""Shorter outside, it has not left."""


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """One road user in the n frames that show any of it.

    Attributes:
        story: All about it.
        times_s: Shape `(n,)`.
        places: Where it stands, shape `(n, 2)`, picture coordinates, also beyond the picture's edge.
        boxes: Cut at the picture's edge, shape `(n, 4)`, corners 0-1.
        visible: The share that is seen, shape `(n,)`.
        speeds_kmh: On the road, shape `(n,)`.
        frame_s: Seconds from a frame to the next.
        end_s: Of the newest frame of the scene, whether it shows it or not.
    """

    story: Story
    times_s: Floats
    places: Floats
    boxes: Floats
    visible: Floats
    speeds_kmh: Floats
    frame_s: float
    end_s: float

    @property
    def kind(self) -> Kind:
        """What it is."""
        return self.story.kind

    @property
    def sizes(self) -> Floats:
        """Width and height in each frame, shape `(n, 2)`, never 0."""
        return np.maximum(self.boxes[:, 2:] - self.boxes[:, :2], 1e-3)

    @property
    def is_seen(self) -> NDArray[np.bool_]:
        """Whether enough of it is visible, shape `(n,)`."""
        seen: NDArray[np.bool_] = self.visible >= SEEN_SHARE
        return seen

    def box(self, index: int) -> Box:
        """Its box in the frame of that index."""
        x1, y1, x2, y2 = (float(value) for value in self.boxes[index])
        return (x1, y1, x2, y2)

    def doubt(self, frames: NDArray[np.intp], seen_s: float = SEEN_S) -> str:
        """Why nobody can be asked to see it in these frames: `hidden` but for `seen_s`, `small`, or empty."""
        if self.is_seen[frames].sum() * self.frame_s < min(seen_s, len(frames) * self.frame_s) - 1e-6:
            return "hidden"
        if self.sizes[frames, 1].max(initial=0.0) < SMALLEST_HEIGHT:
            return "small"
        return ""

    def seen_after(self, index: int) -> float:
        """When it was next seen, from that frame on; that frame's time when it never was."""
        later = np.flatnonzero(self.is_seen[index:])
        return float(self.times_s[index + (later[0] if len(later) else 0)])

    def seen_before(self, index: int) -> float:
        """When it was last seen up to that frame; that frame's time when it never was."""
        earlier = np.flatnonzero(self.is_seen[: index + 1])
        return float(self.times_s[earlier[-1] if len(earlier) else index])


def passages(stories: Iterable[Story], frames: Iterable[FrameTruth]) -> tuple[Passage, ...]:
    """The road users of a scene, by what was told of them and what its frames, at least two, have shown."""
    boxes: dict[int, dict[float, Box]] = {}
    times_s: list[float] = []
    for frame in frames:
        times_s.append(frame.time_s)
        for seen in frame.seen:
            boxes.setdefault(seen.id, {})[frame.time_s] = seen.box
    frame_s = (times_s[-1] - times_s[0]) / (len(times_s) - 1)
    found = []
    for story in stories:
        shown = boxes.get(story.id, {})
        path = [step for step in story.path if step.time_s in shown]
        if not path:
            continue
        found.append(
            Passage(
                story,
                np.array([step.time_s for step in path]),
                np.array([step.place for step in path]),
                np.array([shown[step.time_s] for step in path]),
                np.array([step.visible_share for step in path]),
                np.array([step.speed_kmh for step in path]),
                frame_s,
                times_s[-1],
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class Stay:
    """A road user's stay in an area, or at its border.

    Attributes:
        near: Indices of the n frames in which it was inside, or less than `MARGIN` outside.
        deep: How far inside it was in them, in sizes of it, shape `(n,)`.
        is_open: Whether the scene ended before it was surely outside.
    """

    near: NDArray[np.intp]
    deep: Floats
    is_open: bool

    @property
    def sure(self) -> NDArray[np.intp]:
        """The indices from the first to the last frame in which it was surely inside; those near, if it never was."""
        inside = np.flatnonzero(self.deep >= MARGIN)
        return self.near[inside[0] : inside[-1] + 1] if len(inside) else self.near

    def is_at_border(self, frames: NDArray[np.intp]) -> bool:
        """Whether it was never surely inside in these of its frames."""
        return bool(self.deep[np.isin(self.near, frames)].max() < MARGIN)


def stays(passage: Passage, zones: tuple[Zone, ...]) -> Iterator[Stay]:
    """The stays in the union of the zones, near misses as well."""
    deep = depths(passage, zones)
    for near in runs(np.flatnonzero(deep > -MARGIN), passage.times_s, _AWAY_S):
        yield Stay(near, deep[near], bool(passage.times_s[near[-1]] >= passage.end_s - passage.frame_s / 2))


def depths(passage: Passage, zones: tuple[Zone, ...]) -> Floats:
    """How deep inside the union of the zones it is in each frame, in sizes of it, shape `(n,)`; negative outside."""
    pairs = zip(passage.places, passage.sizes, strict=True)
    return np.array([depth(zones, (float(x), float(y)), (float(w), float(h))) for (x, y), (w, h) in pairs])


def runs(frames: NDArray[np.intp], times_s: Floats, apart_s: float) -> Iterator[NDArray[np.intp]]:
    """The frames, cut where the next one is so much later."""
    if len(frames):
        yield from np.split(frames, np.flatnonzero(np.diff(times_s[frames]) >= apart_s) + 1)


def rests(passage: Passage, frames: NDArray[np.intp], moved: float) -> Iterator[NDArray[np.intp]]:
    """Runs of these frames in which its box strays from where it stood at first by less than `moved` sizes."""
    boxes, sizes = passage.boxes, np.tile(passage.sizes, 2)
    begin = 0
    while begin < len(frames):
        anchor = frames[begin]
        away = np.abs(boxes[frames[begin:]] - boxes[anchor]) / sizes[anchor]
        strays = np.maximum(np.minimum(away[:, 0], away[:, 2]), np.minimum(away[:, 1], away[:, 3])) >= moved
        length = int(strays.argmax()) if strays.any() else len(strays)
        yield frames[begin : begin + length]
        begin += length
