import json
from dataclasses import replace
from typing import Any

import pytest
from counts import a_count
from events import an_event
from hypothesis import given
from hypothesis import strategies as st
from store_contract import CAMERA, without_passwords

from gtvision.domain.camera import Camera, Source
from gtvision.domain.codec import (
    camera_as_json,
    camera_from_json,
    count_as_json,
    count_from_json,
    event_as_json,
    event_from_json,
)
from gtvision.domain.count import CountRecord, VehicleCount
from gtvision.domain.errors import BadConfiguration
from gtvision.domain.event import Event
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction
from gtvision.domain.trigger import Schedule, Trigger, TriggerType

RICH = replace(
    CAMERA,
    triggers=(
        *CAMERA.triggers,
        Trigger("wait", TriggerType.DWELL, zone="lane", kinds=frozenset({Kind.BUS}), schedule=Schedule(frozenset({0}))),
    ),
    groups=("centro", "praça"),
)


def through_json(value: dict[str, Any]) -> Any:
    return json.loads(json.dumps(value))


def changed(path: str, value: object) -> Any:
    """RICH as JSON, one place of it changed; a path like `zones.0.polygon`."""
    plain = through_json(camera_as_json(RICH, with_secrets=True))
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place = plain
    for part in parents:
        place = place[part]
    place[last] = value
    return plain


def test_a_camera_survives_json_whole() -> None:
    assert camera_from_json(through_json(camera_as_json(RICH, with_secrets=True))) == RICH


def test_passwords_are_left_out_unless_asked_for() -> None:
    text = json.dumps(camera_as_json(RICH))
    assert "password" not in text
    assert "secret" not in text
    assert camera_from_json(json.loads(text)) == without_passwords(RICH)


def test_what_is_not_said_has_its_default() -> None:
    camera = camera_from_json({"id": "a", "sources": [{"url": "rtsp://host/"}]})
    assert camera == Camera("a", (Source("rtsp://host/"),))


