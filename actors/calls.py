"""Calls between actors: bounded in time, and with the product's own errors."""

from typing import Any

import ray
from ray.exceptions import GetTimeoutError, RayActorError, RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from actors.names import NAMESPACE
from gtvision.domain.errors import GtVisionError, TryLater


def answer(reference: Any, timeout_s: float) -> Any:
    """What the call returned.

    Raises:
        GtVisionError: The one that the called method raised.
        TryLater: The actor is away, being restarted, or gave no answer in time.
    """
    try:
        return ray.get(reference, timeout=timeout_s)
    except RayTaskError as exc:
        if isinstance(exc.cause, GtVisionError):
            raise exc.cause from None
        raise
    except GetTimeoutError as exc:
        raise TryLater(f"no answer within {timeout_s:g} s") from exc
    except RayActorError as exc:
        raise TryLater("the actor is being started") from exc
    except RayError as exc:
        raise TryLater("the cluster did not answer") from exc


def actor(name: str) -> Any:
    """The handle of that actor. Raises `TryLater` when there is none yet."""
    try:
        return ray.get_actor(name, NAMESPACE)
    except ValueError as exc:
        raise TryLater(f"{name} is not running yet") from exc


def on_node(node_id: str, name: str, max_concurrency: int) -> dict[str, Any]:
    """Options of a detached actor that lives and dies with its node: Ray restarts it there and never moves it."""
    return {
        "name": name,
        "namespace": NAMESPACE,
        "lifetime": "detached",
        "get_if_exists": True,
        "max_restarts": -1,
        "max_concurrency": max_concurrency,
        "num_cpus": 0,
        "scheduling_strategy": NodeAffinitySchedulingStrategy(node_id, soft=False),
    }
