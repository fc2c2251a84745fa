"""The whole system on a cluster: brought up, connected to, and taken down.

Import this only after `actors.head.prepare_environment`, for it imports Ray.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import ray
from ray import serve
from ray.serve.config import HTTPOptions, ProxyLocation

from actors.calls import actor, answer
from actors.fleet import start_fleet, wait_until_placed
from actors.names import FLEET, NAMESPACE, dispatcher_name, recorder_name
from gtvision.domain.errors import BadConfiguration, TryLater
from gtvision.settings import Settings
from serve_app import API_APP, build_api, build_detectors

_PLACED_S = 120.0
_STOP_S = 30.0


@contextmanager
def connected(address: str) -> Iterator[None]:
    """A driver's connection to that cluster.

    Raises:
        BadConfiguration: No cluster answers there.
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
    try:
        yield
    finally:
        ray.shutdown()


def deploy(settings: Settings, weights: Path) -> None:
    """Starts the detectors, the fleet with its cameras, and the API; returns when all are there.

    Raises:
        TryLater: Cameras had no actor within two minutes.
    """
    serve.start(
        proxy_location=ProxyLocation.HeadOnly,
        http_options=HTTPOptions(host=settings.http.host, port=settings.http.port),
    )
    for pool, application in build_detectors(settings, weights).items():
        serve.run(application, name=pool.app, route_prefix=None)
    fleet = start_fleet(settings)
    serve.run(build_api(settings), name=API_APP, route_prefix="/")
    if not wait_until_placed(fleet, _PLACED_S):
        raise TryLater(f"not every camera had its actor within {_PLACED_S:g} s; `gtvision status` shows which")


def undeploy() -> None:
    """Stops cameras, agents, and what runs in Serve; events that are in a spool stay there."""
    with suppress(TryLater):  # it was not running
        answer(actor(FLEET).stop.remote(), _STOP_S)
    for name in (FLEET, *_agents()):
        try:
            ray.kill(actor(name), no_restart=True)
        except TryLater:
            continue
    serve.shutdown()


def _agents() -> list[str]:
    nodes = [node["NodeID"] for node in ray.nodes() if node["Alive"]]
    return [name(node) for node in nodes for name in (recorder_name, dispatcher_name)]
