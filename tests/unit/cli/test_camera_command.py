from pathlib import Path

import pytest
import yaml

from tests.unit.cli.conftest import Run

URL = "rtsp://127.0.0.1:9/main"


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    file = tmp_path / "password"
    file.write_text("hush-hush\n", encoding="utf-8")
    return str(file)


def test_an_added_camera_is_listed_without_anything_running(run: Run) -> None:
    added = run("camera", "add", "north-gate", URL, "--name", "North gate")

    assert (added.code, added.out) == (0, "north-gate is added. It runs once the system does: gtvision up\n")
    assert [camera["name"] for camera in run("camera", "list", "--json").json["cameras"]] == ["North gate"]


@pytest.mark.parametrize("how", ["--pushed", "pushed:"])
def test_a_camera_whose_frames_are_pushed_has_no_address_and_cannot_be_tested(run: Run, how: str) -> None:
    added = run("camera", "add", "theirs", how, "--json").json
    tested = run("camera", "test", "theirs")

    assert added["sources"] == [{"url": "pushed:", "user": None, "has_password": False, "roles": ["analyse"]}]
    assert "pushed:" in run("camera", "list").out
    assert (tested.code, "frames are pushed to it" in tested.err) == (2, True)


def test_a_camera_is_either_pushed_or_has_an_address(run: Run) -> None:
    both = run("camera", "add", "theirs", URL, "--pushed")
    large = run("camera", "add", "theirs", "--pushed", "--detail", URL)
    neither = run("camera", "add", "theirs")

    assert (both.code, large.code, neither.code) == (2, 2, 2)
    assert both.err == "gtvision: --pushed: a camera has an address, or its frames are pushed: give one of both\n"
    assert "pushed: is the only source of its camera" in large.err
    assert "give --pushed" in neither.err


def test_a_password_from_a_file_is_stored_and_never_shown(run: Run, password_file: str) -> None:
    added = run("camera", "add", "a", URL, "--user", "ana", "--password-file", password_file)
    shown = run("camera", "show", "a")

    assert added.code == 0
    assert "has_password: true" in shown.out
    assert "hush-hush" not in added.out + added.err + shown.out + shown.err


def test_a_password_in_the_address_is_taken_out_with_a_warning(run: Run) -> None:
    added = run("camera", "add", "a", "rtsp://ana:hush-hush@127.0.0.1:9/main", "--json")

    assert added.json["sources"] == [{"url": URL, "user": "ana", "has_password": True, "roles": ["analyse"]}]
    assert "shell's history" in added.err
    assert "hush-hush" not in added.out + added.err


@pytest.mark.parametrize("arguments", [(URL, "--user", "ana"), ("rtsp://ana@127.0.0.1:9/main",)])
def test_a_user_without_password_needs_somebody_to_ask(run: Run, arguments: tuple[str, ...]) -> None:
    added = run("camera", "add", "a", *arguments)

    assert added.code == 2
    assert added.err == "gtvision: --user: nobody can be asked for the password here; give --password-file\n"


def test_a_line_is_counted_both_ways_without_more_words(run: Run) -> None:
    added = run("camera", "add", "a", URL, "--line", "gate=0.1,0.6,0.9,0.6", "--json").json

    assert added["lines"] == [{"id": "gate", "start": [0.1, 0.6], "end": [0.9, 0.6]}]
    assert [(one["type"], one["line"], one["direction"]) for one in added["triggers"]] == [("cross", "gate", None)]


def test_a_trigger_names_its_type_its_place_and_its_bounds(run: Run) -> None:
    drawn = ("--zone", "stop=0.1,0.5,0.4,0.5,0.4,0.9", "--line", "exit=0.2,0.2,0.8,0.2")
    triggers = ("parked=stationary:stop,min_s=60,kinds=car+truck", "wrong=cross:exit,direction=backward")
    options = [word for trigger in triggers for word in ("--trigger", trigger)]
    parked, wrong = run("camera", "add", "a", URL, *drawn, *options, "--json").json["triggers"]

    assert (parked["zone"], parked["min_s"], parked["kinds"]) == ("stop", 60, ["car", "truck"])
    assert (wrong["line"], wrong["direction"]) == ("exit", "backward")


