"""The dispatcher as an actor.

Ray imports an actor's module wherever somebody asks for its handle, and every camera does: so Ray Serve, which takes
40 MB, is imported here only once the dispatcher itself begins.
"""

from typing import Any

import ray

from actors.calls import on_node
from actors.names import dispatcher_name
from gtvision.domain.detections import Detections
from gtvision.domain.plate import Reading
from gtvision.domain.stream import PlatePicture, Sample
from gtvision.settings import DetectorSettings, PlateSettings

_CALLS_AT_ONCE = 2000


class DispatcherActor:
    """An async actor; one a node."""

    def __init__(self, detector: DetectorSettings, plates: PlateSettings) -> None:
        """Nothing is under way."""
        from actors.dispatcher import Dispatcher
        from actors.served_models import served_detector, served_plate_reader

        self._detector: Dispatcher[Detections] = Dispatcher(served_detector(detector))
        self._plate_reader: Dispatcher[tuple[Reading, ...]] = Dispatcher(served_plate_reader(plates))

    async def detect(self, sample: Sample) -> Detections:
        """What is in the picture. Raises `DetectorBusy` or `NotAPicture`, as `Dispatcher.ask` says."""
        return await self._detector.ask(sample, is_urgent=sample.is_burst)

    async def read_plate(self, picture: PlatePicture) -> tuple[Reading, ...]:
        """The plates in the picture. Raises `PlateReaderBusy` or `NotAPicture`, as `Dispatcher.ask` says."""
        return await self._plate_reader.ask(picture)


_Remote = ray.remote(DispatcherActor)


def start_dispatcher(node_id: str, detector: DetectorSettings, plates: PlateSettings) -> Any:
    """The dispatcher of that node, started there unless it runs already; Ray restarts it in place."""
    return _Remote.options(**on_node(node_id, dispatcher_name(node_id), _CALLS_AT_ONCE)).remote(detector, plates)
