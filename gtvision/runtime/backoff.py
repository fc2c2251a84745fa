"""How long to wait before a stream is opened again."""

import random

from gtvision.settings import Streams


def backoff_s(streams: Streams, failures: int) -> float:
    """Seconds: twice as many after each failure in a row, within the settings' bounds, and by chance down to half."""
    longest_s = min(streams.retry_min_s * 2.0 ** min(failures - 1, 16), streams.retry_max_s)
    return longest_s * random.uniform(0.5, 1.0)  # noqa: S311 - it spreads load, it guards nothing
