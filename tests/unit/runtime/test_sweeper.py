from collections.abc import Iterable, Iterator
from itertools import count

import pytest

from gtvision.domain import metrics as m
from gtvision.domain.errors import StoreUnavailable
from gtvision.domain.retention import Holding, Keepable, Swept
from gtvision.pipeline.retention import DAY_S
from gtvision.runtime.sweeper import Sweeper
from gtvision.settings import Retention
from gtvision.testing import FakeMediaStore, FakeMetrics, FakeRetentionStore

NOW_S = 1_000 * DAY_S
ONLY_CLIPS = Retention(
    clips_days=10,
    snapshots_days=None,
    plates_days=None,
    events_days=None,
    disclosures_days=None,
    receipts_days=None,
)


class AwayAfter(FakeMediaStore):
    """A media store that goes away after so many removals."""

    def __init__(self, removals: int) -> None:
        super().__init__()
        self.removals = removals

    def remove(self, keys: Iterable[str]) -> None:
        for key in keys:
            if self.removals == 0:
                raise StoreUnavailable("away")
            self.removals -= 1
            super().remove([key])


class AwayOnce(FakeRetentionStore):
    """A store that goes away after the media are gone and before their rows are, once."""

    is_away = True

    def forget(self, due: object) -> None:
        if self.is_away:
            self.is_away = False
            raise StoreUnavailable("away")
        super().forget(due)  # type: ignore[arg-type]


def filled(store: FakeRetentionStore, media: FakeMediaStore, ages_days: Iterable[float]) -> None:
    """A clip of each age."""
    for number, age in enumerate(ages_days):
        start_s = NOW_S - age * DAY_S
        store.kept[Keepable.CLIPS][f"e{number}"] = (start_s, start_s, (f"{number}.mp4",))
        media.put(f"{number}.mp4", b"clip")


def a_sweeper(
    store: FakeRetentionStore, media: FakeMediaStore, metrics: FakeMetrics | None = None, step_s: float = 0.0
) -> Sweeper:
    """One whose clock goes on by so much at each look."""
    ticks: Iterator[int] = count()
    return Sweeper(ONLY_CLIPS, store, media, metrics or FakeMetrics(), lambda: NOW_S + step_s * next(ticks))


def test_what_was_kept_long_enough_goes_with_its_media_and_the_rest_stays() -> None:
    store, media, metrics = FakeRetentionStore(), FakeMediaStore(), FakeMetrics()
    filled(store, media, [20, 11, 9, 0])
    assert a_sweeper(store, media, metrics).sweep(60) == [Swept(Keepable.CLIPS, 2, is_finished=True)]
    assert (set(store.kept[Keepable.CLIPS]), set(media.content)) == ({"e2", "e3"}, {"2.mp4", "3.mp4"})
    assert metrics.value(m.RETENTION_REMOVED, kind="clips") == 2
    assert metrics.value(m.RETENTION_OLDEST_S, kind="clips") == 9 * DAY_S
    assert metrics.value(m.RETENTION_SWEPT_S) == NOW_S


def test_saying_what_is_due_removes_nothing() -> None:
    store, media = FakeRetentionStore(), FakeMediaStore()
    filled(store, media, [20, 9])
    held = {one.kind: one for one in a_sweeper(store, media).holdings()}
    assert held[Keepable.CLIPS] == Holding(Keepable.CLIPS, 10, NOW_S - 20 * DAY_S, 1)
    assert held[Keepable.EVENTS] == Holding(Keepable.EVENTS, None, None, 0)
    assert (len(held), len(media.content), len(store.kept[Keepable.CLIPS])) == (len(Keepable), 2, 2)


