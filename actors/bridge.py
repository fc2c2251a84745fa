"""The actor of a bridge to other systems' queues. Several may run: they compete for messages as Celery workers do."""

import cv2

from actors.calls import this_node
from actors.metrics import RayMetrics
from actors.names import bridge_name
from gtvision.adapters.logs import configure_logs
from gtvision.ports import BridgeStatus
from gtvision.settings import Settings

_CALLS_AT_ONCE = 4


class BridgeActor:
    """A threaded actor. Ray restarts it anywhere; what was not acknowledged is delivered again."""

    def __init__(self, index: int, settings: Settings) -> None:
        """Begins to work at once.

        Args:
            index: Which of the bridges it is, from 0.
            settings: `bridge` with the paths of password files; no secret.
        """
        configure_logs(settings.log)
        cv2.setNumThreads(1)
        self._name = bridge_name(index)
        self._settings = settings
        self._node = this_node()
        self._metrics = RayMetrics()
        self._partners = [self._bridged(partner) for partner in settings.bridge.partners]
        for partner in self._partners:
            partner.start()

    def status(self) -> BridgeStatus:
        """What it does now."""
        return BridgeStatus(self._name, self._node, tuple(partner.status() for partner in self._partners))

    def stop(self) -> None:
        """Begins nothing more."""
        for partner in self._partners:
            partner.stop()
