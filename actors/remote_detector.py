"""The detector as a camera actor sees it: the dispatcher of its node. Imports nothing of Ray Serve."""

from typing import Any

import ray
from ray.exceptions import GetTimeoutError, RayActorError, RayError, RayTaskError

from actors.names import NAMESPACE, dispatcher_name
from gtvision.domain.detections import Detections
from gtvision.domain.errors import DetectorBusy, GtVisionError
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
                self._dispatcher = ray.get_actor(self._name, NAMESPACE)
            found: Detections = ray.get(self._dispatcher.detect.remote(sample), timeout=self._timeout_s)
        except RayTaskError as exc:
            if isinstance(exc.cause, GtVisionError):
                raise exc.cause from None
            raise DetectorBusy("the dispatcher failed") from exc
        except GetTimeoutError as exc:
            raise DetectorBusy(f"the dispatcher gave no answer within {self._timeout_s:g} s") from exc
        except (RayActorError, ValueError) as exc:  # ValueError: there is no such actor yet
            self._dispatcher = None
            raise DetectorBusy("the dispatcher is being started") from exc
        except RayError as exc:
            raise DetectorBusy("the dispatcher cannot be reached") from exc
        return found
