"""The app factory. The same app runs in Ray Serve and, for tests, under uvicorn without Ray."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from threading import BoundedSemaphore

from fastapi import FastAPI

from gtvision import __version__
from gtvision.adapters.picture_file import MAX_BYTES
from gtvision.api.auth import Gate, GateMiddleware
from gtvision.api.limits import BodyBound, SafeHeaders
from gtvision.api.problems import PROBLEM_RESPONSES, install_problems
from gtvision.api.routes import (
    cameras,
    counts,
    disclosures,
    events,
    live,
    page,
    plate_reading,
    plates,
    retention,
    session,
    system,
    watchlists,
)
from gtvision.api.services import Services
from gtvision.api.stream import EventFeed, StreamBounds
from gtvision.settings import Settings


def create_app(settings: Settings, services: Services, bounds: StreamBounds | None = None) -> FastAPI:
    """The app over those ports. `app.state.feed.close()` ends its event streams when a server stops."""
    app = FastAPI(
        title="GT-Vision",
        version=__version__,
        summary="Traffic cameras in, events out.",
        docs_url=None,
        redoc_url=None,
        responses=PROBLEM_RESPONSES,
        lifespan=_lifespan,
    )
    app.state.services = services
    app.state.gate = Gate(settings.http)
    app.state.retention = settings.retention
    app.state.requires_reason = settings.privacy.require_reason
    app.state.feed = EventFeed(services.events, services.metrics, bounds)
    app.state.test_places = BoundedSemaphore(live.MAX_TESTS)
    app.state.reading_places = BoundedSemaphore(plate_reading.MAX_READINGS)
    install_problems(app)
    data = (cameras, events, counts, plate_reading, plates, watchlists, disclosures, retention)
    for module in (system, session, live, *data, page):
        app.include_router(module.router)
    app.mount("/static", page.files, name="static")
    app.add_middleware(BodyBound, metrics=services.metrics, larger={plate_reading.PATH: MAX_BYTES})
    app.add_middleware(GateMiddleware, gate=app.state.gate)
    app.add_middleware(SafeHeaders)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    yield
    app.state.feed.close()
