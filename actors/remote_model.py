"""A model as another actor sees it: the dispatcher of its node. Imports nothing of Ray Serve."""

from typing import Any

from ray.exceptions import RayTaskError

from actors.calls import actor, answer
from actors.names import dispatcher_name
from gtvision.domain.errors import TryLater
from gtvision.domain.stream import PlatePicture, Sample

_ON_THE_WAY_S = 2.0


class RemoteModel:
    """What a node's dispatcher says of pictures, asked from any thread, which waits for the answer."""

    def __init__(self, node_id: str, method: str, timeout_s: float, busy: type[TryLater]) -> None:
        """Looks for the dispatcher at the first call.

        Args:
            node_id: The node whose dispatcher answers.
            method: The dispatcher's method that takes a picture.
            timeout_s: Within which it answers.
            busy: What is raised when nobody answered.
        """
        self._name = dispatcher_name(node_id)
        self._method = method
        self._timeout_s = timeout_s + _ON_THE_WAY_S
        self._busy = busy
        self._dispatcher: Any = None

    def ask(self, picture: Sample | PlatePicture) -> Any:
        """What the dispatcher's method returned. Raises `TryLater` of the kind `busy`, or the method's other errors."""
        try:
            dispatcher = self._dispatcher
            if dispatcher is None:
                dispatcher = self._dispatcher = actor(self._name)
            return answer(getattr(dispatcher, self._method).remote(picture), self._timeout_s)
        except TryLater as exc:
            if isinstance(exc, self._busy):
                raise
            self._dispatcher = None
            raise self._busy(f"the dispatcher: {exc}") from exc
        except RayTaskError as exc:
            raise self._busy("the dispatcher failed") from exc
