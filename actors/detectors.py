"""The detector in Ray Serve: one class, deployed as a pool of CPU replicas and a pool of GPU replicas.

Each pool is a Serve application of its own, because a deployment has one resource shape, and because a GPU pool that
finds no GPU must not keep the CPU pool from starting.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from ray import serve

from actors.served_models import Pool
from gtvision.adapters.sample_detector import SampleDetector
from gtvision.adapters.weights import load_detector
from gtvision.domain.detections import Detections
from gtvision.domain.errors import DetectorBusy, NotAPicture
from gtvision.domain.stream import Sample
from gtvision.settings import DetectorSettings

_STUCK_S = 60.0


@dataclass(frozen=True, slots=True)
class ReplicaPlan:
    """What a replica needs to know.

    Attributes:
        pool: Which pool it belongs to.
        weights: From `find_weights`; the same path on every node.
        detector: Settings of the detector.
        config_dir: Folder for Ultralytics' own settings.
    """

    pool: Pool
    weights: Path
    detector: DetectorSettings
    config_dir: Path


class DetectorReplica:
    """Finds road users in samples, several at once. Decoding and inference run on one thread beside the event loop."""

    def __init__(self, plan: ReplicaPlan) -> None:
        """Loads the weights.

        Raises:
            BadWeights: They cannot be loaded.
        """
        model = load_detector(
            plan.weights,
            min_score=plan.detector.min_score,
            threads=plan.detector.cpu_threads,
            device="cuda:0" if plan.pool is Pool.GPU else "cpu",
            config_dir=plan.config_dir,
        )
        self._detector = SampleDetector(model)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inference")
        self._busy_since_s: float | None = None
        self._detect_together.set_max_batch_size(plan.detector.batch_size)
        self._detect_together.set_batch_wait_timeout_s(plan.detector.batch_wait_s)

    async def detect(self, sample: Sample) -> Detections:
        """What is in the picture. Raises `NotAPicture`, or `DetectorBusy` when the model hangs."""
        found: Detections | NotAPicture = await self._detect_together(sample)
        if isinstance(found, NotAPicture):
            raise found
        return found

    def check_health(self) -> None:
        """Raises when the model hangs, so that Serve replaces the replica."""
        since_s = self._busy_since_s
        if since_s is not None and monotonic() - since_s > _STUCK_S:
            raise DetectorBusy(f"a batch has been computing for more than {_STUCK_S:g} s")

    # The next batch waits in the thread's queue, so that the model never waits for the event loop.
    @serve.batch(max_concurrent_batches=2)  # type: ignore[untyped-decorator]  # ray is untyped here
    async def _detect_together(self, samples: list[Sample]) -> list[Detections | NotAPicture]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._infer, samples)

    def _infer(self, samples: Sequence[Sample]) -> list[Detections | NotAPicture]:
        self._busy_since_s = monotonic()
        try:
            return self._detector.detect_all(samples)
        finally:
            self._busy_since_s = None
