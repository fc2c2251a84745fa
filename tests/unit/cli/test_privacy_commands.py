"""`gtvision disclosures` and `gtvision sweep`, on a database of their own."""

import time
from pathlib import Path

import pytest
from disclosure_contract import a_disclosure
from events import an_event

from gtvision.adapters.store import Store, migrate
from gtvision.domain.disclosure import new_disclosure
from gtvision.pipeline.retention import DAY_S
from gtvision.ports import EventToSave
from gtvision.settings import Settings
from tests.unit.cli.conftest import Run


@pytest.fixture
def kept(settings: Settings) -> Path:
    """A database with an old and a new event, each with a picture and a clip, and two disclosures; its media."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings.database_url)
    media = Path(settings.media_url)
    media.mkdir()
    with Store(settings.database_url, writes=True) as store:
        for number, age_days in enumerate((60, 1)):
            end_s = time.time() - age_days * DAY_S
            event = an_event(number, start_s=end_s - 5, end_s=end_s)
            for extension in ("jpg", "mp4"):
                (media / f"{number}.{extension}").write_bytes(b"x")
            store.save_events([EventToSave(event, f"{number}.jpg", f"{number}.mp4")])
        store.add_disclosure(a_disclosure(1000.0))
        store.add_disclosure(new_disclosure(time.time(), "session at 10.0.0.7", "GET /v1/plates", "", 0))
    return media


def by_kind(ran: object, name: str) -> dict[str, int]:
    return {row["kind"]: row[name] for row in ran["retention"] if row[name]}  # type: ignore[index]


def test_a_dry_run_says_what_would_go_and_removes_nothing(run: Run, kept: Path) -> None:
    dry = run("sweep", "--dry-run", "--json").json
    assert (dry["dry_run"], by_kind(dry, "due"), by_kind(dry, "removed")) == (True, {"clips": 1, "disclosures": 1}, {})
    assert sorted(file.name for file in kept.iterdir()) == ["0.jpg", "0.mp4", "1.jpg", "1.mp4"]
    assert "Nothing was removed" in run("sweep", "--dry-run").out


def test_a_sweep_removes_what_the_dry_run_said(run: Run, kept: Path) -> None:
    swept = run("sweep", "--json").json
    assert by_kind(swept, "removed") == by_kind(swept, "due") == {"clips": 1, "disclosures": 1}
    assert sorted(file.name for file in kept.iterdir()) == ["0.jpg", "1.jpg", "1.mp4"]
    assert by_kind(run("sweep", "--json").json, "removed") == {}
    shown = run("events", "--json").json["events"]
    assert [event["clip"] is None for event in shown] == [False, True]
    assert all(event["snapshot"] for event in shown)


@pytest.mark.usefixtures("kept")
def test_disclosures_are_a_table_the_newest_first(run: Run) -> None:
    lines = run("disclosures").out.splitlines()
    assert lines[0].split() == ["time", "who", "what", "results", "why"]
    assert ["session" in line for line in lines[1:]] == [True, False]
    assert "stolen car, report 12/2026" in lines[2]


@pytest.mark.usefixtures("kept")
def test_disclosures_for_programs_are_one_object(run: Run) -> None:
    (old,) = run("disclosures", "--until", "2026-01-01", "--json").json["disclosures"]
    assert (old["who"], old["results"]) == ("key at 10.0.0.7", 3)
    assert len(run("disclosures", "--limit", "1", "--json").json["disclosures"]) == 1


def test_nothing_is_disclosed_before_the_first_time(run: Run) -> None:
    assert "Nothing was disclosed." in run("disclosures").out
