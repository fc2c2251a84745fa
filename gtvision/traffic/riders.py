"""People, on foot and on two wheels. A person's legs and a cyclist's move with the way gone."""

from math import pi, sin

import numpy as np
from numpy.random import Generator

from gtvision.traffic.bodies import Shape
from gtvision.traffic.mesh import RUBBER, Colour, Mesh, ball, disc, join, patch, tube

_SKIN: tuple[Colour, ...] = ((125, 155, 205), (85, 115, 165), (60, 80, 120))
_CLOTHES: tuple[Colour, ...] = (
    (60, 60, 190),
    (190, 110, 50),
    (70, 140, 70),
    (215, 215, 215),
    (90, 70, 60),
    (50, 160, 220),
)
_TROUSERS: tuple[Colour, ...] = ((110, 75, 55), (66, 64, 62), (130, 130, 125))
_STRIDE_M = 1.5
PHASES = 8
"""How many poses a walk has."""


def _pick(rng: Generator, colours: tuple[Colour, ...]) -> Colour:
    return colours[int(rng.integers(len(colours)))]


def person(rng: Generator) -> tuple[list[Mesh], Shape]:
    """The poses of one stride of a person on foot."""
    skin, shirt, trousers = _pick(rng, _SKIN), _pick(rng, _CLOTHES), _pick(rng, _TROUSERS)
    tall = float(rng.uniform(1.6, 1.82))
    return [_walker(tall, skin, shirt, trousers, phase) for phase in range(PHASES)], Shape(0.5, 0.5, tall, (0, 0))


def _walker(tall: float, skin: Colour, shirt: Colour, trousers: Colour, phase: int) -> Mesh:
    swing = 0.3 * sin(2 * pi * phase / PHASES)
    hip, neck = 0.5 * tall, 0.83 * tall
    limbs = [
        tube((0, 0, hip), (0.02, 0, neck), (0.15, 0.17, 0.19, 0.12), shirt),
        ball((0.03, 0, 0.93 * tall), 0.115, skin),
        ball((-0.02, 0, 0.955 * tall), 0.112, (40, 45, 60)),
    ]
    for side in (-1, 1):
        step = side * swing
        limbs.append(tube((0, side * 0.09, hip), (step, side * 0.1, 0.05), (0.1, 0.085, 0.06), trousers))
        limbs.append(
            tube((0, side * 0.2, neck - 0.06), (-step * 0.8, side * 0.24, hip - 0.02), (0.06, 0.05, 0.045), shirt)
        )
    return join(*limbs)


def motorcycle(rng: Generator) -> tuple[list[Mesh], Shape]:
    """A motorcycle, a wheel at each end, its rider with a helmet and at times a courier's box."""
    paint, jacket = _pick(rng, _CLOTHES), _pick(rng, _CLOTHES)
    helmet = _pick(rng, ((70, 68, 66), (230, 230, 230), (40, 40, 190)))
    parts = [*_wheel(-0.65, 0.3), *_wheel(0.65, 0.3)]
    parts += [
        tube((-0.75, 0, 0.72), (0.25, 0, 0.78), (0.1, 0.16, 0.16), RUBBER),
        tube((-0.1, 0, 0.78), (0.42, 0, 0.88), (0.12, 0.19, 0.14), paint),
        tube((-0.3, 0, 0.4), (0.3, 0, 0.45), (0.14, 0.2, 0.14), (95, 95, 95)),
        tube((0.66, 0, 0.3), (0.42, 0, 0.95), (0.06, 0.06), (120, 120, 120)),
        tube((0.4, -0.36, 1.0), (0.4, 0.36, 1.0), (0.03, 0.03), (70, 70, 70)),
        *_rider(jacket, _pick(rng, _TROUSERS), 0.36, (0.4, 1.02)),
        ball((0.12, 0, 1.6), 0.16, helmet),
        patch([(0.6, -0.1, 0.82), (0.6, 0.1, 0.82), (0.56, 0.1, 0.98), (0.56, -0.1, 0.98)], (245, 250, 255), glow=1.0),
        patch(
            [(-0.8, 0.09, 0.72), (-0.8, -0.09, 0.72), (-0.8, -0.09, 0.82), (-0.8, 0.09, 0.82)], (40, 30, 200), glow=0.9
        ),
    ]
    if rng.random() < 0.4:
        parts.append(tube((-0.72, 0, 0.85), (-0.72, 0, 1.3), (0.28, 0.28), (40, 40, 185)))
    return [join(*parts)], Shape(2.0, 0.75, 1.75, (0.55, 0))


