import csv
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from counts import CARS, MIDNIGHT_S, a_count
from http_server import Fakes

from gtvision.domain.count import VehicleCount
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction

DAY = {"since": "2026-11-23T00:00:00-03:00", "until": "2026-11-24T00:00:00-03:00"}


def cars(vehicles: int) -> VehicleCount:
    return VehicleCount(Kind.CAR, Direction.FORWARD, vehicles)


def test_a_count_reads_as_the_document_says(client: httpx.Client, fakes: Fakes) -> None:
    fakes.counts.save_counts([a_count()])
    assert client.get("/v1/counts", params=DAY).json() == {
        "items": [
            {
                "camera": "north",
                "trigger": "flow",
                "line": "stop",
                "start": "2026-11-23T03:00:00Z",
                "time_zone": "America/Sao_Paulo",
                "interval_s": 900.0,
                "kind": "car",
                "direction": "forward",
                "vehicles": 3,
            }
        ],
        "next": None,
    }


@pytest.mark.parametrize(
    ("interval", "found"),
    [
        ("15m", [("2026-11-23T04:00:00Z", 4), ("2026-11-23T03:15:00Z", 2), ("2026-11-23T03:00:00Z", 1)]),
        ("1h", [("2026-11-23T04:00:00Z", 4), ("2026-11-23T03:00:00Z", 3)]),
        ("1d", [("2026-11-23T03:00:00Z", 7)]),
    ],
)
def test_intervals_are_added_up_by_the_clock_of_the_site(
    client: httpx.Client, fakes: Fakes, interval: str, found: list[tuple[str, int]]
) -> None:
    fakes.counts.save_counts([a_count(0, cars(1)), a_count(1, cars(2)), a_count(4, cars(4))])
    items = client.get("/v1/counts", params={**DAY, "interval": interval}).json()["items"]
    assert [(item["start"], item["vehicles"]) for item in items] == found


@pytest.mark.parametrize(
    ("query", "vehicles"),
    [
        ({"camera": "south"}, [2]),
        ({"line": "gate"}, [3]),
        ({"trigger": "all"}, [4]),
        ({"kind": "bus"}, [5]),
        ({"direction": "backward"}, [6]),
        ({"since": "2026-11-23T00:30:00-03:00"}, [6, 5, 4, 3]),
        ({"until": "2026-11-23T03:30:00Z"}, [2, 1]),
    ],
)
def test_filters_choose(client: httpx.Client, fakes: Fakes, query: dict[str, str], vehicles: list[int]) -> None:
    fakes.counts.save_counts(
        [
            a_count(0, cars(1)),
            a_count(1, cars(2), camera_id="south"),
            a_count(2, cars(3), line_id="gate"),
            a_count(3, cars(4), trigger_id="all"),
            a_count(4, VehicleCount(Kind.BUS, Direction.FORWARD, 5)),
            a_count(5, VehicleCount(Kind.CAR, Direction.BACKWARD, 6)),
        ]
    )
    items = client.get("/v1/counts", params={**DAY, **query}).json()["items"]
    assert [item["vehicles"] for item in items] == vehicles


def test_without_a_time_the_last_day_is_listed(client: httpx.Client, fakes: Fakes) -> None:
    now_s = time.time()
    fakes.counts.save_counts([a_count(0, start_s=now_s - hours * 3600) for hours in (1, 23, 26)])
    assert len(client.get("/v1/counts").json()["items"]) == 2


def test_pages_follow_the_cursor_from_the_newest_to_the_oldest(client: httpx.Client, fakes: Fakes) -> None:
    fakes.counts.save_counts([a_count(number, cars(number + 1)) for number in range(5)])
    vehicles: list[int] = []
    cursor = None
    while True:
        query = {**DAY, "limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = client.get("/v1/counts", params=query).json()
        vehicles += [item["vehicles"] for item in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert vehicles == [5, 4, 3, 2, 1]


def test_csv_has_a_title_and_links_its_next_page(client: httpx.Client, fakes: Fakes) -> None:
    fakes.counts.save_counts([a_count(number, CARS) for number in range(3)])
    first = client.get("/v1/counts", params={**DAY, "format": "csv", "limit": 2})
    assert first.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(first.text.splitlines()))
    assert [(row["camera"], row["start"], row["vehicles"]) for row in rows] == [
        ("north", "2026-11-23T03:30:00Z", "3"),
        ("north", "2026-11-23T03:15:00Z", "3"),
    ]
    address = first.headers["link"].removeprefix("<").partition(">")[0]
    assert parse_qs(urlsplit(address).query)["format"] == ["csv"]
    last = client.get(address)
    assert [row["start"] for row in csv.DictReader(last.text.splitlines())] == ["2026-11-23T03:00:00Z"]
    assert "link" not in last.headers


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"kind": "spaceship"}, "kind"),
        ({"direction": "up"}, "direction"),
        ({"interval": "7m"}, "interval"),
        ({"interval": "2d"}, "interval"),
        ({"interval": "hour"}, "interval"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-01-01T00:00:00Z", "until": "2026-02-02T00:00:00Z"}, "since"),
        ({"since": "2025-01-01T00:00:00Z", "until": "2026-02-02T00:00:00Z", "camera": "north"}, "since"),
        ({"limit": "5001"}, "limit"),
        ({"colour": "red"}, "colour"),
        ({"cursor": "nonsense"}, None),
    ],
)
def test_a_wrong_question_is_named(client: httpx.Client, query: dict[str, str], field: str | None) -> None:
    answer = client.get("/v1/counts", params=query)
    assert (answer.status_code, answer.json().get("field")) == (422, field)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_year_of_one_camera_may_be_asked_for(client: httpx.Client, fakes: Fakes) -> None:
    fakes.counts.save_counts([a_count(0, start_s=MIDNIGHT_S - 300 * 86_400)])
    query = {"since": "2025-11-24T00:00:00Z", "until": "2026-11-24T00:00:00Z", "camera": "north", "interval": "1d"}
    assert len(client.get("/v1/counts", params=query).json()["items"]) == 1
