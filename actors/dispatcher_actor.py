"""The dispatcher as an actor.

Ray imports an actor's module wherever somebody asks for its handle, and every camera does: so Ray Serve, which takes
40 MB, is imported here only once the dispatcher itself begins.
"""

from typing import Any

import ray

from actors.calls import on_node
from actors.names import dispatcher_name
from gtvision.domain.detections import Detections
from gtvision.domain.stream import Sample
from gtvision.settings import DetectorSettings

_CALLS_AT_ONCE = 2000


class DispatcherActor:
    """An async actor; one a node."""

    def __init__(self, detector: DetectorSettings) -> None:
        """Nothing is under way."""
        from actors.dispatcher import Dispatcher

        self._dispatcher = Dispatcher(detector)

    async def detect(self, sample: Sample) -> Detections:
        """What `Dispatcher.detect` says."""
        return await self._dispatcher.detect(sample)


_Remote = ray.remote(DispatcherActor)


def start_dispatcher(node_id: str, detector: DetectorSettings) -> Any:
    """The dispatcher of that node, started there unless it runs already; Ray restarts it in place."""
    return _Remote.options(**on_node(node_id, dispatcher_name(node_id), _CALLS_AT_ONCE)).remote(detector)
