"""What every `PlateStore` must do; a test class of each adapter inherits these tests."""

from dataclasses import replace

import pytest
from plates import a_plate

from gtvision.domain.errors import BadInput, NotFound
from gtvision.domain.plate import VehiclePlate
from gtvision.domain.plate_query import PlateMatch, PlateQuery
from gtvision.ports import PlateFilter, PlateStore, StoredPlate

ANY = PlateFilter()
TEXTS = ("ABC1234", "ABC1C34", "ABC1D34", "QBC1C34", "OBC1C34", "XYZ9876", "AB123CD", "ABC12")

SEARCHES: tuple[tuple[PlateQuery, set[str]], ...] = (
    (PlateQuery("ABC1234"), {"ABC1234", "ABC1C34"}),
    (PlateQuery("abc-1c34"), {"ABC1234", "ABC1C34"}),
    (PlateQuery("AB123CD"), {"AB123CD"}),
    (PlateQuery("QQQ1A11"), set()),
    (PlateQuery("ABC", PlateMatch.PREFIX), {"ABC1234", "ABC1C34", "ABC1D34", "ABC12"}),
    (PlateQuery("ABC12", PlateMatch.PREFIX), {"ABC1234", "ABC1C34", "ABC12"}),
    (PlateQuery("ABC1C", PlateMatch.PREFIX), {"ABC1234", "ABC1C34"}),
    (PlateQuery("ABC1?34", PlateMatch.PATTERN), {"ABC1234", "ABC1C34", "ABC1D34"}),
    (PlateQuery("ABC1?3?", PlateMatch.PATTERN), {"ABC1234", "ABC1C34", "ABC1D34"}),
    (PlateQuery("*1234", PlateMatch.PATTERN), {"ABC1234", "ABC1C34", "QBC1C34", "OBC1C34"}),
    (PlateQuery("?BC1C34", PlateMatch.PATTERN), {"ABC1234", "ABC1C34", "QBC1C34", "OBC1C34"}),
    (PlateQuery("*34", PlateMatch.PATTERN), {"ABC1234", "ABC1C34", "ABC1D34", "QBC1C34", "OBC1C34"}),
    (PlateQuery("*23*", PlateMatch.PATTERN), {"ABC1234", "ABC1C34", "QBC1C34", "OBC1C34", "AB123CD"}),
    (PlateQuery("???12", PlateMatch.PATTERN), {"ABC12"}),
    (PlateQuery("*", PlateMatch.PATTERN), set(TEXTS)),
    (PlateQuery("QBC1234", PlateMatch.NEAR), {"QBC1C34", "OBC1C34"}),
    (PlateQuery("DBC1C34", PlateMatch.NEAR), {"QBC1C34", "OBC1C34"}),
    (PlateQuery("ABC1D34", PlateMatch.NEAR), {"ABC1D34"}),
)


def save_plates(store: PlateStore, *plates: VehiclePlate) -> None:
    store.save_plates([StoredPlate(seen) for seen in plates])


def found(store: PlateStore, wanted: PlateFilter) -> list[str]:
    return [stored.vehicle_plate.plate.text for stored in store.plates(wanted, limit=50)[0]]


