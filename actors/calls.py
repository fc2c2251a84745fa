"""Calls between actors: bounded in time, and with the product's own errors."""

from collections.abc import Mapping
from typing import Any

import ray
from ray.exceptions import GetTimeoutError, RayActorError, RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from actors.names import NAMESPACE
from gtvision.domain.errors import GtVisionError, TryLater

_READY_S = 1.0


def actor(name: str) -> Any:
    """The handle of that actor. Raises `TryLater` when there is none yet."""
    try:
        return ray.get_actor(name, NAMESPACE)
    except ValueError as exc:
        raise TryLater(f"{name} is not running yet") from exc
    except RayError as exc:
        raise TryLater("the cluster does not answer") from exc


def named_actors() -> list[str]:
    """The names of all actors of the product that run or are being started."""
    named = ray.util.list_named_actors(all_namespaces=True)
    return sorted(one["name"] for one in named if one["namespace"] == NAMESPACE)


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
        raise TryLater("the actor is being started again") from exc
    except RayError as exc:
        raise TryLater("the cluster does not answer") from exc


def answers(names: Mapping[str, str], method: str, *arguments: Any, timeout_s: float) -> dict[str, Any]:
    """What each of these actors returned, or the `GtVisionError` instead; all are asked at once.

    Args:
        names: The actors' names, by what the caller calls them.
        method: What is called.
        arguments: The same for each.
        timeout_s: For all of them together.
    """
    outcomes: dict[str, Any] = {}
    asked: dict[str, Any] = {}
    for key, name in names.items():
        try:
            asked[key] = getattr(actor(name), method).remote(*arguments)
        except TryLater as exc:
            outcomes[key] = exc
    late = ray.wait([*asked.values()], num_returns=len(asked), timeout=timeout_s)[1] if asked else []
    silent = TryLater(f"no answer within {timeout_s:g} s")
    return outcomes | {key: silent if one in late else _outcome(one) for key, one in asked.items()}


def _outcome(reference: Any) -> Any:
    try:
        return answer(reference, _READY_S)
    except GtVisionError as exc:
        return exc
    except RayTaskError as exc:
        return TryLater(f"the call failed: {type(exc.cause).__name__}")


def this_node() -> str:
    """Ray's id of the node that this process runs on."""
    node_id: str = ray.get_runtime_context().get_node_id()
    return node_id


def kill(name: str) -> None:
    """Ends that actor for good, if there is one."""
    try:
        ray.kill(actor(name), no_restart=True)
    except TryLater:
        return


def on_node(node_id: str, name: str, max_concurrency: int) -> dict[str, Any]:
    """Options of a detached actor that lives and dies with its node: Ray restarts it there and never moves it."""
    return detached(name, max_concurrency, NodeAffinitySchedulingStrategy(node_id, soft=False))


def detached(name: str, max_concurrency: int, where: object) -> dict[str, Any]:
    """Options of an actor that outlives whoever starts it, is found if it is there already, and restarted when it dies.

    Args:
        name: Its own in our namespace.
        max_concurrency: Calls at once.
        where: Ray's scheduling strategy.
    """
    return {
        "name": name,
        "namespace": NAMESPACE,
        "lifetime": "detached",
        "get_if_exists": True,
        "max_restarts": -1,
        "max_concurrency": max_concurrency,
        "num_cpus": 0,
        "scheduling_strategy": where,
    }
