import csv
from pathlib import Path

import pytest
from counts import CARS, a_count

from gtvision.adapters.store import Store, migrate
from gtvision.cli.counts import pivoted
from gtvision.domain.count import VehicleCount
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction
from gtvision.settings import Settings
from tests.unit.cli.conftest import Run

DAY = ("--since", "2026-11-23T00:00-03:00", "--until", "2026-11-24T00:00-03:00")
TRUCKS = VehicleCount(Kind.TRUCK, Direction.FORWARD, 2)
BACK = VehicleCount(Kind.CAR, Direction.BACKWARD, 7)


@pytest.fixture
def counted(settings: Settings) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings.database_url)
    with Store(settings.database_url, writes=True) as store:
        store.save_counts([a_count(0, CARS, TRUCKS), a_count(1, CARS, BACK), a_count(8)])


@pytest.mark.usefixtures("counted")
def test_counts_are_a_table_with_a_column_a_kind_by_the_clock_of_the_site(run: Run) -> None:
    printed = [line.split() for line in run("counts", *DAY).out.splitlines()]
    assert printed == [
        ["start", "camera", "line", "direction", "car", "truck", "total"],
        ["2026-11-23", "02:00", "north", "stop", "(flow)", "forward", "3", "3"],
        ["2026-11-23", "00:00", "north", "stop", "(flow)", "backward", "7", "7"],
        ["2026-11-23", "00:00", "north", "stop", "(flow)", "forward", "6", "2", "8"],
    ]


@pytest.mark.usefixtures("counted")
def test_counts_for_programs_are_one_object(run: Run) -> None:
    counts = run("counts", *DAY, "--interval", "1d", "--camera", "north", "--line", "stop", "--json").json["counts"]
    assert [(count["start"], count["kind"], count["direction"], count["vehicles"]) for count in counts] == [
        ("2026-11-23T03:00:00Z", "car", "backward", 7),
        ("2026-11-23T03:00:00Z", "car", "forward", 9),
        ("2026-11-23T03:00:00Z", "truck", "forward", 2),
    ]


@pytest.mark.usefixtures("counted")
def test_counts_in_csv_have_titles(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "counts.csv"
    written = run("counts", *DAY, "--interval", "15m", "--csv", str(file))
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    assert (written.code, written.out, len(rows)) == (0, "", 5)
    assert {"camera", "line", "start", "kind", "direction", "vehicles"} <= set(rows[0])


def test_counts_are_nothing_before_the_first(run: Run) -> None:
    assert run("counts", "--json").json == {"counts": []}
    assert "Nothing" in run("counts").out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--since", "yesterday"), "--since"),
        (("--since", "2020-01-01"), "since"),
        (("--interval", "7m"), "interval"),
        (("--limit", "0"), "--limit"),
        (("--csv", "/nowhere/counts.csv"), "--csv"),
    ],
)
def test_a_question_that_cannot_be_is_refused(run: Run, arguments: tuple[str, ...], named: str) -> None:
    refused = run("counts", *arguments)
    assert (refused.code, refused.out) == (2, "")
    assert named in refused.err


def test_a_kind_that_did_not_cross_has_an_empty_cell() -> None:
    count = {
        "start": "2026-11-23T03:00:00Z",
        "time_zone": "America/Sao_Paulo",
        "interval_s": 3600.0,
        "camera": "north",
        "trigger": "gate",
        "line": "gate",
        "direction": "forward",
        "kind": "car",
        "vehicles": 3,
    }
    other = {**count, "start": "2026-11-23T02:00:00Z", "kind": "bus", "vehicles": 1}
    assert pivoted([count, other]) == (
        ["car", "bus"],
        [
            ("2026-11-23 00:00", "north", "gate", "forward", "3", "", "3"),
            ("2026-11-22 23:00", "north", "gate", "forward", "", "1", "1"),
        ],
    )


def test_a_count_trigger_is_written_like_the_others(run: Run) -> None:
    added = run(
        "camera",
        "add",
        "north",
        "rtsp://10.0.0.7/main",
        "--line",
        "gate=0.1,0.6,0.9,0.6",
        "--trigger",
        "flow=count:gate,interval_s=300",
    )
    assert added.code == 0, added.err
    [trigger] = run("camera", "show", "north", "--json").json["triggers"]
    assert (trigger["id"], trigger["type"], trigger["line"], trigger["interval_s"]) == ("flow", "count", "gate", 300.0)
