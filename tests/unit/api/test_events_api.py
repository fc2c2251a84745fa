from dataclasses import replace

import httpx
import pytest
from events import NOVEMBER_23_S, an_event
from http_server import Fakes

from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction
from gtvision.domain.trigger import TriggerType
from gtvision.ports import EventToSave

CLIP = bytes(range(256)) * 4


@pytest.fixture
def stored(fakes: Fakes) -> str:
    """The id of an event with a picture and a clip."""
    event = an_event()
    fakes.events.save_events([EventToSave(event, "s.jpg", "c.mp4")])
    fakes.media.put("s.jpg", b"a picture")
    fakes.media.put("c.mp4", CLIP)
    return event.id


def test_an_event_reads_as_the_document_says(client: httpx.Client, stored: str) -> None:
    assert client.get(f"/v1/events/{stored}").json() == {
        "id": stored,
        "seq": 1,
        "camera": "north",
        "trigger": "enter",
        "type": "enter",
        "zone": None,
        "line": None,
        "track": 0,
        "kind": "car",
        "score": 0.75,
        "direction": None,
        "start": "2026-11-23T00:00:00Z",
        "end": "2026-11-23T00:00:05Z",
        "seen": "2026-11-23T00:00:05Z",
        "best": {"time": "2026-11-23T00:00:02Z", "box": [0.1, 0.2, 0.3, 0.4]},
        "box": [0.2, 0.2, 0.4, 0.4],
        "plate": None,
        "speed_kmh": None,
        "vehicles": None,
        "length_m": None,
        "hit": None,
        "epoch": 0,
        "revision": 0,
        "snapshot": f"/v1/events/{stored}/snapshot.jpg",
        "clip": f"/v1/events/{stored}/clip.mp4",
    }


def test_what_an_event_measured_is_shown_to_a_tenth(client: httpx.Client, fakes: Fakes) -> None:
    event = replace(an_event(), trigger_type=TriggerType.QUEUE, speed_kmh=61.2345, vehicles=7, length_m=43.21)
    fakes.events.save_events([EventToSave(event)])
    shown = client.get(f"/v1/events/{event.id}").json()
    assert (shown["type"], shown["speed_kmh"], shown["vehicles"], shown["length_m"]) == ("queue", 61.2, 7, 43.2)


def test_that_a_speed_is_not_for_fines_stands_in_the_document(client: httpx.Client) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert "not for fines" in schemas["EventOut"]["properties"]["speed_kmh"]["description"]
    assert "not for fines" in schemas["TriggerModel"]["properties"]["min_kmh"]["description"]


def test_pages_follow_the_cursor_from_the_newest_to_the_oldest(client: httpx.Client, fakes: Fakes) -> None:
    fakes.events.save_events([EventToSave(an_event(number)) for number in range(5)])
    tracks: list[int] = []
    cursor = None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = client.get("/v1/events", params=query).json()
        tracks += [item["track"] for item in page["items"]]
        assert page["seq"] == 5
        if (cursor := page["next"]) is None:
            break
    assert tracks == [4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    ("query", "tracks"),
    [
        ({"camera": "south"}, [1]),
        ({"type": "cross"}, [2]),
        ({"kind": "bus"}, [3]),
        ({"open": "true"}, [4]),
        ({"since": "2026-11-23T00:00:03Z"}, [4, 3]),
        ({"until": "2026-11-22T21:00:02-03:00"}, [1, 0]),
        ({"since": "2026-11-23T00:00:01Z", "until": "2026-11-23T00:00:03Z", "kind": "car"}, [2, 1]),
    ],
)
def test_filters_choose(client: httpx.Client, fakes: Fakes, query: dict[str, str], tracks: list[int]) -> None:
    events = [
        an_event(0),
        an_event(1, camera_id="south"),
        an_event(2, trigger_type=TriggerType.CROSS, direction=Direction.FORWARD),
        an_event(3, kind=Kind.BUS),
        an_event(4, end_s=None),
    ]
    fakes.events.save_events([EventToSave(event) for event in events])
    assert [item["track"] for item in client.get("/v1/events", params=query).json()["items"]] == tracks


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"kind": "spaceship"}, "kind"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-11-23T00:00:03"}, "since"),
        ({"limit": "0"}, "limit"),
        ({"limit": "501"}, "limit"),
        ({"colour": "red"}, "colour"),
        ({"cursor": "nonsense"}, None),
    ],
)
def test_a_wrong_filter_is_named(client: httpx.Client, query: dict[str, str], field: str | None) -> None:
    answer = client.get("/v1/events", params=query)
    assert (answer.status_code, answer.json().get("field")) == (422, field)


def test_an_event_without_media_has_no_address_for_them(client: httpx.Client, fakes: Fakes) -> None:
    event = an_event(end_s=None)
    fakes.events.save_events([EventToSave(event)])
    shown = client.get(f"/v1/events/{event.id}").json()
    assert (shown["snapshot"], shown["clip"], shown["end"]) == (None, None, None)
    assert client.get(f"/v1/events/{event.id}/clip.mp4").status_code == 404
    assert client.get("/v1/events/nobody").status_code == 404


def test_a_clip_is_served_in_ranges(client: httpx.Client, stored: str) -> None:
    whole = client.get(f"/v1/events/{stored}/clip.mp4")
    assert (whole.status_code, whole.content, whole.headers["accept-ranges"]) == (200, CLIP, "bytes")
    part = client.get(f"/v1/events/{stored}/clip.mp4", headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, CLIP[100:200])
    assert part.headers["content-range"] == "bytes 100-199/1024"
    beyond = client.get(f"/v1/events/{stored}/clip.mp4", headers={"Range": "bytes=5000-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, "bytes */1024")


def test_a_range_of_a_clip_that_has_changed_is_the_whole_clip(client: httpx.Client, stored: str) -> None:
    headers = {"Range": "bytes=100-199", "If-Range": '"of another clip"'}
    assert client.get(f"/v1/events/{stored}/clip.mp4", headers=headers).status_code == 200


def test_a_picture_that_the_caller_has_is_not_sent_again(client: httpx.Client, stored: str) -> None:
    first = client.get(f"/v1/events/{stored}/snapshot.jpg")
    assert (first.content, first.headers["content-type"]) == (b"a picture", "image/jpeg")
    again = client.get(f"/v1/events/{stored}/snapshot.jpg", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_media_of_an_open_event_are_asked_for_again(client: httpx.Client, fakes: Fakes, stored: str) -> None:
    going_on = an_event(1, end_s=None)
    fakes.events.save_events([EventToSave(going_on, "s.jpg")])
    assert "no-cache" in client.get(f"/v1/events/{going_on.id}/snapshot.jpg").headers["cache-control"]
    assert "max-age" in client.get(f"/v1/events/{stored}/snapshot.jpg").headers["cache-control"]


def test_times_are_whole_milliseconds(client: httpx.Client, fakes: Fakes) -> None:
    fakes.events.save_events([EventToSave(an_event(start_s=NOVEMBER_23_S + 0.1234567))])
    assert client.get("/v1/events").json()["items"][0]["start"] == "2026-11-23T00:00:00.123000Z"
