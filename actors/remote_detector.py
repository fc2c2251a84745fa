"""The detector as a camera actor sees it: the dispatcher of its node. Imports nothing of Ray Serve."""

from typing import Any

from ray.exceptions import RayTaskError

from actors.calls import actor, answer
from actors.names import dispatcher_name
from gtvision.domain.detections import Detections
from gtvision.domain.errors import DetectorBusy, TryLater
from gtvision.domain.stream import Sample

_ON_THE_WAY_S = 2.0


class RemoteDetector:
    """The `Detector` behind this node's dispatcher; used by one thread, which waits for the answer."""

    def __init__(self, node_id: str, timeout_s: float) -> None:
        """Looks for the dispatcher at the first call.

        Args:
            node_id: The node whose dispatcher answers.
            timeout_s: `detector.timeout_s`, within which a dispatcher answers.
        """
        self._name = dispatcher_name(node_id)
        self._timeout_s = timeout_s + _ON_THE_WAY_S
        self._dispatcher: Any = None

    def detect(self, sample: Sample) -> Detections:
        """What is in the picture. Raises `DetectorBusy` when nobody answered in time, else `NotAPicture`."""
        try:
            if self._dispatcher is None:
                self._dispatcher = actor(self._name)
            found: Detections = answer(self._dispatcher.detect.remote(sample), self._timeout_s)
        except DetectorBusy:
            raise
        except TryLater as exc:
            self._dispatcher = None
            raise DetectorBusy(f"the dispatcher: {exc}") from exc
        except RayTaskError as exc:
            raise DetectorBusy("the dispatcher failed") from exc
        return found
