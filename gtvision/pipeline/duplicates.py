"""Which boxes of one picture are vehicles of their own."""

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.geometry import iou
from gtvision.domain.kinds import Kind

FAMILY = np.array([0, 1, 1, 2, 2, 2])
"""By `Kind`: people, two wheels, four wheels and more. A vehicle may look like another kind of its family."""

_DUPLICATE_IOU = 0.5
_SAME_PLACE_IOU = 0.75  # no two vehicles look so much alike, whatever they are called
_PART_SHARE = 0.85
_LARGE = (Kind.BUS, Kind.TRUCK)
_LONG = 0.7  # width by height, both as shares of the picture: seen from the side
_LEVEL = 0.1  # of the height, by which the upper and lower edges of two halves of a vehicle may differ


def without_duplicates(
    xyxy: NDArray[np.float64], score: NDArray[np.float32], kind: NDArray[np.int16]
) -> NDArray[np.intp]:
    """The indices of the detections that are vehicles of their own, best score first.

    A car that is also called a truck is one vehicle, and so are a car and a motorcycle in the same place; so is a lorry
    and its cab: a box inside another of the same family that does not stand nearer to the camera is a part of it, or
    carried by it. A rider is no twin of what he rides.
    """
    order = np.argsort(-score, kind="stable")
    overlap = iou(xyxy, xyxy)
    within = covered(xyxy, xyxy)
    height = xyxy[:, 3] - xyxy[:, 1]
    family, is_large = FAMILY[kind], np.isin(kind, _LARGE)
    kept: list[int] = []
    for i in order:
        same = [j for j in kept if family[j] == family[i]]
        is_twin = any(overlap[i, j] > _DUPLICATE_IOU for j in same) or any(
            overlap[i, j] > _SAME_PLACE_IOU for j in kept if Kind.PERSON not in (kind[i], kind[j])
        )
        is_part = any(within[i, j] > _PART_SHARE and xyxy[i, 3] < xyxy[j, 3] - 0.02 * height[j] for j in same)
        is_wheel = any(
            within[i, j] > _PART_SHARE and height[i] < 0.5 * height[j] and xyxy[i, 3] < xyxy[j, 3] + 0.02 * height[j]
            for j in kept
            if is_large[j] and kind[i] != Kind.PERSON
        )
        if not (is_twin or is_part or is_wheel):
            kept.append(int(i))
    return np.array(kept, dtype=np.intp)


def joined(xyxy: NDArray[np.float64], kind: NDArray[np.int16]) -> NDArray[np.float64]:
    """The boxes, shape `(n, 4)`, with the pieces of a long vehicle seen from the side each as long as all of it.

    A detector that has to look at a bus as wide as half the picture finds its front, its rear, or both: boxes of the
    same upper and lower edge that meet.
    """
    whole = xyxy.copy()
    size = xyxy[:, 2:] - xyxy[:, :2]
    long = np.flatnonzero(np.isin(kind, _LARGE) & (size[:, 0] > _LONG * size[:, 1]))
    for _ in range(min(len(long), 4) - 1):
        for i in long:
            a, b = whole[i], whole[long]
            meets = (np.minimum(a[2], b[:, 2]) > np.maximum(a[0], b[:, 0])) & (
                np.abs(a[[1, 3]] - b[:, [1, 3]]) < _LEVEL * size[i, 1]
            ).all(axis=1)
            whole[i, 0], whole[i, 2] = b[meets, 0].min(), b[meets, 2].max()
    return whole


def covered(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of each box of `a` that lies inside each of `b`, shape `(n, m)`."""
    top_left = np.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = np.clip(bottom_right - top_left, 0, None).prod(axis=2)
    share: NDArray[np.float64] = common / np.maximum((a[:, 2:] - a[:, :2]).prod(axis=1), 1e-12)[:, None]
    return share
