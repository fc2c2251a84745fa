"""The plates in a picture that somebody sends."""

import time
from threading import BoundedSemaphore

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from gtvision.adapters.picture_file import check_picture
from gtvision.api.problems import RETRY_AFTER_S, ProblemError
from gtvision.api.schemas.plate_reading import ReadPlates
from gtvision.api.services import Ports, Services
from gtvision.domain.metrics import HTTP_REFUSED
from gtvision.domain.stream import PlatePicture

PATH = "/v1/plates/read"
MAX_READINGS = 4  # of up to 20 MB each
_CAMERA = "api"  # all callers together wait in the queue as one camera does
_BODY = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/jpeg", "image/*")},
    }
}

router = APIRouter(tags=["plates"])


@router.post(PATH, openapi_extra=_BODY)
async def read_plates(request: Request, ports: Ports) -> ReadPlates:
    """Reads the plates in the picture that is the body: JPEG, PNG, WebP, GIF or BMP, at most 20 MB; keeps nothing."""
    places: BoundedSemaphore = request.app.state.reading_places
    if not places.acquire(blocking=False):
        ports.metrics.add(HTTP_REFUSED, bound="readings")
        raise ProblemError(503, f"{MAX_READINGS} pictures are being read already", retry_after_s=RETRY_AFTER_S)
    try:
        return await run_in_threadpool(_read, await request.body(), ports)
    finally:
        places.release()


def _read(encoded: bytes, ports: Services) -> ReadPlates:
    began_s = time.monotonic()
    check_picture(encoded)  # so that no reader is troubled with what is none
    found = ports.plate_desk.read(PlatePicture(_CAMERA, time.time(), encoded))
    return ReadPlates.of(found, time.monotonic() - began_s)
