"""The detector as a camera actor sees it: the dispatcher of its node. Imports nothing of Ray Serve."""

from actors.remote_model import RemoteModel
from gtvision.domain.detections import Detections
from gtvision.domain.errors import DetectorBusy
from gtvision.domain.stream import Sample


class RemoteDetector:
    """The `Detector` behind this node's dispatcher; used by one thread, which waits for the answer."""

    def __init__(self, node_id: str, timeout_s: float) -> None:
        """Looks for the dispatcher at the first call.

        Args:
            node_id: The node whose dispatcher answers.
            timeout_s: `detector.timeout_s`, within which a dispatcher answers.
        """
        self._dispatcher = RemoteModel(node_id, "detect", timeout_s, DetectorBusy)

    def detect(self, sample: Sample) -> Detections:
        """What is in the picture. Raises `DetectorBusy` when nobody answered in time, else `NotAPicture`."""
        found: Detections = self._dispatcher.ask(sample)
        return found
