"""How long to wait before a stream is opened, or a broker is asked, again."""

import random

from gtvision.settings import Streams


def backoff_s(streams: Streams, failures: int) -> float:
    """Seconds: twice as many after each failure in a row, within the settings' bounds, and by chance down to half."""
    return doubled_s(streams.retry_min_s, streams.retry_max_s, failures)


def doubled_s(shortest_s: float, longest_s: float, failures: int) -> float:
    """Seconds: the shortest after one failure, twice as many after each more, and by chance down to half."""
    longest_s = min(shortest_s * 2.0 ** min(failures - 1, 16), longest_s)
    return longest_s * random.uniform(0.5, 1.0)  # noqa: S311 - it spreads load, it guards nothing
