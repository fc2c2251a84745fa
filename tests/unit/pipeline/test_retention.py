from gtvision.domain.retention import Keepable
from gtvision.pipeline.retention import DAY_S, due_before_s, has_expired
from gtvision.settings import Retention

NOW_S = 1_000 * DAY_S


def test_each_kind_is_due_after_its_own_days_and_what_is_kept_for_ever_never_is() -> None:
    retention = Retention(
        clips_days=1, snapshots_days=2, plates_days=3, events_days=None, disclosures_days=None, receipts_days=None
    )
    assert due_before_s(retention, NOW_S) == {
        Keepable.CLIPS: NOW_S - DAY_S,
        Keepable.SNAPSHOTS: NOW_S - 2 * DAY_S,
        Keepable.PLATES: NOW_S - 3 * DAY_S,
    }


def test_what_goes_on_has_not_expired() -> None:
    retention = Retention(clips_days=1, events_days=None)
    assert has_expired(retention, Keepable.CLIPS, NOW_S - DAY_S - 1, NOW_S)
    assert not has_expired(retention, Keepable.CLIPS, NOW_S - DAY_S, NOW_S)
    assert not has_expired(retention, Keepable.CLIPS, None, NOW_S)
    assert not has_expired(retention, Keepable.EVENTS, 0.0, NOW_S)
