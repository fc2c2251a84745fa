"""Loops of simulated traffic, drawn on all cores of this machine."""

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from rich.status import Status

from gtvision.cli.output import err
from gtvision.traffic import Loop, loop_clip


def draw_loops(loops: Sequence[Loop], folder: Path) -> list[Path]:
    """The recordings of the loops, kept in `folder`; what is not there yet is drawn, which takes seconds a loop.

    Raises:
        BadConfiguration: There is no such scene, weather or size.
    """
    missing = [loop for loop in loops if not (folder / loop.file_name).is_file()]
    if len(missing) > 1:
        workers = min(len(missing), os.cpu_count() or 1)
        with (
            Status(f"Drawing {len(missing)} loops of traffic", console=err),
            ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool,
        ):
            list(pool.map(partial(loop_clip, folder=folder), missing))
    return [loop_clip(loop, folder) for loop in loops]
