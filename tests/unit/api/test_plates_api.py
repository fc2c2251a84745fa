import httpx
import pytest
from events import an_event
from http_server import Fakes
from plates import a_plate

from gtvision.domain.event import Hit
from gtvision.domain.plate import crop_key
from gtvision.domain.trigger import TriggerType
from gtvision.ports import DisclosureFilter, EventToSave, StoredPlate


def recorded(fakes: Fakes) -> list[tuple[str, str, int]]:
    found, _ = fakes.disclosures.disclosures(DisclosureFilter(), limit=100)
    return [(one.what, one.why, one.results) for one in found]


def test_a_plate_reads_as_the_document_says(client: httpx.Client, fakes: Fakes) -> None:
    seen = a_plate(event_ids=("one", "two"))
    fakes.plates.save_plates([StoredPlate(seen, "a.jpg")])
    expected = {
        "id": seen.id,
        "camera": "north",
        "track": 0,
        "kind": "car",
        "plate": "ABC1D23",
        "format": "mercosul",
        "score": 0.93,
        "readings": 2,
        "time": "2026-11-23T00:00:00Z",
        "box": [0.4, 0.5, 0.5, 0.55],
        "events": ["one", "two"],
        "epoch": 0,
        "revision": 0,
        "crop": f"/v1/plates/{seen.id}/crop.jpg",
    }
    assert client.get(f"/v1/plates/{seen.id}").json() == expected
    assert client.get("/v1/plates").json() == {"items": [expected], "next": None}


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ({}, ["XYZ9876", "ABC1234", "ABC1C34"]),
        ({"plate": "abc-1234"}, ["ABC1234", "ABC1C34"]),
        ({"plate": "XYZ", "match": "prefix"}, ["XYZ9876"]),
        ({"plate": "*34", "match": "pattern"}, ["ABC1234", "ABC1C34"]),
        ({"plate": "XYZ9876", "match": "near", "camera": "south"}, []),
        ({"plate": "XYZ9876", "match": "near"}, ["XYZ9876"]),
        ({"camera": "south"}, []),
        ({"since": "2026-11-23T00:00:01Z", "until": "2026-11-23T00:00:02Z"}, ["ABC1234"]),
    ],
)
def test_plates_are_searched(client: httpx.Client, fakes: Fakes, query: dict[str, str], texts: list[str]) -> None:
    plates = [a_plate(text, number) for number, text in enumerate(("ABC1C34", "ABC1234", "XYZ9876"))]
    fakes.plates.save_plates([StoredPlate(seen) for seen in plates])
    assert [item["plate"] for item in client.get("/v1/plates", params=query).json()["items"]] == texts


def test_pages_follow_each_other(client: httpx.Client, fakes: Fakes) -> None:
    fakes.plates.save_plates([StoredPlate(a_plate(number=number)) for number in range(3)])
    first = client.get("/v1/plates", params={"limit": 2}).json()
    second = client.get("/v1/plates", params={"limit": 2, "cursor": first["next"]}).json()
    assert [item["track"] for item in (*first["items"], *second["items"])] == [2, 1, 0]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"plate": ""}, "plate"),
        ({"plate": "ABC*"}, "plate"),
        ({"plate": "çaé"}, "plate"),
        ({"plate": "AB123CD", "match": "near"}, "plate"),
        ({"plate": "ABC1D23", "match": "fuzzy"}, "match"),
        ({"plate": "ABC1D23", "since": "2026-01-31T12:00:00"}, "since"),
        ({"plte": "ABC1D23"}, "plte"),
    ],
)
def test_a_wrong_search_names_the_field_and_is_no_disclosure(
    client: httpx.Client, fakes: Fakes, query: dict[str, str], field: str
) -> None:
    answer = client.get("/v1/plates", params=query)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert recorded(fakes) == []


def test_whatever_is_shown_is_recorded(client: httpx.Client, fakes: Fakes) -> None:
    seen = a_plate()
    fakes.plates.save_plates([StoredPlate(seen, "a.jpg")])
    fakes.media.put("a.jpg", b"jpeg")
    client.get("/v1/plates", params={"plate": "ABC1D23", "match": "near", "limit": 3, "reason": "BO 12"})
    client.get(f"/v1/plates/{seen.id}", headers={"Reason": "BO 13"})
    picture = client.get(f"/v1/plates/{seen.id}/crop.jpg")
    assert (picture.content, picture.headers["content-type"]) == (b"jpeg", "image/jpeg")
    assert sorted(recorded(fakes)) == [
        ("GET /v1/plates/" + seen.id, "BO 13", 1),
        (f"GET /v1/plates/{seen.id}/crop.jpg", "", 1),
        ("GET /v1/plates?match=near&plate=ABC1D23", "BO 12", 1),
    ]