def bicycle(rng: Generator) -> tuple[list[Mesh], Shape]:
    """The poses of one turn of the pedals."""
    frame, shirt, skin, trousers = (_pick(rng, c) for c in (_CLOTHES, _CLOTHES, _SKIN, _TROUSERS))
    return [_cyclist(frame, shirt, skin, trousers, phase) for phase in range(PHASES)], Shape(1.75, 0.6, 1.75, (0, 0))


def _cyclist(frame: Colour, shirt: Colour, skin: Colour, trousers: Colour, phase: int) -> Mesh:
    turn = 2 * pi * phase / PHASES
    bars = [((-0.55, 0.33), (-0.15, 0.9)), ((-0.15, 0.9), (0.42, 0.88)), ((0.0, 0.33), (0.42, 0.85))]
    bars += [((0.55, 0.33), (0.42, 1.02)), ((0.0, 0.33), (-0.18, 0.95)), ((-0.55, 0.33), (0.0, 0.33))]
    parts = [*_wheel(-0.55, 0.33, thin=True), *_wheel(0.55, 0.33, thin=True)]
    parts += [tube((a[0], 0, a[1]), (b[0], 0, b[1]), (0.025, 0.025), frame) for a, b in bars]
    parts.append(tube((0.42, -0.28, 1.04), (0.42, 0.28, 1.04), (0.02, 0.02), (70, 70, 70)))
    parts += [tube((-0.18, 0, 0.95), (0.12, 0, 1.42), (0.14, 0.17, 0.12), shirt), ball((0.2, 0, 1.6), 0.125, skin)]
    for side in (-1, 1):
        foot = (0.13 * sin(turn) * side, side * 0.12, 0.33 - 0.14 * float(np.cos(turn)) * side)
        knee = (0.22, side * 0.13, 0.72 - 0.07 * float(np.cos(turn)) * side)
        parts += [tube((-0.15, side * 0.1, 0.95), knee, (0.09, 0.07), trousers), tube(knee, foot, (0.065, 0.05), skin)]
        parts.append(tube((0.08, side * 0.18, 1.36), (0.42, side * 0.24, 1.05), (0.05, 0.04), skin))
    return join(*parts)


def _wheel(x: float, radius_m: float, *, thin: bool = False) -> list[Mesh]:
    half = 0.03 if thin else 0.06
    found = []
    for side in (-1, 1):
        found.append(disc((x, side * half, radius_m), radius_m, side, RUBBER, nearer_m=0.0))
        inner = (150, 150, 148) if thin else (130, 130, 130)
        found.append(disc((x, side * half, radius_m), radius_m * (0.86 if thin else 0.6), side, inner, nearer_m=0.1))
    found.append(tube((x - radius_m * 0.95, 0, radius_m), (x + radius_m * 0.95, 0, radius_m), (half, half), RUBBER))
    return found


def _rider(shirt: Colour, trousers: Colour, lean: float, hands: tuple[float, float]) -> list[Mesh]:
    parts = [tube((-0.25, 0, 0.85), (-0.25 + lean, 0, 1.42), (0.18, 0.21, 0.15), shirt)]
    for side in (-1, 1):
        knee = (0.2, side * 0.25, 0.72)
        parts += [tube((-0.2, side * 0.14, 0.85), knee, (0.12, 0.09), trousers)]
        parts += [tube(knee, (-0.02, side * 0.22, 0.33), (0.08, 0.06), trousers)]
        elbow = (0.15, side * 0.32, 1.12)
        parts.append(tube((-0.3 + lean, side * 0.22, 1.36), elbow, (0.08, 0.065), shirt))
        parts.append(tube(elbow, (hands[0], side * 0.32, hands[1]), (0.06, 0.05), shirt))
    return parts


def phase_at(way_m: float) -> int:
    """Which of `PHASES` poses after that way."""
    return int(way_m / _STRIDE_M * PHASES) % PHASES
