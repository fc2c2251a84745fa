import json

import httpx
import numpy as np
import pytest
from http_server import Fakes

from gtvision.api.schemas import common
from gtvision.domain.camera import Camera, Role, Source
from gtvision.domain.detections import Detections
from gtvision.domain.errors import SourceUnavailable
from gtvision.domain.kinds import Kind
from gtvision.domain.trigger import Profile, TriggerType
from gtvision.pipeline.breaker import BreakerState
from gtvision.pipeline.look import Look
from gtvision.pipeline.sample_log import logged
from gtvision.ports import BridgeStatus, CameraStatus, PartnerStatus, QueueStatus

NORTH = {"id": "north", "sources": [{"url": "rtsp://operator:hunter22@10.0.0.5/main"}]}


def test_the_labels_of_the_api_are_those_of_the_domain() -> None:
    assert set(common.KindLabel.__args__) == {kind.label for kind in Kind}
    assert set(common.EventTypeLabel.__args__) == set(TriggerType)
    assert set(common.TypeLabel.__args__) == set(TriggerType) - {TriggerType.WATCHLIST}
    assert set(common.RoleLabel.__args__) == set(Role)


def test_an_added_camera_is_stored_with_its_credentials_out_of_the_address(client: httpx.Client, fakes: Fakes) -> None:
    answer = client.post("/v1/cameras", json=NORTH)
    assert answer.status_code == 201
    assert answer.headers["location"] == "/v1/cameras/north"
    stored = fakes.cameras.camera("north", with_secrets=True).camera
    assert stored.analysed == Source("rtsp://10.0.0.5/main", "operator", "hunter22")


def test_a_password_never_leaves(client: httpx.Client) -> None:
    answers = [
        client.post("/v1/cameras", json=NORTH),
        client.get("/v1/cameras"),
        client.get("/v1/cameras/north"),
        client.patch("/v1/cameras/north", json={"name": "North"}),
        client.post("/v1/cameras", json=NORTH),
        client.post("/v1/cameras", json={**NORTH, "id": "x", "nonsense": 1}),
        client.post("/v1/cameras", json={"id": "y", "sources": [{"url": "http://operator:hunter22@h/"}]}),
        client.post("/v1/cameras", json={"id": "y", "sources": [{"url": "rtsp://operator:hunter22@h:x/"}]}),
    ]
    assert not any("hunter22" in answer.text for answer in answers)
    source = answers[2].json()["sources"][0]
    assert source == {"url": "rtsp://10.0.0.5/main", "user": "operator", "has_password": True, "roles": ["analyse"]}


def test_everything_of_a_camera_comes_back_as_it_was_sent(client: httpx.Client) -> None:
    sent = {
        "id": "south",
        "name": "South gate",
        "sources": [{"url": "rtsp://10.0.0.6/main", "user": None, "roles": ["analyse", "live"]}],
        "zones": [
            {
                "id": "lane",
                "polygon": [[0, 0.5], [1, 0.5], [1, 1]],
                "kind": "watch",
                "calibration": {
                    "points": [[0.2, 0.6], [0.8, 0.6], [1, 1], [0, 1]],
                    "metres": [[0, 30], [7, 30], [7, 0], [0, 0]],
                },
            }
        ],
        "lines": [{"id": "stop", "start": [0.1, 0.5], "end": [0.9, 0.5]}],
        "triggers": [
            {
                "id": "over",
                "type": "cross",
                "zone": None,
                "line": "stop",
                "until_line": None,
                "distance_m": None,
                "direction": "forward",
                "way": None,
                "kinds": ["bus", "car"],
                "min_score": 0.5,
                "min_s": 10.0,
                "min_kmh": 0.0,
                "min_vehicles": 3,
                "interval_s": 900.0,
                "cooldown_s": 2.0,
                "schedule": {"days": [0, 1], "start_min": 60, "end_min": 120},
                "profile": "night",
                "read_plate": False,
            }
        ],
        "sampling": {"idle_period_s": 2.0, "burst_period_s": 0.5, "quiet_s": 4.0},
        "enabled": False,
        "groups": ["gates"],
        "time_zone": "America/Manaus",
        "location": {"latitude": -3.1, "longitude": -60.0},
    }
    assert client.post("/v1/cameras", json=sent).status_code == 201
    got = client.get("/v1/cameras/south").json()
    assert got.pop("version") == 1
    assert got.pop("updated").endswith("Z")
    assert got["sources"][0].pop("has_password") is False
    assert got == sent


