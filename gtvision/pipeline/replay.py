"""What a camera's logged samples would have been with other zones, lines and triggers."""

from collections.abc import Iterable

from gtvision.domain.camera import Camera
from gtvision.domain.event import Event
from gtvision.pipeline.camera import CameraCore
from gtvision.pipeline.sample_log import LoggedSample


def replayed(camera: Camera, samples: Iterable[LoggedSample]) -> list[Event]:
    """The events of the samples that the detector has seen, each at its newest revision, by start.

    Whether a sample passed stays as it was: another zone would have let others pass, and there is nothing to know of
    what nobody has looked at. What goes on at the end stays open.

    Args:
        camera: What would have been watched.
        samples: In order of time.
    """
    core = CameraCore(camera)
    newest: dict[str, Event] = {}
    for sample in samples:
        detections = sample.detections
        changed = core.tick(sample.time_s) if detections is None else core.detected(sample.time_s, detections)
        newest |= {event.id: event for event in changed}
    return sorted(newest.values(), key=lambda event: (event.start_s, event.id))
