"""The page in a real Chromium, over the app on a real port."""

import json
import time
from dataclasses import replace

from chromium import Chromium
from counts import CARS, a_count
from events import an_event
from http_server import Fakes, served
from plates import a_plate

from gtvision.api.app import create_app
from gtvision.domain.count import VehicleCount, interval_start_s
from gtvision.domain.event import Hit
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction
from gtvision.domain.trigger import TriggerType
from gtvision.domain.watchlist import Entry, Watchlist
from gtvision.ports import DisclosureFilter, EventToSave, StoredPlate
from gtvision.settings import Settings, settings_of

KEY = "a key of sixteen or more"
CARD = "document.querySelectorAll('#list li').length"


def choose(browser: Chromium, name: str, value: str) -> None:
    select = f"document.querySelector('[name={name}]')"
    browser.evaluate(f"{select}.value = {json.dumps(value)}")
    browser.evaluate(f"{select}.dispatchEvent(new Event('change', {{bubbles: true}}))")


def save(fakes: Fakes, *numbers: int, **changes: object) -> None:
    fakes.events.save_events([EventToSave(an_event(number, **changes), "s.jpg") for number in numbers])


def test_a_stored_event_and_a_new_one_are_listed(browser: Chromium, address: str, fakes: Fakes) -> None:
    save(fakes, 1)
    browser.open(address)
    browser.wait_for(f"{CARD} === 1")
    browser.wait_for("document.getElementById('link')?.dataset.state === 'live'")
    save(fakes, 2, kind=Kind.BUS, trigger_type=TriggerType.CROSS, line_id="stop", direction=Direction.FORWARD)
    browser.wait_for(f"{CARD} === 2")
    assert browser.texts("#list .what") == ["Bus · Crossed", "Car · Entered"]
    assert browser.texts("#list .where") == ["North <gate>"] * 2
    assert browser.texts("#list .place")[0] == "stop · forward"
    browser.wait_for("document.querySelector('#list img').naturalWidth === 320")
    assert browser.complaints == []


def test_what_an_event_measured_is_shown_with_what_it_is_not_for(browser: Chromium, address: str, fakes: Fakes) -> None:
    save(fakes, 1, trigger_type=TriggerType.SPEED, zone_id="lane", speed_kmh=61.8)
    save(fakes, 2, trigger_type=TriggerType.QUEUE, zone_id="lane", vehicles=7, length_m=43.2)
    save(fakes, 3, trigger_type=TriggerType.WRONG_WAY, zone_id="lane")
    browser.open(address)
    browser.wait_for(f"{CARD} === 3")
    assert browser.texts("#list .what") == ["Car · Wrong way", "Car · Queue", "Car · Speed"]
    assert browser.texts("#list .place") == [
        "lane",
        "7 vehicles, 43 m · lane",
        "62 km/h (estimate, not for fines) · lane",
    ]
    browser.evaluate("document.querySelectorAll('.event')[2].click()")
    browser.wait_for("document.getElementById('detail').open")
    assert "Speed62 km/h (estimate, not for fines)" in browser.texts("#detail-facts div")


def test_an_open_event_closes_in_its_place(browser: Chromium, address: str, fakes: Fakes) -> None:
    save(fakes, 1, end_s=None)
    browser.open(address)
    browser.wait_for("document.querySelector('.duration.ongoing')")
    save(fakes, 1, revision=1)
    browser.wait_for("document.querySelector('.duration:not(.ongoing)')")
    assert browser.texts(".duration") == ["5 s"]


def test_a_running_camera_shows_its_picture_and_state(browser: Chromium, address: str) -> None:
    browser.open(address)
    browser.wait_for("document.querySelector('.picture img')?.naturalWidth === 320")
    assert browser.texts(".camera-name") == ["North <gate>"]
    assert browser.texts(".badge") == ["Running"]
    assert "7% passed" in browser.texts(".camera-facts")[0]
    assert "Night" in browser.texts(".camera-facts")[0]
    assert browser.texts("#summary") == ["1 of 1 cameras running"]


