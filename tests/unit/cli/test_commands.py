import csv
import json
import os
import socket
import subprocess
from pathlib import Path

import pytest
from http_server import Fakes, served
from running import COMMAND

from gtvision.api.app import create_app
from gtvision.pipeline.breaker import BreakerState
from gtvision.ports import BridgeStatus, PartnerStatus, QueueStatus
from gtvision.settings import Settings
from tests.unit.cli.conftest import Run


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("http: {prot: 1}", "http.prot: there is no such setting"),
        ("http: {port: 70000}", "http.port: "),
        ("http: {host: 0.0.0.0}", "needs a key"),
        ("http: {port: [", "is not YAML"),
        ("- a list", "must hold keys and values"),
        ("detector: {cpu: {min: 3, max: 1}}", "detector.cpu: min is above max"),
    ],
)
def test_wrong_settings_end_the_command_with_the_key_that_is_wrong(
    run: Run, tmp_path: Path, text: str, named: str
) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text, encoding="utf-8")
    refused = run("status", config=file)

    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert named in refused.err


def test_a_settings_file_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    refused = run("status", config=tmp_path / "none.yaml")

    assert refused.code == 2
    assert "none.yaml" in refused.err


def test_status_fails_while_nothing_runs_and_still_answers_in_json(run: Run) -> None:
    found = run("status", "--json")

    assert (found.code, found.json["running"], found.json["cameras"]) == (1, False, [])
    assert "gtvision up" in run("status").out


def test_events_are_an_empty_list_before_the_first(run: Run) -> None:
    assert run("events", "--json").json == {"events": []}


def test_events_in_csv_have_titles(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    written = run("events", "--csv", str(file))

    assert (written.code, written.out) == (0, "")
    titles = next(csv.reader(file.read_text(encoding="utf-8").splitlines()))
    assert titles[:3] == ["id", "camera", "type"]
    assert {"speed_kmh", "vehicles", "length_m"} <= set(titles)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--since", "yesterday"), "--since"),
        (("--kind", "tram"), "kind"),
        (("--type", "fly"), "type"),
        (("--limit", "0"), "--limit"),
        (("--follow", "--since", "2026-01-31"), "--follow"),
        (("--csv", "/nowhere/events.csv"), "--csv"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(run: Run, arguments: tuple[str, ...], named: str) -> None:
    refused = run("events", *arguments)

    assert (refused.code, refused.out) == (2, "")
    assert named in refused.err


@pytest.mark.parametrize("zone", ["2026-01-31T12:00", "2026-01-31T12:00:00Z", "2026-01-31 12:00-03:00", "2026-01-31"])
def test_a_time_may_name_its_zone_or_be_local(run: Run, zone: str) -> None:
    assert run("events", "--since", zone, "--json").code == 0


def test_nothing_can_be_followed_while_nothing_runs(run: Run) -> None:
    refused = run("events", "--follow")

    assert refused.code == 1
    assert "gtvision up" in refused.err


@pytest.mark.parametrize("name", ["nothing.mp4", "text.mp4"])
def test_what_is_no_recording_is_refused_before_any_work(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "text.mp4").write_text("no video", encoding="utf-8")
    refused = run("analyse", str(tmp_path / name), "--json")

    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert refused.err.startswith("gtvision: FILE: ")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--line", "0,0,1"), "--line"),
        (("--line", "0,0,2,1"), "lines[0].end"),
        (("--zones", "/nowhere.yaml"), "--zones"),
        (("--camera", "nobody"), "nobody"),
        (("--samples", "s.csv", "another.mp4"), "--samples"),
        (("--plot", "p.png", "another.mp4"), "--plot"),
        (("--plot", "p.jpg"), "--plot"),
        (("--plot", "/nowhere/p.png"), "--plot"),
    ],
)
def test_what_analyse_cannot_watch_is_refused(run: Run, arguments: tuple[str, ...], named: str) -> None:
    refused = run("analyse", __file__, *arguments)

    assert (refused.code, refused.out) == (2, "")
    assert named in refused.err


