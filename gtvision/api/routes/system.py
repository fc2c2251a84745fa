"""Whether it lives, what it depends on, what it measures."""

from typing import Literal

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from gtvision.api.problems import RETRY_AFTER_S, ProblemError
from gtvision.api.services import Ports

router = APIRouter(tags=["system"])


class Alive(BaseModel):
    """The process answers, and says whose it is."""

    status: Literal["ok"] = "ok"
    service: Literal["gtvision"] = "gtvision"


class Ready(BaseModel):
    """Everything that the system depends on answers."""

    checks: dict[str, str]


@router.get("/health")
async def health() -> Alive:
    """Whether the process answers; never wants a key, and needs no thread."""
    return Alive()


@router.get("/ready")
def ready(ports: Ports) -> Ready:
    """Each dependency by name; 503 with the same names when one is not ok."""
    checks = dict(ports.ready.checks())
    wrong = [f"{name}: {state}" for name, state in checks.items() if state != "ok"]
    if wrong:
        raise ProblemError(503, "; ".join(wrong), retry_after_s=RETRY_AFTER_S, checks=checks)
    return Ready(checks=checks)


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(ports: Ports) -> Response:
    """The metrics of the whole system in the Prometheus text format."""
    return Response(ports.metrics_text.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
