"""Handles of pools of replicas that survive a restart of Ray Serve."""

import asyncio
from typing import Any, Protocol

from ray import serve
from ray.serve.context import _check_cached_client_alive, _get_global_client


class Pool(Protocol):
    """A deployment of replicas, alone in its Serve application."""

    @property
    def deployment(self) -> str:
        """Name of the deployment."""
        ...

    @property
    def app(self) -> str:
        """Name of its Serve application."""
        ...


class ServeHandles:
    """The handle of each pool, made when it is first needed.

    A handle made before Serve was started anew never answers: it just lets its requests time out. So after a pool gave
    no answer, Serve's controller is asked whether it is still the same. (Serve 2.60 has no public way to do so.)
    """

    def __init__(self) -> None:
        """Asks nothing yet."""
        self._handles: dict[str, Any] = {}
        self._controller: object = None
        self._is_doubted = True
        self._one_at_a_time = asyncio.Lock()

    def doubt(self) -> None:
        """Has the controller asked before a handle is used again."""
        self._is_doubted = True

    async def get(self, pool: Pool) -> Any:
        """The pool's handle. Raises `RayServeException` while Serve does not run."""
        async with self._one_at_a_time:
            if self._is_doubted:
                await asyncio.to_thread(self._forget_those_of_a_dead_controller)
                self._is_doubted = False
            if pool.app not in self._handles:
                self._handles[pool.app] = await asyncio.to_thread(
                    serve.get_deployment_handle, pool.deployment, pool.app
                )
            return self._handles[pool.app]

    def _forget_those_of_a_dead_controller(self) -> None:
        controller, _ = _check_cached_client_alive()
        if controller is None or controller is not self._controller:
            self._handles.clear()
            self._controller = _get_global_client()
