"""The models in Ray Serve as a dispatcher asks them: which pools, what for, and within which bounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gtvision.domain.errors import DetectorBusy, PlateReaderBusy, TryLater
from gtvision.domain.metrics import (
    DETECT_SECONDS,
    DISPATCH_DROPPED,
    DISPATCH_RETRIES,
    DISPATCH_WAITING,
    PLATE_DROPPED,
    PLATE_RETRIES,
    PLATE_SECONDS,
    PLATE_WAITING,
    Metric,
)
from gtvision.settings import DetectorSettings, PlateSettings

_PLATES_A_CAMERA = 8  # several vehicles at once, a few pictures of each


class Pool(StrEnum):
    """A pool of detector replicas, named as in metrics."""

    GPU = "gpu"
    CPU = "cpu"

    @property
    def deployment(self) -> str:
        """Name of its deployment."""
        return f"Detector{self.title()}"

    @property
    def app(self) -> str:
        """Name of its Serve application."""
        return f"detector-{self}"


class PlatePool(StrEnum):
    """The pool of plate readers, named as in metrics."""

    CPU = "cpu"

    @property
    def deployment(self) -> str:
        """Name of its deployment."""
        return "PlateReader"

    @property
    def app(self) -> str:
        """Name of its Serve application."""
        return "plate-reader"


AnyPool = Pool | PlatePool


def requests_at_once(replicas: int, batch_size: int) -> int:
    """Pictures under way with that many replicas at most: on each one batch computes and the next is there."""
    return 2 * batch_size * replicas


@dataclass(frozen=True, slots=True)
class DispatchMetrics:
    """What a dispatcher measures of one model."""

    seconds: Metric
    waiting: Metric
    dropped: Metric
    retries: Metric


@dataclass(frozen=True, slots=True)
class ServedModel:
    """One model.

    Attributes:
        name: For people.
        places: Pictures under way in each pool at most, the preferred pool first; empty when it is switched off.
        method: The replica's method that takes a picture.
        timeout_s: Within which every picture is answered.
        queue: Pictures that wait at most.
        per_camera: Pictures of one camera that wait at most.
        busy: What is raised when nobody answered.
        metrics: What is measured.
    """

    name: str
    places: Mapping[AnyPool, int]
    method: str
    timeout_s: float
    queue: int
    per_camera: int
    busy: type[TryLater]
    metrics: DispatchMetrics


def served_detector(settings: DetectorSettings) -> ServedModel:
    """The detector as the settings have it."""
    sizes = {Pool.GPU: settings.gpu.max, Pool.CPU: settings.cpu.max}
    return ServedModel(
        name="the detector",
        places={pool: requests_at_once(size, settings.batch_size) for pool, size in sizes.items() if size},
        method="detect",
        timeout_s=settings.timeout_s,
        queue=settings.queue,
        per_camera=1,
        busy=DetectorBusy,
        metrics=DispatchMetrics(DETECT_SECONDS, DISPATCH_WAITING, DISPATCH_DROPPED, DISPATCH_RETRIES),
    )


def served_plate_reader(settings: PlateSettings) -> ServedModel:
    """The plate reader as the settings have it."""
    size = settings.replicas.max
    return ServedModel(
        name="the plate reader",
        places={PlatePool.CPU: requests_at_once(size, settings.batch_size)} if size else {},
        method="read",
        timeout_s=settings.timeout_s,
        queue=settings.queue,
        per_camera=min(_PLATES_A_CAMERA, settings.queue),
        busy=PlateReaderBusy,
        metrics=DispatchMetrics(PLATE_SECONDS, PLATE_WAITING, PLATE_DROPPED, PLATE_RETRIES),
    )
