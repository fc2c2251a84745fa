"""The dispatcher of a node: gives the pictures of its cameras to the replicas of a model, fairly.

Pictures wait in a `FairQueue` until a pool has a place. GPUs come first; what they have no place for goes to CPUs. A
picture whose replica died or did not answer is sent once more, to another pool if one works. Whatever happens, the
camera has its answer within the model's `timeout_s`, of which a picture waits half at most.
"""

import asyncio
from time import monotonic
from typing import Generic, TypeVar

import structlog
from ray.exceptions import RayActorError, RayError
from ray.serve.exceptions import BackPressureError, RayServeException

from actors.metrics import RayMetrics
from actors.serve_handles import ServeHandles
from actors.served_models import AnyPool, ServedModel
from gtvision.domain.errors import GtVisionError, NotAPicture, TryLater
from gtvision.domain.stream import PlatePicture, Sample
from gtvision.pipeline.fair_queue import Dropped, FairQueue, Waiting
from gtvision.pipeline.pools import Pools

_REST_S = 5.0
_FIRST_SHARE = 0.5  # of the time, when another pool can still make good
_LEAST_S = 0.2  # with less time left a second attempt would only cast doubt on a pool that works
_DIED = "replica_died"

_log = structlog.get_logger()
A = TypeVar("A")


class _Failed(Exception):  # never leaves this file
    """An attempt that another replica may yet make good."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Dispatcher(Generic[A]):
    """What the dispatcher of a node does for one model, on its event loop."""

    def __init__(self, model: ServedModel) -> None:
        """Nothing is under way; the pools are looked for at the first picture."""
        self._model = model
        self._pools = Pools[AnyPool](model.places, _REST_S)
        self._handles = ServeHandles()
        self._max_wait_s = model.timeout_s / 2  # the other half is for the replica
        self._queue = FairQueue[asyncio.Future[A]](model.queue, self._max_wait_s, per_camera=model.per_camera)
        self._tasks: set[asyncio.Task[None]] = set()
        self._metrics = RayMetrics()

    async def ask(self, picture: Sample | PlatePicture, *, is_urgent: bool = True) -> A:
        """What the model says of the picture.

        Raises:
            TryLater: The model's own `busy`: others replaced the picture, no replica answered in time, or none may run.
            NotAPicture: The picture's bytes do not decode.
        """
        if not self._model.places:
            raise self._model.busy(f"{self._model.name} is switched off in the settings")
        loop = asyncio.get_running_loop()
        waiting: Waiting[asyncio.Future[A]] = Waiting(picture, monotonic(), loop.create_future(), is_urgent)
        self._answer_dropped(self._queue.put(waiting))
        self._fill()
        timer = loop.call_later(self._max_wait_s + 0.05, self._fill)
        try:
            return await waiting.ticket
        finally:
            timer.cancel()

    def _fill(self) -> None:
        """Sends what waits to the places that are free."""
        self._answer_dropped(self._queue.drop_old(monotonic()))
        while len(self._queue) and (pool := self._pools.take(monotonic())) is not None:
            waiting = self._queue.take()
            assert waiting is not None  # the queue is not empty
            task = asyncio.get_running_loop().create_task(self._serve(pool, waiting))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._metrics.set(self._model.metrics.waiting, len(self._queue))

    async def _serve(self, pool: AnyPool, waiting: Waiting[asyncio.Future[A]]) -> None:
        answer = waiting.ticket
        try:
            found = await self._try_twice(pool, waiting)
        except GtVisionError as exc:
            _settle(answer, exc)
        except Exception as exc:  # the outermost loop of a picture: its camera must not wait for nothing
            _log.exception("dispatch_failed", camera=waiting.picture.camera_id)
            _settle(answer, self._model.busy(f"the dispatcher failed: {type(exc).__name__}"))
        else:
            _settle(answer, found)
        self._fill()

    async def _try_twice(self, pool: AnyPool, waiting: Waiting[asyncio.Future[A]]) -> A:
        deadline_s = waiting.since_s + self._model.timeout_s
        share = 1.0 if self._pools.second(pool, monotonic()) is None else _FIRST_SHARE
        try:
            return await self._ask(pool, waiting.picture, share * (deadline_s - monotonic()))
        except _Failed as failure:
            second = self._pools.second(pool, monotonic(), first_may_do=failure.reason == _DIED)
            if second is None or deadline_s - monotonic() < _LEAST_S:
                raise self._no_replica(failure) from failure
            self._metrics.add(self._model.metrics.retries, reason=failure.reason)
        self._pools.take_anyway(second)
        try:
            return await self._ask(second, waiting.picture, deadline_s - monotonic())
        except _Failed as failure:
            raise self._no_replica(failure) from failure

    async def _ask(self, pool: AnyPool, picture: Sample | PlatePicture, timeout_s: float) -> A:
        """One attempt in a place of that pool, which it gives back."""
        began_s = monotonic()
        try:
            async with asyncio.timeout(timeout_s):
                handle = await self._handles.get(pool)
                found: A = await getattr(handle, self._model.method).remote(picture)
        except NotAPicture as exc:
            raise getattr(exc, "cause", exc) from None  # without the replica's traceback
        except BackPressureError as exc:
            raise _Failed("full") from exc
        except RayActorError as exc:
            self._handles.doubt()  # after Serve was started anew, all that its old handle knows have died
            raise _Failed(_DIED) from exc
        except (TimeoutError, TryLater, RayError, RayServeException) as exc:
            self._doubt(pool, exc)
            raise _Failed("timeout" if isinstance(exc, TimeoutError) else "unavailable") from exc
        finally:
            self._pools.give_back(pool)
        self._metrics.observe(self._model.metrics.seconds, monotonic() - began_s, pool=str(pool))
        self._pools.answered(pool)
        return found

    def _doubt(self, pool: AnyPool, exc: Exception) -> None:
        if self._pools.failed(pool, monotonic()):
            _log.warning("pool_unavailable", model=self._model.name, pool=str(pool), error=type(exc).__name__)
        self._handles.doubt()

    def _answer_dropped(self, dropped: list[Dropped[asyncio.Future[A]]]) -> None:
        for one in dropped:
            self._metrics.add(self._model.metrics.dropped, reason=one.reason)
            _settle(one.waiting.ticket, self._model.busy(f"the picture was dropped: {one.reason}"))

    def _no_replica(self, failure: _Failed) -> TryLater:
        return self._model.busy(f"no replica of {self._model.name} answered: {failure.reason}")


def _settle(answer: asyncio.Future[A], found: A | GtVisionError) -> None:
    if answer.done():  # the camera has gone
        return
    if isinstance(found, GtVisionError):
        answer.set_exception(found)
    else:
        answer.set_result(found)
