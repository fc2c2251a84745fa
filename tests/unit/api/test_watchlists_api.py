import httpx
import pytest
from http_server import Fakes

from gtvision.ports import DisclosureFilter

STOLEN = {"id": "stolen", "name": "Roubados", "action": "log", "cameras": ["north"], "groups": ["Centro"]}
CSV = {"Content-Type": "text/csv"}
FILE = "text,match,valid_from,valid_to,reason\nABC1D23,exact,,,BO 12\nABC*23,pattern,2026-11-23T00:00:00Z,,\n"


@pytest.fixture
def lists(client: httpx.Client) -> httpx.Client:
    """A caller of a system with the list `stolen`."""
    assert client.post("/v1/watchlists", json=STOLEN).status_code == 201
    return client


def test_a_list_reads_as_it_was_added(client: httpx.Client) -> None:
    added = client.post("/v1/watchlists", json=STOLEN)
    assert (added.status_code, added.headers["location"]) == (201, "/v1/watchlists/stolen")
    stored = added.json()
    assert {key: stored[key] for key in STOLEN} == STOLEN
    assert stored["entries"] == 0
    assert client.get("/v1/watchlists/stolen").json() == stored
    assert client.get("/v1/watchlists").json() == {"items": [stored]}


def test_a_list_needs_no_more_than_an_id(client: httpx.Client) -> None:
    stored = client.post("/v1/watchlists", json={"id": "stolen"}).json()
    assert (stored["action"], stored["cameras"], stored["groups"], stored["name"]) == ("alert", [], [], "")


def test_settings_are_replaced_and_entries_stay(lists: httpx.Client) -> None:
    lists.post("/v1/watchlists/stolen/entries", json={"text": "ABC1D23"})
    changed = lists.put("/v1/watchlists/stolen", json={"name": "Furtados"}).json()
    assert (changed["name"], changed["action"], changed["entries"]) == ("Furtados", "alert", 1)


def test_an_entry_is_kept_as_plates_are_written(lists: httpx.Client) -> None:
    entry = {"text": "abc-1d23", "match": "near", "valid_to": "2026-12-01T00:00:00-03:00", "reason": "BO 12"}
    added = lists.post("/v1/watchlists/stolen/entries", json=entry)
    assert added.status_code == 201
    stored = added.json()
    assert (stored["text"], stored["match"], stored["reason"]) == ("ABC1D23", "near", "BO 12")
    assert (stored["valid_from"], stored["valid_to"]) == (None, "2026-12-01T03:00:00Z")
    assert lists.get("/v1/watchlists/stolen/entries").json() == {"items": [stored], "next": None}
    assert lists.delete(f"/v1/watchlists/stolen/entries/{stored['id']}").status_code == 204
    assert lists.get("/v1/watchlists/stolen").json()["entries"] == 0


@pytest.mark.parametrize(
    ("call", "body", "problem"),
    [
        ("POST ", {"id": "Not A Slug"}, (422, "id")),
        ("POST ", {"id": "a", "action": "shout"}, (422, "action")),
        ("POST ", {"id": "a", "colour": "red"}, (422, "colour")),
        ("POST ", {"id": "stolen"}, (409, None)),
        ("PUT /ghost", {}, (404, None)),
        ("DELETE /ghost", None, (404, None)),
        ("GET /ghost", None, (404, None)),
        ("GET /ghost/entries", None, (404, None)),
        ("GET /ghost/entries.csv", None, (404, None)),
        ("POST /ghost/entries", {"text": "ABC1D23"}, (404, None)),
        ("DELETE /stolen/entries/ghost", None, (404, None)),
        ("POST /stolen/entries", {"text": "Ç"}, (422, "text")),
        ("POST /stolen/entries", {"text": "AB*", "match": "exact"}, (422, "text")),
        ("POST /stolen/entries", {"text": "ABC1D23", "match": "prefix"}, (422, "match")),
        ("POST /stolen/entries", {"text": "ABC1D23", "valid_from": "2026-01-31T12:00"}, (422, "valid_from")),
    ],
)
def test_a_wrong_call_says_what_is_wrong(
    lists: httpx.Client, call: str, body: object, problem: tuple[int, str | None]
) -> None:
    method, path = call.split(" ")
    answer = lists.request(method, f"/v1/watchlists{path}", json=body)
    assert (answer.status_code, answer.json().get("field")) == problem


def test_a_file_is_imported_once_and_comes_back(lists: httpx.Client) -> None:
    path = "/v1/watchlists/stolen/entries.csv"
    done = [lists.post(path, content=FILE.encode(), headers=CSV).json() for _ in range(2)]
    assert done == [{"added": 2, "entries": 2}, {"added": 0, "entries": 2}]
    exported = lists.get(path)
    assert exported.headers["content-type"].startswith("text/csv")
    assert "stolen.csv" in exported.headers["content-disposition"]
    assert sorted(exported.text.splitlines()) == sorted(FILE.splitlines())


def test_a_file_with_a_fault_changes_nothing_and_names_the_place(lists: httpx.Client) -> None:
    faulty = FILE + "XYZ9A87,maybe,,,\n"
    answer = lists.post("/v1/watchlists/stolen/entries.csv", content=faulty.encode(), headers=CSV)
    assert (answer.status_code, answer.json()["field"]) == (422, "line 4, column match")
    assert lists.get("/v1/watchlists/stolen").json()["entries"] == 0


def test_an_import_may_be_larger_than_other_bodies_but_is_bounded(lists: httpx.Client) -> None:
    rows = "".join(f"ABC{number // 1000 % 10}D{number % 100:02},exact,,,{'x' * 400}\n" for number in range(100))
    large = ("text,match,valid_from,valid_to,reason\n" + rows).encode() + b"\n" * 1_500_000
    assert lists.post("/v1/watchlists/stolen/entries.csv", content=large, headers=CSV).status_code == 200
    too_large = b"\n" * 20_000_001
    assert lists.post("/v1/watchlists/stolen/entries.csv", content=too_large, headers=CSV).status_code == 413


def test_what_is_on_a_list_is_shown_only_after_it_was_recorded(lists: httpx.Client, fakes: Fakes) -> None:
    lists.post("/v1/watchlists/stolen/entries.csv", content=FILE.encode(), headers=CSV)
    lists.get("/v1/watchlists/stolen/entries", params={"reason": "audit"})
    lists.get("/v1/watchlists/stolen/entries.csv")
    found, _ = fakes.disclosures.disclosures(DisclosureFilter(), limit=9)
    assert {(one.what, one.why, one.results) for one in found} == {
        ("GET /v1/watchlists/stolen/entries", "audit", 2),
        ("GET /v1/watchlists/stolen/entries.csv", "", 2),
    }
