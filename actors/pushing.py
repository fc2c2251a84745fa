"""Cameras whose frames others push, from any process of the cluster: each is found by its actor's name."""

from contextlib import suppress
from typing import Any

from ray.exceptions import RayTaskError

from actors.calls import actor, answer
from actors.names import FLEET, camera_name
from actors.of_recorder import OfRecorder
from gtvision.domain.camera import PUSHED, Camera, Source
from gtvision.domain.errors import AlreadyExists, MessageRefused, NotFound, TryLater
from gtvision.domain.pushed import PushedFrame, PushedOutcome
from gtvision.domain.refusal import RefusalReason
from gtvision.ports import StoredCamera

_MOST_HANDLES = 4096


class ClusterPushedCameras(OfRecorder):
    """The `PushedCameras` of the cluster; used from any thread."""

    def __init__(self, node_id: str, push_s: float) -> None:
        """Asks nobody yet.

        Args:
            node_id: The node whose recorder is asked which cameras there are.
            push_s: How long a camera may take for a frame; longer than a detector may.
        """
        super().__init__(node_id)
        self._push_s = push_s
        self._handles: dict[str, Any] = {}

    def push(self, frame: PushedFrame) -> PushedOutcome:
        """Returns once what the frame caused would survive a power cut; frames of one camera go in one after the other.

        Raises:
            MessageRefused: The frame will never work, or its camera is unknown, switched off or has a stream.
            TryLater: The camera is being started or moved, no detector answered, or the disk is full.
        """
        try:
            outcome: PushedOutcome = answer(self._camera(frame.camera_id).push.remote(frame), self._push_s)
        except TryLater:
            self._handles.pop(frame.camera_id, None)
            raise
        except RayTaskError as exc:
            raise TryLater(f"camera {frame.camera_id} failed: {type(exc.cause).__name__}") from exc
        return outcome

    def stored(self) -> list[Camera]:
        """All cameras that there are, those with a stream as well. Raises `StoreUnavailable`."""
        found: list[StoredCamera] = self._ask("cameras")
        return [each.camera for each in found]

    def add(self, camera_id: str, name: str) -> None:
        """Makes that camera with a `pushed` source, unless it is there. Raises `StoreUnavailable`."""
        with suppress(AlreadyExists):
            self._ask("add_camera", Camera(camera_id, (Source(PUSHED),), name=name))
            with suppress(TryLater):  # it looks by itself when it is back
                actor(FLEET).kick.remote()

    def _camera(self, camera_id: str) -> Any:
        """The handle of the camera's actor. Raises `MessageRefused` where none will ever be, else `TryLater`."""
        handle = self._handles.get(camera_id)
        if handle is None:
            try:
                handle = actor(camera_name(camera_id))
            except TryLater:
                self._check(camera_id)
                raise
            if len(self._handles) >= _MOST_HANDLES:
                self._handles.clear()
            self._handles[camera_id] = handle
        return handle

    def _check(self, camera_id: str) -> None:
        """Raises `MessageRefused` when no frame may be pushed to the camera that does not run."""
        try:
            stored: StoredCamera = self._ask("camera", camera_id)
        except NotFound as exc:
            raise _refused(f"there is no camera {camera_id!r}") from exc
        if not stored.camera.analysed.is_pushed:
            raise _refused(f"camera {camera_id} has a stream of its own")
        if not stored.camera.enabled:
            raise _refused(f"camera {camera_id} is switched off: gtvision camera set {camera_id} --enable")


def _refused(sentence: str) -> MessageRefused:
    return MessageRefused(sentence, RefusalReason.CAMERA_REFUSED)
