from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from http_server import Fakes, served

from gtvision.api.app import create_app
from gtvision.api.limits import MAX_BODY_BYTES
from gtvision.domain.metrics import HTTP_REFUSED
from gtvision.settings import Settings


def test_health_says_ok(client: httpx.Client) -> None:
    assert client.get("/health").json() == {"status": "ok", "service": "gtvision"}


def test_ready_names_each_dependency(client: httpx.Client, fakes: Fakes) -> None:
    fakes.ready.states = {"database": "ok", "detector": "ok"}
    assert client.get("/ready").json() == {"checks": {"database": "ok", "detector": "ok"}}


def test_ready_is_a_problem_while_one_dependency_is_away(client: httpx.Client, fakes: Fakes) -> None:
    fakes.ready.states = {"database": "ok", "detector": "no replica runs"}
    answer = client.get("/ready")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["detail"] == "detector: no replica runs"
    assert answer.json()["checks"] == fakes.ready.states


def test_metrics_are_prometheus_text(client: httpx.Client) -> None:
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert answer.text == "gtvision_samples_total 3\n"


def test_what_is_not_there_is_a_problem(client: httpx.Client) -> None:
    answer = client.get("/v1/nothing")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:gtvision:problem:not-found",
        "title": "Not Found",
        "status": 404,
        "detail": "there is nothing at /v1/nothing; /openapi.json lists what there is",
    }


def test_a_method_that_is_not_taken_is_a_problem(client: httpx.Client) -> None:
    answer = client.put("/v1/events")
    assert (answer.status_code, answer.json()["detail"]) == (405, "/v1/events does not take PUT")
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b"\xff"])
def test_a_body_that_is_no_camera_is_a_problem(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/v1/cameras", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) in {
        (422, "application/problem+json"),
        (400, "application/problem+json"),
    }


def test_all_wrong_fields_are_named(client: httpx.Client) -> None:
    answer = client.post("/v1/cameras", json={"sources": "none", "enabled": "perhaps"}).json()
    assert [error["field"] for error in answer["errors"]] == ["sources", "enabled", "id"]


def test_a_body_that_is_too_large_is_refused_whether_announced_or_not(client: httpx.Client, fakes: Fakes) -> None:
    large = b" " * (MAX_BODY_BYTES + 1)
    headers = {"Content-Type": "application/json"}
    announced = client.post("/v1/cameras", content=large, headers=headers)
    chunked = client.post("/v1/cameras", content=iter([large]), headers=headers)
    assert [announced.status_code, chunked.status_code] == [413, 413]
    assert fakes.metrics.value(HTTP_REFUSED, bound="body") == 2


def test_a_fault_of_the_server_says_nothing_of_its_inside(settings: Settings, fakes: Fakes) -> None:
    class Broken:
        def text(self) -> str:
            raise RuntimeError("password=hunter22")

    app = create_app(settings, replace(fakes.services(), metrics_text=Broken()))
    with served(app) as url:
        answer = httpx.get(f"{url}/metrics", trust_env=False)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "hunter22" not in answer.text


def test_the_page_is_asked_for_again_only_when_it_has_changed(client: httpx.Client) -> None:
    first = client.get("/")
    assert "<title>GT-Vision</title>" in first.text
    assert client.get("/", headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    script = client.get("/static/app.js")
    assert (script.headers["cache-control"], "etag" in script.headers) == ("no-cache", True)


def test_every_answer_keeps_browsers_in_bounds(client: httpx.Client) -> None:
    for path in ("/", "/v1/cameras", "/v1/nothing"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers


def test_the_page_loads_nothing_from_elsewhere() -> None:
    folder = Path(__file__).parents[3] / "gtvision" / "api" / "static"
    texts = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
    assert {"index.html", "app.js", "style.css"} <= set(texts)
    assert not [name for name, text in texts.items() if "https://" in text or "innerHTML" in text]


def test_the_document_describes_every_route(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    assert {"/health", "/v1/cameras/{camera_id}", "/v1/events/stream", "/v1/session"} <= set(document["paths"])
    password = document["components"]["schemas"]["SourceIn"]["properties"]["password"]
    assert password["anyOf"][0]["writeOnly"] is True