class PlateStoreContract:
    """Inherit it with a fixture `plates`."""

    def test_a_plate_comes_back_as_it_was_saved(self, plates: PlateStore) -> None:
        seen = a_plate(event_ids=("first", "second"), epoch=3, revision=2)
        plates.save_plates([StoredPlate(seen, "a.jpg")])
        assert plates.plate(seen.id) == StoredPlate(seen, "a.jpg")

    def test_an_unknown_plate_is_not_found(self, plates: PlateStore) -> None:
        with pytest.raises(NotFound, match="ghost"):
            plates.plate("ghost")

    def test_only_a_newer_revision_changes_a_plate(self, plates: PlateStore) -> None:
        newer = a_plate("ABC1D23", revision=2)
        save_plates(plates, newer)
        save_plates(plates, a_plate("XYZ9A87", revision=1), a_plate("XYZ9A87", revision=2))
        assert plates.plate(newer.id).vehicle_plate == newer
        save_plates(plates, a_plate("ABC1D28", revision=3))
        assert plates.plate(newer.id).vehicle_plate.plate.text == "ABC1D28"

    def test_a_picture_stays_until_a_newer_revision_brings_another(self, plates: PlateStore) -> None:
        plates.save_plates([StoredPlate(a_plate(revision=1), "b.jpg"), StoredPlate(a_plate(), "a.jpg")])
        assert plates.plate(a_plate().id).crop_key == "b.jpg"
        save_plates(plates, a_plate(revision=2))
        assert plates.plate(a_plate().id).crop_key == "b.jpg"
        plates.save_plates([StoredPlate(a_plate(revision=3), "c.jpg")])
        assert plates.plate(a_plate().id).crop_key == "c.jpg"

    def test_a_picture_that_was_missing_is_filled_in_by_any_revision(self, plates: PlateStore) -> None:
        save_plates(plates, a_plate(revision=2))
        plates.save_plates([StoredPlate(a_plate(revision=1), "a.jpg")])
        assert plates.plate(a_plate().id) == StoredPlate(a_plate(revision=2), "a.jpg")

    def test_a_search_finds_both_plates_of_a_converted_vehicle(self, plates: PlateStore) -> None:
        save_plates(plates, *(a_plate(text, number) for number, text in enumerate(TEXTS)))
        for query, texts in SEARCHES:
            assert (query, set(found(plates, PlateFilter(query)))) == (query, texts)

    @pytest.mark.parametrize("match", list(PlateMatch))
    def test_a_search_keeps_to_camera_and_time(self, plates: PlateStore, match: PlateMatch) -> None:
        save_plates(plates, *(a_plate(number=number) for number in range(5)), a_plate(number=2, camera_id="south"))
        query = PlateQuery("ABC1D23", match)
        since_s, until_s = a_plate(number=1).time_s, a_plate(number=4).time_s
        wanted = PlateFilter(query, "north", since_s, until_s)
        tracks = [stored.vehicle_plate.track for stored in plates.plates(wanted, limit=9)[0]]
        assert tracks == [3, 2, 1]
        assert len(found(plates, PlateFilter(query, "south"))) == 1

    @pytest.mark.parametrize("match", [None, *PlateMatch])
    def test_pages_go_from_the_newest_to_the_oldest_without_gap_or_repetition(
        self, plates: PlateStore, match: PlateMatch | None
    ) -> None:
        twins = [a_plate(number=5, id=f"twin-{letter}") for letter in "abcd"]
        save_plates(plates, *(a_plate(number=number) for number in range(8)), *twins)
        wanted = PlateFilter(None if match is None else PlateQuery("ABC1D23", match))
        seen: list[VehiclePlate] = []
        cursor = None
        while True:
            page, cursor = plates.plates(wanted, limit=5, cursor=cursor)
            seen += [stored.vehicle_plate for stored in page]
            if cursor is None:
                break
        assert len(seen) == 12
        assert seen == sorted(seen, key=lambda plate: (plate.time_s, plate.id), reverse=True)

    @pytest.mark.parametrize("cursor", ["", "x", "ä", "bnVsbA==", "e30="])
    def test_a_cursor_from_elsewhere_is_bad_input(self, plates: PlateStore, cursor: str) -> None:
        with pytest.raises(BadInput, match="cursor"):
            plates.plates(ANY, limit=1, cursor=cursor)


class PlateDatabaseContract(PlateStoreContract):
    """What only a real database can show."""

    @pytest.mark.parametrize("limit", [-1, 0, 1001])
    def test_a_page_has_a_bounded_size(self, plates: PlateStore, limit: int) -> None:
        with pytest.raises(BadInput, match="1000"):
            plates.plates(ANY, limit=limit)

    def test_a_batch_with_a_value_the_store_refuses_is_refused_whole(self, plates: PlateStore) -> None:
        with pytest.raises(BadInput):
            save_plates(plates, a_plate(number=0), replace(a_plate(number=1), track=2**70))
        assert found(plates, ANY) == []

    def test_a_common_beginning_is_found_as_a_rare_one_is(self, plates: PlateStore) -> None:
        from gtvision.adapters.store.beginnings import RARE_ROWS

        many = [StoredPlate(a_plate(f"ABC{number % 10}D{number % 90 + 10}", number)) for number in range(RARE_ROWS + 1)]
        for start in range(0, len(many), 2000):
            plates.save_plates(many[start : start + 2000])
        for text, match in (("ABC", PlateMatch.PREFIX), ("ABC*", PlateMatch.PATTERN), ("ABC?D*", PlateMatch.PATTERN)):
            page, cursor = plates.plates(PlateFilter(PlateQuery(text, match)), limit=3)
            assert [stored.vehicle_plate.track for stored in page] == [RARE_ROWS, RARE_ROWS - 1, RARE_ROWS - 2]
            following, _ = plates.plates(PlateFilter(PlateQuery(text, match)), limit=1, cursor=cursor)
            assert following[0].vehicle_plate.track == RARE_ROWS - 3
