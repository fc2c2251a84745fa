"""What every call is bounded by, and the headers that every answer carries."""

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gtvision.domain.metrics import HTTP_REFUSED
from gtvision.ports import Metrics

MAX_BODY_BYTES = 1_000_000
MAX_IMPORT_BYTES = 20_000_000
_IMPORTS = "/entries.csv"
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


class BodyBound:
    """Refuses a body above `MAX_BODY_BYTES`, and an import above `MAX_IMPORT_BYTES`, announced or not."""

    def __init__(self, app: ASGIApp, metrics: Metrics, larger: Mapping[str, int]) -> None:
        """`larger` are the bounds of paths that take more, in bytes."""
        self._app = app
        self._metrics = metrics
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the call on and counts what it reads; raises a 413 inside it when that is too much."""
        announced = Headers(scope=scope).get("content-length", "0") if scope["type"] == "http" else "0"
        largest = self._larger.get(scope.get("path", ""), MAX_BODY_BYTES)
        if scope.get("path", "").endswith(_IMPORTS):
            largest = MAX_IMPORT_BYTES
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > largest or (announced.isdigit() and int(announced) > largest):
                self._metrics.add(HTTP_REFUSED, bound="body")
                raise HTTPException(413, f"the body is larger than {largest} bytes; send less at once")
            return message

        await self._app(scope, counted, send)


class SafeHeaders:
    """Adds the headers that keep a browser from doing what the page never asks for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the call on, and the answer back with the headers."""

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, dressed)