def test_weights_that_are_not_a_detector_are_refused(run: Run, config: Path) -> None:
    config.write_text(config.read_text(encoding="utf-8") + f"detector: {{weights: {__file__}}}\n", encoding="utf-8")
    looked = run("doctor", "--json")
    weights = next(check for check in looked.json["checks"] if check["name"] == "weights")

    assert (looked.code, weights["ok"]) == (1, False)
    assert "is in no known format" in weights["detail"]


def test_doctor_names_a_port_that_another_program_holds(run: Run, config: Path, settings: Settings) -> None:
    config.write_text(config.read_text(encoding="utf-8") + f"detector: {{weights: {__file__}}}\n", encoding="utf-8")
    with socket.socket() as other:
        other.bind(("127.0.0.1", settings.http.port))
        checks = {check["name"]: check for check in run("doctor", "--json").json["checks"]}

    assert not checks["ports"]["ok"]
    assert checks["ports"]["detail"].startswith("http.port: ")
    assert all(checks[name]["ok"] for name in ("decoders", "ray", "clock", "database"))


def test_up_on_a_cluster_that_is_not_there_ends_at_once(run: Run, free_port: int) -> None:
    refused = run("up", "--address", f"127.0.0.1:{free_port}")

    assert refused.code == 2
    assert refused.err.startswith("gtvision: ray.address: no Ray cluster answers at ")


def test_up_cannot_stay_with_a_cluster_that_somebody_else_started(run: Run, free_port: int) -> None:
    refused = run("up", "--block", "--address", f"127.0.0.1:{free_port}")

    assert (refused.code, refused.err.startswith("gtvision: --block: ")) == (2, True)


def test_a_proxy_of_the_network_does_not_stand_between_a_command_and_the_system(
    config: Path, settings: Settings, free_port: int
) -> None:
    nobody = f"http://127.0.0.1:{free_port}"
    environment = {**os.environ, "http_proxy": nobody, "all_proxy": nobody, "no_proxy": ""}
    with served(create_app(settings, Fakes().services()), settings.http.port):
        asked = subprocess.run(
            [COMMAND, "--config", str(config), "status", "--json"],
            env=environment,
            capture_output=True,
            timeout=60,
            check=False,
        )
    assert (asked.returncode, json.loads(asked.stdout)["running"]) == (0, True)


def test_the_status_shows_what_each_bridge_does_for_each_partner(run: Run, settings: Settings) -> None:
    fakes, queue = Fakes(), QueueStatus("detection", 7, 2, 0.1)
    city = PartnerStatus("city", True, BreakerState.CLOSED, "", (queue,))
    road = PartnerStatus("road", False, BreakerState.OPEN, "out: nobody answers", ())
    fakes.bridges.said = [
        BridgeStatus("bridge:0", "node-1", (city, road)),
        BridgeStatus("bridge:1", detail="it starts"),
    ]
    with served(create_app(settings, fakes.services()), settings.http.port):
        told = run("status").out
    rows = [line.split() for line in told.splitlines() if line.startswith("bridge:")]
    assert rows[0] == ["bridge:0", "city", "connected", "detection", "7", "2", "0.1", "s", "node-1"]
    assert rows[1] == ["bridge:0", "road", "away,", "breaker", "open", "node-1"]
    assert "road: out: nobody answers" in told
    assert "bridge:1: it starts" in told


def test_a_folder_that_cannot_be_written_is_named_with_the_setting(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    config = tmp_path / "under-a-file.yaml"
    config.write_text(f"data_dir: {tmp_path / 'file' / 'data'}\n", encoding="utf-8")
    refused = run("camera", "list", config=config)

    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert refused.err.startswith("gtvision: data_dir: ")


def test_migrate_says_the_schema(run: Run) -> None:
    assert json.loads(run("migrate", "--json").out)["revision"]


@pytest.mark.parametrize(
    "arguments", [("frobnicate",), ("camera",), ("simulate", "--user", "ana"), ("demo", "--for", "0")]
)
def test_wrong_usage_has_its_own_exit_code(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).code == 2
