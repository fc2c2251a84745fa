"""Fakes of the ports of privacy: who was shown what, and what is kept for how long."""

from collections import defaultdict
from dataclasses import dataclass, field

from gtvision.domain.disclosure import Disclosure
from gtvision.domain.errors import BadInput, StoreUnavailable
from gtvision.domain.retention import Holding, Keepable, Swept
from gtvision.ports import DisclosureFilter, Due


class FakeDisclosureLog:
    """Disclosures in memory; the cursor is the number of those that came before. It refuses the first so many."""

    def __init__(self, refusals: int = 0) -> None:
        self._logged: dict[str, Disclosure] = {}
        self.refusals = refusals

    def add_disclosure(self, disclosure: Disclosure) -> None:
        """Keeps it."""
        if self.refusals > 0:
            self.refusals -= 1
            raise StoreUnavailable("the log does not answer")
        self._logged.setdefault(disclosure.id, disclosure)

    def disclosures(
        self, wanted: DisclosureFilter, *, limit: int, cursor: str | None = None
    ) -> tuple[list[Disclosure], str | None]:
        """The newest first, and the cursor of the next page. Raises `BadInput` on a bad cursor."""
        if cursor is not None and not cursor.isdecimal():
            raise BadInput("that cursor is not one of this list; begin without a cursor")
        start = int(cursor or 0)
        newest_first = sorted(self._logged.values(), key=lambda one: (one.time_s, one.id), reverse=True)
        matching = [
            one
            for one in newest_first
            if (wanted.since_s is None or one.time_s >= wanted.since_s)
            and (wanted.until_s is None or one.time_s < wanted.until_s)
        ]
        return matching[start : start + limit], str(start + limit) if len(matching) > start + limit else None


class FakeRetentionStore:
    """`RetentionStore` of things that have an id, a begin, an end or None, and media keys."""

    def __init__(self) -> None:
        self.kept: defaultdict[Keepable, dict[str, tuple[float, float | None, tuple[str, ...]]]] = defaultdict(dict)

    def oldest_s(self, kind: Keepable) -> float | None:
        """The beginning of the oldest."""
        return min((start_s for start_s, _, _ in self.kept[kind].values()), default=None)

    def count_due(self, kind: Keepable, before_s: float, *, most: int) -> int:
        """How many ended before that time; `most` when there are more."""
        return min(most, len(self._due(kind, before_s)))

    def due(self, kind: Keepable, before_s: float, *, limit: int) -> Due | None:
        """Some of those that ended before that time, the oldest first; None when there are no more."""
        ids = self._due(kind, before_s)[:limit]
        keys = tuple(key for each in ids for key in self.kept[kind][each][2])
        return Due(kind, "", tuple(ids), keys) if ids else None

    def forget(self, due: Due) -> None:
        """Removes them."""
        for each in due.ids:
            self.kept[due.kind].pop(each, None)

    def _due(self, kind: Keepable, before_s: float) -> list[str]:
        ended = {each: what for each, what in self.kept[kind].items() if what[1] is not None and what[1] < before_s}
        return sorted(ended, key=lambda each: ended[each][0])


@dataclass(slots=True)
class FakeRetainer:
    """`Retainer` that says what it was given, and remembers how often it was asked to sweep."""

    held: list[Holding] = field(default_factory=list)
    swept: list[Swept] = field(default_factory=list)
    sweeps: int = 0

    def holdings(self) -> list[Holding]:
        """What it was given."""
        return self.held

    def sweep(self, budget_s: float) -> list[Swept]:  # noqa: ARG002
        """What it was given."""
        self.sweeps += 1
        return self.swept
