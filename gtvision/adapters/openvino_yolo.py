"""YOLO in OpenVINO's own runtime: on CPUs about twice as fast as through Ultralytics, with the same boxes.

A model of fixed input size runs much faster than one of any size, so it is compiled once for each of a few shapes: the
smallest that holds the picture is taken. Pictures go through one at a time, in as many requests as there are streams,
so that a picture's boxes never depend on its batch, and the next picture is prepared while others are computed.

`openvino-telemetry` comes with OpenVINO but only its conversion tools send anything; this runtime never does.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import yaml
from numpy.typing import NDArray
from openvino.preprocess import ColorFormat, PrePostProcessor

from gtvision.adapters.yolo_boxes import DETECTOR_TASKS, WEIGHTS_FIELD, Decoder, Letterbox, kinds_of
from gtvision.domain.detections import Detections
from gtvision.domain.errors import BadWeights, DetectorBusy

_INFER_TIMEOUT_MS = 30_000
# Shorter over longer side: 21:9 and wider, 16:9, 4:3, square. Upright pictures take the same, turned.
_SHARES = (0.4, 0.6, 0.75, 1.0)


class OpenVinoYolo:
    """A YOLO detector in OpenVINO format, on the CPU. Implements `PictureDetector`."""

    def __init__(self, weights: Path, *, min_score: float, threads: int) -> None:
        """Loads the model and compiles it for 16:9 pictures.

        Args:
            weights: Folder with one `.xml`, its `.bin` and Ultralytics' `metadata.yaml`.
            min_score: Detections below it are left out, in [0, 1].
            threads: CPU cores to compute on.

        Raises:
            BadWeights: The folder holds no detector that can be loaded.
        """
        self._weights = weights
        about = _metadata(weights)
        self._side = max(about["imgsz"])
        self._stride = int(about["stride"])
        self._decoder = Decoder(kinds_of(about["names"]), min_score)
        self._core = ov.Core()
        self._config = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_NUM_THREADS": threads}
        self._compiled: dict[tuple[int, int], list[Any]] = {}
        self._fixed = self._fixed_size()
        self._requests(self._size_for((9, 16)))

    @property
    def name(self) -> str:
        """Which weights these are."""
        return self._weights.name

    def detect(self, pictures: Iterable[NDArray[np.uint8]]) -> list[Detections]:
        """One result a picture, each of shape `(h, w, 3)`, BGR, any size."""
        found: list[Detections] = []
        running: deque[_Running] = deque()
        for turn, picture in enumerate(pictures):
            size = self._size_for(picture.shape[:2])
            requests = self._requests(size)
            request = requests[turn % len(requests)]
            while len(running) >= len(requests) or any(other.request is request for other in running):
                found.append(self._finish(running.popleft()))
            letterbox = Letterbox.fit(picture.shape[:2], size)
            boxed = np.ascontiguousarray(letterbox.apply(picture)[None])
            request.start_async({0: boxed}, share_inputs=True)
            running.append(_Running(request, letterbox, boxed))
        found.extend(self._finish(waiting) for waiting in running)
        return found

    def _finish(self, waiting: "_Running") -> Detections:
        if not waiting.request.wait_for(_INFER_TIMEOUT_MS):
            raise DetectorBusy(f"the model gave no answer within {_INFER_TIMEOUT_MS // 1000} s")
        raw = waiting.request.get_output_tensor(0).data[0]
        return self._decoder.detections(raw, waiting.letterbox)

    def _size_for(self, picture: tuple[int, int]) -> tuple[int, int]:
        if self._fixed is not None:
            return self._fixed
        share = min(picture) / max(picture)
        fitting = next(step for step in _SHARES if step >= share - 1e-3)
        shorter = -(-int(self._side * fitting) // self._stride) * self._stride
        return (shorter, self._side) if picture[0] <= picture[1] else (self._side, shorter)

    def _requests(self, size: tuple[int, int]) -> list[Any]:
        if size not in self._compiled:
            compiled = self._compile(size)
            count = compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
            self._compiled[size] = [compiled.create_infer_request() for _ in range(count)]
        return self._compiled[size]

    def _compile(self, size: tuple[int, int]) -> Any:
        """The model for that input size, taking uint8 BGR pictures; the conversion becomes part of it."""
        try:
            model = self._read()
            if self._fixed is None:
                model.reshape([1, 3, *size])
            steps = PrePostProcessor(model)
            steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
            steps.input().tensor().set_color_format(ColorFormat.BGR)
            steps.input().model().set_layout(ov.Layout("NCHW"))
            steps.input().preprocess().convert_color(ColorFormat.RGB)
            steps.input().preprocess().convert_element_type(ov.Type.f32).scale(255.0)
            return self._core.compile_model(steps.build(), "CPU", self._config)
        except RuntimeError as exc:
            raise BadWeights(f"OpenVINO cannot use {self._weights}; export the weights again", WEIGHTS_FIELD) from exc

    def _read(self) -> Any:
        files = sorted(self._weights.glob("*.xml"))
        if len(files) != 1:
            raise BadWeights(f"{self._weights} must hold one .xml with its .bin; it has {len(files)}", WEIGHTS_FIELD)
        return self._core.read_model(files[0])

    def _fixed_size(self) -> tuple[int, int] | None:
        try:
            shape = self._read().input(0).get_partial_shape()
        except RuntimeError as exc:
            raise BadWeights(f"OpenVINO cannot read {self._weights}; export the weights again", WEIGHTS_FIELD) from exc
        if shape.is_dynamic:
            return None
        batch, _, height, width = (int(length) for length in shape.to_shape())
        if batch != 1:
            raise BadWeights(
                f"{self._weights} takes {batch} pictures at once; export it with batch=1 or dynamic=True", WEIGHTS_FIELD
            )
        return height, width


@dataclass(frozen=True, slots=True, eq=False)
class _Running:
    """A request under way; it reads the picture's own memory, which must live until it is done."""

    request: Any
    letterbox: Letterbox
    picture: NDArray[np.uint8]


def _metadata(weights: Path) -> dict[str, Any]:
    try:
        about = yaml.safe_load((weights / "metadata.yaml").read_text(encoding="utf-8"))
        task, names = about["task"], about["names"]
        if task not in DETECTOR_TASKS:
            raise BadWeights(f"{weights} is for the task {task!r}; use the weights of a detector", WEIGHTS_FIELD)
        return {"names": {int(index): str(name) for index, name in names.items()}, **_sizes(about)}
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError) as exc:
        raise BadWeights(
            f"{weights} is no OpenVINO export of Ultralytics: its metadata.yaml is missing or malformed", WEIGHTS_FIELD
        ) from exc


def _sizes(about: dict[str, Any]) -> dict[str, Any]:
    return {"imgsz": [int(edge) for edge in about["imgsz"]], "stride": int(about["stride"])}