def test_the_keyboard_opens_an_event_walks_and_closes(browser: Chromium, address: str, fakes: Fakes) -> None:
    save(fakes, 1, 2, 3)
    browser.open(address)
    browser.wait_for(f"{CARD} === 3")
    browser.evaluate("document.querySelector('.event').focus()")
    browser.press("ArrowDown")
    browser.press("Enter")
    browser.wait_for("document.getElementById('detail').open")
    browser.wait_for("document.getElementById('detail-box').getAttribute('viewBox') === '0 0 320 180'")
    rectangle = "document.querySelector('#detail-box rect')"
    assert browser.evaluate(f"['x', 'y'].map(name => Number({rectangle}.getAttribute(name)))") == [0.1, 0.2]
    browser.press("ArrowRight")
    browser.press("Escape")
    browser.wait_for("!document.getElementById('detail').open")
    focused = "[...document.querySelectorAll('.event')].indexOf(document.activeElement)"
    browser.wait_for(f"{focused} === 2")


def test_filters_and_older_pages(browser: Chromium, address: str, fakes: Fakes) -> None:
    save(fakes, *range(60))
    save(fakes, 100, kind=Kind.TRUCK)
    browser.open(address)
    browser.wait_for(f"{CARD} === 50")
    browser.evaluate("document.getElementById('older').click()")
    browser.wait_for(f"{CARD} === 61")
    assert browser.evaluate("document.getElementById('older').hidden")
    choose(browser, "kind", "truck")
    browser.wait_for(f"{CARD} === 1")
    choose(browser, "kind", "bicycle")
    browser.wait_for("!document.getElementById('no-events').hidden")
    assert "No events match" in browser.texts("#no-events")[0]


def test_an_empty_system_says_what_to_do(browser: Chromium, address: str, fakes: Fakes) -> None:
    fakes.cameras.remove_camera("north")
    browser.open(address)
    browser.wait_for("document.getElementById('no-cameras')?.hidden === false")
    assert "gtvision camera add" in browser.texts("#no-cameras")[0]


def test_it_speaks_portuguese(browser: Chromium, address: str, fakes: Fakes) -> None:
    save(fakes, 1)
    browser.open(address, language="pt-BR")
    browser.wait_for(f"{CARD} === 1")
    assert browser.texts("#list .what") == ["Carro · Entrou"]
    browser.evaluate("document.querySelector('[data-language=en]').click()")
    assert browser.texts("#list .what") == ["Car · Entered"]
    assert browser.evaluate("document.documentElement.lang") == "en"


def test_counts_of_today_are_a_table_for_each_line_and_direction(browser: Chromium, address: str, fakes: Fakes) -> None:
    now_s = time.time()
    bus = VehicleCount(Kind.BUS, Direction.FORWARD, 2)
    hour_s = interval_start_s(now_s, 3600.0, "America/Sao_Paulo")
    back = VehicleCount(Kind.CAR, Direction.BACKWARD, 1200)
    yesterday = a_count(0, start_s=interval_start_s(now_s, 86_400.0, "America/Sao_Paulo") - 900)
    fakes.counts.save_counts(
        [a_count(0, CARS, bus, start_s=hour_s), a_count(0, back, start_s=hour_s, part=2), yesterday]
    )
    browser.open(address)
    browser.wait_for("document.querySelectorAll('.camera').length === 1")
    browser.evaluate("document.getElementById('open-counts').click()")
    browser.wait_for("document.querySelectorAll('#counts caption').length === 2")
    assert browser.texts("#counts caption") == [
        "North <gate> · stop (flow) · backward",
        "North <gate> · stop (flow) · forward",
    ]
    assert browser.texts("#counts thead th") == ["Hour", "Car", "Total", "Hour", "Car", "Bus", "Total"]
    assert browser.texts("#counts tbody td") == ["1,200", "1,200", "3", "2", "5"]
    assert browser.texts("#counts tfoot td") == ["1,200", "1,200", "3", "2", "5"]
    browser.evaluate("document.querySelector('[data-language=pt-BR]').click()")
    assert browser.texts("#counts thead th")[:3] == ["Hora", "Carro", "Total"]
    assert browser.texts("#counts tbody td")[0] == "1.200"
    browser.evaluate("document.querySelector('[data-language=en]').click()")
    browser.press("Escape")
    browser.wait_for("!document.getElementById('counts').open")
    assert browser.complaints == []


