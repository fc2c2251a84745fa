"""Retention: what is kept, for how long, and what is due."""

from fastapi import APIRouter

from gtvision.api.schemas.retention import HoldingList, HoldingOut, SweptList, SweptOut
from gtvision.api.services import Ports

router = APIRouter(prefix="/v1/retention", tags=["privacy"])

_BUDGET_S = 5.0


@router.get("")
def show_retention(ports: Ports) -> HoldingList:
    """What is kept of each kind, and how many a sweep would remove now, counted up to a million."""
    return HoldingList(items=tuple(HoldingOut.of(one) for one in ports.retainer.holdings()))


@router.post("/sweep")
def sweep(ports: Ports) -> SweptList:
    """Removes what is due, for about 5 s; the system does so by itself once an hour."""
    return SweptList(items=tuple(SweptOut.of(one) for one in ports.retainer.sweep(_BUDGET_S)))
