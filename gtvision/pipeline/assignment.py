"""The cheapest pairing of rows with columns."""

import numpy as np
from numpy.typing import NDArray


def assign(cost: NDArray[np.float64]) -> list[tuple[int, int]]:
    """The pairs `(row, column)` of the cheapest assignment, by row; pairs that cost `inf` are left out.

    As many allowed pairs as possible are made, and of those the cheapest.

    Args:
        cost: Shape `(n, m)`; `inf` forbids a pair.

    Source: shortest augmenting paths, R. Jonker and A. Volgenant, Computing 38 (1987).
    """
    n, m = cost.shape
    if n == 0 or m == 0:
        return []
    if n > m:
        return sorted((row, column) for column, row in assign(cost.T))
    allowed = np.isfinite(cost)
    if not allowed.any():
        return []
    forbidden = cost[allowed].max() + (np.ptp(cost[allowed]) + 1.0) * n
    row_of = _solve(np.where(allowed, cost, forbidden))
    return sorted((int(row), column) for column, row in enumerate(row_of) if row >= 0 and allowed[row, column])


def _solve(cost: NDArray[np.float64]) -> NDArray[np.intp]:
    """The row of each column, -1 for columns left over; `cost` is finite and no higher than wide."""
    n, m = cost.shape
    row_price, column_price = np.zeros(n), np.zeros(m + 1)
    row_of = np.full(m + 1, -1, dtype=np.intp)  # the last column is where each search begins
    for row in range(n):
        row_of[m] = row
        column, came_from = m, np.full(m, m, dtype=np.intp)
        shortest, done = np.full(m, np.inf), np.zeros(m + 1, dtype=np.bool_)
        while row_of[column] >= 0:
            done[column] = True
            here = row_of[column]
            reduced = cost[here] - row_price[here] - column_price[:m]
            closer = ~done[:m] & (reduced < shortest)
            shortest[closer], came_from[closer] = reduced[closer], column
            best = int(np.argmin(np.where(done[:m], np.inf, shortest)))
            step = shortest[best]
            row_price[row_of[done]] += step
            column_price[done] -= step
            shortest[~done[:m]] -= step
            column = best
        while column != m:
            row_of[column] = row_of[came_from[column]]
            column = int(came_from[column])
    return row_of[:m]
