"""What a detection would be if nothing stood before it and the picture did not end.

A detector puts its box around the part of a vehicle that it sees. Taken as it is, a car that disappears behind a bus,
or beyond the picture's edge, has turned and shrunk; its filter learns a speed that it never had, and the car is lost
while it is hidden. So an edge is not believed where the picture ends, nor where a nearer vehicle covers what lies
beyond it: it is put where the vehicle's known size wants it.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_EDGE = 0.005  # share of the picture: a box so near to its edge is cut by it
_CUT = 0.1  # of the size: what lacks less is jitter
_COVERED = 0.5
_LEAST_SEEN = 0.3  # of the size: of what is covered further, a detection is no proof
_NEARER = 0.1  # of the height: what stands so much lower in the picture is nearer to the camera, and not the same


def cut_edges(xyxy: Array, margin: float = _EDGE) -> NDArray[np.bool_]:
    """Which edges of the boxes are cut by the picture's, being as near to it as the margin, shape `(n, 4)`."""
    return np.concatenate([xyxy[:, :2] < margin, xyxy[:, 2:] > 1 - margin], axis=1)


def completed(expected: Array, found: Array, is_vehicle: NDArray[np.bool_]) -> Array:
    """Each detection as it would be if it were that vehicle and all of it were seen, shape `(n, m, 4)`.

    Args:
        expected: Where the vehicles should be, also beyond the picture; corners, shape `(n, 4)`.
        found: The detections, corners, shape `(m, 4)`.
        is_vehicle: Which of the expected ones are sure enough to hide others, detected or not, shape `(n,)`.
    """
    n, m = len(expected), len(found)
    whole = np.broadcast_to(found, (n, m, 4)).copy()
    if n == 0 or m == 0:
        return whole
    size = expected[:, 2:] - expected[:, :2]
    lacking = (found[None] - expected[:, None]) * (1, 1, -1, -1)
    is_short = lacking > _CUT * np.tile(size, 2)[:, None]
    is_seen = np.tile(found[:, 2:] - found[:, :2], 2) > _LEAST_SEEN * np.tile(size, 2)[:, None]
    may_lack = is_short & is_seen
    at_edge = cut_edges(found)
    before = np.concatenate([found, expected[is_vehicle]])
    is_nearer = before[None, :, 3] > expected[:, None, 3] + _NEARER * size[:, None, 1]
    may_hide = is_nearer[:, None] & ~np.eye(m, len(before), dtype=np.bool_)
    cut = [
        at_edge[None, :, edge] | _covered(expected, found, edge, before, may_hide & may_lack[..., edge, None])
        for edge in range(4)
    ]
    for axis in (0, 1):
        low, high = cut[axis], cut[axis + 2]
        begin, end, want = found[None, :, axis], found[None, :, axis + 2], size[:, None, axis]
        middle = expected[:, None, axis], expected[:, None, axis + 2]
        whole[..., axis] = np.where(low, np.minimum(begin, np.where(high, middle[0], end - want)), begin)
        whole[..., axis + 2] = np.where(high, np.maximum(end, np.where(low, middle[1], begin + want)), end)
    return whole


def _covered(expected: Array, found: Array, edge: int, before: Array, may_hide: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether one of the vehicles before it covers what each detection lacks of each vehicle beyond that edge."""
    if not may_hide.any():
        return np.zeros(may_hide.shape[:2], dtype=np.bool_)
    strip = np.broadcast_to(np.clip(expected, 0, 1)[:, None], (*may_hide.shape[:2], 4)).copy()
    strip[..., (edge + 2) % 4] = found[None, :, edge]
    top_left = np.maximum(strip[:, :, None, :2], before[:, :2])
    bottom_right = np.minimum(strip[:, :, None, 2:], before[:, 2:])
    common = np.clip(bottom_right - top_left, 0, None).prod(axis=3)
    area = np.clip(strip[..., 2:] - strip[..., :2], 1e-9, None).prod(axis=2)
    covered: NDArray[np.bool_] = ((common >= _COVERED * area[..., None]) & may_hide).any(axis=2)
    return covered