def test_a_trigger_may_be_for_the_night_only(run: Run) -> None:
    (trigger,) = run("camera", "add", "a", URL, "--trigger", "late=enter,profile=night", "--json").json["triggers"]

    assert trigger["profile"] == "night"


def test_a_location_is_latitude_and_longitude_and_can_be_changed(run: Run) -> None:
    added = run("camera", "add", "a", URL, "--location", "-23.55,-46.63", "--json").json
    changed = run("camera", "set", "a", "--location", "-3.1,-60", "--json").json

    assert added["location"] == {"latitude": -23.55, "longitude": -46.63}
    assert changed["location"] == {"latitude": -3.1, "longitude": -60}
    assert "profile: null" in run("camera", "show", "a").out


LANE = ("--zone", "lane=0.2,0.2,0.8,0.2,0.8,0.9,0.2,0.9")
SEVEN_BY_THIRTY = ("--calibrate", "lane=0.3,0.9,0.7,0.9,0.6,0.4,0.4,0.4@7x30")


def test_what_is_measured_is_written_in_options_too(run: Run) -> None:
    lines = ("--line", "one=0.1,0.9,0.9,0.9", "--line", "two=0.1,0.5,0.9,0.5")
    triggers = (
        "wrong=wrong_way:lane,way=0.5/0.2/0.5/0.9",
        "fast=speed:lane,min_kmh=60",
        "between=speed:one,until_line=two,distance_m=25",
        "jam=queue:lane,min_vehicles=5,min_s=20",
    )
    options = [word for trigger in triggers for word in ("--trigger", trigger)]
    added = run("camera", "add", "a", URL, *LANE, *SEVEN_BY_THIRTY, *lines, *options, "--json").json
    wrong, fast, between, jam = added["triggers"]

    assert (wrong["zone"], wrong["way"]) == ("lane", [[0.5, 0.2], [0.5, 0.9]])
    assert (fast["zone"], fast["min_kmh"]) == ("lane", 60)
    assert (between["line"], between["until_line"], between["distance_m"]) == ("one", "two", 25)
    assert (jam["zone"], jam["min_vehicles"], jam["min_s"]) == ("lane", 5, 20)
    assert added["zones"][0]["calibration"] == {
        "points": [[0.3, 0.9], [0.7, 0.9], [0.6, 0.4], [0.4, 0.4]],
        "metres": [[0, 0], [7, 0], [7, 30], [0, 30]],
    }


def test_a_zone_that_is_drawn_anew_keeps_its_calibration(run: Run) -> None:
    run("camera", "add", "a", URL, *LANE)
    calibrated = run("camera", "set", "a", *SEVEN_BY_THIRTY, "--json").json["zones"]
    redrawn = run("camera", "set", "a", "--zone", "lane=0.1,0.1,0.9,0.1,0.9,0.9", "--json").json["zones"]

    assert len(calibrated[0]["polygon"]) == 4
    assert len(redrawn[0]["polygon"]) == 3
    assert redrawn[0]["calibration"] == calibrated[0]["calibration"]


def test_a_change_leaves_what_it_does_not_name(run: Run) -> None:
    run("camera", "add", "a", URL, "--zone", "one=0,0,1,0,1,1", "--line", "gate=0,0.5,1,0.5")
    changed = run("camera", "set", "a", "--zone", "two=0,0,1,1,0,1", "--zone", "one=0,0,1,0,0,1", "--json").json

    assert {zone["id"]: zone["polygon"][2] for zone in changed["zones"]} == {"one": [0, 1], "two": [0, 1]}
    assert [line["id"] for line in changed["lines"]] == ["gate"]