def test_what_is_not_there_is_not_found(client: httpx.Client, fakes: Fakes) -> None:
    fakes.plates.save_plates([StoredPlate(a_plate())])
    paths = ("/v1/plates/ghost", "/v1/plates/ghost/crop.jpg", f"/v1/plates/{a_plate().id}/crop.jpg")
    assert [client.get(path).status_code for path in paths] == [404] * 3
    assert recorded(fakes) == []


def test_events_are_found_by_the_beginning_of_their_plate_and_that_is_recorded(
    client: httpx.Client, fakes: Fakes
) -> None:
    for number, plate in enumerate(("ABC1234", "ABC1C34", "XYZ9876", None)):
        fakes.events.save_events([EventToSave(an_event(number, plate=plate))])
    found = client.get("/v1/events", params={"plate": "abc-12", "reason": "BO 12"}).json()["items"]
    assert [event["plate"] for event in found] == ["ABC1C34", "ABC1234"]
    assert recorded(fakes) == [("GET /v1/events?plate=abc-12", "BO 12", 2)]
    assert client.get("/v1/events", params={"plate": "ABC*"}).json()["field"] == "plate"


def test_a_page_of_events_with_plates_is_recorded_and_one_without_is_not(client: httpx.Client, fakes: Fakes) -> None:
    fakes.events.save_events([EventToSave(an_event(0))])
    client.get("/v1/events")
    assert recorded(fakes) == []
    for number, plate in enumerate(("ABC1234", None, "XYZ9876"), start=1):
        fakes.events.save_events([EventToSave(an_event(number, plate=plate))])
    client.get("/v1/events?camera=north&limit=3")
    assert recorded(fakes) == [("GET /v1/events?camera=north", "", 2)]


def test_an_event_with_a_plate_is_recorded_and_one_without_is_not(client: httpx.Client, fakes: Fakes) -> None:
    shown, bare = an_event(0, plate="ABC1D23"), an_event(1)
    fakes.events.save_events([EventToSave(shown), EventToSave(bare)])
    for event in (shown, bare):
        assert client.get(f"/v1/events/{event.id}").status_code == 200
    assert recorded(fakes) == [(f"GET /v1/events/{shown.id}", "", 1)]


def test_the_picture_of_a_hit_is_recorded_and_that_of_a_vehicle_is_not(client: httpx.Client, fakes: Fakes) -> None:
    hit, pass_ = an_event(0, plate="ABC1D23"), an_event(1, plate="ABC1D23")
    for event, key in ((hit, crop_key("north", "of-a-plate")), (pass_, "day/1.jpg")):
        fakes.media.put(key, b"jpeg")
        fakes.events.save_events([EventToSave(event, key)])
        assert client.get(f"/v1/events/{event.id}/snapshot.jpg").content == b"jpeg"
    assert recorded(fakes) == [(f"GET /v1/events/{hit.id}/snapshot.jpg", "", 1)]


def test_no_plate_of_an_event_is_shown_while_the_log_is_away(client: httpx.Client, fakes: Fakes) -> None:
    event = an_event(0, plate="ABC1D23")
    fakes.events.save_events([EventToSave(event)])
    for path in ("/v1/events", f"/v1/events/{event.id}", "/v1/events/stream"):
        fakes.disclosures.refusals = 1
        answer = client.get(path)
        assert (answer.status_code, "ABC1D23" in answer.text) == (503, False)


def test_a_hit_says_what_was_matched(client: httpx.Client, fakes: Fakes) -> None:
    hit = Hit("stolen", "entry-id", "ABC1234", 1, "BO 12", "alert", is_withdrawn=True)
    changes = {"trigger_type": TriggerType.WATCHLIST, "trigger_id": "stolen", "plate": "ABC1C34", "hit": hit}
    fakes.events.save_events([EventToSave(an_event(0)), EventToSave(an_event(1, **changes))])
    (event,) = client.get("/v1/events", params={"type": "watchlist"}).json()["items"]
    assert (event["type"], event["trigger"], event["plate"]) == ("watchlist", "stolen", "ABC1C34")
    assert event["hit"] == {
        "watchlist": "stolen",
        "entry": "entry-id",
        "text": "ABC1234",
        "distance": 1,
        "reason": "BO 12",
        "action": "alert",
        "withdrawn": True,
    }
