"""How vehicles drive: behind each other, past each other, up to red lights and into parking places.

Source: car following is the Intelligent Driver Model (Treiber, Hennecke, Helbing 2000, Physical Review E 62:1805).
"""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.kinds import Kind
from gtvision.traffic.routes import Lights
from gtvision.traffic.vehicles import Vehicle

Floats = NDArray[np.float64]

_ACCELERATION = 1.8
_BRAKING = 2.5
_HARDEST_BRAKING = 8.0
_GAP_M = 2.0
_OVER_THE_LINE_M = 1.0  # who stands so little beyond a stop line still waits for the light
_HEADWAY_S = 1.2
_SIDE_ROOM_M = 0.25
_SAME_WAY = 0.5
_FREE_M = 200.0
_SIDEWAYS_MPS = 1.1
_SLOWER = 0.85
_PULLS_OVER_M = 14.0
_ARRIVED_M = 1.2
_ROOM_BEHIND_M, _ROOM_AHEAD_M = 14.0, 10.0


def drive(vehicles: list[Vehicle], lights: Lights | None, time_s: float, step_s: float) -> None:
    """Moves all of them by one step."""
    if not vehicles:
        return
    around = _Around(vehicles)
    speeds = []
    for index, (vehicle, (gap_m, ahead_mps)) in enumerate(zip(vehicles, around.leaders(), strict=True)):
        _choose_lane(vehicle, index, around, (gap_m, ahead_mps))
        for standing_m in _standing_ahead(vehicle, lights, time_s):
            if standing_m < gap_m:
                gap_m, ahead_mps = standing_m, 0.0
        speeds.append(_speed_after(vehicle, gap_m, ahead_mps, step_s))
    for vehicle, speed in zip(vehicles, speeds, strict=True):
        _move(vehicle, speed, time_s, step_s)


class _Around:
    """Who is where, as seen by each of them.

    Lights keep crossing streams apart and places to park lie beside the lanes, so that a vehicle minds who drives its
    way and people on foot, who mind nobody: nobody can wait for each other.
    """

    def __init__(self, vehicles: list[Vehicle]) -> None:
        poses = np.array([vehicle.pose for vehicle in vehicles])
        ahead = np.stack([np.cos(poses[:, 2]), np.sin(poses[:, 2])], axis=1)
        relative = poses[None, :, :2] - poses[:, None, :2]
        sizes = np.array([(v.looks.shape.length_m, v.looks.shape.width_m) for v in vehicles])
        self._speed = np.array([vehicle.speed_mps for vehicle in vehicles])
        self._on_foot = np.array([vehicle.looks.kind is Kind.PERSON for vehicle in vehicles])
        self._parked = np.array([vehicle.parked_since_s is not None for vehicle in vehicles])
        self._same_way = ahead @ ahead.T
        self._along = (relative * ahead[:, None]).sum(axis=2)
        self._left = ahead[:, None, 0] * relative[:, :, 1] - ahead[:, None, 1] * relative[:, :, 0]
        turned = np.sqrt(np.maximum(0.0, 1 - self._same_way**2))
        straight = np.abs(self._same_way)
        self._reach = (sizes[:, :1] + straight * sizes[:, 0] + turned * sizes[:, 1]) / 2
        self._breadth = (sizes[:, 1:] + straight * sizes[:, 1] + turned * sizes[:, 0]) / 2 + _SIDE_ROOM_M

    def leaders(self) -> list[tuple[float, float]]:
        """For each, the gap in metres to whoever is in its way, and that one's speed in the same direction."""
        same_way = self._same_way > _SAME_WAY
        minds = np.where(self._on_foot[:, None], self._on_foot & same_way, self._on_foot | same_way) & ~self._parked
        in_way = minds & (self._along > 0) & (np.abs(self._left) < self._breadth)
        gaps = np.where(in_way, self._along - self._reach, _FREE_M)
        nearest = gaps.argmin(axis=1)
        each = np.arange(len(nearest))
        speeds = self._speed[nearest] * np.maximum(0.0, self._same_way[each, nearest])
        return list(zip(gaps[each, nearest].tolist(), speeds.tolist(), strict=True))

    def is_free(self, index: int, left_m: float) -> bool:
        """Whether nobody is, or soon comes, beside it, so far to its left."""
        gains = np.maximum(self._speed - self._speed[index], 0.0) * 3.0
        near = (self._along[index] > -_ROOM_BEHIND_M - gains) & (self._along[index] < _ROOM_AHEAD_M)
        near &= np.abs(self._left[index] - left_m) < self._breadth[index]
        near[index] = False
        return not near.any()


