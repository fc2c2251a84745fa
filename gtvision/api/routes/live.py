"""How cameras do now: their status, their newest picture, and tests of sources."""

import time
from dataclasses import replace
from threading import BoundedSemaphore
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from gtvision.api.problems import ProblemError
from gtvision.api.schemas.parts import SourceIn
from gtvision.api.schemas.sample import SampleList, SampleQuery
from gtvision.api.schemas.status import ProbeOut, StatusList, StatusOut
from gtvision.api.services import Ports, Services
from gtvision.domain.camera import Camera, Role
from gtvision.domain.errors import SourceUnavailable
from gtvision.domain.metrics import HTTP_REFUSED

MAX_TESTS = 4
_TEST_S = 15
_NO_VIDEO = ("invalid", "no_video")

router = APIRouter(prefix="/v1", tags=["live"])


@router.get("/status")
def all_statuses(ports: Ports) -> StatusList:
    """How every stored camera does, whether it runs or not, and every bridge."""
    cameras = ports.cameras.cameras()
    running = {status.camera_id: status for status in ports.live.statuses()}
    now_s = time.time()
    items = (StatusOut.for_camera(stored, running.get(stored.camera.id), now_s) for stored in cameras)
    bridges = () if ports.bridges is None else ports.bridges.statuses()
    return StatusList.of(items, ports.detector, bridges)


@router.get("/cameras/{camera_id}/status")
def camera_status(camera_id: str, ports: Ports) -> StatusOut:
    """How one camera does."""
    stored = ports.cameras.camera(camera_id)
    running = next((status for status in ports.live.statuses() if status.camera_id == camera_id), None)
    return StatusOut.for_camera(stored, running, time.time())


@router.get(
    "/cameras/{camera_id}/snapshot.jpg", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}}
)
def snapshot(camera_id: str, ports: Ports) -> Response:
    """The newest picture of a running camera."""
    picture = ports.live.snapshot(camera_id)
    return Response(picture, headers={"Cache-Control": "no-store"}, media_type="image/jpeg")


@router.get("/cameras/{camera_id}/samples")
def samples(camera_id: str, wanted: Annotated[SampleQuery, Query()], ports: Ports) -> SampleList:
    """The samples of a running camera's last ten minutes, in order: why each passed or did not, and what was found."""
    ports.cameras.camera(camera_id)
    found = ports.live.samples(camera_id, wanted.after_s, wanted.limit + 1)
    return SampleList.of(found[: wanted.limit], has_more=len(found) > wanted.limit)


@router.post("/cameras/test")
def test_source(source: SourceIn, request: Request, ports: Ports) -> ProbeOut:
    """Opens a source that is not stored, for at most 15 s, and says what it is."""
    analysed = replace(source.to_domain(), roles=frozenset({Role.ANALYSE}))
    return _tested(Camera("not-stored", (analysed,)), request, ports)


@router.post("/cameras/{camera_id}/test")
def test_camera(camera_id: str, request: Request, ports: Ports) -> ProbeOut:
    """Opens the analysed source of a stored camera, for at most 15 s, and says what it is."""
    return _tested(ports.cameras.camera(camera_id, with_secrets=True).camera, request, ports)


def _tested(camera: Camera, request: Request, ports: Services) -> ProbeOut:
    if camera.analysed.is_pushed:
        raise ProblemError(422, "frames are pushed to it, so that nothing can be opened; its status says when one came")
    places: BoundedSemaphore = request.app.state.test_places
    if not places.acquire(blocking=False):
        ports.metrics.add(HTTP_REFUSED, bound="tests")
        raise ProblemError(503, f"{MAX_TESTS} tests run already; try again when one ends", retry_after_s=_TEST_S)
    try:
        return ProbeOut.of(ports.probe.probe(camera))
    except SourceUnavailable as exc:
        raise ProblemError(422 if exc.reason in _NO_VIDEO else 502, str(exc)) from exc
    finally:
        places.release()
