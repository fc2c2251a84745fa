"""From packets to looked-at samples: what the live camera and the analysis of a recording have in common."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.stream import GREY_WIDTH, Packet
from gtvision.pipeline.camera import CameraCore
from gtvision.pipeline.look import Look
from gtvision.pipeline.ring import PacketRing
from gtvision.pipeline.sampler import Decode
from gtvision.ports import Picture, PictureDecoder

_SAME_PICTURE_S = 1e-3
_JUMP_BACK_S = 2.0


class SharedPicture:
    """A picture that two threads may use: conversions of one decoder's pictures share its scaler."""

    def __init__(self, picture: Picture, lock: AbstractContextManager[object]) -> None:
        self._picture = picture
        self._lock = lock

    @property
    def time_s(self) -> float:
        """When it was taken."""
        return self._picture.time_s

    def grey(self, width: int) -> NDArray[np.uint8]:
        """Brightness, shape `(h, w)`, at most `width` wide, aspect kept."""
        with self._lock:
            return self._picture.grey(width)

    def bgr(self, width: int | None = None) -> NDArray[np.uint8]:
        """Colour, shape `(h, w, 3)`, BGR, at most `width` wide (None: as it is), aspect kept."""
        with self._lock:
            return self._picture.bgr(width)


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A sample that the gate has judged.

    Attributes:
        time_s: When it was taken.
        picture: It, at full size.
        look: The verdict; the detector gets it when it passed.
        is_burst: Whether the camera samples densely just now.
    """

    time_s: float
    picture: Picture
    look: Look
    is_burst: bool


class Looker:
    """Puts packets into the ring, decodes what the core asks for, and shows it the pictures that are samples.

    When a burst begins, the pictures since the previous idle sample are decoded from the ring and looked at as well,
    and the sample that began it follows in its place. Used by one thread; `lock` guards core and ring, which others
    may use too, and the decoder's scaler.
    """

    def __init__(
        self, core: CameraCore, ring: PacketRing, decoder: PictureDecoder, lock: AbstractContextManager[object]
    ) -> None:
        self._core = core
        self._ring = ring
        self._decoder = decoder
        self._lock = lock
        self._is_fed = False
        self._seen_s = float("-inf")
        self.pictures = 0
        """Pictures decoded so far."""

    def step(self, packet: Packet) -> Iterator[Taken]:
        """The samples that come out when the packet goes in, in order of time; iterate to the end."""
        with self._lock:
            self._ring.append(packet)
            verdict = self._core.packet(packet.time_s, packet.is_keyframe)
        if packet.time_s < self._seen_s - _JUMP_BACK_S:
            self._seen_s = float("-inf")
        for picture in self._decoded(packet, verdict):
            taken, catch_up_from_s = self._look(picture)
            if taken is not None and catch_up_from_s is not None:
                yield from self._burst(catch_up_from_s, taken)
                return
            if taken is not None:
                yield taken

    def _decoded(self, packet: Packet, verdict: Decode) -> Iterable[Picture]:
        if verdict is Decode.FEED:
            return self._fed((packet,)) if self._is_fed else self._since(packet.time_s, self._seen_s)
        self._is_fed = False
        picture = self._decoder.keyframe(packet) if verdict is Decode.KEYFRAME else None
        self.pictures += picture is not None
        return () if picture is None else (picture,)

    def _since(self, time_s: float, after_s: float) -> Iterator[Picture]:
        """The pictures after `after_s` from the ring, decoded from the keyframe before `time_s`.

        A ring that holds nothing (one group of pictures exceeds its bound) leaves the decoder as it is.
        """
        with self._lock:
            packets = self._ring.since(time_s)
        if packets:
            self._decoder.restart()
            self._is_fed = True
        return (picture for picture in self._fed(packets) if picture.time_s > after_s + _SAME_PICTURE_S)

    def _fed(self, packets: Iterable[Packet]) -> Iterator[Picture]:
        for packet in packets:
            for picture in self._decoder.feed(packet):
                self.pictures += 1
                yield picture

    def _look(self, picture: Picture) -> tuple[Taken | None, float | None]:
        time_s = picture.time_s
        with self._lock:
            if not self._core.take(time_s):
                return None, None
            grey = picture.grey(GREY_WIDTH)
            seen = self._core.see(time_s, grey)
            is_burst = self._core.mode == "burst"
        self._seen_s = max(self._seen_s, time_s)
        return Taken(time_s, SharedPicture(picture, self._lock), seen.look, is_burst), seen.catch_up_from_s

    def _burst(self, from_s: float, first: Taken) -> Iterator[Taken]:
        """The samples of a burst that begins with `first`, from the previous idle sample on."""
        is_first_due = True
        for picture in self._since(from_s, from_s):
            if is_first_due and picture.time_s >= first.time_s - _SAME_PICTURE_S:
                is_first_due = False
                yield self._in_place(first)
            if abs(picture.time_s - first.time_s) > _SAME_PICTURE_S:
                taken, _ = self._look(picture)
                if taken is not None:
                    yield taken
        if is_first_due:
            yield self._in_place(first)

    def _in_place(self, first: Taken) -> Taken:
        with self._lock:
            self._core.take(first.time_s)
        return first
