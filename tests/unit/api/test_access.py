from collections.abc import Iterator

import httpx
import pytest
from http_server import Fakes, served

from gtvision.api.app import create_app
from gtvision.api.auth import COOKIE, SESSION_S, Gate
from gtvision.settings import Settings, settings_of

KEY = "a key of sixteen or more"
BEARER = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture
def locked(settings: Settings, fakes: Fakes) -> Iterator[httpx.Client]:
    """A caller of an app with a key."""
    values = settings.model_dump(exclude={"http"}) | {"http": {"key": KEY}}
    with (
        served(create_app(settings_of(values), fakes.services())) as url,
        httpx.Client(base_url=url, timeout=5, trust_env=False) as client,
    ):
        yield client


def a_request(path: str, headers: dict[str, str]) -> dict[str, object]:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": "GET", "path": path, "headers": raw}


@pytest.mark.parametrize(
    "path",
    ["/ready", "/metrics", "/openapi.json", "/v1/cameras", "/v1/status", "/v1/events", "/v1/events/stream", "/nothing"],
)
def test_with_a_key_nothing_is_said_without_it(locked: httpx.Client, path: str) -> None:
    answer = locked.get(path)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert locked.get(path, headers={"Authorization": f"Bearer {KEY}x"}).status_code == 401
    assert locked.get(path, headers={"Authorization": KEY}).status_code == 401


@pytest.mark.parametrize("path", ["/health", "/", "/static/app.js"])
def test_health_and_the_empty_page_need_no_key(locked: httpx.Client, path: str) -> None:
    assert locked.get(path).status_code == 200


def test_the_key_opens(locked: httpx.Client) -> None:
    assert locked.get("/v1/cameras", headers=BEARER).status_code == 200


def test_a_session_opens_for_browsers_until_they_log_out(locked: httpx.Client) -> None:
    answer = locked.post("/v1/session", json={"key": KEY})
    assert answer.status_code == 204
    assert {"HttpOnly", "SameSite=strict"} <= set(answer.headers["set-cookie"].split("; "))
    assert KEY not in answer.headers["set-cookie"]
    assert locked.get("/v1/cameras").status_code == 200
    assert locked.delete("/v1/session").status_code == 204
    assert locked.get("/v1/cameras").status_code == 401


def test_a_wrong_key_gives_no_session(locked: httpx.Client) -> None:
    answer = locked.post("/v1/session", json={"key": "another key of the same sort"})
    assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
    assert "another key" not in answer.text


def test_a_session_ends_by_itself_and_cannot_be_prolonged() -> None:
    now_s = 1000.0
    gate = Gate(settings_of({"http": {"key": KEY}}).http, lambda: now_s)
    session = gate.new_session()
    assert gate.refusal(a_request("/v1/cameras", {"Cookie": f"{COOKIE}={session}"})) is None
    now_s += SESSION_S + 1
    refusal = gate.refusal(a_request("/v1/cameras", {"Cookie": f"{COOKIE}={session}"}))
    assert refusal is not None
    assert refusal[0] == 401
    forged = f"{int(now_s) + 60}.{session.partition('.')[2]}"
    assert gate.refusal(a_request("/v1/cameras", {"Cookie": f"{COOKIE}={forged}"})) is not None


@pytest.mark.parametrize("cookie", ["", ".", "9999999999.", "nan.abc", "\x80.\x81"])
def test_a_cookie_that_is_no_session_is_refused(cookie: str) -> None:
    gate = Gate(settings_of({"http": {"key": KEY}}).http)
    scope = a_request("/v1/cameras", {})
    scope["headers"] = [(b"cookie", f"{COOKIE}={cookie}".encode("latin-1"))]
    refusal = gate.refusal(scope)
    assert refusal is not None
    assert refusal[0] == 401


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_without_a_key_this_machine_may_call(client: httpx.Client, host: str) -> None:
    assert client.get("/v1/cameras", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "10.0.0.5:8000", "[::1", ""])
def test_without_a_key_another_name_is_refused(client: httpx.Client, host: str) -> None:
    answer = client.get("/v1/cameras", headers={"Host": host})
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")


def test_a_page_of_another_site_changes_nothing(client: httpx.Client, address: str) -> None:
    body = {"id": "north", "sources": [{"url": "rtsp://h/x"}]}
    assert client.post("/v1/cameras", json=body, headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.post("/v1/cameras", json=body, headers={"Origin": "null"}).status_code == 403
    assert client.post("/v1/cameras", json=body, headers={"Origin": "http://[::1"}).status_code == 403
    assert client.post("/v1/cameras", json=body, headers={"Origin": address}).status_code == 201
