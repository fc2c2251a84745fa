"""Damage to RTP packets on their way out; the interleaving around them stays whole, as TCP would leave it."""

import random

from gtvision.simulate.rtp import HEADER_BYTES, INTERLEAVED_BYTES, Frame


def _bounds(frame: Frame) -> list[tuple[int, int]]:
    return list(zip(frame.packets, (*frame.packets[1:], len(frame.wire)), strict=True))


def to_garbage(wire: bytearray, frame: Frame, dice: random.Random) -> None:
    """Puts random bytes in place of every RTP packet."""
    for begin, end in _bounds(frame):
        wire[begin + INTERLEAVED_BYTES : end] = dice.randbytes(end - begin - INTERLEAVED_BYTES)


def corrupt(wire: bytearray, frame: Frame, share: float, dice: random.Random) -> None:
    """Flips one bit in the payload of that share of the packets."""
    for begin, end in _bounds(frame):
        if dice.random() < share:
            wire[dice.randrange(begin + HEADER_BYTES, end)] ^= 1 << dice.randrange(8)
