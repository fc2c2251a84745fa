"""Frames that come in: each goes to the camera that it is of."""

import time
from collections.abc import Callable
from threading import Lock

from gtvision.domain.errors import MessageRefused, TryLater
from gtvision.domain.pushed import PushedFrame, PushedOutcome
from gtvision.domain.refusal import RefusalReason
from gtvision.domain.slug import called, slug_of
from gtvision.domain.task import DetectVehicle, Task
from gtvision.ports import PushedCameras
from gtvision.runtime.bridge.held import Held
from gtvision.runtime.bridge.outages import Outages
from gtvision.runtime.bridge.patience import USUAL, Patience
from gtvision.runtime.bridge.work import Done
from gtvision.settings import Partner

_AGAIN_S = 0.5


class FrameWork:
    """Pushes the frames of one partner. One that its camera cannot take now is held in the camera's line for a minute
    of each outage, and the broker keeps the rest; only then it has failed."""

    def __init__(
        self,
        partner: Partner,
        cameras: PushedCameras,
        patience: Patience = USUAL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Args:
        partner: Which cameras it may name, and whether unknown ones are made.
        cameras: Where frames go.
        patience: How long a camera is waited for.
        clock: Seconds that never step back.
        """
        self._partner = partner
        self._cameras = cameras
        self._making = Lock()  # held while one is made, so that no more are made than may be
        self._clock = clock
        self._lock = Lock()
        self._outages = Outages(patience.outage_s)

    def line(self, task: Task) -> str:
        """The camera's id."""
        return slug_of(task.work.camera_id)

    def do(self, task: Task, held: Held) -> Done:
        """Pushes the frame. Raises `MessageRefused` or `TryLater`."""
        work = task.work
        if not isinstance(work, DetectVehicle):
            raise MessageRefused("this queue is for detect_vehicle", RefusalReason.UNKNOWN_TASK)
        if not self._partner.may_name(work.camera_id):
            raise MessageRefused(
                f"{self._partner.name} may not name that camera: bridge.partners[].cameras lists those that it may",
                RefusalReason.CAMERA_REFUSED,
            )
        frame = PushedFrame(task.id, slug_of(work.camera_id), work, task.may_be_repeated)
        outcome = self._pushed(frame, held)
        return Done({"events": list(outcome.event_ids), "detections": outcome.detections}, outcome.is_repeated)

    def _pushed(self, frame: PushedFrame, held: Held) -> PushedOutcome:
        while True:
            try:
                outcome = self._cameras.push(frame)
            except TryLater:
                with self._lock:
                    left_s = self._outages.left_s(frame.camera_id, self._clock())
                if not left_s or not held.is_ours_after(min(_AGAIN_S, left_s)):
                    raise
            except MessageRefused as exc:
                if exc.reason is not RefusalReason.CAMERA_REFUSED:
                    self._note_answer(frame.camera_id)
                    raise
                if not self._is_made(frame):
                    raise
            else:
                self._note_answer(frame.camera_id)
                return outcome

    def _note_answer(self, camera_id: str) -> None:
        with self._lock:
            self._outages.answered(camera_id)

    def _is_made(self, frame: PushedFrame) -> bool:
        """Whether the camera was made now. Raises `StoreUnavailable`, or `MessageRefused` where there are too many."""
        if not self._partner.creates_cameras:
            return False
        with self._lock:
            if self._outages.is_added(frame.camera_id, self._clock()):
                return False
        with self._making:
            self._check_room(frame)
            self._cameras.add(frame.camera_id, frame.work.camera_id)
        with self._lock:
            self._outages.added(frame.camera_id, self._clock())
        return True

    def _check_room(self, frame: PushedFrame) -> None:
        """Raises `MessageRefused` when the partner has all cameras that it may have, and that is none of them.

        Several bridges that make cameras at the same moment may exceed the number by one each.
        """
        partner, stored = self._partner, self._cameras.stored()
        own = [each for each in stored if each.analysed.is_pushed and partner.may_name(called(each.id, each.name))]
        if len(own) >= partner.most_cameras and all(each.id != frame.camera_id for each in stored):
            raise MessageRefused(
                f"there is no such camera, and {partner.name} has {len(own)}: remove those that it does not need, or "
                "raise bridge.partners[].most_cameras",
                RefusalReason.CAMERA_REFUSED,
            )
