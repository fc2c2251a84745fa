"""The plate reader as a camera actor sees it: the dispatcher of its node. Imports nothing of Ray Serve."""

from actors.remote_model import RemoteModel
from gtvision.domain.errors import PlateReaderBusy
from gtvision.domain.plate import Reading
from gtvision.domain.stream import PlatePicture


class RemotePlateReader:
    """The `PlateDesk` behind this node's dispatcher; each thread that reads waits for its answer."""

    def __init__(self, node_id: str, timeout_s: float) -> None:
        """Looks for the dispatcher at the first call.

        Args:
            node_id: The node whose dispatcher answers.
            timeout_s: `plates.timeout_s`, within which a dispatcher answers.
        """
        self._dispatcher = RemoteModel(node_id, "read_plate", timeout_s, PlateReaderBusy)

    def read(self, picture: PlatePicture) -> tuple[Reading, ...]:
        """The plates in the picture. Raises `PlateReaderBusy` when nobody answered in time, else `NotAPicture`."""
        found: tuple[Reading, ...] = self._dispatcher.ask(picture)
        return found