def _choose_lane(vehicle: Vehicle, index: int, around: _Around, leader: tuple[float, float]) -> None:
    gap_m, ahead_mps = leader
    if vehicle.stop is not None:
        near = vehicle.stop.way_m - vehicle.way_m < _PULLS_OVER_M + vehicle.speed_mps
        vehicle.lane_m = vehicle.stop.left_m if near else vehicle.lane_m
        return
    lanes = vehicle.route.lanes
    is_parked = min(abs(vehicle.left_m - lane) for lane in lanes) > 1.0 and vehicle.speed_mps < 0.5
    held_up = gap_m < 8 + 2 * vehicle.speed_mps and ahead_mps < _SLOWER * vehicle.desired_mps
    if abs(vehicle.left_m - vehicle.lane_m) > 0.1 or not (is_parked or (held_up and vehicle.speed_mps > 2)):
        return
    for lane in sorted(lanes, key=lambda each: abs(each - vehicle.lane_m)):
        is_next = 0.1 < abs(lane - vehicle.lane_m) < 4.5
        if is_next and not vehicle.wrong_way and around.is_free(index, lane - vehicle.left_m):
            vehicle.lane_m = lane
            return


def _standing_ahead(vehicle: Vehicle, lights: Lights | None, time_s: float) -> list[float]:
    """Gaps in metres to where it has to stand."""
    gaps = []
    if vehicle.stop is not None:
        gaps.append(vehicle.stop.way_m - vehicle.way_m + _GAP_M)
    stop_m = vehicle.route.stop_m
    if lights is not None and stop_m is not None and not lights.is_green(vehicle.route.phase, time_s):
        left_m = stop_m - vehicle.way_m - vehicle.looks.shape.length_m / 2
        if left_m > vehicle.speed_mps**2 / (2 * _HARDEST_BRAKING) - _OVER_THE_LINE_M:
            gaps.append(left_m + _GAP_M)
    return gaps


def _speed_after(vehicle: Vehicle, gap_m: float, ahead_mps: float, step_s: float) -> float:
    speed = vehicle.speed_mps
    closing = speed * (speed - ahead_mps) / (2 * sqrt(_ACCELERATION * _BRAKING))
    wanted = _GAP_M + max(0.0, speed * _HEADWAY_S + closing)
    change = _ACCELERATION * (1 - (speed / vehicle.desired_mps) ** 4 - (wanted / max(gap_m, 0.1)) ** 2)
    return max(0.0, speed + max(change, -_HARDEST_BRAKING) * step_s)


def _move(vehicle: Vehicle, speed_mps: float, time_s: float, step_s: float) -> None:
    if vehicle.parked_since_s is not None and vehicle.stop is not None:
        if time_s - vehicle.parked_since_s >= vehicle.stop.for_s:
            vehicle.parkings[-1] = (vehicle.parked_since_s, time_s)
            vehicle.stop = vehicle.parked_since_s = None
        vehicle.speed_mps = 0.0
        return
    vehicle.way_m += (vehicle.speed_mps + speed_mps) / 2 * step_s
    vehicle.speed_mps = speed_mps
    shift = np.clip(vehicle.lane_m - vehicle.left_m, -1, 1) * min(_SIDEWAYS_MPS, speed_mps * 0.6) * step_s
    vehicle.left_m += float(shift)
    if vehicle.stop is not None and speed_mps < 0.15 and vehicle.stop.way_m - vehicle.way_m < _ARRIVED_M:
        vehicle.parked_since_s = time_s
        vehicle.parkings.append((time_s, None))