def test_kinds_are_written_as_labels() -> None:
    assert event_as_json(an_event(kind=Kind.TRUCK))["kind"] == "truck"


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("zones.0.polygon", [[0, 0], [1, 1]], "zones[0].polygon: a zone needs at least 3 corners"),
        ("zones.0.polygon.1", [0.5], "zones[0].polygon[1]: it must have 2 values, not 1"),
        ("zones.0.polygon.1.0", "0.5", "zones[0].polygon[1][0]: it must be a number, not a text"),
        ("zones.0.polygon.1.0", float("nan"), "zones[0].polygon[1][0]: it is not finite"),
        ("zones.0.polygon.1.0", True, "zones[0].polygon[1][0]: it must be a number, not true or false"),
        ("zones.0.colour", "red", "zones[0].colour: there is no such field; known are id, polygon, kind"),
        ("zones.0.kind", "avoid", "zones[0].kind: 'avoid' is none of watch, ignore"),
        ("zones", {}, "zones: it must be a list, not an object"),
        ("zones.0", None, "zones[0]: it must be an object, not null"),
        ("sources.0.url", "http://host/", "sources[0].url: 'http' is not supported"),
        ("sources.0.password", 5, "sources[0].password: it must be a text, not a number"),
        ("sources.0.roles", ["analyse", "watch"], "sources[0].roles[1]: 'watch' is none of analyse, detail, live"),
        ("triggers.0.line", "none", "triggers[0].line: there is no line 'none'"),
        ("triggers.1.min_s", 10**400, "triggers[1].min_s: it is too large"),
        ("triggers.1.schedule.days", [1.5], "triggers[1].schedule.days[0]: it must be a whole number, not a number"),
        ("triggers.1.kinds", [3], "triggers[1].kinds[0]: it must be a text, not a number"),
        ("enabled", "yes", "enabled: it must be true or false, not a text"),
        ("name", "a\0b", "name: it holds characters that no database stores"),
        ("name", "\ud800", "name: it holds characters that no database stores"),
        ("name", None, "name: it must be a text, not null"),
    ],
)
def test_a_fault_is_named_by_its_path(path: str, value: object, sentence: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        camera_from_json(changed(path, value))
    assert str(caught.value).startswith(sentence)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(BadConfiguration, match=r"^sources\[0\]\.url: it is missing"):
        camera_from_json({"id": "a", "sources": [{}]})
    with pytest.raises(BadConfiguration, match=r"^it must be an object, not a list"):
        camera_from_json([])


def test_no_message_repeats_a_password() -> None:
    for path, value in (
        ("sources.0.password", ["hush"]),
        ("sources.0.url", "rtsp://u:hush@host/"),
        ("sources.0.pass", "hush"),
    ):
        with pytest.raises(BadConfiguration) as caught:
            camera_from_json(changed(path, value))
        assert "hush" not in str(caught.value)


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
BOXES = st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(
    st.builds(
        Event,
        id=NAMES,
        camera_id=NAMES,
        trigger_id=NAMES,
        trigger_type=st.sampled_from(TriggerType),
        zone_id=st.none() | NAMES,
        line_id=st.none() | NAMES,
        track=st.integers(0, 2**63 - 1),
        kind=st.sampled_from(Kind),
        score=NUMBERS,
        direction=st.none() | st.sampled_from(Direction),
        start_s=NUMBERS,
        end_s=st.none() | NUMBERS,
        seen_s=NUMBERS,
        best_s=NUMBERS,
        best_box=BOXES,
        box=BOXES,
        plate=st.none() | NAMES,
    )
)
def test_every_event_survives_json_whole(event: Event) -> None:
    assert event_from_json(through_json(event_as_json(event))) == event


@given(
    st.builds(
        CountRecord,
        id=NAMES,
        camera_id=NAMES,
        trigger_id=NAMES,
        line_id=NAMES,
        time_zone=st.sampled_from(["America/Sao_Paulo", "UTC"]),
        start_s=st.floats(-9e10, 9e10),
        interval_s=st.floats(1, 86_400),
        part=st.integers(0, 2**63 - 1),
        counts=st.lists(
            st.builds(VehicleCount, st.sampled_from(Kind), st.sampled_from(Direction), st.integers(0, 2**63 - 1))
        ).map(tuple),
        epoch=st.integers(0, 2**63 - 1),
        revision=st.integers(0, 2**63 - 1),
    )
)
def test_every_count_survives_json_whole(record: CountRecord) -> None:
    assert count_from_json(through_json(count_as_json(record))) == record


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"interval_s": 0}, "interval_s"),
        ({"interval_s": "900"}, "interval_s"),
        ({"start_s": 1e300}, "start_s"),
        ({"time_zone": "Brasil/Praia"}, "time_zone"),
        ({"part": 1.5}, "part"),
        ({"colour": "red"}, "colour"),
        ({"counts": [{"kind": "car", "direction": "forward", "vehicles": -1}]}, "counts[0].vehicles"),
        ({"counts": [{"kind": "tram", "direction": "forward", "vehicles": 1}]}, "counts[0].kind"),
        ({"counts": [{"kind": "car", "vehicles": 1}]}, "counts[0].direction"),
    ],
)
def test_a_count_that_cannot_be_is_named_by_its_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        count_from_json(through_json(count_as_json(a_count())) | change)
    assert caught.value.field == field


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.sampled_from(["id", "sources", "zones", "triggers", "sampling", "groups", "time_zone"]), JSON)
def test_anything_else_is_a_named_fault_and_no_crash(field: str, value: object) -> None:
    fault = ""
    try:
        camera_from_json({"id": "a", "sources": [{"url": "rtsp://host/"}], field: value})
    except BadConfiguration as exc:
        fault = exc.field
    assert not fault or fault.startswith(field)
