"""The actor of a bridge to other systems' queues. Several may run: they compete for messages as Celery workers do."""

from typing import Any

import cv2
import ray
import structlog

from actors.calls import detached, this_node
from actors.metrics import RayMetrics
from actors.names import bridge_name
from actors.of_recorder import RecorderOrders, RecorderPictures
from actors.pushing import ClusterPushedCameras
from actors.remote_plate_reader import RemotePlateReader
from gtvision.adapters import celery_wire
from gtvision.adapters.amqp import AmqpIntake, AmqpOutlet, Login, queues_beside, queues_of
from gtvision.adapters.jpeg import encode_jpeg
from gtvision.adapters.logs import configure_logs
from gtvision.adapters.picture_file import read_picture
from gtvision.adapters.spool import Spool
from gtvision.ports import BridgeStatus
from gtvision.runtime.bridge import PartnerBridge, PartnerPorts
from gtvision.runtime.bridge.pictures import PictureFiles
from gtvision.runtime.bridge.plates_in import PlatePorts
from gtvision.settings import Partner, Settings

_CALLS_AT_ONCE = 4
_BESIDE_DETECTOR_S = 5.0

_log = structlog.get_logger()


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
        self._sink = Spool(settings.spool_dir, settings.recording.spool_mb * 2**20)
        self._tell_missing_files()
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

    def _tell_missing_files(self) -> None:
        bridge = self._settings.bridge
        missing = [file for partner in bridge.partners for file in Login.of(bridge, partner).missing_files()]
        for file in dict.fromkeys(map(str, missing)):
            remedy = "put it on every node, as a bridge may run on any of them"
            _log.error("bridge_file_missing", file=file, node=self._node, remedy=remedy)

    def _bridged(self, partner: Partner) -> PartnerBridge:
        bridge, node = self._settings.bridge, self._node
        login = Login.of(bridge, partner)
        plates = PlatePorts(
            desk=RemotePlateReader(node, self._settings.plates.timeout_s),
            pictures=RecorderPictures(node),
            sink=self._sink,
            files=PictureFiles(read_picture, encode_jpeg),
        )
        ports = PartnerPorts(
            intake=lambda queue: AmqpIntake(login, queue, bridge.slots, queues_beside(queue, bridge)),
            outlet=AmqpOutlet(login, queues_of(partner, bridge)),
            codec=celery_wire,
            cameras=ClusterPushedCameras(node, self._settings.detector.timeout_s + _BESIDE_DETECTOR_S),
            orders=RecorderOrders(node),
            plates=plates,
            metrics=self._metrics,
        )
        return PartnerBridge(partner, bridge, ports, f"gtvision@{self._name}")


_Remote = ray.remote(BridgeActor)


def start_bridge(index: int, settings: Settings) -> Any:
    """That bridge, started somewhere in the cluster unless it runs already."""
    own = settings.without_secrets().model_copy(update={"bridge": settings.bridge})  # it names files with secrets only
    return _Remote.options(**detached(bridge_name(index), _CALLS_AT_ONCE, "SPREAD")).remote(index, own)
