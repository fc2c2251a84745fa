"""Who may call.

With a key in the settings every call but the open paths carries it: as `Authorization: Bearer KEY`, or as the session
cookie that `POST /v1/session` gives for it, because a browser cannot send a header with an image, a video or an event
stream. The cookie is an expiry and its HMAC under the key: any replica can check it, and it does not hold the key.

Without a key only this machine can connect. A page of another site that runs in a browser here could still try: a
`Host` that is not this machine is refused (DNS rebinding), and so is a change asked for by another `Origin`.
"""

import hashlib
import hmac
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from gtvision.api.problems import problem
from gtvision.settings import Http

COOKIE = "gtvision_session"
SESSION_S = 12 * 3600
_OPEN_PATHS = ("/", "/health", "/v1/session")
_OPEN_FOLDER = "/static/"
_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

Clock = Callable[[], float]


class Gate:
    """Knows the key, and what a caller must show."""

    def __init__(self, http: Http, clock: Clock = time.time) -> None:
        self._key = http.key.get_secret_value().encode() if http.key else None
        self._hosts = (*_LOCAL_NAMES, http.host)
        self._clock = clock

    def is_key(self, offered: str) -> bool:
        """Whether that is the key, compared in constant time; without a key anything is."""
        return self._key is None or hmac.compare_digest(offered.encode(), self._key)

    def new_session(self) -> str:
        """The value of a session cookie that ends after `SESSION_S`."""
        expiry = str(int(self._clock()) + SESSION_S)
        return f"{expiry}.{self._signature(expiry)}"

    def refusal(self, scope: Scope) -> tuple[int, str] | None:
        """The status and the sentence with which the call is refused, None when it may pass."""
        headers = Headers(scope=scope)
        if self._key is None and _host_name(headers.get("host", "")) not in self._hosts:
            return 403, "only this machine may call while no key is set: use http://localhost, or set http.key"
        origin = headers.get("origin")
        if scope["method"] not in _SAFE_METHODS and origin and _is_foreign(origin, headers):
            return 403, "a page of another site may not change anything here"
        if self._key is None or scope["path"] in _OPEN_PATHS or scope["path"].startswith(_OPEN_FOLDER):
            return None
        if self._has_key(headers) or self._has_session(headers):
            return None
        return 401, "send the key of the settings: 'Authorization: Bearer KEY', or log in on the page"

    def caller(self, scope: Scope) -> str:
        """How a caller that may pass is known: `local` without a key, else `key` or `session`, and its address."""
        if self._key is None:
            return "local"
        name = "key" if self._has_key(Headers(scope=scope)) else "session"
        client = scope.get("client")
        return f"{name} at {client[0]}" if client else name

    def _has_key(self, headers: Headers) -> bool:
        scheme, _, offered = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self.is_key(offered.strip())

    def _has_session(self, headers: Headers) -> bool:
        expiry, _, signature = cookie_parser(headers.get("cookie", "")).get(COOKIE, "").partition(".")
        is_signed = hmac.compare_digest(signature.encode(), self._signature(expiry).encode())
        return is_signed and float(expiry) > self._clock()

    def _signature(self, expiry: str) -> str:
        return hmac.new(self._key or b"", f"session {expiry}".encode(), hashlib.sha256).hexdigest()


class GateMiddleware:
    """Refuses calls before any route sees them."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self._app = app
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the call on, or answers it with a problem."""
        refusal = self._gate.refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            return await self._app(scope, receive, send)
        status, detail = refusal
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
        return await problem(status, detail, headers=headers)(scope, receive, send)


def _is_foreign(origin: str, headers: Headers) -> bool:
    try:
        return urlsplit(origin).netloc != headers.get("host")
    except ValueError:
        return True


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