def test_what_is_dropped_is_gone(run: Run) -> None:
    run("camera", "add", "a", URL, "--line", "gate=0,0.5,1,0.5")
    changed = run("camera", "set", "a", "--drop", "gate", "--json").json

    assert (changed["lines"], changed["triggers"]) == ([], [])


def test_another_user_keeps_the_address_and_the_other_sources(run: Run, password_file: str, tmp_path: Path) -> None:
    sources = [{"url": URL, "roles": ["analyse"]}, {"url": "rtsp://127.0.0.1:9/large", "roles": ["detail"]}]
    settings = tmp_path / "camera.yaml"
    settings.write_text(yaml.safe_dump({"sources": sources}), encoding="utf-8")
    run("camera", "add", "a", "--from", str(settings))
    changed = run("camera", "set", "a", "--user", "ana", "--password-file", password_file, "--json").json

    assert [(one["url"], one["user"], one["roles"]) for one in changed["sources"]] == [
        (URL, "ana", ["analyse"]),
        ("rtsp://127.0.0.1:9/large", None, ["detail"]),
    ]


LARGE = "rtsp://127.0.0.1:9/large"


def sources_of(camera: dict) -> list[tuple[str, str | None, bool, list[str]]]:
    return [(one["url"], one["user"], one["has_password"], one["roles"]) for one in camera["sources"]]


def test_a_large_stream_has_the_login_of_the_first_and_keeps_step_with_it(run: Run, password_file: str) -> None:
    login = ("--user", "ana", "--password-file", password_file)
    added = run("camera", "add", "a", URL, "--detail", LARGE, *login, "--json").json
    assert sources_of(added) == [(URL, "ana", True, ["analyse"]), (LARGE, "ana", True, ["detail"])]

    changed = run("camera", "set", "a", "--user", "rui", "--password-file", password_file, "--json").json
    assert sources_of(changed) == [(URL, "rui", True, ["analyse"]), (LARGE, "rui", True, ["detail"])]


def test_a_large_stream_can_be_named_later_and_takes_the_place_of_another(run: Run, password_file: str) -> None:
    login = ("--user", "ana", "--password-file", password_file)
    run("camera", "add", "a", URL, "--detail", LARGE, *login)
    other = "rtsp://127.0.0.1:9/larger"
    changed = run("camera", "set", "a", "--detail", other, *login, "--json").json
    assert sources_of(changed) == [(URL, "ana", True, ["analyse"]), (other, "ana", True, ["detail"])]


def test_a_trigger_may_leave_plates_alone(run: Run) -> None:
    zone = ("--zone", "road=0,0,1,0,1,1")
    added = run("camera", "add", "a", URL, *zone, "--trigger", "in=enter:road,read_plate=no", "--json").json
    assert [trigger["read_plate"] for trigger in added["triggers"]] == [False]
    refused = run("camera", "set", "a", "--trigger", "in=enter:road,read_plate=maybe")
    assert refused.code == 2
    assert "neither yes nor no" in refused.err


def test_what_show_prints_makes_the_same_camera_again(run: Run, tmp_path: Path) -> None:
    run("camera", "add", "a", URL, "--line", "gate=0,0.5,1,0.5", "--name", "Gate")
    copy = tmp_path / "a.yaml"
    copy.write_text(run("camera", "show", "a").out, encoding="utf-8")
    second = run("camera", "add", "b", "--from", str(copy), "--json").json
    first = run("camera", "show", "a", "--json").json

    assert {key: second[key] for key in ("name", "sources", "lines", "triggers")} == {
        key: first[key] for key in ("name", "sources", "lines", "triggers")
    }


def test_a_removed_camera_is_no_longer_there(run: Run) -> None:
    run("camera", "add", "a", URL)

    assert run("camera", "remove", "a", "--json").json == {"removed": "a"}
    assert run("camera", "show", "a").code == 2


