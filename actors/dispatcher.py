"""The dispatcher of a node: gives the samples of its cameras to detector replicas, fairly.

Samples wait in a `FairQueue` until a pool has a place. GPUs come first; what they have no place for goes to CPUs. A
sample whose replica died or did not answer is sent once more, to another pool if one works. Whatever happens, the
camera has its answer within `detector.timeout_s`, of which a sample waits half at most.
"""

import asyncio
from time import monotonic

import structlog
from ray.exceptions import RayActorError, RayError
from ray.serve.exceptions import BackPressureError, RayServeException

from actors.detectors import Pool, requests_at_once
from actors.metrics import RayMetrics
from actors.serve_handles import ServeHandles
from gtvision.domain.detections import Detections
from gtvision.domain.errors import DetectorBusy, GtVisionError, NotAPicture
from gtvision.domain.metrics import DETECT_SECONDS, DISPATCH_DROPPED, DISPATCH_RETRIES, DISPATCH_WAITING
from gtvision.domain.stream import Sample
from gtvision.pipeline.fair_queue import Dropped, FairQueue, Waiting
from gtvision.pipeline.pools import Pools
from gtvision.settings import DetectorSettings

_REST_S = 5.0
_FIRST_SHARE = 0.5  # of the time, when another pool can still make good
_LEAST_S = 0.2  # with less time left a second attempt would only cast doubt on a pool that works
_DIED = "replica_died"

_log = structlog.get_logger()
Answer = asyncio.Future[Detections]


class _Failed(Exception):  # never leaves this file
    """An attempt that another replica may yet make good."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Dispatcher:
    """What the dispatcher of a node does, on its event loop."""

    def __init__(self, detector: DetectorSettings) -> None:
        """Nothing is under way; the pools are looked for at the first sample."""
        sizes = {Pool.GPU: detector.gpu.max, Pool.CPU: detector.cpu.max}
        places = {pool: requests_at_once(size, detector.batch_size) for pool, size in sizes.items() if size}
        self._pools = Pools(places, _REST_S)
        self._handles = ServeHandles()
        self._timeout_s = detector.timeout_s
        self._max_wait_s = detector.timeout_s / 2  # the other half is for the replica
        self._queue = FairQueue[Answer](detector.queue, self._max_wait_s)
        self._tasks: set[asyncio.Task[None]] = set()
        self._metrics = RayMetrics()

    async def detect(self, sample: Sample) -> Detections:
        """What is in the picture.

        Raises:
            DetectorBusy: A newer sample of the camera replaced it, or no replica answered in time.
            NotAPicture: The sample's bytes do not decode.
        """
        loop = asyncio.get_running_loop()
        waiting: Waiting[Answer] = Waiting(sample, monotonic(), loop.create_future())
        self._answer_dropped(self._queue.put(waiting))
        self._fill()
        timer = loop.call_later(self._max_wait_s + 0.05, self._fill)
        try:
            found: Detections = await waiting.ticket
        finally:
            timer.cancel()
        return found

    def _fill(self) -> None:
        """Sends what waits to the places that are free."""
        self._answer_dropped(self._queue.drop_old(monotonic()))
        while len(self._queue) and (pool := self._pools.take(monotonic())) is not None:
            waiting = self._queue.take()
            assert waiting is not None  # the queue is not empty
            task = asyncio.get_running_loop().create_task(self._serve(pool, waiting))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._metrics.set(DISPATCH_WAITING, len(self._queue))

    async def _serve(self, pool: Pool, waiting: Waiting[Answer]) -> None:
        answer = waiting.ticket
        try:
            found = await self._try_twice(pool, waiting)
        except GtVisionError as exc:
            _settle(answer, exc)
        except Exception as exc:  # the outermost loop of a sample: its camera must not wait for nothing
            _log.exception("dispatch_failed", camera=waiting.sample.camera_id)
            _settle(answer, DetectorBusy(f"the dispatcher failed: {type(exc).__name__}"))
        else:
            _settle(answer, found)
        self._fill()

    async def _try_twice(self, pool: Pool, waiting: Waiting[Answer]) -> Detections:
        deadline_s = waiting.since_s + self._timeout_s
        share = 1.0 if self._pools.second(pool, monotonic()) is None else _FIRST_SHARE
        try:
            return await self._ask(pool, waiting.sample, share * (deadline_s - monotonic()))
        except _Failed as failure:
            second = self._pools.second(pool, monotonic(), first_may_do=failure.reason == _DIED)
            if second is None or deadline_s - monotonic() < _LEAST_S:
                raise _no_replica(failure) from failure
            self._metrics.add(DISPATCH_RETRIES, reason=failure.reason)
        self._pools.take_anyway(second)
        try:
            return await self._ask(second, waiting.sample, deadline_s - monotonic())
        except _Failed as failure:
            raise _no_replica(failure) from failure

    async def _ask(self, pool: Pool, sample: Sample, timeout_s: float) -> Detections:
        """One attempt in a place of that pool, which it gives back."""
        began_s = monotonic()
        try:
            async with asyncio.timeout(timeout_s):
                handle = await self._handles.get(pool)
                found: Detections = await handle.detect.remote(sample)
        except NotAPicture as exc:
            raise getattr(exc, "cause", exc) from None  # without the replica's traceback
        except BackPressureError as exc:
            raise _Failed("full") from exc
        except RayActorError as exc:
            self._handles.doubt()  # after Serve was started anew, all that its old handle knows have died
            raise _Failed(_DIED) from exc
        except (TimeoutError, DetectorBusy, RayError, RayServeException) as exc:
            self._doubt(pool, exc)
            raise _Failed("timeout" if isinstance(exc, TimeoutError) else "unavailable") from exc
        finally:
            self._pools.give_back(pool)
        self._metrics.observe(DETECT_SECONDS, monotonic() - began_s, pool=pool)
        self._pools.answered(pool)
        return found

    def _doubt(self, pool: Pool, exc: Exception) -> None:
        if self._pools.failed(pool, monotonic()):
            _log.warning("detector_pool_unavailable", pool=pool, error=type(exc).__name__)
        self._handles.doubt()

    def _answer_dropped(self, dropped: list[Dropped[Answer]]) -> None:
        for one in dropped:
            self._metrics.add(DISPATCH_DROPPED, reason=one.reason)
            _settle(one.waiting.ticket, DetectorBusy(f"the sample was dropped: {one.reason}"))


def _settle(answer: Answer, found: Detections | GtVisionError) -> None:
    if answer.done():  # the camera has gone
        return
    if isinstance(found, GtVisionError):
        answer.set_exception(found)
    else:
        answer.set_result(found)


def _no_replica(failure: _Failed) -> DetectorBusy:
    return DetectorBusy(f"no detector replica answered: {failure.reason}")
