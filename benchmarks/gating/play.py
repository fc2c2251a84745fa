"""Simulated traffic through the product's own sampler, ring and gate, without an encoder between."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.domain.camera import Camera
from gtvision.domain.detections import Detections
from gtvision.domain.stream import GREY_WIDTH, Packet
from gtvision.pipeline.camera import CameraCore
from gtvision.pipeline.ring import PacketRing
from gtvision.runtime.sampling import Looker, Taken
from gtvision.traffic import FrameTruth

FPS = 5.0
"""As often as a burst samples; a keyframe a second."""
_DETECTABLE_SHARE = 1 / 3


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """`Picture` of a drawn frame that is grey already, and small."""

    time_s: float
    pixels: NDArray[np.uint8]

    def grey(self, width: int) -> NDArray[np.uint8]:
        """The pixels."""
        assert self.pixels.shape[1] <= width
        return self.pixels

    def bgr(self, width: int | None = None) -> NDArray[np.uint8]:
        """Nobody asks."""
        raise NotImplementedError(width)


class DrawnFrames:
    """`PictureDecoder` whose packets hold the frames."""

    def keyframe(self, packet: Packet) -> Drawn:
        """The frame."""
        return Drawn(packet.time_s, packet.payload)

    def restart(self) -> None:
        """Nothing to forget."""

    def feed(self, packet: Packet) -> Sequence[Drawn]:
        """The frame."""
        return (Drawn(packet.time_s, packet.payload),)


def shrunk(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey as the gate gets it: area scaling to its width."""
    height = round(picture.shape[0] * GREY_WIDTH / picture.shape[1])
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.resize(grey, (GREY_WIDTH, height), interpolation=cv2.INTER_AREA))


def samples(
    camera: Camera,
    frames: Iterable[tuple[float, NDArray[np.uint8]]],
    detect: Callable[[float], Detections] | None = None,
) -> Iterator[Taken]:
    """The samples that the product takes of these grey frames, with the gate's verdicts.

    Args:
        camera: Its zones and its sampling count.
        frames: Time and grey picture, `FPS` of them a second.
        detect: What the detector answers for the sample of a time; without it nobody answers, so that the gate alone
            decides what passes and when a burst begins.
    """
    core = CameraCore(camera)
    looker = Looker(core, PacketRing(12.0, 2**26), DrawnFrames(), nullcontext())
    for number, (time_s, grey) in enumerate(frames):
        for taken in looker.step(Packet(time_s, time_s, number % round(FPS) == 0, 1000, grey)):
            if detect is not None and taken.look.passed:
                core.detected(taken.time_s, detect(taken.time_s))
            yield taken


def detections_of(truth: FrameTruth) -> Detections:
    """What a detector would answer that knows the truth: who is seen by a third at least."""
    seen = [each for each in truth.seen if each.visible_share >= _DETECTABLE_SHARE]
    return Detections(
        np.array([each.box for each in seen], np.float32).reshape(-1, 4),
        np.full(len(seen), 0.9, np.float32),
        np.array([each.kind for each in seen], np.int16),
    )
