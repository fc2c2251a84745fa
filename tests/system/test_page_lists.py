"""Watchlists are edited on the page, in a real Chromium: with the keyboard, and with nothing lost."""

import json
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from chromium import Chromium
from events import an_event
from http_server import Fakes, served
from plates import a_plate

from gtvision.api.app import create_app
from gtvision.domain.event import Hit
from gtvision.domain.plate_query import PlateMatch
from gtvision.domain.trigger import TriggerType
from gtvision.domain.watchlist import Entry, WatchAction, Watchlist
from gtvision.pipeline.breaker import BreakerState
from gtvision.ports import (
    BridgeStatus,
    DisclosureFilter,
    EventToSave,
    PartnerStatus,
    QueueStatus,
    StoredPlate,
    StoredWatchlist,
)
from gtvision.settings import Settings, settings_of
from gtvision.testing.plates import FakeWatchlistStore

ENTRIES = "document.querySelectorAll('#entries-table tbody tr').length"
FOCUS = "document.activeElement.id"


@pytest.fixture
def stolen(fakes: Fakes) -> Watchlist:
    """A list with two entries."""
    stolen = Watchlist("stolen", "Roubados", cameras=frozenset({"north", "gone"}))
    fakes.watchlists.add_watchlist(stolen)
    fakes.watchlists.save_entries("stolen", [Entry("stolen", "ABC1234", reason="BO 1"), Entry("stolen", "ABC1D23")])
    return stolen


def open_lists(browser: Chromium, address: str) -> None:
    browser.open(address)
    browser.wait_for("document.querySelectorAll('.camera').length === 1")
    browser.press_on("#open-plates")
    browser.wait_for("document.getElementById('plates').open")


def open_list(browser: Chromium, address: str) -> None:
    open_lists(browser, address)
    browser.press_on("[data-list=stolen]")
    browser.wait_for("document.getElementById('watchlist').open")


def is_open(browser: Chromium, dialog: str) -> bool:
    found: bool = browser.evaluate(f"document.getElementById({json.dumps(dialog)}).open")
    return found


def fault_of(browser: Chromium, field: str) -> str:
    """What stands beside the field, as it is read out with it."""
    input_ = f"document.querySelector({json.dumps(field)})"
    browser.wait_for(f"{input_}.getAttribute('aria-invalid') === 'true'")
    said: str = browser.evaluate(f"document.getElementById({input_}.getAttribute('aria-describedby')).textContent")
    return said


def on_list(fakes: Fakes) -> list[tuple[str, str, str]]:
    return [(entry.text, entry.match.value, entry.reason) for entry in fakes.watchlists.entries("stolen", limit=500)[0]]


def choose_file(browser: Chromium, content: str) -> None:
    browser.evaluate(
        f"(files => {{ files.items.add(new File([{json.dumps(content)}], 'stolen.csv'));"
        " const input = document.getElementById('import-file'); input.files = files.files;"
        " input.dispatchEvent(new Event('change')); })(new DataTransfer())"
    )


def wait_for_file(browser: Chromium, file: Path) -> None:
    for _ in range(100):
        if file.exists():
            return
        browser.evaluate("new Promise(done => setTimeout(done, 50))")
    pytest.fail(f"{file} was not written")


def test_a_list_is_made_by_keyboard(browser: Chromium, address: str, fakes: Fakes) -> None:
    open_lists(browser, address)
    browser.wait_for("!document.getElementById('no-lists').hidden")
    browser.press_on("#new-list")
    browser.wait_for(f"{FOCUS} === 'watchlist-id'")
    browser.write("#watchlist-id", "stolen")
    browser.write("#watchlist-name", "Roubados & furtados")
    browser.press("Enter")
    browser.wait_for(f"{FOCUS} === 'add-entry'")
    assert fakes.watchlists.watchlist("stolen").watchlist == Watchlist("stolen", "Roubados & furtados")
    assert browser.texts("#watchlist-title") == ["Roubados & furtados"]
    browser.wait_for("document.getElementById('entries-say').textContent === 'Nothing is on this list yet.'")
    browser.press("Escape")
    browser.wait_for("document.activeElement.dataset.list === 'stolen'")
    assert is_open(browser, "plates")
    assert browser.complaints == []


