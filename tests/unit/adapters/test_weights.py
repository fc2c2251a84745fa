import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gtvision.adapters.weights import find_weights, load_detector
from gtvision.domain.errors import BadWeights


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path) -> Iterator[None]:
    """A working folder without `models/`."""
    before = Path.cwd()
    (tmp_path / "work").mkdir()
    os.chdir(tmp_path / "work")
    yield
    os.chdir(before)


def models_of(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        if name.endswith("_openvino_model"):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"weights")
    return folder


def test_a_path_in_the_setting_comes_before_every_folder(tmp_path: Path) -> None:
    models = models_of(tmp_path / "models", "yolo11n.pt")
    mine = models_of(tmp_path / "mine", "traffic.onnx") / "traffic.onnx"
    assert find_weights(str(mine), models) == mine


def test_a_name_in_the_setting_is_looked_for_in_the_folder_of_models(tmp_path: Path) -> None:
    models = models_of(tmp_path / "models", "yolo11n.pt", "yolo11s.pt")
    assert find_weights("yolo11s.pt", models) == models / "yolo11s.pt"


def test_the_folder_of_models_comes_before_the_local_one(tmp_path: Path) -> None:
    models_of(Path("models"), "yolo11n.pt")
    models = models_of(tmp_path / "models", "yolov8n.pt")
    assert find_weights(None, models) == models / "yolov8n.pt"


def test_the_local_folder_is_used_when_there_is_no_other() -> None:
    models_of(Path("models"), "yolov8n.pt")
    assert find_weights(None, None) == Path("models/yolov8n.pt").absolute()


def test_yolo11n_comes_before_yolov8n_and_openvino_before_pt(tmp_path: Path) -> None:
    names = ("a.pt", "yolov8n_int8_openvino_model", "yolo11n.pt", "yolo11n_int8_openvino_model")
    models = models_of(tmp_path / "models", *names)
    assert find_weights(None, models).name == "yolo11n_int8_openvino_model"


def test_any_model_is_better_than_none(tmp_path: Path) -> None:
    models = models_of(tmp_path / "models", "readme.txt", "ours.engine")
    assert find_weights(None, models).name == "ours.engine"


@pytest.mark.parametrize("setting", ["/nowhere/yolo.pt", "missing_openvino_model"])
def test_a_path_with_nothing_there_names_the_setting(setting: str) -> None:
    with pytest.raises(BadWeights, match=r"detector\.weights: there is nothing at"):
        find_weights(setting, None)


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no weights")
    with pytest.raises(BadWeights, match="known format") as caught:
        find_weights(str(tmp_path / "notes.txt"), None)
    assert caught.value.field == "detector.weights"


def test_a_name_that_nobody_publishes_says_what_to_do_and_leaves_nothing() -> None:
    with pytest.raises(BadWeights, match="set GTVISION_MODELS"):
        find_weights("no-such-weights-anywhere.pt", None)
    assert not list(Path().iterdir())


@pytest.mark.parametrize(
    "content", [None, "task: classify\nnames: {0: car}\nimgsz: [64, 64]\nstride: 32", "not: [a, map"]
)
def test_an_openvino_folder_that_is_no_detector_is_refused(tmp_path: Path, content: str | None) -> None:
    folder = models_of(tmp_path, "odd_openvino_model") / "odd_openvino_model"
    if content is not None:
        (folder / "metadata.yaml").write_text(content)
    with pytest.raises(BadWeights) as caught:
        load_detector(folder, min_score=0.25, threads=1, config_dir=tmp_path / "config")
    assert caught.value.field == "detector.weights"
