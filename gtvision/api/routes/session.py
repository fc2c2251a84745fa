"""Log in and out, for browsers."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from gtvision.api.auth import COOKIE, SESSION_S, Gate
from gtvision.api.problems import ProblemError

router = APIRouter(prefix="/v1/session", tags=["session"])


class Login(BaseModel):
    """The key of the settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: SecretStr = Field(max_length=1024)


@router.post("", status_code=204)
async def log_in(login: Login, request: Request) -> Response:
    """Sets a session cookie for the key."""
    gate: Gate = request.app.state.gate
    if not gate.is_key(login.key.get_secret_value()):
        raise ProblemError(401, "key: that is not the key of the settings")
    response = Response(status_code=204)
    response.set_cookie(
        COOKIE,
        gate.new_session(),
        max_age=SESSION_S,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


@router.delete("", status_code=204)
async def log_out() -> Response:
    """Forgets the session of this browser."""
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response
