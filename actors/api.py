"""The HTTP API in Ray Serve: the app of `gtvision.api` with the ports of the cluster."""

from ray import serve
from starlette.applications import Starlette

from actors.calls import this_node
from actors.metrics import RayMetrics, RayMetricsText
from actors.remote_plate_reader import RemotePlateReader
from actors.world import (
    ClusterBridges,
    ClusterChecks,
    FleetCameras,
    RecorderCameras,
    RecorderDisclosures,
    RecorderRetainer,
    RecorderWatchlists,
)
from gtvision.adapters.logs import configure_logs
from gtvision.adapters.media import open_media
from gtvision.adapters.probe import Probe
from gtvision.adapters.store import Store
from gtvision.api.app import create_app
from gtvision.api.services import Services
from gtvision.ports import DetectorInfo
from gtvision.runtime.sweeper import Sweeper
from gtvision.settings import Settings


@serve.ingress()
class ApiReplica:
    """One replica of the API; it reads the database itself and writes through the recorder of its node."""

    def __init__(self, settings: Settings, detector: DetectorInfo) -> None:
        """Args:
        settings: Of the whole product.
        detector: What the pools of detectors load.
        """
        configure_logs(settings.log)
        self._settings = settings
        self._detector = detector

    def __serve_build_asgi_app__(self) -> Starlette:
        settings = self._settings
        store = Store(settings.database_url, writes=False)
        node, metrics, media = this_node(), RayMetrics(), open_media(settings.media_url)
        cameras = RecorderCameras(node)
        bridges = ClusterBridges(settings.bridge.copies) if settings.bridge.hosts else None
        services = Services(
            cameras=cameras,
            events=store,
            counts=store,
            disclosures=RecorderDisclosures(node, store),
            retainer=RecorderRetainer(node, Sweeper(settings.retention, store, media, metrics)),
            media=media,
            plates=store,
            watchlists=RecorderWatchlists(node, store),
            live=FleetCameras(),
            plate_desk=RemotePlateReader(node, settings.plates.timeout_s),
            probe=Probe(settings.streams),
            metrics=metrics,
            metrics_text=RayMetricsText(),
            ready=ClusterChecks(store, cameras, reads_plates=settings.plates.replicas.max > 0, bridges=bridges),
            bridges=bridges,
            detector=self._detector,
        )
        return create_app(settings, services)
