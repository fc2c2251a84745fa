"""The sweeper: removes what has been kept long enough, kind by kind, in small batches.

Media go before the rows that name them. Killed in between, a row still names what is gone, which reads as missing, and
the next sweep takes the row: nothing lies in the media store that no row knows of.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gtvision.domain import metrics as m
from gtvision.domain.errors import StoreUnavailable
from gtvision.domain.retention import MOST_COUNTED, Holding, Keepable, Swept
from gtvision.pipeline.retention import due_before_s
from gtvision.ports import MediaStore, Metrics, RetentionStore
from gtvision.settings import Retention

_BATCH = 200

Clock = Callable[[], float]


class Sweeper:
    """`Retainer` over one database and its media store."""

    def __init__(
        self, retention: Retention, store: RetentionStore, media: MediaStore, metrics: Metrics, now: Clock = time.time
    ) -> None:
        """`now` is in Unix seconds."""
        self._retention = retention
        self._store = store
        self._media = media
        self._metrics = metrics
        self._now = now

    def holdings(self) -> list[Holding]:
        """What is kept of each kind and what of it is due; nothing is changed."""
        due = due_before_s(self._retention, self._now())
        return [
            Holding(
                kind,
                self._retention.days(kind),
                self._store.oldest_s(kind),
                self._store.count_due(kind, due[kind], most=MOST_COUNTED) if kind in due else 0,
            )
            for kind in Keepable
        ]

    def sweep(self, budget_s: float) -> list[Swept]:
        """What was removed of each kind; at least one batch of each that has some.

        Each kind has an equal share of that time, and what those before it left of theirs: the sweep ends within it and
        a batch of each kind. A kind whose media or rows cannot go holds up no other, while there is time.

        Raises:
            StoreUnavailable: For one kind at least the database or the media store does not answer; what was removed
                of it until then is, and so is what could be of the others.
        """
        now_s = self._now()
        due = due_before_s(self._retention, now_s)
        swept: list[Swept] = []
        failures: list[StoreUnavailable] = []
        for number, (kind, before_s) in enumerate(due.items(), start=1):
            if failures and self._now() > now_s + budget_s:
                break
            try:
                swept.append(self._sweep(kind, before_s, now_s + budget_s * number / len(due)))
            except StoreUnavailable as exc:
                failures.append(exc)
        self._tell_ages(now_s)
        if failures:
            raise failures[0]
        if all(one.is_finished for one in swept):
            self._metrics.set(m.RETENTION_SWEPT_S, now_s)
        return swept

    def _tell_ages(self, now_s: float) -> None:
        for kind in Keepable:
            oldest_s = self._store.oldest_s(kind)
            self._metrics.set(m.RETENTION_OLDEST_S, 0.0 if oldest_s is None else now_s - oldest_s, kind=kind.value)

    def _sweep(self, kind: Keepable, before_s: float, deadline_s: float) -> Swept:
        removed = 0
        while True:
            with self._failures_counted("database"):
                batch = self._store.due(kind, before_s, limit=_BATCH)
            if batch is None:
                return Swept(kind, removed, is_finished=True)
            with self._failures_counted("media"):
                self._media.remove(batch.media_keys)
            with self._failures_counted("database"):
                self._store.forget(batch)
            removed += len(batch.ids)
            self._metrics.add(m.RETENTION_REMOVED, len(batch.ids), kind=kind.value)
            if self._now() > deadline_s:
                return Swept(kind, removed, is_finished=False)

    @contextmanager
    def _failures_counted(self, store: str) -> Iterator[None]:
        try:
            yield
        except StoreUnavailable:
            self._metrics.add(m.STORE_FAILURES, store=store)
            raise