BAD = {
    "no such scheme": (("add", "b", "ftp://x"), "url"),
    "no host": (("add", "b", "rtsp://"), "url"),
    "no address": (("add", "b"), "URL"),
    "a bad id": (("add", "North Gate", URL), "id"),
    "the id of another": (("add", "a", URL), "already a camera 'a'"),
    "two corners": (("set", "a", "--zone", "z=0,0,1,1"), "zones[0].polygon"),
    "a corner outside": (("set", "a", "--zone", "z=0,0,1.2,1,1,0"), "zones[0].polygon[1]"),
    "edges that cross": (("set", "a", "--zone", "z=0,0,1,1,1,0,0,1"), "zones[0].polygon"),
    "an id twice": (("set", "a", "--zone", "z=0,0,1,0,1,1", "--zone", "z=0,0,1,0,1,1"), "zones[1].id"),
    "an odd number of numbers": (("set", "a", "--zone", "z=0,0,1"), "--zone"),
    "letters for numbers": (("set", "a", "--line", "l=0,0,1,x"), "--line"),
    "a line of three points": (("set", "a", "--line", "l=0,0,1,1,0,1"), "--line"),
    "no id": (("set", "a", "--zone", "0,0,1,0,1,1"), "--zone"),
    "an unknown type": (("set", "a", "--trigger", "t=fly"), "triggers[0].type"),
    "an unknown zone": (("set", "a", "--trigger", "t=dwell:nowhere"), "triggers[0].zone"),
    "an unknown key": (("set", "a", "--trigger", "t=enter,colour=red"), "--trigger"),
    "an unknown half of the day": (("set", "a", "--trigger", "t=enter,profile=noon"), "triggers[0].profile"),
    "a latitude alone": (("set", "a", "--location", "-23.5"), "--location"),
    "two places": (("set", "a", "--location", "-23.5,-46.6,-3.1,-60"), "--location: write latitude and longitude"),
    "a place off the earth": (("set", "a", "--location", "-123.5,-46.6"), "location"),
    "a way of one point": (("set", "a", "--trigger", "t=wrong_way,way=0.1/0.2"), "way=x1/y1/x2/y2"),
    "half a vehicle": (("set", "a", "--trigger", "t=queue,min_vehicles=2.5"), "min_vehicles=2.5"),
    "a speed in a zone without calibration": (
        ("set", "a", "--zone", "z=0,0,1,0,1,1", "--trigger", "t=speed:z"),
        "triggers[0].zone",
    ),
    "three corners of a rectangle": (("set", "a", "--calibrate", "z=0,0,1,0,1,1@7x30"), "--calibrate"),
    "a rectangle without a side": (("set", "a", "--calibrate", "z=0,0,1,0,1,1,0,1@7"), "--calibrate"),
    "a rectangle without area": (("set", "a", "--calibrate", "z=0,0,1,0,1,1,0,1@7x0"), "--calibrate"),
    "no zone to calibrate": (("set", "a", "--calibrate", "z=0,0,1,0,1,1,0,1@7x30"), "no zone 'z' to calibrate"),
    "nothing to drop": (("set", "a", "--drop", "z"), "--drop"),
    "nothing to change": (("set", "a"), "name what to change"),
    "no such camera": (("set", "nobody", "--name", "x"), "nobody"),
    "a source that is not video": (("test", Path(__file__).as_uri()), "gives no H.264 or H.265 video"),
}


@pytest.mark.parametrize(("arguments", "named"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_one_sentence_that_names_the_field(run: Run, arguments: tuple[str, ...], named: str) -> None:
    before = run("camera", "add", "a", URL, "--json").json
    refused = run("camera", *arguments)

    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert refused.err.startswith("gtvision: ")
    assert named in refused.err
    assert run("camera", "list", "--json").json == {"cameras": [before]}


def test_a_camera_that_refuses_the_connection_is_a_failure_with_advice(run: Run, free_port: int) -> None:
    tested = run("camera", "test", f"rtsp://127.0.0.1:{free_port}/main")

    assert tested.code == 1
    assert "refuses the connection: check address and port" in tested.err