def test_without_counts_the_page_says_how_to_count(browser: Chromium, address: str) -> None:
    browser.open(address)
    browser.wait_for("document.querySelectorAll('.camera').length === 1")
    browser.evaluate("document.getElementById('open-counts').click()")
    browser.wait_for("document.getElementById('no-counts').hidden === false")
    assert "--trigger flow=count:gate" in browser.texts("#no-counts")[0]


def test_both_languages_have_every_text(browser: Chromium, address: str) -> None:
    browser.open(address)
    browser.wait_for("document.readyState === 'complete'")
    missing = browser.evaluate(
        "import('/static/texts.js').then(({ TEXTS }) => Object.keys(TEXTS.en).concat(Object.keys(TEXTS['pt-BR']))"
        ".filter(key => !(key in TEXTS.en && key in TEXTS['pt-BR'])))"
    )
    assert missing == []


def test_a_lost_connection_is_shown_and_resumed(browser: Chromium, settings: Settings, fakes: Fakes) -> None:
    app = create_app(settings, fakes.services())
    with served(app) as url:
        browser.open(url)
        browser.wait_for("document.getElementById('link')?.dataset.state === 'live'")
    browser.wait_for("document.getElementById('link')?.dataset.state === 'reconnecting'")
    save(fakes, 7)
    with served(create_app(settings, fakes.services()), port=int(url.rpartition(":")[2])):
        browser.wait_for(f"{CARD} === 1", timeout_s=20)


def test_a_locked_system_asks_for_the_key(browser: Chromium, settings: Settings, fakes: Fakes) -> None:
    save(fakes, 1)
    values = settings.model_dump(exclude={"http"}) | {"http": {"key": KEY}}
    with served(create_app(settings_of(values), fakes.services())) as url:
        browser.open(url)
        browser.wait_for("document.getElementById('login')?.open")
        browser.evaluate(f"document.getElementById('key').value = {json.dumps(KEY + 'x')}")
        browser.evaluate("document.querySelector('#login-form button').click()")
        browser.wait_for("document.getElementById('login-wrong').textContent")
        browser.evaluate(f"document.getElementById('key').value = {json.dumps(KEY)}")
        browser.evaluate("document.querySelector('#login-form button').click()")
        browser.wait_for(f"{CARD} === 1")
        assert not browser.evaluate("document.getElementById('login')?.open")
        browser.open("about:blank")


HIT = Hit("stolen", "entry", "ABC1234", 1, "BO 12/2026", "alert")


def test_a_hit_stands_out_with_both_texts_and_the_reason(browser: Chromium, address: str, fakes: Fakes) -> None:
    changes = {"trigger_type": TriggerType.WATCHLIST, "trigger_id": "stolen", "plate": "ABC1C34"}
    save(fakes, 1, **changes, hit=HIT)
    save(fakes, 2, **changes, hit=replace(HIT, distance=0, is_withdrawn=True))
    save(fakes, 3)
    browser.open(address)
    browser.wait_for(f"{CARD} === 3")
    choose(browser, "type", "watchlist")
    browser.wait_for(f"{CARD} === 2")
    assert browser.texts("#list .what") == ["Car · On a list"] * 2
    assert browser.texts("#list .plate") == ["ABC1C34"] * 2
    assert browser.texts("#list .place") == [
        "withdrawn: read better since · ABC1234 on stolen · BO 12/2026",
        "ABC1234 on stolen · 1 look-alike differs · BO 12/2026",
    ]
    assert browser.texts("#list .alert .duration") == ["5 s"]
    browser.evaluate("document.querySelector('.event.alert').click()")
    browser.wait_for("document.getElementById('detail').open")
    assert "ListedABC1234 on stolen · 1 look-alike differs · BO 12/2026" in browser.texts("#detail-facts div")
    assert browser.complaints == []


