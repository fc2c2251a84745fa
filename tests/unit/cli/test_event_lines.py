import csv
import json
from pathlib import Path

import pytest

from gtvision.cli.events import event_line, is_news, print_event, write_csv

OPEN = {
    "id": "one",
    "camera": "north-gate",
    "kind": "motorcycle",
    "type": "cross",
    "direction": "backward",
    "score": 0.91,
    "start": "2026-01-31T12:00:00.000000Z",
    "end": None,
    "speed_kmh": None,
    "vehicles": None,
    "length_m": None,
    "plate": None,
    "hit": None,
}
ENDED = OPEN | {"end": "2026-01-31T12:00:04.500000Z"}


def test_an_event_is_news_when_it_opens_and_when_it_has_ended() -> None:
    ended: dict[str, tuple[bool, bool]] = {}

    assert [is_news(event, ended) for event in (OPEN, OPEN, ENDED, ENDED)] == [True, False, True, False]


HIT = ENDED | {
    "type": "watchlist",
    "plate": "ABC1C34",
    "hit": {
        "watchlist": "stolen",
        "text": "ABC1234",
        "distance": 1,
        "reason": "BO 12/2026",
        "action": "alert",
        "withdrawn": False,
    },
}
WITHDRAWN = HIT | {"hit": dict(HIT["hit"]) | {"withdrawn": True}}


def test_a_hit_is_news_again_when_it_is_withdrawn_and_when_it_is_not_any_more() -> None:
    ended: dict[str, tuple[bool, bool]] = {}

    assert [is_news(event, ended) for event in (HIT, HIT, WITHDRAWN, HIT)] == [True, False, True, True]


def test_a_hit_says_both_texts_and_the_reason() -> None:
    assert event_line(HIT).endswith("ABC1C34  listed ABC1234 (1 character differs): BO 12/2026")
    assert event_line(WITHDRAWN).endswith("withdrawn: it was read better since")


def test_what_is_remembered_of_events_is_bounded() -> None:
    ended: dict[str, tuple[bool, bool]] = {}
    for number in range(20_000):
        is_news(OPEN | {"id": str(number)}, ended)

    assert len(ended) == 10_000


def test_a_line_for_programs_has_the_id_in_front(capsys: pytest.CaptureFixture[str]) -> None:
    print_event(ENDED, as_json=True)
    printed = json.loads(capsys.readouterr().out)

    assert printed == {"event": "one"} | ENDED
    assert next(iter(printed)) == "event"


def test_a_line_for_people_says_how_long_it_lasted_and_fits_80_columns() -> None:
    assert event_line(OPEN).endswith("cross backward  0.91  goes on")
    assert event_line(ENDED).endswith("4.5 s")
    assert len(event_line(OPEN)) <= 80


def test_a_line_for_people_says_what_was_measured_and_that_a_speed_is_an_estimate() -> None:
    fast = ENDED | {"type": "speed", "direction": None, "speed_kmh": 62.4}
    assert event_line(fast).endswith("4.5 s  62 km/h  estimate, not for fines")
    jam = ENDED | {"type": "queue", "direction": None, "vehicles": 7, "length_m": 43.2}
    assert event_line(jam).endswith("4.5 s  7 vehicles, 43 m")
    assert event_line(jam | {"length_m": None}).endswith("4.5 s  7 vehicles")


def test_a_file_of_events_has_no_formula_in_it_and_numbers_stay_numbers(tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    write_csv(file, [HIT | {"score": -0.5, "hit": dict(HIT["hit"]) | {"reason": "=1+1"}}])
    with file.open(newline="", encoding="utf-8") as lines:
        (row,) = csv.DictReader(lines)
    assert (row["reason"], row["score"], row["listed"], row["withdrawn"]) == ("'=1+1", "-0.5", "ABC1234", "False")
