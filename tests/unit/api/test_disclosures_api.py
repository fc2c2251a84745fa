"""Routes that disclose, on an app with one of them: it answers how many plates it shows."""

from collections.abc import Iterator
from typing import Annotated

import httpx
import pytest
from disclosure_contract import a_disclosure
from events import an_event
from fastapi import Query
from http_server import Fakes, served

from gtvision.api.app import create_app
from gtvision.api.disclosing import Disclosing
from gtvision.api.schemas.disclosure import ReasonedQuery
from gtvision.domain.disclosure import LONGEST_REASON, Disclosure
from gtvision.ports import DisclosureFilter, EventToSave
from gtvision.settings import Settings, settings_of

KEY = "a key of sixteen or more"
BEARER = {"Authorization": f"Bearer {KEY}"}
CASE = {"reason": "report 12/2026"}


class PlateQuery(ReasonedQuery):
    text: str
    camera: str | None = None
    limit: int = 10


def search(query: Annotated[PlateQuery, Query()], disclosing: Disclosing) -> dict[str, int]:
    disclosing.record(len(query.text))
    return {"shown": len(query.text)}


def asking(settings: Settings, fakes: Fakes, **changes: object) -> Iterator[httpx.Client]:
    values = settings.model_dump(exclude=set(changes)) | changes
    app = create_app(settings_of(values), fakes.services())
    app.add_api_route("/v1/shown", search)
    with served(app) as url, httpx.Client(base_url=url, timeout=5, trust_env=False) as client:
        yield client


@pytest.fixture
def asked(settings: Settings, fakes: Fakes) -> Iterator[httpx.Client]:
    """A caller of an app that wants no reason."""
    yield from asking(settings, fakes)


@pytest.fixture
def strict(settings: Settings, fakes: Fakes) -> Iterator[httpx.Client]:
    """A caller of an app with a key that wants a reason."""
    yield from asking(settings, fakes, http={"key": KEY}, privacy={"require_reason": True})


def recorded(fakes: Fakes) -> list[Disclosure]:
    return fakes.disclosures.disclosures(DisclosureFilter(), limit=100)[0]


def test_an_answer_is_recorded_with_who_what_why_and_how_much(asked: httpx.Client, fakes: Fakes) -> None:
    assert asked.get("/v1/shown", params={"text": "ABC1D23", "limit": 5, **CASE}).json() == {"shown": 7}
    (one,) = recorded(fakes)
    assert (one.who, one.what, one.why, one.results) == ("local", "GET /v1/shown?text=ABC1D23", CASE["reason"], 7)


def test_the_same_question_reads_the_same_in_any_order(asked: httpx.Client, fakes: Fakes) -> None:
    asked.get("/v1/shown", params={"camera": "a", "text": "b c"})
    asked.get("/v1/shown", params={"text": " b  c", "camera": "a"})
    assert {one.what for one in recorded(fakes)} == {"GET /v1/shown?camera=a&text=b+c"}


def test_no_other_parameter_pushes_the_plate_out_of_the_record(asked: httpx.Client, fakes: Fakes) -> None:
    repeated = [("camera", f"{number:099}") for number in range(50)]
    asked.get("/v1/shown", params=httpx.QueryParams([*repeated, ("text", "XYZ9876"), ("text", "ABC1D23")]))
    asked.get("/v1/shown", params={"camera": "c" * 3000, "text": "ABC1D23"})
    assert [one.what for one in recorded(fakes)] == [
        f"GET /v1/shown?camera={'c' * 100}&text=ABC1D23",
        f"GET /v1/shown?camera={49:099}&text=ABC1D23",
    ]


def test_nothing_is_shown_while_the_log_is_away(asked: httpx.Client, fakes: Fakes) -> None:
    fakes.disclosures.refusals = 1
    answer = asked.get("/v1/shown", params={"text": "ABC1D23"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "shown" not in answer.text
    assert asked.get("/v1/shown", params={"text": "ABC1D23"}).status_code == 200
    assert len(recorded(fakes)) == 1


def test_without_the_reason_that_the_settings_want_a_search_is_refused(strict: httpx.Client, fakes: Fakes) -> None:
    for reason in ({}, {"reason": ""}, {"reason": " \n "}):
        answer = strict.get("/v1/shown", params={"text": "ABC1D23", **reason}, headers=BEARER)
        assert (answer.status_code, answer.json()["field"]) == (422, "reason")
        assert "why you look this up" in answer.json()["detail"]
    assert recorded(fakes) == []
    assert strict.get("/v1/shown", params={"text": "ABC1D23", **CASE}, headers=BEARER).status_code == 200


def test_events_are_listed_and_followed_without_a_reason_but_not_searched_by_plate(
    strict: httpx.Client, fakes: Fakes
) -> None:
    event = an_event(0, plate="ABC1D23")
    fakes.events.save_events([EventToSave(event)])
    for path in ("/v1/events", f"/v1/events/{event.id}"):
        assert strict.get(path, headers=BEARER).status_code == 200
    with strict.stream("GET", "/v1/events/stream", headers=BEARER) as answer:
        assert answer.status_code == 200
    assert len(recorded(fakes)) == 3
    assert strict.get("/v1/events", params={"plate": "ABC"}, headers=BEARER).json()["field"] == "reason"
    assert len(recorded(fakes)) == 3


def test_a_reason_may_stand_in_a_header_in_any_language(strict: httpx.Client, fakes: Fakes) -> None:
    headers = {**BEARER, "Reason": "furto de veículo".encode()}
    assert strict.get("/v1/shown", params={"text": "A"}, headers=headers).status_code == 200
    assert recorded(fakes)[0].why == "furto de veículo"


def test_a_reason_without_end_is_refused(asked: httpx.Client, fakes: Fakes) -> None:
    for length in (LONGEST_REASON + 1, 3 * LONGEST_REASON):
        answer = asked.get("/v1/shown", params={"text": "A", "reason": "x" * length})
        assert (answer.status_code, answer.json()["field"]) == (422, "reason")
    assert recorded(fakes) == []


def test_who_asks_is_told_apart_by_key_and_session_and_no_secret_is_recorded(
    strict: httpx.Client, fakes: Fakes
) -> None:
    strict.get("/v1/shown", params={"text": "A", **CASE}, headers=BEARER)
    strict.post("/v1/session", json={"key": KEY})
    strict.get("/v1/shown", params={"text": "A", **CASE})
    assert {one.who for one in recorded(fakes)} == {"key at 127.0.0.1", "session at 127.0.0.1"}
    assert KEY not in repr(recorded(fakes))


def test_disclosures_are_listed_in_pages_the_newest_first(asked: httpx.Client, fakes: Fakes) -> None:
    for time_s in (1.0, 2.0, 3.0):
        fakes.disclosures.add_disclosure(a_disclosure(time_s))
    page = asked.get("/v1/disclosures", params={"limit": 2}).json()
    assert [one["time"] for one in page["items"]] == ["1970-01-01T00:00:03Z", "1970-01-01T00:00:02Z"]
    rest = asked.get("/v1/disclosures", params={"limit": 2, "cursor": page["next"]}).json()
    assert ([one["time"] for one in rest["items"]], rest["next"]) == (["1970-01-01T00:00:01Z"], None)
    since = asked.get("/v1/disclosures", params={"since": "1970-01-01T00:00:03Z"}).json()
    assert since["items"] == page["items"][:1]


def test_disclosures_are_for_callers_with_the_key(strict: httpx.Client) -> None:
    assert strict.get("/v1/disclosures").status_code == 401
    assert strict.get("/v1/disclosures", headers=BEARER).json() == {"items": [], "next": None}
