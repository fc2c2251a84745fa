"""What our own queues beside a partner's queue are called. Nobody else declares them."""

RETRY_S = 5.0
"""How long a message waits that is tried again."""

WAITS_S = (1, 60, 3600)
"""How long a message stays in each of the queues for messages whose time comes later, in seconds."""


def dead_queue(queue: str) -> str:
    """Where messages lie that nobody could process."""
    return f"gtv.{queue}.dead"


def retry_queue(queue: str) -> str:
    """Where a message waits before it is tried again."""
    return f"gtv.{queue}.retry.{RETRY_S:g}s"


def wait_queues(queue: str) -> dict[str, int]:
    """The queues for messages whose time comes later, and how many seconds a message stays in each."""
    return {f"gtv.{queue}.wait.{wait_s}s": wait_s for wait_s in WAITS_S}


def wait_queue(queue: str, remaining_s: float) -> str:
    """Where a message waits next whose time comes in so many seconds: the longest wait that is not too long.

    It comes back after each of them and goes on by the next: every message of a queue waits as long there, so that none
    stands behind one that waits longer. Its last wait is a second, and it comes that much late at most.
    """
    wait_s = max((each for each in WAITS_S if each <= remaining_s), default=WAITS_S[0])
    return f"gtv.{queue}.wait.{wait_s}s"
