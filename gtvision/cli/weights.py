"""The weights and the detector that a command works with, by the settings and the environment."""

import os
from pathlib import Path

from gtvision.adapters.weights import find_weights, load_detector
from gtvision.cli.output import models_folder
from gtvision.ports import PictureDetector
from gtvision.settings import Settings

ONLY_SIMULATED = (
    "These weights know simulated traffic only; with real cameras they find next to nothing. Put a model such as "
    "yolo11n.pt into a folder and set GTVISION_MODELS to it, or set detector.weights to its path."
)


def weights_of(settings: Settings) -> Path:
    """The weights that the settings name, else the first that are found, else those for simulated traffic.

    Raises:
        BadWeights: There is nothing of the name that the settings give.
    """
    return find_weights(settings.detector.weights, models_folder())


def detector_of(settings: Settings, weights: Path) -> PictureDetector:
    """The detector of these weights on all cores of this machine. Raises `BadWeights`."""
    return load_detector(
        weights,
        min_score=settings.detector.min_score,
        threads=os.cpu_count() or 1,
        config_dir=settings.data_dir / "ultralytics",
    )