def test_a_taken_id_is_a_conflict(client: httpx.Client) -> None:
    client.post("/v1/cameras", json=NORTH)
    answer = client.post("/v1/cameras", json=NORTH)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:gtvision:problem:conflict")


def test_put_replaces_and_keeps_the_password_of_the_same_source(client: httpx.Client, fakes: Fakes) -> None:
    client.post("/v1/cameras", json={**NORTH, "groups": ["a"]})
    source = {"url": "rtsp://10.0.0.5/main", "user": "operator"}
    answer = client.put("/v1/cameras/north", json={"sources": [source], "name": "Renamed"})
    assert (answer.status_code, answer.json()["version"], answer.json()["groups"]) == (200, 2, [])
    assert fakes.cameras.camera("north", with_secrets=True).camera.analysed.password == "hunter22"


def test_patch_changes_what_it_names_and_null_means_the_default(client: httpx.Client, fakes: Fakes) -> None:
    client.post("/v1/cameras", json={**NORTH, "name": "North", "sampling": {"quiet_s": 9.0}})
    answer = client.patch("/v1/cameras/north", json={"name": None, "sampling": {"idle_period_s": 2.0}})
    assert answer.status_code == 200
    assert answer.json()["name"] == ""
    assert answer.json()["sampling"] == {"idle_period_s": 2.0, "burst_period_s": 0.2, "quiet_s": 9.0}
    assert fakes.cameras.camera("north", with_secrets=True).camera.analysed.password == "hunter22"


def test_a_camera_may_be_called_whatever_a_partner_may_call_it(client: httpx.Client) -> None:
    client.post("/v1/cameras", json=NORTH)
    answer = client.patch("/v1/cameras/north", json={"name": "é" * 200})
    assert (answer.status_code, answer.json().get("name")) == (200, "é" * 200)
    assert client.patch("/v1/cameras/north", json={"name": "é" * 201}).status_code == 422


def test_a_patch_that_is_wrong_changes_nothing(client: httpx.Client) -> None:
    client.post("/v1/cameras", json=NORTH)
    answer = client.patch("/v1/cameras/north", json={"zones": [{"id": "z", "polygon": "all of it"}]})
    assert (answer.status_code, answer.json()["field"]) == (422, "zones[0].polygon")
    assert client.get("/v1/cameras/north").json()["version"] == 1