class SlowLists(FakeWatchlistStore):
    """Says which lists there are only while it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = Event()
        self.may_answer.set()

    def watchlists(self) -> list[StoredWatchlist]:
        assert self.may_answer.wait(10)
        return super().watchlists()


def test_a_new_list_has_the_focus_though_it_is_shown_late(browser: Chromium, settings: Settings, fakes: Fakes) -> None:
    lists = SlowLists()
    with served(create_app(settings, replace(fakes, watchlists=lists).services())) as url:
        open_lists(browser, url)
        browser.press_on("#new-list")
        lists.may_answer.clear()
        browser.write("#watchlist-id", "stolen")
        browser.press("Enter")
        browser.wait_for(f"{FOCUS} === 'add-entry'")
        browser.press("Escape")
        browser.wait_for(f"{FOCUS} === 'new-list'")
        lists.may_answer.set()
        browser.wait_for("document.activeElement.dataset.list === 'stolen'")


def test_settings_of_a_list_are_changed_and_cameras_that_are_gone_stay(
    browser: Chromium, address: str, fakes: Fakes, stolen: Watchlist
) -> None:
    open_list(browser, address)
    browser.press_on("#watchlist-settings summary")
    assert browser.texts("#watchlist-choices label") == ["gone", "North <gate>"]
    browser.evaluate("document.getElementById('watchlist-action').value = 'log'")
    browser.write("#watchlist-name", "Furtados")
    browser.press("Enter")
    browser.wait_for("document.getElementById('watchlist-say').textContent === 'Saved.'")
    assert fakes.watchlists.watchlist("stolen").watchlist == Watchlist(
        "stolen", "Furtados", WatchAction.LOG, stolen.cameras
    )
    assert browser.texts("#watchlist-title") == ["Furtados"]
    browser.wait_for("document.querySelector('[data-list=stolen]').textContent === 'Furtados'")
    assert browser.texts("[data-list=stolen]") == ["Furtados"]


def test_a_list_is_removed_only_once_it_is_said_how_many_entries_go(
    browser: Chromium, address: str, fakes: Fakes, stolen: Watchlist
) -> None:
    open_list(browser, address)
    browser.press_on("#watchlist-settings summary")
    browser.press_on("#remove-list")
    browser.wait_for("document.getElementById('confirm').open")
    assert "Roubados? Entries that go with it: 2." in browser.texts("#confirm-sentence")[0]
    assert browser.evaluate("document.activeElement.textContent") == "Cancel"
    browser.press("Escape")
    browser.wait_for(f"{FOCUS} === 'remove-list'")
    assert is_open(browser, "watchlist")
    assert fakes.watchlists.watchlist("stolen").entries == 2
    browser.press("Enter")
    browser.press_on("#confirm[open] #confirm-yes")
    browser.wait_for(f"{FOCUS} === 'new-list'")
    assert fakes.watchlists.watchlists() == []
    assert not is_open(browser, "watchlist")


def test_an_entry_is_put_on_the_list_and_taken_off(
    browser: Chromium, address: str, fakes: Fakes, stolen: Watchlist
) -> None:
    open_list(browser, address)
    browser.wait_for(f"{ENTRIES} === 2")
    browser.press_on("#add-entry")
    browser.wait_for(f"{FOCUS} === 'put-text'")
    browser.write("#put-text", "bra-2e*")
    browser.evaluate("document.getElementById('put-match').value = 'pattern'")
    browser.evaluate("document.getElementById('put-to').value = '2027-01-01T00:00'")
    browser.write("#put-reason", "report 12/2026")
    browser.press("Enter")
    browser.wait_for(f"{ENTRIES} === 3 && {FOCUS} === 'add-entry'")
    assert browser.texts("#entries-say") == ["BRA2E* is on the list Roubados."]
    row = browser.texts("#entries-table tbody tr:first-child :is(th, td)")
    assert (row[0], row[1], row[3]) == ("BRA2E*", "Pattern (* ?)", "report 12/2026")
    assert "until 01/01/2027, 00:00:00" in row[2]
    assert ("BRA2E*", "pattern", "report 12/2026") in on_list(fakes)
    browser.press_on("[aria-label='Remove BRA2E*']")
    browser.press_on("#confirm[open] #confirm-yes")
    browser.wait_for(f"{ENTRIES} === 2")
    assert browser.evaluate("document.activeElement.getAttribute('aria-label')") == "Remove ABC1234"
    assert on_list(fakes) == [("ABC1234", "exact", "BO 1"), ("ABC1D23", "exact", "")]


def test_entries_come_a_page_at_a_time(browser: Chromium, address: str, fakes: Fakes, stolen: Watchlist) -> None:
    fakes.watchlists.save_entries("stolen", [Entry("stolen", f"XYZ1D{number}") for number in range(10, 99)])
    fakes.watchlists.save_entries("stolen", [Entry("stolen", f"XYZ2D{number}") for number in range(10, 30)])
    open_list(browser, address)
    browser.wait_for(f"{ENTRIES} === 100")
    browser.press_on("#more-entries")
    browser.wait_for(f"{ENTRIES} === 111")
    assert browser.evaluate("document.getElementById('more-entries').hidden")


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    browser: Chromium, address: str, fakes: Fakes, stolen: Watchlist
) -> None:
    open_list(browser, address)
    browser.press_on("#add-entry")
    browser.wait_for(f"{FOCUS} === 'put-text'")
    browser.write("#put-text", "xx")
    browser.evaluate("document.getElementById('put-match').value = 'near'")
    browser.write("#put-reason", "BO 7")
    browser.press("Enter")
    assert fault_of(browser, "#put-text").startswith("XX is no Brazilian plate")
    assert browser.evaluate(FOCUS) == "put-text"
    browser.evaluate("document.getElementById('put-from').value = '2027-01-02T00:00'")
    browser.evaluate("document.getElementById('put-to').value = '2027-01-01T00:00'")
    browser.write("#put-text", "BRA2E19")
    browser.press("Enter")
    assert fault_of(browser, "#put-to") == "it must lie after valid_from"
    assert browser.evaluate("document.getElementById('put-text').hasAttribute('aria-invalid')") is False
    browser.evaluate("document.getElementById('put-to').value = ''")
    browser.press_on("#put-text")
    browser.wait_for("!document.getElementById('put').open")
    assert ("BRA2E19", "near", "BO 7") in on_list(fakes)


def test_a_taken_id_and_a_lost_connection_lose_nothing(
    browser: Chromium, settings: Settings, fakes: Fakes, stolen: Watchlist
) -> None:
    with served(create_app(settings, fakes.services())) as url:
        open_lists(browser, url)
        browser.press_on("#new-list")
        browser.write("#watchlist-id", "Not an id")
        browser.press("Enter")
        assert "cannot be an id" in fault_of(browser, "#watchlist-id")
        browser.write("#watchlist-id", "stolen")
        browser.press("Enter")
        browser.wait_for("document.querySelector('#watchlist-form .rest').textContent.includes('already a watchlist')")
        browser.write("#watchlist-id", "wanted")
    browser.press("Enter")
    browser.wait_for(
        "document.querySelector('#watchlist-form .rest').textContent.startsWith('The system does not answer')"
    )
    with served(create_app(settings, fakes.services()), port=int(url.rpartition(":")[2])):
        browser.press("Enter")
        browser.wait_for(f"{FOCUS} === 'add-entry'")
    assert [stored.watchlist.id for stored in fakes.watchlists.watchlists()] == ["stolen", "wanted"]


def test_a_file_comes_in_whole_or_not_at_all_and_goes_out(
    browser: Chromium, address: str, fakes: Fakes, stolen: Watchlist, tmp_path: Path
) -> None:
    open_list(browser, address)
    browser.wait_for(f"{ENTRIES} === 2")
    choose_file(browser, "text\nXYZ1234\n???\n")
    browser.wait_for("document.querySelector('#entries-form .rest').textContent.startsWith('line 3, column text')")
    assert len(on_list(fakes)) == 2
    choose_file(browser, "text,match\nXYZ1234,near\nABC1D23,\n")
    browser.wait_for(f"{ENTRIES} === 3")
    browser.wait_for("document.getElementById('entries-say').textContent === 'Added: 1. On the list now: 3.'")
    assert browser.texts("#entries-form .rest") == [""]
    browser.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    browser.press_on("#export-entries")
    file = tmp_path / "stolen.csv"
    wait_for_file(browser, file)
    assert "XYZ1234,near,,," in file.read_text(encoding="utf-8").splitlines()


def test_where_looking_needs_a_reason_it_is_asked_for_and_recorded(
    browser: Chromium, settings: Settings, fakes: Fakes, stolen: Watchlist
) -> None:
    values = settings.model_dump(exclude={"privacy"}) | {"privacy": {"require_reason": True}}
    with served(create_app(settings_of(values), fakes.services())) as url:
        open_list(browser, url)
        assert fault_of(browser, "#entries-reason").startswith("say why you look this up")
        browser.write("#entries-reason", "BO 12/2026")
        browser.press("Enter")
        browser.wait_for(f"{ENTRIES} === 2")
        browser.open("about:blank")
    newest = fakes.disclosures.disclosures(DisclosureFilter(), limit=1)[0][0]
    assert (newest.what, newest.why, newest.results) == ("GET /v1/watchlists/stolen/entries", "BO 12/2026", 2)


def test_a_plate_that_was_read_is_put_on_a_list(
    browser: Chromium, address: str, fakes: Fakes, stolen: Watchlist
) -> None:
    fakes.plates.save_plates([StoredPlate(a_plate("XYZ9A87", 1), None)])
    open_lists(browser, address)
    browser.write("#plate-search [name=plate]", "XYZ")
    browser.press("Enter")
    browser.press_on("#plates-table tbody button")
    browser.wait_for(f"{FOCUS} === 'put-text'")
    assert browser.evaluate("document.getElementById('put-text').value") == "XYZ9A87"
    browser.press("Enter")
    browser.wait_for("document.getElementById('plates-say').textContent === 'XYZ9A87 is on the list Roubados.'")
    assert browser.evaluate("document.activeElement.getAttribute('aria-label')") == "Put on a list: XYZ9A87"
    assert ("XYZ9A87", "exact", "") in on_list(fakes)


def test_the_plate_of_a_hit_is_put_on_a_list_which_is_made_first_when_there_is_none(
    browser: Chromium, address: str, fakes: Fakes
) -> None:
    hit = Hit("former", "entry", "ABC1234", 1, "", "alert")
    event = an_event(1, trigger_type=TriggerType.WATCHLIST, trigger_id="former", plate="ABC1C34", hit=hit)
    fakes.events.save_events([EventToSave(event, "s.jpg"), EventToSave(an_event(2), "s.jpg")])
    browser.open(address)
    browser.press_on(".event:not(.alert)")
    browser.wait_for("document.getElementById('detail').open")
    assert browser.evaluate("document.getElementById('detail-put').hidden")
    browser.press("ArrowRight")
    browser.press_on("#detail-put:not([hidden])")
    browser.wait_for(f"{FOCUS} === 'watchlist-id'")
    browser.write("#watchlist-id", "stolen")
    browser.press("Enter")
    browser.wait_for(f"{FOCUS} === 'put-text'")
    browser.evaluate("document.getElementById('put-match').value = 'near'")
    browser.press("Enter")
    browser.wait_for("document.getElementById('entries-say').textContent.includes('ABC1C34 is on the list')")
    assert on_list(fakes) == [("ABC1C34", PlateMatch.NEAR.value, "")]
    browser.press("Escape")
    browser.wait_for(f"!document.getElementById('watchlist').open && {FOCUS} === 'detail-put'")
    assert browser.complaints == []


def test_partners_queues_are_a_line_each_and_nothing_without_a_bridge(
    browser: Chromium, address: str, fakes: Fakes
) -> None:
    browser.open(address)
    browser.wait_for("document.querySelectorAll('.camera').length === 1")
    assert browser.evaluate("document.getElementById('bridges').hidden")
    city = PartnerStatus("city", True, BreakerState.CLOSED, "", (QueueStatus("detection", 1200, 2, 0.1),))
    toll = PartnerStatus("toll", False, BreakerState.OPEN, "in: nobody answers", (QueueStatus("f", None, 0, 0.0),))
    fakes.bridges.said = [
        BridgeStatus("bridge:0", "n1", (city, toll)),
        BridgeStatus("bridge:1", "n2", (city, toll)),
        BridgeStatus("bridge:2", detail="it starts"),
    ]
    browser.wait_for("document.querySelectorAll('#bridges li').length === 3")
    assert browser.texts("#bridges li") == [
        "city · connected · detection: 1,200 waiting",
        "toll · not connected · f: ? waiting · in: nobody answers",
        "bridge:2 · it starts",
    ]
