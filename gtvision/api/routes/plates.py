"""Plates: which vehicles passed where and when. Whatever is shown is recorded first."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from gtvision.api.disclosing import Disclosing
from gtvision.api.ranges import JPEG, media_answer
from gtvision.api.schemas.plate import PlateOut, PlatePage, PlateSearch
from gtvision.api.services import Ports
from gtvision.domain.errors import NotFound

router = APIRouter(prefix="/v1/plates", tags=["plates"])


@router.get("")
def search_plates(query: Annotated[PlateSearch, Query()], ports: Ports, disclosing: Disclosing) -> PlatePage:
    """The newest first, a page at a time. A search that would take longer than 5 s is refused: name more."""
    found, following = ports.plates.plates(query.to_filter(), limit=query.limit, cursor=query.cursor)
    disclosing.record(len(found))
    return PlatePage(items=tuple(PlateOut.of(stored) for stored in found), next=following)


@router.get("/{plate_id}")
def show_plate(plate_id: str, ports: Ports, disclosing: Disclosing) -> PlateOut:
    """One vehicle's plate."""
    stored = ports.plates.plate(plate_id)
    disclosing.record(1)
    return PlateOut.of(stored)


@router.get("/{plate_id}/crop.jpg", response_class=Response, responses=JPEG)
def crop(plate_id: str, request: Request, ports: Ports, disclosing: Disclosing) -> Response:
    """The picture of the plate."""
    stored = ports.plates.plate(plate_id)
    if stored.crop_key is None:
        raise NotFound("this plate has no picture yet")
    content = ports.media.get(stored.crop_key)
    disclosing.record(1)
    return media_answer(request, content, "image/jpeg", is_final=False)
