import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gtvision.pipeline.assignment import assign


def cheapest(cost: np.ndarray) -> tuple[int, float]:
    """How many pairs can be made, and what the cheapest of such choices costs: every choice is tried."""
    n, m = cost.shape
    for count in range(min(n, m), 0, -1):
        sums = [
            sum(cost[pair] for pair in zip(rows, columns, strict=True))
            for rows in itertools.combinations(range(n), count)
            for columns in itertools.permutations(range(m), count)
        ]
        if np.isfinite(min(sums)):
            return count, min(sums)
    return 0, 0.0


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 100_000), n=st.integers(0, 4), m=st.integers(0, 4))
def test_as_many_pairs_as_possible_are_made_and_the_cheapest_of_them(seed, n, m):
    rng = np.random.default_rng(seed)
    cost = rng.normal(0, 10, (n, m))
    cost[rng.random((n, m)) < 0.4] = np.inf
    pairs = assign(cost)
    count, total = cheapest(cost)
    assert len(pairs) == count
    assert np.isclose(sum(cost[pair] for pair in pairs), total)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == count


def test_the_far_pair_is_given_up_rather_than_two_near_ones():
    cost = np.array([[1.0, 2.0], [1.1, np.inf]])
    assert assign(cost) == [(0, 1), (1, 0)]
