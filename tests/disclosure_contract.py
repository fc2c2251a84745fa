"""What every `DisclosureLog` must do; a test class of each adapter inherits these tests."""

import pytest

from gtvision.domain.disclosure import LONGEST_REASON, Disclosure, new_disclosure
from gtvision.domain.errors import BadInput
from gtvision.ports import DisclosureFilter, DisclosureLog

ANY = DisclosureFilter()


def a_disclosure(time_s: float = 1000.0, why: str = "stolen car, report 12/2026") -> Disclosure:
    return new_disclosure(time_s, "key at 10.0.0.7", "GET /v1/plates?text=ABC1D23", why, 3)


def listed(log: DisclosureLog, wanted: DisclosureFilter = ANY) -> list[Disclosure]:
    found, following = log.disclosures(wanted, limit=100)
    assert following is None
    return found


class DisclosureLogContract:
    """Inherit it with a fixture `store`."""

    def test_a_disclosure_comes_back_as_it_was_recorded(self, store: DisclosureLog) -> None:
        longest = a_disclosure(why="ção" * (LONGEST_REASON // 3))
        store.add_disclosure(longest)
        assert listed(store) == [longest]

    def test_a_disclosure_recorded_twice_is_one(self, store: DisclosureLog) -> None:
        once = a_disclosure()
        store.add_disclosure(once)
        store.add_disclosure(once)
        assert listed(store) == [once]

    def test_pages_hold_every_disclosure_once_the_newest_first(self, store: DisclosureLog) -> None:
        recorded = [a_disclosure(time_s) for time_s in (5.0, 5.0, 7.0, 1.0, 5.0)]
        for one in recorded:
            store.add_disclosure(one)
        seen: list[Disclosure] = []
        cursor: str | None = None
        while True:
            page, cursor = store.disclosures(ANY, limit=2, cursor=cursor)
            seen += page
            if cursor is None:
                break
        assert [one.time_s for one in seen] == [7.0, 5.0, 5.0, 5.0, 1.0]
        assert {one.id for one in seen} == {one.id for one in recorded}

    def test_a_time_asked_for_begins_with_its_first_moment_and_ends_before_its_last(self, store: DisclosureLog) -> None:
        for time_s in (1.0, 2.0, 3.0):
            store.add_disclosure(a_disclosure(time_s))
        assert [one.time_s for one in listed(store, DisclosureFilter(since_s=2.0))] == [3.0, 2.0]
        assert [one.time_s for one in listed(store, DisclosureFilter(until_s=2.0))] == [1.0]

    def test_a_cursor_of_another_list_is_refused(self, store: DisclosureLog) -> None:
        with pytest.raises(BadInput, match="cursor"):
            store.disclosures(ANY, limit=2, cursor="bm9uc2Vuc2U=")
