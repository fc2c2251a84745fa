"""Every error answer is an RFC 9457 problem document; this is the one place where errors become statuses."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from gtvision.domain.errors import (
    AlreadyExists,
    BadConfiguration,
    BadInput,
    GtVisionError,
    NotFound,
    TryLater,
)

RETRY_AFTER_S = 2
_STATUSES: tuple[tuple[type[GtVisionError], int], ...] = (
    (BadConfiguration, 422),
    (BadInput, 422),
    (NotFound, 404),
    (AlreadyExists, 409),
    (TryLater, 503),
)
_REMEDIES = {
    "missing": "it is required",
    "extra_forbidden": "there is no such field; /openapi.json lists them",
    "timezone_aware": "write the time with its zone, such as 2026-01-31T12:00:00Z",
    "datetime_from_date_parsing": "write the time as 2026-01-31T12:00:00Z",
    "datetime_parsing": "write the time as 2026-01-31T12:00:00Z",
    "json_invalid": "the body is not JSON",
}


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    field: str
    detail: str


class Problem(BaseModel):
    """An RFC 9457 problem document."""

    type: str = Field(description="urn:gtvision:problem: and a word for each status, such as not-found.")
    title: str
    status: int
    detail: str = Field(description="What is wrong and what to do, for people.")
    field: str | None = Field(None, description="The first field that is wrong, such as zones[0].polygon.")
    errors: list[Fault] | None = Field(None, description="All fields that are wrong, when there are several.")
    checks: dict[str, str] | None = Field(None, description="For /ready: each dependency, ok or what is wrong.")


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {"application/problem+json": {"schema": Problem.model_json_schema()}}}
    for status, text in ((422, "A field is wrong."), ("default", "A problem."))
}


class ProblemError(Exception):
    """A route's own refusal."""

    def __init__(
        self, status: int, detail: str, *, retry_after_s: int | None = None, checks: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, detail, retry_after_s, checks)
        self.status = status
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.checks = checks


def problem(status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    """The answer of that status, its other members in `more`."""
    title = HTTPStatus(status).phrase
    word = title.lower().replace(" ", "-")
    body = Problem(type=f"urn:gtvision:problem:{word}", title=title, status=status, detail=detail, **more)
    content = body.model_dump_json(exclude_none=True)
    return Response(content, status, dict(headers or {}), media_type="application/problem+json")


def install_problems(app: FastAPI) -> None:
    """Makes the app answer every error with a problem document."""
    app.add_exception_handler(GtVisionError, _of_domain)
    app.add_exception_handler(ProblemError, _of_route)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(Exception, _of_surprise)


def _of_domain(_: Request, exc: Exception) -> Response:
    status = next((status for kind, status in _STATUSES if isinstance(exc, kind)), 500)
    if isinstance(exc, BadConfiguration):
        return problem(status, str(exc), field=exc.field or None)
    if isinstance(exc, TryLater):
        return problem(status, str(exc), headers={"Retry-After": str(RETRY_AFTER_S)})
    return problem(status, str(exc))


def _of_route(_: Request, exc: Exception) -> Response:
    assert isinstance(exc, ProblemError)
    headers = {"Retry-After": str(exc.retry_after_s)} if exc.retry_after_s is not None else {}
    return problem(exc.status, exc.detail, headers=headers, checks=exc.checks)


def _of_framework(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    details = {
        404: f"there is nothing at {request.url.path}; /openapi.json lists what there is",
        405: f"{request.url.path} does not take {request.method}",
    }
    return problem(exc.status_code, details.get(exc.status_code, exc.detail), headers=exc.headers)


def _of_validation(_: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)
    faults = [_fault(error) for error in exc.errors()]
    return problem(422, faults[0].detail, field=faults[0].field or None, errors=faults if len(faults) > 1 else None)


def _of_surprise(_: Request, __: Exception) -> Response:
    return problem(500, "this is a fault of the server; its log says more")


def _fault(error: Mapping[str, Any]) -> Fault:
    """The field as a path, and a sentence; never the value, which may be a secret."""
    is_syntax = error["type"] == "json_invalid"
    field = "" if is_syntax else _path(error["loc"][1:])
    said = str(error["msg"]).removeprefix("Value error, ")
    text = _REMEDIES.get(error["type"], said[:1].lower() + said[1:])
    return Fault(field=field, detail=f"{field}: {text}" if field else text)


def _path(parts: Sequence[str | int]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).removeprefix(".")
