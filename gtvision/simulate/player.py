"""Sends one camera's pictures to one client, each when it is due, with the faults that are on."""

import asyncio
import random
import time
from collections.abc import Mapping
from math import inf
from typing import Protocol

from gtvision.simulate.board import Window
from gtvision.simulate.camera import RunningCamera
from gtvision.simulate.clip import Clip
from gtvision.simulate.damage import corrupt, to_garbage
from gtvision.simulate.faults import FaultKind
from gtvision.simulate.programme import Cursor, Programme
from gtvision.simulate.rtp import RtpStream

_LONGEST_LAG_S = 10.0
_Faults = Mapping[FaultKind, Window]


class Wire(Protocol):
    """The connection as a player sees it."""

    @property
    def is_congested(self) -> bool:
        """Whether the client reads too slowly for more to be sent."""
        ...

    def send(self, content: bytes | bytearray) -> None:
        """Sends it, or holds it until the client reads on."""
        ...

    def hang_up(self) -> None:
        """Closes the connection after what was sent."""
        ...


class Player:
    """One client's stream. All calls are made on the server's loop.

    A frame that is due is stamped and written; the loop calls again when the next one is. Where frames had to be left
    out, the stream goes on with the next keyframe.
    """

    def __init__(self, camera: RunningCamera, wire: Wire, channel: int) -> None:
        self._camera = camera
        self._wire = wire
        self._rtp = RtpStream(channel)
        self._dice = random.Random(camera.name)  # noqa: S311  # damage that is the same in every run
        self._started_s = 0.0
        self._cursor = Cursor(camera.programme, time.monotonic())
        self._shown_for: Window | None = None
        self._sent_s = -inf
        self._needs_keyframe = False
        self._free_s = 0.0
        self._jump_s = 0.0
        self._delay_s = 0.0
        self._timer: asyncio.Handle | None = None

    def start(self) -> tuple[int, int]:
        """Begins with the last keyframe that was due; returns the first sequence number and timestamp."""
        self._started_s = time.monotonic()
        self._cursor, self._shown_for, self._sent_s = Cursor(self._camera.programme, self._started_s), None, -inf
        self._follow_faults(self._started_s)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_soon(self._tick)
        loop.call_soon(self.report)
        return self._rtp.next_seq, self._rtp.timestamp(self._cursor.shown_s + self._jump_s)

    def stop(self) -> None:
        """Sends nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def report(self) -> None:
        """Sends an RTCP sender report, unless a fault keeps the camera silent."""
        now_s = time.monotonic()
        faults = self._camera.faults(now_s)
        if self._timer is not None and not self._wire.is_congested and FaultKind.STALL not in faults:
            self._wire.send(self._rtp.sender_report(now_s + self._jump_s, time.time()))

    def _tick(self) -> None:
        now_s = time.monotonic()
        faults = self._follow_faults(now_s)
        media_s = now_s - self._delay_s
        if media_s - self._cursor.due_s > _LONGEST_LAG_S:
            self._cursor = Cursor(self._cursor.programme, media_s)
        while (due_s := max(self._cursor.due_s + self._delay_s, self._free_s)) <= now_s:
            if self._cuts(faults):
                return
            self._pass_frame(faults, now_s)
            self._cursor.advance()
        self._timer = asyncio.get_running_loop().call_at(due_s, self._tick)

    def _follow_faults(self, now_s: float) -> _Faults:
        """The faults that are on; sets what they say of time and of the clip to show."""
        faults = self._camera.faults(now_s)
        jump, late = faults.get(FaultKind.TIMESTAMP_JUMP), faults.get(FaultKind.LATE)
        self._jump_s = (jump.fault.jump_s or 0.0) if jump else 0.0
        self._delay_s = (late.fault.delay_s or 0.0) if late else 0.0
        self._choose_programme(faults, now_s - self._delay_s)
        return faults

    def _choose_programme(self, faults: _Faults, media_s: float) -> None:
        """Changes to what a fault shows in place of the camera's own clip, and back with the clip's next keyframe."""
        wanted = faults.get(FaultKind.RESOLUTION) or faults.get(FaultKind.FROZEN)
        if wanted is self._shown_for:
            return
        cursor = self._replacement(wanted, media_s) if wanted else Cursor(self._camera.programme, media_s)
        if cursor is not None and cursor.shown_s > self._sent_s:
            self._cursor, self._shown_for = cursor, wanted

    def _replacement(self, window: Window, media_s: float) -> Cursor | None:
        path = window.fault.clip
        clip = self._still(window) if path is None else self._camera.library.clip(path)
        return Cursor(Programme(clip, media_s), media_s) if clip else None

    def _still(self, window: Window) -> Clip | None:
        """A still of the keyframe that was shown when the fault began, None until it is made."""
        began = Cursor(self._camera.programme, window.start_s)
        return self._camera.library.still(began.programme.clip, began.keyframe)

    def _cuts(self, faults: _Faults) -> bool:
        """Whether the connection was closed in the middle of a picture."""
        close = faults.get(FaultKind.CLOSE)
        is_over = close is None or (close.fault.for_s is None and close.start_s <= self._started_s)
        if is_over or self._sent_s == -inf:
            return False
        wire = self._rtp.stamp(self._cursor.frame, self._cursor.shown_s)
        self._wire.send(wire[: len(wire) // 2])
        self._wire.hang_up()
        self._timer = None
        return True

    def _pass_frame(self, faults: _Faults, now_s: float) -> None:
        frame = self._cursor.frame
        if FaultKind.STALL in faults:
            self._needs_keyframe = True
            return
        if self._wire.is_congested or (self._needs_keyframe and not frame.is_keyframe):
            self._needs_keyframe = True
            self._rtp.skip(frame)
            return
        self._needs_keyframe = False
        self._sent_s = self._cursor.shown_s
        wire = self._rtp.stamp(frame, self._cursor.shown_s + self._jump_s)
        if faults:
            self._damage(wire, faults)
            if slow := faults.get(FaultKind.SLOW):
                self._free_s = now_s + len(wire) / (slow.fault.bytes_per_s or 1.0)
        self._wire.send(wire)

    def _damage(self, wire: bytearray, faults: _Faults) -> None:
        if FaultKind.GARBAGE in faults:
            to_garbage(wire, self._cursor.frame, self._dice)
        elif bad := faults.get(FaultKind.CORRUPT):
            corrupt(wire, self._cursor.frame, bad.fault.share or 0.0, self._dice)
