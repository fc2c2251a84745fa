"""Frames that others push: what is in them, when they came, and those of the last seconds."""

from collections.abc import Sequence
from threading import Lock

from gtvision.domain.errors import MessageRefused
from gtvision.domain.refusal import RefusalReason
from gtvision.domain.stream import Packet, StreamInfo
from gtvision.pipeline.look import PUSHED
from gtvision.pipeline.ring import PacketRing
from gtvision.runtime.camera_ports import CameraPorts
from gtvision.runtime.sampling import Taken

_UNSEEN = StreamInfo("mjpeg", 0, 0)
_KEPT_S = 20.0  # plates are read in pictures up to 15 s old
_APART_S = 0.01  # pictures are found again by their time
_STEPPED_BACK_S = 10.0


class PushedFrames:
    """The frames of one camera. Its packets hold JPEGs as they came; each is a keyframe."""

    def __init__(self, ports: CameraPorts, max_bytes: int) -> None:
        """Args:
        ports: The clock, and a decoder of JPEG.
        max_bytes: Bound of what is kept, about 20 s.
        """
        self._now = ports.now
        self._decoder = ports.decoder(_UNSEEN)
        self._ring = PacketRing(_KEPT_S, max_bytes)
        self._newest_s = float("-inf")
        self._lock = Lock()  # guards ring and info
        self._info: StreamInfo | None = None

    @property
    def size_bytes(self) -> int:
        """Of what is kept."""
        with self._lock:
            return self._ring.size_bytes

    def now_s(self) -> float:
        """The time that has passed: the clock's, but never before the newest frame unless it was set back."""
        now_s = self._now()
        return now_s if self._newest_s - now_s > _STEPPED_BACK_S else max(now_s, self._newest_s)

    def open(self, jpeg: bytes) -> Taken:
        """The frame as a sample of now, after all that were kept. Raises `MessageRefused` when it does not decode."""
        now_s = self.now_s()
        time_s = max(now_s, self._newest_s + _APART_S) if now_s >= self._newest_s else now_s
        picture = self._decoder.keyframe(_packet(time_s, jpeg))
        if picture is None:
            raise MessageRefused(
                f"frame_bytes: {len(jpeg)} bytes that do not decode: cut short, damaged, or larger than is decoded",
                RefusalReason.NOT_JPEG,
            )
        return Taken(time_s, picture, PUSHED, is_burst=True)

    def keep(self, taken: Taken, jpeg: bytes) -> StreamInfo:
        """Keeps a frame that was opened; what it is like."""
        height, width = taken.picture.bgr().shape[:2]
        info = StreamInfo("mjpeg", width, height)
        with self._lock:
            if taken.time_s < self._newest_s:
                self._ring.clear()
            self._ring.append(_packet(taken.time_s, jpeg))
            self._newest_s, self._info = taken.time_s, info
        return info

    def stretch(self, start_s: float, end_s: float) -> tuple[Sequence[Packet], StreamInfo | None]:
        """Those kept from one time to another, and what the newest is like."""
        with self._lock:
            return self._ring.between(start_s, end_s), self._info


def _packet(time_s: float, jpeg: bytes) -> Packet:
    return Packet(time_s, None, True, len(jpeg), jpeg)