HOLD_SEARCHES = """
(() => {
  const fetched = window.fetch;
  window.held = [];
  window.fetch = (path, options) => path.startsWith("/v1/plates?")
    ? new Promise((answer, fail) => held.push({ path, fail, go: () => fetched(path, options).then(answer, fail) }))
    : fetched(path, options);
})()
"""


def test_what_an_older_search_for_plates_comes_to_neither_doubles_rows_nor_speaks_over_a_newer_one(
    browser: Chromium, address: str, fakes: Fakes
) -> None:
    fakes.plates.save_plates([StoredPlate(a_plate(f"ABC1D{number}", number), None) for number in range(10, 70)])
    rows = "document.querySelectorAll('#plates-table tbody tr').length"
    browser.open(address)
    browser.wait_for("document.querySelectorAll('.camera').length === 1")
    browser.evaluate("document.getElementById('open-plates').click()")
    browser.write("#plate-search [name=plate]", "abc-1")
    browser.press("Enter")
    browser.wait_for(f"{rows} === 50")
    browser.evaluate(HOLD_SEARCHES)
    browser.evaluate("[1, 2].forEach(() => document.getElementById('more-plates').click())")
    assert browser.evaluate("held.length") == 1
    browser.evaluate("held.pop().go()")
    browser.wait_for(f"{rows} === 60")
    for text in ("ABC1D1", "ABC1D2"):
        browser.write("#plate-search [name=plate]", text)
        browser.press("Enter")
    browser.wait_for("held.length === 2")
    browser.evaluate("held[1].go()")
    browser.wait_for(f"{rows} === 10")
    browser.evaluate("held[0].fail(new TypeError('gone'))")
    assert browser.texts("#plates-say") == ["10 found, newest first"]
    assert not browser.evaluate("document.getElementById('more-plates').disabled")
    assert browser.complaints == []


def test_plates_are_searched_by_keyboard_and_lists_are_shown(browser: Chromium, address: str, fakes: Fakes) -> None:
    fakes.watchlists.add_watchlist(Watchlist("stolen", "Roubados", cameras=frozenset({"north"})))
    fakes.watchlists.save_entries("stolen", [Entry("stolen", "ABC1234")])
    fakes.plates.save_plates([StoredPlate(a_plate(f"ABC1D{number}", number), "s.jpg") for number in range(10, 70)])
    browser.open(address)
    browser.wait_for("document.querySelectorAll('.camera').length === 1")
    browser.evaluate("document.getElementById('open-plates').click()")
    browser.wait_for("document.querySelectorAll('#lists-table tbody tr').length === 1")
    assert browser.texts("#lists-table tbody :is(th, td)") == ["Roubados", "Alert", "1", "north"]
    assert browser.evaluate("document.activeElement.name") == "plate"
    browser.evaluate("document.activeElement.value = 'abc-1'")
    browser.evaluate("document.querySelector('#plate-search [name=reason]').value = 'BO 12'")
    browser.press("Enter")
    browser.wait_for("document.querySelectorAll('#plates-table tbody tr').length === 50")
    assert browser.texts("#plates-table tbody tr:first-child :is(th, td)")[:5:2] == ["ABC1D69", "North <gate>", "93%"]
    browser.evaluate("document.getElementById('more-plates').click()")
    browser.wait_for("document.querySelectorAll('#plates-table tbody tr').length === 60")
    assert browser.evaluate("document.getElementById('more-plates').hidden")
    recorded = [(one.what, one.why) for one in fakes.disclosures.disclosures(DisclosureFilter(), limit=9)[0]]
    search = ("GET /v1/plates?match=prefix&plate=abc-1", "BO 12")
    assert recorded == [search, search, ("GET /v1/events/stream?after=0", "")]
    browser.evaluate("document.querySelector('#plate-search [name=plate]').value = '???'")
    browser.press("Enter")
    browser.wait_for("document.getElementById('plates-say').textContent.includes('plate: write 1 to 12')")
    browser.press("Escape")
    browser.wait_for("!document.getElementById('plates').open")
