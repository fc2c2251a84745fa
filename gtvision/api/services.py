"""What the app needs from the rest of the product: ports only."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from gtvision.ports import (
    CameraStore,
    CountStore,
    DetectorInfo,
    DisclosureLog,
    EventStore,
    LiveBridges,
    LiveCameras,
    MediaStore,
    Metrics,
    MetricsText,
    PlateDesk,
    PlateStore,
    ReadyChecks,
    Retainer,
    SourceProbe,
    WatchlistStore,
)


@dataclass(frozen=True, slots=True)
class Services:
    """The ports behind the routes. Their calls block, each for a bounded time; routes call them from threads."""

    cameras: CameraStore
    events: EventStore
    counts: CountStore
    disclosures: DisclosureLog
    retainer: Retainer
    plates: PlateStore
    watchlists: WatchlistStore
    media: MediaStore
    live: LiveCameras
    plate_desk: PlateDesk
    probe: SourceProbe
    metrics: Metrics
    metrics_text: MetricsText
    ready: ReadyChecks
    bridges: LiveBridges | None = None
    """None without a bridge in the settings, or while no system runs."""
    detector: DetectorInfo | None = None
    """None while no system runs."""


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Ports = Annotated[Services, Depends(_services)]
