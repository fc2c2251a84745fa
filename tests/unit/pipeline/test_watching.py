import random
from dataclasses import replace

import pytest
from plates import a_plate, plate_of

from gtvision.domain.event import Event
from gtvision.domain.plate import Plate, PlateFormat
from gtvision.domain.plate_match import LOOK_ALIKES
from gtvision.domain.plate_query import PlateMatch, PlateQuery, is_brazilian
from gtvision.domain.trigger import TriggerType
from gtvision.domain.watchlist import Entry, WatchAction, Watchlist
from gtvision.pipeline.watching import WatchlistIndex, hit_events

STOLEN = Watchlist("stolen")
LETTERS, DIGITS = "ABCDIOQSZ", "0125"
NOBODY: frozenset[str] = frozenset()


def a_text(random_: random.Random) -> str:
    """Few texts, so that many agree: old, Mercosul, and now and then another."""
    shape = random_.choice(("LLLDDDD", "LLLDLDD", "LLLDLDD", "LLDDDLL"))
    return "".join(random_.choice(LETTERS[:4] if char == "L" else DIGITS[:3]) for char in shape)


def misread(text: str, random_: random.Random) -> str:
    """The text with some characters replaced by ones that look alike."""
    chars = list(text)
    for place in random_.sample(range(len(text)), random_.randrange(3)):
        chars[place] = random_.choice(next((group for group in LOOK_ALIKES if chars[place] in group), chars[place]))
    return "".join(chars)


def an_entry(random_: random.Random) -> Entry:
    match = random_.choice((PlateMatch.EXACT, PlateMatch.NEAR, PlateMatch.PATTERN))
    text = misread(a_text(random_), random_)
    if match is PlateMatch.PATTERN:
        chars = [random_.choice((char, char, "?", "*")) for char in text]
        text = "".join(chars) if sum(char not in "*?" for char in chars) > 1 else f"*{text[2:5]}*"
    elif match is PlateMatch.NEAR and not is_brazilian(text):
        match = PlateMatch.EXACT
    return Entry("stolen", text, match)


@pytest.mark.parametrize("seed", range(30))
def test_the_index_finds_what_trying_every_entry_finds(seed: int) -> None:
    random_ = random.Random(seed)
    entries = {entry.id: entry for entry in (an_entry(random_) for _ in range(60))}
    index = WatchlistIndex(STOLEN, entries.values())
    for _ in range(60):
        plate = plate_of(misread(a_text(random_), random_))
        tried = {
            entry.id: distance
            for entry in entries.values()
            if (distance := PlateQuery(entry.text, entry.match).distance(plate.text, plate.format)) is not None
        }
        found = [(entry.id, distance) for entry, distance in index.matches(plate)]
        assert dict(found) == tried
        assert len(found) == len(tried)


def test_the_property_above_meets_hits_of_every_kind() -> None:
    hits = set()
    for seed in range(30):
        random_ = random.Random(seed)
        index = WatchlistIndex(STOLEN, (an_entry(random_) for _ in range(60)))
        plates = [plate_of(misread(a_text(random_), random_)) for _ in range(60)]
        hits |= {(entry.match, distance) for plate in plates for entry, distance in index.matches(plate)}
    assert {(PlateMatch.EXACT, 0), (PlateMatch.PATTERN, 0), (PlateMatch.NEAR, 0), (PlateMatch.NEAR, 1)} == hits


@pytest.mark.parametrize(
    ("listed", "match", "read", "distance"),
    [
        ("ABC1234", PlateMatch.EXACT, "ABC1C34", 0),
        ("ABC1C34", PlateMatch.EXACT, "ABC1234", 0),
        ("ABC1D34", PlateMatch.EXACT, "ABC1C34", None),
        ("ABC12", PlateMatch.EXACT, "ABC12", 0),
        ("OBC1234", PlateMatch.NEAR, "DBC1C34", 1),
        ("OBC1234", PlateMatch.NEAR, "DBC1034", None),
        ("OOC1234", PlateMatch.NEAR, "DDC1C34", None),
        ("ABC1*4", PlateMatch.PATTERN, "ABC1234", 0),
        ("AB*", PlateMatch.PATTERN, "AB123CD", 0),
    ],
)
def test_an_entry_agrees_with_both_plates_of_a_vehicle(
    listed: str, match: PlateMatch, read: str, distance: int | None
) -> None:
    index = WatchlistIndex(STOLEN, [Entry("stolen", listed, match)])
    assert [found for _, found in index.matches(plate_of(read))] == ([] if distance is None else [distance])


