"""Handles of the detector pools that survive a restart of Ray Serve."""

import asyncio
from typing import Any

from ray import serve
from ray.serve.context import _check_cached_client_alive

from actors.detectors import Pool


class ServeHandles:
    """The handle of each pool, made when it is first needed.

    A handle made before Serve was started anew never answers: it just lets its requests time out. So a pool that gave
    no answer is doubted, and before it is asked again Serve's controller is. (Serve 2.60 keeps its own note of the
    controller and has no public way to check it.)
    """

    def __init__(self) -> None:
        """Asks nothing yet."""
        self._handles: dict[Pool, tuple[object, Any]] = {}
        self._doubted: set[Pool] = set()
        self._one_at_a_time = asyncio.Lock()

    def doubt(self, pool: Pool) -> None:
        """Has the controller asked before the pool's handle is used again."""
        self._doubted.add(pool)

    async def get(self, pool: Pool) -> Any:
        """The pool's handle. Raises `RayServeException` while Serve does not run."""
        async with self._one_at_a_time:
            if pool not in self._handles or pool in self._doubted:
                await asyncio.to_thread(self._check, pool)
                self._doubted.discard(pool)
            return self._handles[pool][1]

    def _check(self, pool: Pool) -> None:
        controller, _ = _check_cached_client_alive()
        if pool not in self._handles or controller is None or controller is not self._handles[pool][0]:
            handle = serve.get_deployment_handle(pool.deployment, pool.app)
            controller, _ = _check_cached_client_alive()
            self._handles[pool] = (controller, handle)
