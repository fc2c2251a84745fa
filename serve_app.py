"""What runs in Ray Serve, from settings to applications that can be deployed."""

from pathlib import Path
from typing import Any

from ray import serve

from actors.api import ApiReplica
from actors.detectors import DetectorReplica, ReplicaPlan
from actors.plate_readers import PlateReaderReplica
from actors.served_models import PlatePool, Pool, requests_at_once
from gtvision.adapters.weights import is_simulated
from gtvision.api.stream import StreamBounds
from gtvision.ports import DetectorInfo
from gtvision.settings import DetectorSettings, Replicas, Settings

# Ray places a replica by these; what it really computes on is `detector.cpu_threads`. So small, because on a small
# machine the replica shares its cores with the camera actors, which take what they need only now and then.
_CPU_REPLICA = {"num_cpus": 0.1}
_UPSCALE_DELAY_S = 1.0
_DOWNSCALE_DELAY_S = 60.0
_HEALTH_PERIOD_S = 5.0
_GOODBYE_S = 5.0


def build_detectors(settings: Settings, weights: Path) -> dict[Pool, serve.Application]:
    """The application of each pool that is switched on; deploy each under `pool.app`, without a route.

    Args:
        settings: Of the whole product.
        weights: From `find_weights`; the same path on every node.
    """
    detector = settings.detector
    sizes = {Pool.GPU: detector.gpu, Pool.CPU: detector.cpu}
    return {
        pool: _deployment(pool, size, detector).bind(
            ReplicaPlan(pool, weights, detector, settings.data_dir / "ultralytics")
        )
        for pool, size in sizes.items()
        if size.max > 0
    }


def _deployment(pool: Pool, size: Replicas, detector: DetectorSettings) -> Any:
    return serve.deployment(
        DetectorReplica,
        name=pool.deployment,
        ray_actor_options={"num_cpus": 0.1, "num_gpus": detector.gpu_share} if pool is Pool.GPU else _CPU_REPLICA,
        **_scaled(size, detector.batch_size),
    )


def build_plate_readers(settings: Settings) -> serve.Application | None:
    """The application of the plate readers, None when they are switched off; deploy it as `PlatePool.CPU.app`."""
    plates = settings.plates
    if plates.replicas.max == 0:
        return None
    deployment: Any = serve.deployment(
        PlateReaderReplica,
        name=PlatePool.CPU.deployment,
        ray_actor_options=_CPU_REPLICA,
        **_scaled(plates.replicas, plates.batch_size),
    )
    return deployment.bind(plates)


def _scaled(size: Replicas, batch_size: int) -> dict[str, Any]:
    """Options of a deployment whose replicas follow the load and whose queues are bounded."""
    return {
        "max_ongoing_requests": requests_at_once(1, batch_size),
        "max_queued_requests": requests_at_once(size.max, batch_size),
        "autoscaling_config": {
            "min_replicas": size.min,
            "max_replicas": size.max,
            "target_ongoing_requests": batch_size,
            "upscale_delay_s": _UPSCALE_DELAY_S,
            "downscale_delay_s": _DOWNSCALE_DELAY_S,
        },
        "health_check_period_s": _HEALTH_PERIOD_S,
        "graceful_shutdown_timeout_s": _GOODBYE_S,
    }


API_APP = "api"
_API_REQUESTS = 2 * StreamBounds().subscribers  # so that streams never take all places


def build_api(settings: Settings, weights: Path) -> serve.Application:
    """The HTTP API; deploy it as `API_APP` under `/`.

    Args:
        settings: Of the whole product.
        weights: Those of the detectors, which it tells of.
    """
    deployment: Any = serve.deployment(
        ApiReplica,
        name="Api",
        num_replicas=1,
        ray_actor_options={"num_cpus": 0.1},
        max_ongoing_requests=_API_REQUESTS,
        max_queued_requests=_API_REQUESTS,
        health_check_period_s=_HEALTH_PERIOD_S,
        graceful_shutdown_timeout_s=_GOODBYE_S,
    )
    return deployment.bind(settings, DetectorInfo(weights.name, is_simulated(weights)))
