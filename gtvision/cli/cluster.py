"""The whole system on a cluster: brought up, connected to, and taken down.

Import this only after `actors.head.prepare_environment`, for it imports Ray.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import ray
from ray import serve
from ray.exceptions import RayError
from ray.serve.config import HTTPOptions, ProxyLocation
from ray.serve.exceptions import RayServeException
from ray.serve.schema import ApplicationStatus

from actors.calls import answers, kill, named_actors
from actors.fleet import start_fleet, stop_cameras, wait_until_placed
from actors.names import FLEET, NAMESPACE, camera_of, is_bridge, is_recorder
from actors.served_models import PlatePool, Pool
from gtvision.cli.client import http_address, is_up
from gtvision.domain.errors import BadConfiguration, GtVisionError, TryLater
from gtvision.settings import Settings
from serve_app import API_APP, build_api, build_detectors, build_plate_readers

_SERVING_S = 120.0
_PLACED_S = 120.0
_DRAIN_S = 10.0
_GONE_S = 5.0
_POOLS = frozenset(pool.app for pool in Pool)


@contextmanager
def connected(address: str) -> Iterator[None]:
    """A driver's connection to that cluster.

    Raises:
        BadConfiguration: No cluster answers there.
        GtVisionError: What is done on it fails for a reason of Ray's.
    """
    try:
        ray.init(
            address=address,
            namespace=NAMESPACE,
            logging_level=logging.ERROR,
            log_to_driver=False,
            configure_logging=True,
            **({"_node_ip_address": "127.0.0.1"} if address.startswith("127.") else {}),
        )
    except (ConnectionError, RuntimeError) as exc:
        raise BadConfiguration(f"no Ray cluster answers at {address}", "ray.address") from exc
    logging.getLogger("ray").setLevel(logging.WARNING)
    logging.getLogger("ray.serve").setLevel(logging.WARNING)
    try:
        yield
    except (RayError, RayServeException, RuntimeError) as exc:
        raise GtVisionError(f"Ray says: {_last_line(str(exc))}") from exc
    finally:
        ray.shutdown()


def deploy(settings: Settings, weights: Path) -> None:
    """Starts detectors, plate readers, the fleet with its cameras, and the API; returns when all are there.

    Raises:
        BadConfiguration: The settings do not fit to the cluster.
        TryLater: Something was not there in time.
        GtVisionError: Something cannot start.
    """
    settings.check_nodes(sum(node["Alive"] for node in ray.nodes()))
    serve.start(
        proxy_location=ProxyLocation.HeadOnly,
        http_options=HTTPOptions(host=settings.http.host, port=settings.http.port),
    )
    fleet = start_fleet(settings)
    pools = [serve.RunTarget(app, pool.app, None) for pool, app in build_detectors(settings, weights).items()]
    plates = build_plate_readers(settings)
    readers = [] if plates is None else [serve.RunTarget(plates, PlatePool.CPU.app, None)]
    api = serve.RunTarget(build_api(settings, weights), API_APP, "/")
    serve.run_many([*pools, *readers, api], wait_for_applications_running=False)
    _wait_until_serving(settings)
    if not wait_until_placed(fleet, _PLACED_S):
        raise TryLater(f"not every camera had its actor within {_PLACED_S:g} s; `gtvision status` shows which")


def undeploy() -> None:
    """Stops bridges, cameras, agents and what we run in Serve; recorders have 10 s to store what their spools hold."""
    kill(FLEET)
    _wait_until_gone([FLEET])  # it would start again what is stopped now
    bridges = {name: name for name in named_actors() if is_bridge(name)}
    answers(bridges, "stop", timeout_s=_GONE_S)
    for name in bridges:
        kill(name)
    stop_cameras([i for name in named_actors() if (i := camera_of(name)) is not None], closes_events=False)
    recorders = {name: name for name in named_actors() if is_recorder(name)}
    answers(recorders, "drained", _DRAIN_S, timeout_s=_DRAIN_S + 1)
    left = named_actors()
    for name in left:
        kill(name)
    _end_serving()
    _wait_until_gone(left)


def _wait_until_serving(settings: Settings) -> None:
    """Returns when the API answers, a pool of detectors is there and so are the plate readers, if they are wanted.

    The other pool of detectors may still wait for its GPUs.
    """
    deadline_s = time.monotonic() + _SERVING_S
    while time.monotonic() < deadline_s:
        apps = serve.status().applications
        api, pools = apps[API_APP], [apps[name] for name in _POOLS & apps.keys()]
        readers = [apps[name] for name in apps if name == PlatePool.CPU.app]
        for what, found in ("the API", [api]), ("the detector", pools), ("the plate reader", readers):
            if found and all(app.status == ApplicationStatus.DEPLOY_FAILED for app in found):
                raise GtVisionError(f"{what} cannot start: {_last_line(found[0].message)}")
        are_there = [
            any(app.status == ApplicationStatus.RUNNING for app in found) for found in (pools, readers) if found
        ]
        if all(are_there) and is_up(settings):
            return
        time.sleep(0.2)
    raise TryLater(f"the API at {http_address(settings)} and its models were not there within {_SERVING_S:g} s")


def _end_serving() -> None:
    """Ends our applications, and Serve with them unless it runs somebody else's as well."""
    apps = set(serve.status().applications)
    ours = {API_APP, PlatePool.CPU.app, *_POOLS}
    if apps - ours:
        for name in apps & ours:
            serve.delete(name)
    else:
        serve.shutdown()


def _wait_until_gone(names: Iterable[str]) -> None:
    deadline_s = time.monotonic() + _GONE_S
    while set(names) & set(named_actors()) and time.monotonic() < deadline_s:
        time.sleep(0.05)


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "no reason was given")
