from pathlib import Path

import pytest
from plates import a_plate

from gtvision.adapters.store import Store, migrate
from gtvision.ports import StoredPlate
from gtvision.settings import Settings
from tests.unit.cli.conftest import Run

FILE = "text,match,valid_from,valid_to,reason\nABC1234,near,,,BO 12\n"


def saved(settings: Settings, *texts: str) -> None:
    """Vehicles that passed while the system was up."""
    migrate(settings.database_url)
    with Store(settings.database_url, writes=True) as store:
        store.save_plates([StoredPlate(a_plate(text, number)) for number, text in enumerate(texts)])


@pytest.fixture
def stolen(run: Run) -> Run:
    """The command, on a system with the list `stolen`."""
    assert run("watchlist", "add", "stolen", "--name", "Roubados").code == 0
    return run


def test_a_list_is_added_changed_listed_and_removed(run: Run) -> None:
    added = run("watchlist", "add", "stolen", "--action", "log", "--camera", "north", "--group", "Centro", "--json")
    assert (added.json["action"], added.json["cameras"], added.json["groups"]) == ("log", ["north"], ["Centro"])
    assert run("watchlist", "set", "stolen", "--everywhere").out == "stolen (log, 0 entries, everywhere): changed\n"
    (listed,) = run("watchlist", "list", "--json").json["watchlists"]
    assert (listed["id"], listed["action"], listed["cameras"]) == ("stolen", "log", [])
    assert "everywhere" in run("watchlist", "list").out
    assert run("watchlist", "remove", "stolen").code == 0
    assert "no watchlist" in run("watchlist", "list").out


def test_an_entry_goes_on_a_list_and_off_again(stolen: Run) -> None:
    arguments = ("abc-1d23", "--match", "near", "--to", "2027-01-01", "--reason", "BO 12")
    assert stolen("watchlist", "entry", "add", "stolen", *arguments).out == "stolen: ABC1D23 (near)\n"
    shown = stolen("watchlist", "show", "stolen")
    assert "1 entries" in shown.out
    assert "BO 12" in shown.out
    (entry,) = stolen("watchlist", "show", "stolen", "--json").json["items"]
    assert (entry["text"], entry["match"], entry["valid_from"]) == ("ABC1D23", "near", None)
    assert stolen("watchlist", "entry", "remove", "stolen", "ABC1D23").code == 2
    assert stolen("watchlist", "entry", "remove", "stolen", "abc1d23", "--match", "near").code == 0
    assert stolen("watchlist", "show", "stolen", "--json").json["items"] == []


def test_a_file_goes_in_and_comes_out(stolen: Run, tmp_path: Path) -> None:
    file, copy = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text(FILE, encoding="utf-8")
    assert stolen("watchlist", "import", "stolen", str(file)).out == "stolen: 1 new entries, 1 in all\n"
    assert stolen("watchlist", "import", "stolen", str(file), "--json").json == {"added": 0, "entries": 1}
    assert stolen("watchlist", "export", "stolen", str(copy), "--reason", "backup").code == 0
    assert copy.read_text(encoding="utf-8") == FILE
    (export,) = stolen("disclosures", "--json").json["disclosures"]
    assert (export["what"], export["why"]) == ("GET /v1/watchlists/stolen/entries.csv", "backup")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("text,match\nABC1D23,exactly\n", "line 2, column match"), ("text\n\xe7\n", "line 2")],
)
def test_a_faulty_file_is_wrong_usage_that_names_the_place(
    stolen: Run, tmp_path: Path, content: str, sentence: str
) -> None:
    file = tmp_path / "in.csv"
    file.write_bytes(content.encode("latin-1"))
    done = stolen("watchlist", "import", "stolen", str(file))
    assert done.code == 2
    assert sentence in done.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("watchlist", "show", "ghost"), "ghost"),
        (("watchlist", "add", "Not A Slug"), "Not A Slug"),
        (("watchlist", "add", "a", "--action", "shout"), "action"),
        (("watchlist", "import", "stolen", "no-such-file.csv"), "no-such-file.csv"),
        (("watchlist", "entry", "remove", "stolen", "ABC1D23", "--match", "fuzzy"), "--match"),
        (("watchlist", "set", "stolen"), "name what to change"),
        (("plates", "ABC*"), "plate"),
        (("plates", "ABC1D23", "--match", "fuzzy"), "match"),
        (("events", "--plate", "A*"), "plate"),
    ],
)
def test_wrong_usage_says_what_to_change(stolen: Run, arguments: tuple[str, ...], sentence: str) -> None:
    done = stolen(*arguments)
    assert done.code == 2
    assert sentence in done.err


def test_plates_are_looked_up(run: Run, settings: Settings) -> None:
    assert run("plates").out == "There is no such plate.\n"
    saved(settings, "ABC1C34", "ABC1234", "XYZ9876")
    found = run("plates", "abc-12", "--match", "prefix", "--reason", "BO 12", "--json").json["plates"]
    assert [seen["plate"] for seen in found] == ["ABC1234", "ABC1C34"]
    table = run("plates", "--limit", "1").out
    assert "XYZ9876" in table
    assert "ABC" not in table


def test_hits_are_listed_with_both_texts_and_found_by_their_plate(
    stolen: Run, settings: Settings, tmp_path: Path
) -> None:
    stolen("watchlist", "entry", "add", "stolen", "ABC1234", "--reason", "BO 12")
    saved(settings, "ABC1C34", "XYZ9876")
    (hit,) = stolen("events", "--type", "watchlist", "--json").json["events"]
    assert (hit["plate"], hit["hit"]["text"], hit["hit"]["reason"]) == ("ABC1C34", "ABC1234", "BO 12")
    assert [event["id"] for event in stolen("events", "--plate", "abc12", "--json").json["events"]] == [hit["id"]]
    assert stolen("events", "--plate", "XYZ", "--json").json["events"] == []
    table = stolen("events").out
    assert "ABC1C34" in table
    assert "listed ABC1234: BO 12" in table
    file = tmp_path / "events.csv"
    stolen("events", "--csv", str(file))
    assert ",ABC1234,BO 12,False," in file.read_text(encoding="utf-8")
