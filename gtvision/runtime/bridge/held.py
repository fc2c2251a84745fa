"""A delivery while it is ours."""

from dataclasses import dataclass
from math import inf
from threading import Event as Flag

from gtvision.domain.message import WireMessage
from gtvision.domain.refusal import Refusal
from gtvision.domain.task import Task
from gtvision.ports import Delivery


@dataclass(slots=True, eq=False)
class Held:
    """A delivery from when it came until it is acknowledged, or its connection is lost.

    Attributes:
        delivery: What is acknowledged.
        gone: Set once its connection is lost: the broker delivers it again, to us or to somebody else.
        came_s: When it came, by the desk's clock.
        asked: What it asks for, or why it is refused; None before it was read.
        begun_s: When its turn came, by the same clock; infinite before.
        is_behind: Whether it makes room for others, behind one that takes long.
    """

    delivery: Delivery
    gone: Flag
    came_s: float
    asked: Task | Refusal | None = None
    begun_s: float = inf
    is_behind: bool = False

    @property
    def message(self) -> WireMessage:
        """As it came."""
        return self.delivery.message

    def is_ours_after(self, wait_s: float) -> bool:
        """Waits so long, and says whether it is still ours; returns at once when it is not any more."""
        return not self.gone.wait(wait_s)
