"""What a desk has done, and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from gtvision.domain.task import Task
from gtvision.runtime.bridge.held import Held


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a task.

    Attributes:
        result: For whoever waits for a reply: plain values.
        is_repeated: It was done before, and caused nothing now.
    """

    result: Mapping[str, Any] = field(default_factory=dict)
    is_repeated: bool = False


class Work(Protocol):
    """Does what the tasks of a queue ask for."""

    def line(self, task: Task) -> str:
        """In which line the task stands; those of one line are done one after the other, in the order they came."""
        ...

    def do(self, task: Task, held: Held) -> Done:
        """Returns once what the task caused would survive a power cut. Raises `BadInput` or `TryLater`.

        Args:
            task: What is to be done.
            held: The delivery that asks for it; once it is gone nobody waits for the answer.
        """
        ...
