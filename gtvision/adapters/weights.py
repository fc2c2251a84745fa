"""Which weights to use, and what loads them.

They are looked for in this order: the setting, the administrator's folder of models, a local folder `models`,
Ultralytics' own download, and at last our own small weights, which know simulated traffic only.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from gtvision.adapters.yolo_boxes import WEIGHTS_FIELD
from gtvision.domain.errors import BadWeights

if TYPE_CHECKING:
    from gtvision.ports import PictureDetector

_PREFERRED = ("yolo11n", "yolov8n", "")
_FORMATS = ("_openvino_model", ".pt", ".onnx", ".engine")
_DOWNLOADED = "yolo11n.pt"
_LOCAL = Path("models")

SIMULATED = Path(__file__).parents[1] / "weights" / "simulated-traffic_openvino_model"
"""Our own weights, trained on simulated traffic alone: for the demo, tests and benchmarks, not for real cameras."""


def find_weights(setting: str | None, models_folder: Path | None) -> Path:
    """The weights to load.

    Args:
        setting: A path, or the name of weights that Ultralytics publishes; None takes the first that are found.
        models_folder: Where the administrator keeps models; None when there is no such folder.

    Returns:
        Their path; `SIMULATED` when nothing was named and nothing was found: whoever watches real cameras says so.

    Raises:
        BadWeights: There is nothing of the name that the setting gives; the message says what to do.
    """
    if setting is not None and (Path(setting).expanduser().exists() or not _is_name(setting)):
        return _existing(Path(setting).expanduser())
    folders = [folder for folder in (models_folder, _LOCAL) if folder is not None and folder.is_dir()]
    for folder in folders:
        if found := _named(folder, setting) if setting is not None else _first_in(folder):
            return found.absolute()
    try:
        return _downloaded(setting or _DOWNLOADED)
    except BadWeights:
        if setting is None:
            return SIMULATED
        raise


def is_simulated(weights: Path) -> bool:
    """Whether they are those that know simulated traffic only."""
    return weights.name == SIMULATED.name


def load_detector(
    weights: Path, *, min_score: float, threads: int, device: str = "cpu", config_dir: Path
) -> "PictureDetector":
    """The detector of these weights: OpenVINO folders on a CPU in their own runtime, all else through Ultralytics.

    Args:
        weights: From `find_weights`.
        min_score: Detections below it are left out, in [0, 1].
        threads: CPU cores to compute on.
        device: `cpu`, or a GPU as torch calls it, such as `cuda:0`.
        config_dir: Folder for Ultralytics' own settings.

    Raises:
        BadWeights: They cannot be loaded, or are not those of a detector.
        BadConfiguration: There is no such device.
    """
    _existing(weights)
    if device == "cpu" and weights.is_dir():
        from gtvision.adapters.openvino_yolo import OpenVinoYolo

        return OpenVinoYolo(weights, min_score=min_score, threads=threads)
    from gtvision.adapters.yolo import Yolo

    return Yolo(weights, min_score=min_score, threads=threads, device=device, config_dir=config_dir)


def _is_name(setting: str) -> bool:
    return Path(setting).name == setting and setting.endswith(".pt")


def _existing(path: Path) -> Path:
    if not path.exists():
        raise BadWeights(f"there is nothing at {path}; give the path of a model that exists", WEIGHTS_FIELD)
    if not path.name.endswith(_FORMATS) and not any(path.glob("*.xml")):
        raise BadWeights(
            f"{path} is in no known format; use .pt, .onnx, .engine or an OpenVINO folder (name_openvino_model)",
            WEIGHTS_FIELD,
        )
    return path.absolute()


def _named(folder: Path, name: str) -> Path | None:
    return folder / name if (folder / name).exists() else None


def _first_in(folder: Path) -> Path | None:
    """The smallest model first, and of one model the format that runs fastest on a CPU."""
    candidates = sorted(path for path in folder.iterdir() if path.name.endswith(_FORMATS))
    for prefix in _PREFERRED:
        for ending in _FORMATS:
            for path in candidates:
                if path.name.startswith(prefix) and path.name.endswith(ending):
                    return path
    return None


def _downloaded(name: str) -> Path:
    from gtvision.adapters.yolo import download

    try:
        return download(name, _LOCAL).absolute()
    except BadWeights as exc:
        raise BadWeights(
            f"{name} was not found and could not be downloaded; put it into a folder and set GTVISION_MODELS to that, "
            "or name the model's path here",
            WEIGHTS_FIELD,
        ) from exc
