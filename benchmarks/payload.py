"""What should travel to the detector: a small JPEG, or the decoded array? And in which of Ray Serve's two modes?

Both payloads go in turn through one real Serve deployment that batches as ours does. The sender encodes the JPEG and
the replica decodes it, both within the time that is measured. With weights in GTVISION_MODELS the replica also runs
the model. Ray Serve's mode must be set before Ray starts, so that each runs in a process of its own.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import psutil
from numpy.typing import NDArray
from report import Target, arguments_of, new_figure, publish, save_plot

TARGETS = {"jpeg_over_array": Target(">=", 1.0)}
MODES = {
    "default": {},
    "optimised": {"RAY_SERVE_THROUGHPUT_OPTIMIZED": "1", "RAY_SERVE_ENABLE_DIRECT_INGRESS": "0"},
}
AT_ONCE = 16
BATCH = 8
JPEG_QUALITY = 85
ROUNDS = 6
SECONDS_A_ROUND = 0.7

Picture = NDArray[np.uint8]


class Receiver:
    """Takes either payload; with weights it runs the model, as our replicas do."""

    def __init__(self, weights: str | None) -> None:
        from gtvision.adapters.weights import load_detector

        folder = Path("/tmp/gtvision-bench")  # only for weights that Ultralytics itself loads
        self._model = (
            load_detector(Path(weights), min_score=0.25, threads=os.cpu_count() or 1, config_dir=folder)
            if weights
            else None
        )
        self._thread = ThreadPoolExecutor(1)

    async def warm_up(self, picture: Picture) -> None:
        self._look([picture], with_model=True)

    async def take(self, payload: Any, with_model: bool) -> int:
        count: int = await self._batch(payload, with_model)
        return count

    async def _batch(self, payloads: list[Any], with_model: list[bool]) -> list[int]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._look, payloads, with_model[0])

    def _look(self, payloads: list[Any], with_model: bool) -> list[int]:
        pictures = (
            cv2.imdecode(np.frombuffer(one, np.uint8), cv2.IMREAD_COLOR) if isinstance(one, bytes) else one
            for one in payloads
        )
        if with_model and self._model is not None:
            return [len(found) for found in self._model.detect(pictures)]
        return [int(picture[0, 0, 0]) for picture in pictures]


class Rate(NamedTuple):
    """What a payload reaches, and what an answer costs all processes together."""

    per_s: float
    cpu_ms: float


Measured = dict[str, dict[str, Rate]]


async def rate_of(send: Callable[[], Awaitable[Any]]) -> Rate:
    """The rate with `AT_ONCE` callers."""
    answered, began_s, cpu_began_s = 0, time.perf_counter(), cpu_s()

    async def caller() -> None:
        nonlocal answered
        while time.perf_counter() - began_s < SECONDS_A_ROUND:
            await send()
            answered += 1

    await asyncio.gather(*(caller() for _ in range(AT_ONCE)))
    return Rate(answered / (time.perf_counter() - began_s), (cpu_s() - cpu_began_s) / answered * 1e3)


def cpu_s() -> float:
    """Processor time of this process and all below it: other programs on the machine do not count."""
    spent = 0.0
    for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
        with suppress(psutil.Error):
            times = process.cpu_times()
            spent += times.user + times.system
    return spent


async def compare(handle: Any, picture: Picture, with_model: bool) -> dict[str, Rate]:
    """The median of each payload, measured in turn."""

    async def jpeg() -> None:
        encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()
        await handle.take.remote(encoded, with_model)

    async def array() -> None:
        await handle.take.remote(picture, with_model)

    rates: dict[str, list[Rate]] = {"jpeg": [], "array": []}
    for _ in range(ROUNDS):
        for name, send in (("jpeg", jpeg), ("array", array)):
            rates[name].append(await rate_of(send))
    return {name: Rate(*map(statistics.median, zip(*seen[1:], strict=True))) for name, seen in rates.items()}


async def compare_all(handle: Any, *, has_model: bool) -> dict[str, dict[str, Rate]]:
    """The rates without the model, and with it."""
    picture = a_picture()
    await handle.warm_up.remote(picture)
    rates = {"transport": await compare(handle, picture, with_model=False)}
    if has_model:
        rates["model"] = await compare(handle, picture, with_model=True)
    return rates


def measure_here(mode: str) -> None:
    """Measures in this process, whose environment has the mode, and prints one JSON object."""
    import ray
    from ray import serve

    from gtvision.adapters.weights import find_weights

    models = os.environ.get("GTVISION_MODELS")
    weights = str(find_weights(None, Path(models))) if models else None
    ray.init(address="local", num_cpus=2, include_dashboard=False, object_store_memory=200 * 2**20)
    try:
        serve.start(proxy_location="Disabled")
        Receiver._batch = serve.batch(max_batch_size=BATCH, batch_wait_timeout_s=0.01, max_concurrent_batches=2)(
            Receiver._batch
        )
        deployment = serve.deployment(Receiver, max_ongoing_requests=2 * BATCH, ray_actor_options={"num_cpus": 0.1})
        handle = serve.run(deployment.bind(weights), route_prefix=None)
        rates = asyncio.run(compare_all(handle, has_model=weights is not None))
        print(json.dumps({"mode": mode, "rates": rates}))
    finally:
        ray.shutdown()  # ends Serve with it: the cluster was started here


def a_picture() -> Picture:
    """A street of the clips, else a scene of noise and blocks, which compresses about as badly."""
    clip = Path(os.environ.get("GTVISION_MEDIA", "")) / "clips" / "motorway.mp4"
    if clip.is_file():
        video = cv2.VideoCapture(str(clip))
        picture = video.read()[1]
        video.release()
    else:
        blocks = np.random.default_rng(0).integers(0, 255, (36, 64, 3), np.uint8)
        picture = cv2.resize(blocks, (1280, 720))
    return np.ascontiguousarray(cv2.resize(picture, (640, 360), interpolation=cv2.INTER_AREA))


def run_mode(mode: str) -> Measured:
    """The rates of a mode, from a process of its own."""
    environment = {"RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": str(Path(__file__).parents[1]), **MODES[mode]}
    done = subprocess.run(
        [sys.executable, __file__, "--mode", mode],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"the {mode} mode could not be measured:\n{done.stderr[-2000:]}")
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"mode"')]
    return {
        what: {payload: Rate(*rate) for payload, rate in rates.items()}
        for what, rates in json.loads(lines[-1])["rates"].items()
    }


def figures_of(measured: dict[str, Measured]) -> dict[str, float]:
    """Ratios first in the default mode, then what they come from."""
    figures: dict[str, float] = {}
    for mode, rates in measured.items():
        for what, by_payload in rates.items():
            ending = ("_with_model" if what == "model" else "") + ("" if mode == "default" else f"_{mode}")
            jpeg, array = by_payload["jpeg"], by_payload["array"]
            figures[f"jpeg_over_array{ending}"] = jpeg.per_s / array.per_s
            figures[f"jpeg_cpu_over_array_cpu{ending}"] = jpeg.cpu_ms / array.cpu_ms
            for payload, rate in by_payload.items():
                figures[f"{payload}{ending}_per_s"] = rate.per_s
                figures[f"{payload}{ending}_cpu_ms"] = rate.cpu_ms
    for what in measured["default"]:
        default, optimised = measured["default"][what]["jpeg"], measured["optimised"][what]["jpeg"]
        figures[f"optimised_over_default_{what}"] = optimised.per_s / default.per_s
    return {name: round(value, 3) for name, value in figures.items()}


def plot(measured: dict[str, Measured]) -> None:
    names = [(mode, what) for mode, rates in measured.items() for what in rates]
    figure = new_figure(7, 3.2)
    axes = figure.subplots()
    for shift, payload, colour in ((-0.2, "jpeg", "#1f77b4"), (0.2, "array", "#c7c7c7")):
        values = [measured[mode][what][payload].per_s for mode, what in names]
        bars = axes.bar([index + shift for index in range(len(names))], values, 0.38, label=payload, color=colour)
        axes.bar_label(bars, fmt="%.0f", fontsize=8)
    axes.set_xticks(range(len(names)), [f"{mode} mode\n{what}" for mode, what in names])
    axes.set_ylabel("answers a second")
    axes.set_title("640x360 pictures through one Serve replica, 16 callers")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    save_plot(figure, "payload")


def main() -> None:
    parser = arguments_of(__doc__)
    parser.add_argument("--mode", choices=list(MODES), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.mode:
        measure_here(arguments.mode)
        return
    measured = {mode: run_mode(mode) for mode in MODES}
    plot(measured)
    publish("payload", figures_of(measured), TARGETS, as_json=arguments.json)


if __name__ == "__main__":
    main()
