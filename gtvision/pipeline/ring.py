"""The last seconds of a stream, undecoded."""

from collections import deque

from gtvision.domain.stream import Packet


class PacketRing:
    """Whole groups of pictures, each from a keyframe on; guarded by a lock of the caller.

    Args:
        seconds: How much is kept behind the newest packet, plus what is needed to begin at a keyframe.
        max_bytes: Bound of all that is kept. A single group that exceeds it is let go, and the ring stays empty until
            the next keyframe: without its beginning the rest of it could not be decoded.
    """

    def __init__(self, seconds: float, max_bytes: int) -> None:
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._groups: deque[list[Packet]] = deque()
        self._group_bytes: deque[int] = deque()

    def append(self, packet: Packet) -> None:
        """Keeps the packet, and drops whole groups from the front when a bound is passed."""
        if packet.is_keyframe:
            self._groups.append([])
            self._group_bytes.append(0)
        if not self._groups:
            return
        self._groups[-1].append(packet)
        self._group_bytes[-1] += packet.size
        while self._has_too_much(packet.time_s):
            self._groups.popleft()
            self._group_bytes.popleft()

    def _has_too_much(self, newest_s: float) -> bool:
        if self.size_bytes > self._max_bytes:
            return True
        return len(self._groups) > 1 and self._groups[1][0].time_s <= newest_s - self._seconds

    def since(self, time_s: float) -> tuple[Packet, ...]:
        """From the last keyframe at or before that time, or the first one held, to the newest packet."""
        begin = 0
        for index, group in enumerate(self._groups):
            if group[0].time_s <= time_s:
                begin = index
        return tuple(packet for group in list(self._groups)[begin:] for packet in group)

    def between(self, start_s: float, end_s: float) -> tuple[Packet, ...]:
        """What `since` the start returns, up to the last packet that is needed for pictures until the end."""
        packets = self.since(start_s)
        last = max((index for index, packet in enumerate(packets) if packet.time_s <= end_s), default=-1)
        return packets[: last + 1]

    @property
    def size_bytes(self) -> int:
        """Bytes held."""
        return sum(self._group_bytes)

    def clear(self) -> None:
        """Forgets everything."""
        self._groups.clear()
        self._group_bytes.clear()