def test_a_sweep_ends_when_its_time_is_over_and_the_next_goes_on() -> None:
    store, media, metrics = FakeRetentionStore(), FakeMediaStore(), FakeMetrics()
    filled(store, media, [20] * 450)
    sweeper = a_sweeper(store, media, metrics, step_s=1.0)
    assert sweeper.sweep(1.5) == [Swept(Keepable.CLIPS, 400, is_finished=False)]
    assert metrics.value(m.RETENTION_SWEPT_S) == 0, "it is not finished"
    assert sweeper.sweep(1.5) == [Swept(Keepable.CLIPS, 50, is_finished=True)]
    assert media.content == {}


def test_media_that_cannot_go_keep_their_rows() -> None:
    store, media, metrics = FakeRetentionStore(), AwayAfter(1), FakeMetrics()
    filled(store, media, [20, 20])
    with pytest.raises(StoreUnavailable):
        a_sweeper(store, media, metrics).sweep(60)
    named = {key for _, _, keys in store.kept[Keepable.CLIPS].values() for key in keys}
    assert set(media.content) <= named, "no row knows of it"
    assert metrics.value(m.STORE_FAILURES, store="media") == 1


def test_rows_left_behind_without_their_media_go_next_time() -> None:
    store, media = AwayOnce(), FakeMediaStore()
    filled(store, media, [20])
    sweeper = a_sweeper(store, media)
    with pytest.raises(StoreUnavailable):
        sweeper.sweep(60)
    assert (media.content, len(store.kept[Keepable.CLIPS])) == ({}, 1)
    assert sweeper.sweep(60) == [Swept(Keepable.CLIPS, 1, is_finished=True)]


def test_a_kind_whose_media_cannot_go_holds_up_no_other() -> None:
    store, media, metrics = FakeRetentionStore(), AwayAfter(0), FakeMetrics()
    filled(store, media, [400])
    old_s = NOW_S - 4_000 * DAY_S
    for kind in (Keepable.EVENTS, Keepable.DISCLOSURES):
        store.kept[kind]["old"] = (old_s, old_s, ())
    with pytest.raises(StoreUnavailable):
        Sweeper(Retention(), store, media, metrics, lambda: NOW_S).sweep(60)
    assert {kind.value: len(kept) for kind, kept in store.kept.items() if kept} == {"clips": 1}
    assert metrics.value(m.RETENTION_REMOVED, kind="disclosures") == 1
    assert metrics.value(m.RETENTION_OLDEST_S, kind="clips") == 400 * DAY_S
    assert metrics.value(m.RETENTION_SWEPT_S) == 0, "it is not finished"


def test_after_a_failure_no_kind_is_begun_once_the_time_is_over() -> None:
    store, media = FakeRetentionStore(), AwayAfter(0)
    filled(store, media, [400])
    store.kept[Keepable.DISCLOSURES]["old"] = (0.0, 0.0, ())
    ticks: Iterator[int] = count()
    with pytest.raises(StoreUnavailable):
        Sweeper(Retention(), store, media, FakeMetrics(), lambda: NOW_S + 10.0 * next(ticks)).sweep(5)
    assert len(store.kept[Keepable.DISCLOSURES]) == 1


def test_a_large_heap_of_one_kind_leaves_the_others_their_share_of_the_time() -> None:
    store, media = FakeRetentionStore(), FakeMediaStore()
    old_s = NOW_S - 4_000 * DAY_S
    for kind in Keepable:
        store.kept[kind] = {f"{number}": (old_s, old_s, ()) for number in range(2_000)}
    ticks: Iterator[int] = count()
    kinds = {"clips": 1, "snapshots": 1, "plates": 1, "events": 1, "disclosures": 1, "receipts": 1}
    retention = Retention(**{f"{kind}_days": days for kind, days in kinds.items()}, counts_days=None)
    swept = Sweeper(retention, store, media, FakeMetrics(), lambda: NOW_S + next(ticks)).sweep(20)
    removed = {one.kind.value: one.removed for one in swept}
    assert removed.keys() == kinds.keys()
    assert max(removed.values()) <= 200 + min(removed.values())
