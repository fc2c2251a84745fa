"""Receipts for tests."""

from gtvision.domain.receipt import Receipt


def a_receipt(number: int = 0, camera_id: str = "north", done_s: float | None = None) -> Receipt:
    """Number `number`, a second after the one before."""
    return Receipt(f"message-{number}", camera_id, 1000.0 + number if done_s is None else done_s)
