"""The app on a real port of this machine, without Ray, and all its ports faked."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

import uvicorn
from fastapi import FastAPI

from gtvision.api.services import Services
from gtvision.testing import (
    FakeCameraStore,
    FakeCountStore,
    FakeDisclosureLog,
    FakeEventStore,
    FakeLiveBridges,
    FakeLiveCameras,
    FakeMediaStore,
    FakeMetrics,
    FakeMetricsText,
    FakePlateDesk,
    FakePlateStore,
    FakeProbe,
    FakeReadyChecks,
    FakeRetainer,
    FakeWatchlistStore,
)


@dataclass(frozen=True, slots=True)
class Fakes:
    """A fake of each port that the app needs."""

    cameras: FakeCameraStore = field(default_factory=FakeCameraStore)
    events: FakeEventStore = field(default_factory=FakeEventStore)
    counts: FakeCountStore = field(default_factory=FakeCountStore)
    disclosures: FakeDisclosureLog = field(default_factory=FakeDisclosureLog)
    plates: FakePlateStore = field(default_factory=FakePlateStore)
    watchlists: FakeWatchlistStore = field(default_factory=FakeWatchlistStore)
    retainer: FakeRetainer = field(default_factory=FakeRetainer)
    media: FakeMediaStore = field(default_factory=FakeMediaStore)
    bridges: FakeLiveBridges = field(default_factory=FakeLiveBridges)
    live: FakeLiveCameras = field(default_factory=FakeLiveCameras)
    probe: FakeProbe = field(default_factory=FakeProbe)
    plate_desk: FakePlateDesk = field(default_factory=lambda: FakePlateDesk(lambda _: ()))
    metrics: FakeMetrics = field(default_factory=FakeMetrics)
    ready: FakeReadyChecks = field(default_factory=FakeReadyChecks)

    def services(self) -> Services:
        """The same as the app takes them."""
        return Services(
            cameras=self.cameras,
            events=self.events,
            counts=self.counts,
            disclosures=self.disclosures,
            plates=self.plates,
            watchlists=self.watchlists,
            retainer=self.retainer,
            media=self.media,
            live=self.live,
            bridges=self.bridges,
            probe=self.probe,
            plate_desk=self.plate_desk,
            metrics=self.metrics,
            metrics_text=FakeMetricsText("gtvision_samples_total 3\n"),
            ready=self.ready,
        )


class _Server(uvicorn.Server):
    """Ends the event streams first: uvicorn would wait for them."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.config.app.state.feed.close()  # type: ignore[union-attr]
        await super().shutdown(sockets)


@contextmanager
def served(app: FastAPI, port: int = 0) -> Iterator[str]:
    """The address of the app while the block runs; it stops within 15 s, whatever a browser still asks for."""
    listener = socket.create_server(("127.0.0.1", port))
    server = _Server(uvicorn.Config(app, log_level="warning", lifespan="on", timeout_graceful_shutdown=3))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(15)
        listener.close()
        assert not thread.is_alive(), "the server did not stop"
