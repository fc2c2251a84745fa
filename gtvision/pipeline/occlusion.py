"""What a detection would be if nothing stood before it.

A detector puts its box around the part of a vehicle that it sees. Taken as it is, a car that disappears behind a bus
has turned and shrunk; its filter learns a speed that it never had, and the car is lost while it is hidden. So an edge
is not believed where a nearer vehicle covers what lies beyond it: it is put where the vehicle's known size wants it.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_CUT = 0.1  # of the size: what lacks less is jitter
_COVERED = 0.5


def completed(expected: Array, found: Array) -> Array:
    """Each detection as it would be if it were that vehicle and nothing hid it, shape `(n, m, 4)`.

    Args:
        expected: Where the vehicles should be, the part inside the picture; corners, shape `(n, 4)`.
        found: The detections, corners, shape `(m, 4)`.
    """
    n, m = len(expected), len(found)
    whole = np.broadcast_to(found, (n, m, 4)).copy()
    if n == 0 or m < 2:
        return whole
    size = expected[:, 2:] - expected[:, :2]
    is_nearer = found[None, :, 3] > expected[:, None, 3]
    lacking = found[None] - expected[:, None]
    lacking[..., 2:] *= -1
    is_cut = lacking > _CUT * np.tile(size, 2)[:, None]
    for axis in (0, 1):
        low, high = (is_cut[..., edge] & _covered(expected, found, edge, is_nearer) for edge in (axis, axis + 2))
        want = size[:, None, axis]
        begin, end = whole[..., axis].copy(), whole[..., axis + 2].copy()
        whole[..., axis] = np.where(low, np.where(high, expected[:, None, axis], end - want), begin)
        whole[..., axis + 2] = np.where(high, np.where(low, expected[:, None, axis + 2], begin + want), end)
    return whole


def _covered(expected: Array, found: Array, edge: int, is_nearer: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether one nearer detection covers what each detection lacks of each vehicle beyond that edge."""
    n, m = is_nearer.shape
    strip = np.broadcast_to(expected[:, None], (n, m, 4)).copy()
    strip[..., (edge + 2) % 4] = found[None, :, edge]
    top_left = np.maximum(strip[:, :, None, :2], found[:, :2])
    bottom_right = np.minimum(strip[:, :, None, 2:], found[:, 2:])
    common = np.clip(bottom_right - top_left, 0, None).prod(axis=3)
    area = np.clip(strip[..., 2:] - strip[..., :2], 1e-9, None).prod(axis=2)
    hides = (common >= _COVERED * area[..., None]) & is_nearer[:, None] & ~np.eye(m, dtype=np.bool_)
    covered: NDArray[np.bool_] = hides.any(axis=2)
    return covered
