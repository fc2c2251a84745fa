"""Cameras whose frames others push."""

from typing import Protocol

from gtvision.domain.camera import Camera
from gtvision.domain.pushed import PushedFrame, PushedOutcome


class PushedCameras(Protocol):
    """All cameras with a `pushed` source, wherever each of them runs."""

    def push(self, frame: PushedFrame) -> PushedOutcome:
        """Returns once what the frame caused would survive a power cut; frames of one camera go in one after the other.

        Raises:
            MessageRefused: The frame will never work: no such camera, one that has a stream of its own, bytes that are
                no picture, a zone or a line outside it.
            TryLater: The camera is being started or moved, no detector answered, or the disk is full.
        """
        ...

    def stored(self) -> list[Camera]:
        """All cameras that there are, those with a stream as well. Raises `StoreUnavailable`."""
        ...

    def add(self, camera_id: str, name: str) -> None:
        """Makes that camera with a `pushed` source, unless it is there. Raises `StoreUnavailable`."""
        ...