def test_no_foreign_plate_is_near_a_listed_one() -> None:
    index = WatchlistIndex(STOLEN, [Entry("stolen", "ABC1D23", PlateMatch.NEAR)])
    assert list(index.matches(Plate("ABC1D23", PlateFormat.OTHER, 0.9))) == []
    assert len(list(index.matches(Plate("ABC1D23", PlateFormat.MERCOSUL, 0.9)))) == 1


def hit_of(events: list[Event]) -> Event:
    (event,) = events
    assert event.hit is not None
    return event


def test_a_hit_shows_the_plate_itself_and_says_where_it_was() -> None:
    index = WatchlistIndex(replace(STOLEN, action=WatchAction.LOG), [Entry("stolen", "ABC1D23", reason="BO 12")])
    seen = a_plate()
    event = hit_of(hit_events(seen, NOBODY, {"stolen": index}, []))
    assert (event.trigger_type, event.trigger_id, event.camera_id) == (TriggerType.WATCHLIST, "stolen", "north")
    assert (event.best_box, event.box, event.is_open) == ((0.0, 0.0, 1.0, 1.0), seen.box, False)
    assert event.hit is not None
    assert (event.hit.action, event.hit.reason) == ("log", "BO 12")


def test_what_has_not_changed_is_not_told_again() -> None:
    lists = {"stolen": WatchlistIndex(STOLEN, [Entry("stolen", "ABC1D23")])}
    known = hit_events(a_plate(), NOBODY, lists, [])
    assert hit_events(a_plate(revision=1), NOBODY, lists, known) == []


def test_a_hit_of_an_entry_that_is_gone_stays_as_it_is() -> None:
    known = hit_events(a_plate(), NOBODY, {"stolen": WatchlistIndex(STOLEN, [Entry("stolen", "ABC1D23")])}, [])
    better = a_plate("XYZ9A87", revision=1)
    assert hit_events(better, NOBODY, {"stolen": WatchlistIndex(STOLEN, [])}, known) == []
    assert hit_events(better, NOBODY, {}, known) == []


def test_a_hit_outlives_the_validity_of_its_entry() -> None:
    lists = {"stolen": WatchlistIndex(STOLEN, [Entry("stolen", "ABC1D23", valid_to_s=a_plate(number=1).time_s)])}
    known = hit_events(a_plate(), NOBODY, lists, [])
    later = a_plate(revision=1, time_s=a_plate(number=1).time_s)
    event = hit_of(hit_events(later, NOBODY, lists, known))
    assert event.hit is not None
    assert not event.hit.is_withdrawn


@pytest.mark.parametrize(
    ("watchlist", "camera_id", "groups", "is_for_it"),
    [
        (STOLEN, "north", (), True),
        (replace(STOLEN, cameras=frozenset({"north"})), "north", (), True),
        (replace(STOLEN, cameras=frozenset({"north"})), "south", (), False),
        (replace(STOLEN, groups=frozenset({"Centro"})), "south", ("Centro",), True),
        (replace(STOLEN, groups=frozenset({"Centro"})), "south", ("Norte",), False),
        (replace(STOLEN, cameras=frozenset({"north"}), groups=frozenset({"Centro"})), "south", ("Centro",), True),
    ],
)
def test_a_list_is_for_its_cameras_and_groups_or_for_all(
    watchlist: Watchlist, camera_id: str, groups: tuple[str, ...], is_for_it: bool
) -> None:
    lists = {"stolen": WatchlistIndex(watchlist, [Entry("stolen", "ABC1D23")])}
    found = hit_events(a_plate(camera_id=camera_id), frozenset(groups), lists, [])
    assert bool(found) == is_for_it
