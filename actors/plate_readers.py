"""The plate reader in Ray Serve: CPU replicas, alone in an application of their own."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from ray import serve

from gtvision.adapters.plate_engines import load_plate_reader
from gtvision.adapters.plate_files import PlateFiles
from gtvision.domain.errors import NotAPicture, PlateReaderBusy
from gtvision.domain.plate import Reading
from gtvision.domain.stream import PlatePicture
from gtvision.settings import PlateSettings

_STUCK_S = 120.0


class PlateReaderReplica:
    """Reads the plates in pictures, one after the other on one thread beside the event loop."""

    def __init__(self, settings: PlateSettings) -> None:
        """Loads the engine and lets it read once, so that the first picture waits no longer than others.

        Raises:
            BadConfiguration: There is no such engine, or it cannot be loaded.
        """
        self._reader = PlateFiles(load_plate_reader(settings))
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inference")
        self._busy_since_s: float | None = None
        self._read_together.set_max_batch_size(settings.batch_size)

    async def read(self, picture: PlatePicture) -> tuple[Reading, ...]:
        """The plates in the picture, the best first. Raises `NotAPicture`."""
        found: tuple[Reading, ...] | NotAPicture = await self._read_together(picture)
        if isinstance(found, NotAPicture):
            raise found
        return found

    def check_health(self) -> None:
        """Raises when the engine hangs, so that Serve replaces the replica."""
        since_s = self._busy_since_s
        if since_s is not None and monotonic() - since_s > _STUCK_S:
            raise PlateReaderBusy(f"a batch has been read for more than {_STUCK_S:g} s")

    # The next batch waits in the thread's queue, so that the engine never waits for the event loop.
    @serve.batch(max_concurrent_batches=2, batch_wait_timeout_s=0.0)  # type: ignore[untyped-decorator]  # untyped here
    async def _read_together(self, pictures: list[PlatePicture]) -> list[tuple[Reading, ...] | NotAPicture]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._infer, pictures)

    def _infer(self, pictures: Sequence[PlatePicture]) -> list[tuple[Reading, ...] | NotAPicture]:
        self._busy_since_s = monotonic()
        try:
            return self._reader.read_all(pictures)
        finally:
            self._busy_since_s = None
