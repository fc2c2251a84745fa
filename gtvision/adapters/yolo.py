"""YOLO through Ultralytics: any weights that it can load, on a CPU or a GPU.

Its `AutoBackend` runs the model; pictures go in and boxes come out through `yolo_boxes`, so that every runtime gives
the same detections. (Its `predict` would also need a torchvision that was built for this very torch.)
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from pickle import UnpicklingError
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import numpy as np
from numpy.typing import NDArray

from gtvision.adapters.yolo_boxes import (
    DETECTOR_TASKS,
    WEIGHTS_FIELD,
    Decoder,
    Letterbox,
    kinds_of,
    smallest_input,
)
from gtvision.domain.detections import Detections
from gtvision.domain.errors import BadConfiguration, BadWeights

_ASSETS = "https://github.com/ultralytics/assets/releases/download/v8.4.0/"
_ONLINE_TIMEOUT_S = 5.0
_SIDE = 640
_LOAD_ERRORS = (
    OSError,
    RuntimeError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ImportError,
    EOFError,
    UnpicklingError,
)


def keep_private(config_dir: Path) -> None:
    """Makes Ultralytics report nothing, install nothing and keep its settings in that folder.

    Must run before the process imports Ultralytics for the first time.
    """
    os.environ.update(
        YOLO_OFFLINE="true", YOLO_AUTOINSTALL="false", YOLO_VERBOSE="false", YOLO_CONFIG_DIR=str(config_dir)
    )
    config_dir.mkdir(parents=True, exist_ok=True)
    from ultralytics.utils import SETTINGS

    if SETTINGS["sync"]:
        SETTINGS.update(sync=False)


def download(name: str, folder: Path) -> Path:
    """The weights of that name, fetched into the folder from where Ultralytics publishes them.

    Raises:
        BadWeights: Nothing of that name is published, or it could not be fetched.
    """
    url = _ASSETS + name
    try:
        # Ultralytics would try for minutes: ask first. The address is a constant https one.
        with urlopen(Request(url, method="HEAD"), timeout=_ONLINE_TIMEOUT_S):  # noqa: S310
            keep_private(folder / ".ultralytics")
        from ultralytics.utils.downloads import safe_download

        safe_download(url=url, file=folder / name, retry=1, min_bytes=1e5, progress=False)
    except (URLError, OSError, RuntimeError) as exc:
        raise BadWeights(f"{name} could not be downloaded from github.com/ultralytics", WEIGHTS_FIELD) from exc
    return folder / name


class Yolo:
    """A detector that Ultralytics can load. Implements `PictureDetector`."""

    def __init__(self, weights: Path, *, min_score: float, threads: int, device: str, config_dir: Path) -> None:
        """Loads the model. A `.pt` file executes code: pass only a path that an administrator set.

        Args:
            weights: File or folder of the weights.
            min_score: Detections below it are left out, in [0, 1].
            threads: CPU cores to compute on.
            device: `cpu` or `cuda:0`, as torch calls it; half precision on GPUs.
            config_dir: Folder for Ultralytics' own settings.

        Raises:
            BadWeights: They cannot be loaded, or are not those of a detector.
            BadConfiguration: torch has no such device.
        """
        keep_private(config_dir)
        import torch
        from ultralytics.nn.autobackend import AutoBackend

        on_gpu = device != "cpu"
        if on_gpu and not torch.cuda.is_available():
            raise BadConfiguration("this torch finds no GPU here; install its CUDA build and driver", "detector.gpu")
        if not on_gpu:
            torch.set_num_threads(threads)
        self._weights, self._device, self._torch = weights, torch.device(device), torch
        with _as_bad_weights(weights):
            self._model = AutoBackend(str(weights), device=self._device, fp16=on_gpu, verbose=False)
            self._model.eval()
        self._check_task()
        self._decoder = Decoder(kinds_of(self._model.names), min_score)
        takes_any_size = self._model.format == "pt" or self._model.dynamic
        self._fixed = None if takes_any_size else _height_and_width(self._model.imgsz)

    @property
    def name(self) -> str:
        """Which weights these are."""
        return self._weights.name

    def detect(self, pictures: Iterable[NDArray[np.uint8]]) -> list[Detections]:
        """One result a picture, each of shape `(h, w, 3)`, BGR, any size."""
        found: list[Detections] = []
        for shape, alike in groupby(pictures, lambda picture: picture.shape[:2]):
            size = self._fixed or smallest_input(shape, _SIDE, int(self._model.stride))
            letterbox = Letterbox.fit(shape, size)
            raw = self._infer(np.stack([letterbox.apply(picture) for picture in alike]))
            found.extend(self._decoder.detections(one, letterbox) for one in raw)
        return found

    def _infer(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        torch = self._torch
        with torch.inference_mode():
            batch = torch.from_numpy(pictures).to(self._device).permute(0, 3, 1, 2).flip(1)
            batch = batch.half() if self._model.fp16 else batch.float()
            raw = self._model(batch.div_(255))
            raw = raw[0] if isinstance(raw, list | tuple) else raw
            found: NDArray[np.float32] = raw.float().cpu().numpy()
        return found

    def _check_task(self) -> None:
        task = getattr(self._model, "task", None) or getattr(getattr(self._model, "model", None), "task", None)
        if task is not None and task not in DETECTOR_TASKS:
            raise BadWeights(f"{self._weights} is for the task {task!r}; use the weights of a detector", WEIGHTS_FIELD)


def _height_and_width(size: Any) -> tuple[int, int]:
    height, width = (size, size) if isinstance(size, int) else size
    return int(height), int(width)


@contextmanager
def _as_bad_weights(weights: Path) -> Iterator[None]:
    try:
        yield
    except _LOAD_ERRORS as exc:
        reason = str(exc) if isinstance(exc, ImportError) else type(exc).__name__
        raise BadWeights(
            f"Ultralytics cannot load {weights} ({reason}); use .pt, .onnx, .engine or an OpenVINO folder that it "
            "exported, and install what that format needs",
            WEIGHTS_FIELD,
        ) from exc
