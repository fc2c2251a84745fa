"""Which pool of replicas gets the next sample.

Pools come in order of preference. One that gave no answer is in doubt: it rests for a while if another pool can do the
work, and then gets one sample at a time until it answers. A new pool is in doubt too, so that a GPU pool whose
machine never came costs one sample now and then, and not a batch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

P = TypeVar("P")


@dataclass(slots=True)
class _Pool:
    places: int
    running: int = 0
    is_trusted: bool = False
    rests_until_s: float = float("-inf")

    @property
    def has_place(self) -> bool:
        return self.running < (self.places if self.is_trusted else 1)


class Pools(Generic[P]):
    """The places of each pool, and whether it can be trusted to answer. Not thread-safe."""

    def __init__(self, places: Mapping[P, int], rest_s: float) -> None:
        """All places free.

        Args:
            places: Samples under way in each pool at most, the preferred pool first.
            rest_s: How long a pool that gave no answer is left alone.
        """
        self._pools = {name: _Pool(count) for name, count in places.items()}
        self._rest_s = rest_s

    def take(self, now_s: float) -> P | None:
        """The preferred pool with a free place, which is taken now; None when there is none.

        When all rest, the one that has rested longest is asked.
        """
        pools = sorted(self._pools.items(), key=lambda item: max(item[1].rests_until_s, now_s))
        is_anyone_awake = pools[0][1].rests_until_s <= now_s
        for name, pool in pools:
            if pool.has_place and not (is_anyone_awake and pool.rests_until_s > now_s):
                pool.running += 1
                return name
        return None

    def second(self, first: P, now_s: float, *, first_may_do: bool = False) -> P | None:
        """The pool for a second attempt: another that works, else `first` if it may do, else one that does not rest.

        None when no pool is worth a try.
        """
        others = {name: pool for name, pool in self._pools.items() if name != first}
        working = [name for name, pool in others.items() if pool.is_trusted]
        if not working and first_may_do:
            return first
        awake = [name for name, pool in others.items() if pool.rests_until_s <= now_s]
        return next(iter(working + awake), None)

    def take_anyway(self, name: P) -> None:
        """Takes a place for a second attempt, even if none is free."""
        self._pools[name].running += 1

    def give_back(self, name: P) -> None:
        """Frees a place."""
        self._pools[name].running -= 1

    def answered(self, name: P) -> None:
        """The pool works."""
        self._pools[name].is_trusted = True
        self._pools[name].rests_until_s = float("-inf")

    def failed(self, name: P, now_s: float) -> bool:
        """The pool gave no answer. Returns whether that is news."""
        is_news = self._pools[name].rests_until_s <= now_s
        self._pools[name].is_trusted = False
        self._pools[name].rests_until_s = now_s + self._rest_s
        return is_news
