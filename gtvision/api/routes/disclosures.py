"""Disclosures: who was shown personal data."""

from typing import Annotated

from fastapi import APIRouter, Query

from gtvision.api.schemas.disclosure import DisclosureOut, DisclosurePage, DisclosureQuery
from gtvision.api.services import Ports

router = APIRouter(prefix="/v1/disclosures", tags=["privacy"])


@router.get("")
def list_disclosures(query: Annotated[DisclosureQuery, Query()], ports: Ports) -> DisclosurePage:
    """Every answer with plates that was given, the newest first, a page at a time."""
    found, following = ports.disclosures.disclosures(query.to_filter(), limit=query.limit, cursor=query.cursor)
    return DisclosurePage(items=tuple(DisclosureOut.of(one) for one in found), next=following)