def test_a_removed_camera_is_gone(client: httpx.Client) -> None:
    client.post("/v1/cameras", json=NORTH)
    assert client.delete("/v1/cameras/north").status_code == 204
    assert [client.get("/v1/cameras/north").status_code, client.delete("/v1/cameras/north").status_code] == [404, 404]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": "Bad Id"}, "id"),
        ({"sources": []}, "sources"),
        ({"sources": [{"url": "rtsp:///x"}]}, "sources[0].url"),
        ({"sources": [{"url": "rtsp://h/x", "roles": ["live"]}]}, "sources"),
        ({"zones": [{"id": "a", "polygon": [[0, 0], [1, 1]]}]}, "zones[0].polygon"),
        ({"zones": [{"id": "a", "polygon": [[0, 0], [2, 0], [1, 1]]}]}, "zones[0].polygon[1]"),
        ({"zones": [{"id": "a", "polygon": [[0, 0], [1, 1], [1, 0], [0, 1]]}]}, "zones[0].polygon"),
        ({"triggers": [{"id": "t", "type": "cross", "line": "gone"}]}, "triggers[0].line"),
        ({"triggers": [{"id": "t", "type": "fly"}]}, "triggers[0].type"),
        ({"triggers": [{"id": "t", "type": "enter", "schedule": {"days": [9]}}]}, "triggers[0].schedule.days"),
        ({"sampling": {"idle_period_s": 0}}, "sampling.idle_period_s"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_is_named_with_the_remedy(client: httpx.Client, changes: dict[str, object], field: str) -> None:
    answer = client.post("/v1/cameras", json={**NORTH, **changes})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["field"] == field
    assert answer.json()["detail"].startswith(field)
    assert client.get("/v1/cameras").json() == {"items": []}


def test_a_number_that_is_not_finite_is_refused(client: httpx.Client) -> None:
    body = json.dumps({**NORTH, "sampling": {"quiet_s": float("nan")}})
    answer = client.post("/v1/cameras", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["field"]) == (422, "sampling.quiet_s")


def test_the_status_tells_running_waiting_and_disabled_cameras_apart(client: httpx.Client, fakes: Fakes) -> None:
    for camera_id, enabled in (("a", True), ("b", True), ("c", False)):
        fakes.cameras.add_camera(Camera(camera_id, (Source("rtsp://h/x"),), enabled=enabled))
    fakes.live.running["a"] = CameraStatus(
        "a", "running", last_sample_s=1.0, profile=Profile.NIGHT, samples=200, passed=50
    )
    statuses = {status["camera"]: status for status in client.get("/v1/status").json()["items"]}
    assert {name: status["state"] for name, status in statuses.items()} == {
        "a": "running",
        "b": "waiting",
        "c": "disabled",
    }
    assert statuses["a"]["pass_share"] == 0.25
    assert [statuses[name]["profile"] for name in "abc"] == ["night", None, None]
    assert statuses["a"]["last_sample"] == "1970-01-01T00:00:01Z"
    assert statuses["a"]["last_sample_age_s"] > 1e9
    assert client.get("/v1/cameras/b/status").json() == statuses["b"]
    assert client.get("/v1/cameras/nobody/status").status_code == 404


def test_the_status_tells_of_bridges(client: httpx.Client, fakes: Fakes) -> None:
    assert client.get("/v1/status").json()["bridges"] == []
    queue = QueueStatus("detection", 7, 2, 0.128)
    city = PartnerStatus("city", False, BreakerState.OPEN, "out: nobody answers", (queue,))
    fakes.bridges.said = [BridgeStatus("bridge:0", "n1", (city,)), BridgeStatus("bridge:1", detail="it starts")]
    assert client.get("/v1/status").json()["bridges"] == [
        {
            "name": "bridge:0",
            "node": "n1",
            "detail": "",
            "partners": [
                {
                    "name": "city",
                    "connected": False,
                    "breaker": "open",
                    "detail": "out: nobody answers",
                    "queues": [{"name": "detection", "depth": 7, "in_flight": 2, "oldest_s": 0.13}],
                }
            ],
        },
        {"name": "bridge:1", "node": "", "detail": "it starts", "partners": []},
    ]


def test_the_newest_picture_is_never_cached(client: httpx.Client, fakes: Fakes) -> None:
    assert client.get("/v1/cameras/a/snapshot.jpg").status_code == 404
    fakes.live.running["a"] = CameraStatus("a")
    early = client.get("/v1/cameras/a/snapshot.jpg")
    assert (early.status_code, early.headers["retry-after"]) == (503, "2")
    fakes.live.pictures["a"] = b"jpeg"
    answer = client.get("/v1/cameras/a/snapshot.jpg")
    assert (answer.content, answer.headers["content-type"]) == (b"jpeg", "image/jpeg")
    assert answer.headers["cache-control"] == "no-store"


def test_a_stored_camera_is_tested_with_its_password(client: httpx.Client, fakes: Fakes) -> None:
    client.post("/v1/cameras", json=NORTH)
    report = client.post("/v1/cameras/north/test").json()
    assert report["stream"] == {"codec": "h264", "width": 1280, "height": 720, "fps": 25.0}
    assert fakes.probe.probed[0].analysed.password == "hunter22"


def test_a_camera_whose_frames_are_pushed_is_stored_and_there_is_nothing_to_test(
    client: httpx.Client, fakes: Fakes
) -> None:
    body = {"id": "theirs", "sources": [{"url": "pushed:"}]}
    assert client.post("/v1/cameras", json=body).json()["sources"][0]["url"] == "pushed:"
    for answer in (client.post("/v1/cameras/theirs/test"), client.post("/v1/cameras/test", json={"url": "pushed:"})):
        assert answer.status_code == 422
        assert "frames are pushed to it" in answer.json()["detail"]
    assert fakes.probe.probed == []


def test_a_source_that_is_not_stored_can_be_tested(client: httpx.Client, fakes: Fakes) -> None:
    body = {"url": "rtsp://u:pw@h/x", "roles": ["detail"]}
    assert client.post("/v1/cameras/test", json=body).status_code == 200
    assert fakes.probe.probed[0].analysed == Source("rtsp://h/x", "u", "pw")
    assert client.get("/v1/cameras").json() == {"items": []}


def test_a_source_that_does_not_open_is_a_bad_gateway_with_what_to_do(client: httpx.Client, fakes: Fakes) -> None:
    fakes.probe.result = SourceUnavailable("it refused the password: check user and password", "unauthorised")
    answer = client.post("/v1/cameras/test", json={"url": "rtsp://h/x"})
    assert (answer.status_code, answer.json()["detail"]) == (502, "it refused the password: check user and password")


def test_the_status_says_why_samples_passed_and_did_not(client: httpx.Client, fakes: Fakes) -> None:
    fakes.cameras.add_camera(Camera("a", (Source("rtsp://h/x"),)))
    fakes.live.running["a"] = CameraStatus("a", "running", reasons={"still": 90, "motion": 10})
    assert client.get("/v1/cameras/a/status").json()["reasons"] == {"still": 90, "motion": 10}


def test_the_samples_of_a_camera_come_in_pages(client: httpx.Client, fakes: Fakes) -> None:
    fakes.cameras.add_camera(Camera("a", (Source("rtsp://h/x"),)))
    fakes.live.running["a"] = CameraStatus("a", "running")
    car = Detections(
        np.array([[0.1, 0.2, 0.3, 0.4]], np.float32), np.array([0.9], np.float32), np.array([Kind.CAR], np.int16)
    )
    moving, still = Look(True, 0.25, "motion", (0.1, 0.2, 0.3, 0.4)), Look(False, 0.0, "still")
    fakes.live.logs["a"] = [
        logged(100.1234, still, is_burst=False, detections=None),
        logged(101.1234, moving, is_burst=True, detections=car),
        logged(102.1234, still, is_burst=True, detections=None),
    ]
    first = client.get("/v1/cameras/a/samples", params={"limit": 2}).json()
    assert first["next"] == "1970-01-01T00:01:41.123000Z"
    assert first["items"][1] == {
        "time": "1970-01-01T00:01:41.123000Z",
        "share": 0.25,
        "passed": True,
        "reason": "motion",
        "burst": True,
        "box": [0.1, 0.2, 0.3, 0.4],
        "detections": [{"box": [0.1, 0.2, 0.3, 0.4], "kind": "car", "score": 0.9}],
    }
    second = client.get("/v1/cameras/a/samples", params={"since": first["next"]}).json()
    assert [item["reason"] for item in second["items"]] == ["still"]
    assert second["next"] is None
    assert second["items"][0]["detections"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "since=yesterday", "from=1"])
def test_a_page_of_samples_that_cannot_be_is_refused(client: httpx.Client, fakes: Fakes, query: str) -> None:
    fakes.cameras.add_camera(Camera("a", (Source("rtsp://h/x"),)))
    assert client.get(f"/v1/cameras/a/samples?{query}").status_code == 422


def test_a_camera_that_does_not_run_has_no_samples(client: httpx.Client, fakes: Fakes) -> None:
    fakes.cameras.add_camera(Camera("a", (Source("rtsp://h/x"),)))
    answers = [client.get(f"/v1/cameras/{camera_id}/samples") for camera_id in ("a", "nobody")]
    assert [answer.status_code for answer in answers] == [404, 404]
