"""Models give boxes of road users, the same in every runtime."""

import shutil
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from gtvision.adapters.openvino_yolo import OpenVinoYolo
from gtvision.adapters.sample_detector import SampleDetector
from gtvision.adapters.weights import find_weights, load_detector
from gtvision.adapters.yolo import Yolo, keep_private
from gtvision.adapters.yolo_boxes import Decoder, Letterbox, kinds_of, smallest_input
from gtvision.domain.detections import Detections
from gtvision.domain.errors import BadWeights, NotAPicture
from gtvision.domain.geometry import iou
from gtvision.domain.kinds import Kind
from gtvision.domain.stream import SAMPLE_WIDTH, Sample

Picture = NDArray[np.uint8]
COCO = {0: "person", 1: "bicycle", 2: "car", 3: "motorcycle", 4: "airplane", 5: "bus", 6: "train", 7: "truck"}
SEEN_S = (0.5, 2.0, 4.5, 6.0)


@pytest.fixture(scope="session")
def config_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ultralytics")
    with warnings.catch_warnings(action="ignore"):  # of Ultralytics' and torch's own imports
        keep_private(folder)
    return folder


@pytest.fixture(scope="session")
def weights(models: Path) -> Path:
    return find_weights(None, models)


@pytest.fixture(scope="session")
def model(weights: Path) -> OpenVinoYolo:
    return OpenVinoYolo(weights, min_score=0.25, threads=2)


@pytest.fixture(scope="session")
def pictures_of(clips: Path) -> Callable[[str], list[Picture]]:
    def pictures(clip: str) -> list[Picture]:
        video = cv2.VideoCapture(str(clips / f"{clip}.mp4"))
        found = []
        for at_s in SEEN_S:
            video.set(cv2.CAP_PROP_POS_MSEC, at_s * 1000)
            picture = video.read()[1]
            height = round(picture.shape[0] * SAMPLE_WIDTH / picture.shape[1])
            found.append(cv2.resize(picture, (SAMPLE_WIDTH, height), interpolation=cv2.INTER_AREA))
        video.release()
        return found

    return pictures


@pytest.fixture(scope="session")
def ultralytics(weights: Path, config_dir: Path) -> Callable[[Picture], Any]:
    """The plain way: `YOLO(weights)(picture)`. Its own NMS stands in where torchvision does not fit this torch."""
    from ultralytics import YOLO
    from ultralytics.utils.nms import TorchNMS

    try:
        with warnings.catch_warnings(action="ignore"):
            import torchvision  # noqa: F401
    except (ImportError, RuntimeError):
        stand_in = ModuleType("torchvision")
        stand_in.ops = SimpleNamespace(nms=TorchNMS.nms)  # type: ignore[attr-defined]
        sys.modules["torchvision"] = stand_in
    plain = YOLO(str(weights), task="detect")
    return lambda picture: plain(picture, verbose=False)[0].boxes


def same(a: Detections, b: Detections) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ("xyxy", "score", "kind"))


def agreement(boxes: Any, found: Detections) -> list[float]:
    """The best IoU that each sure box of a road user has among ours."""
    wanted = np.isin(boxes.cls.numpy(), [0, 1, 2, 3, 5, 7]) & (boxes.conf.numpy() >= 0.5)
    pairs = iou(boxes.xyxyn.numpy()[wanted], found.xyxy)
    return list(pairs.max(axis=1)) if len(found) else [0.0] * int(wanted.sum())


@pytest.mark.parametrize("clip", ["motorway", "crossing", "approach", "street"])
def test_boxes_agree_with_those_of_ultralytics(
    clip: str, model: OpenVinoYolo, pictures_of: Callable[[str], list[Picture]], ultralytics: Callable[[Picture], Any]
) -> None:
    pictures = pictures_of(clip)
    shares = [
        share
        for picture, found in zip(pictures, model.detect(pictures), strict=True)
        for share in agreement(ultralytics(picture), found)
    ]
    assert len(shares) >= 2
    assert np.mean(shares) >= 0.9


def test_both_runtimes_find_the_same_vehicles(
    model: OpenVinoYolo, weights: Path, config_dir: Path, pictures_of: Callable[[str], list[Picture]]
) -> None:
    pictures = pictures_of("motorway")
    other = Yolo(weights, min_score=0.25, threads=2, device="cpu", config_dir=config_dir).detect(pictures)
    for ours, theirs in zip(model.detect(pictures), other, strict=True):
        sure = ours.xyxy[ours.score >= 0.5]
        assert len(sure) > 0
        assert iou(sure, theirs.xyxy).max(axis=1).mean() >= 0.9


def test_detections_do_not_depend_on_the_batch(
    model: OpenVinoYolo, pictures_of: Callable[[str], list[Picture]]
) -> None:
    mixed = [picture for pair in zip(pictures_of("motorway"), pictures_of("crossing"), strict=True) for picture in pair]
    together = model.detect(iter(mixed))
    assert len(together) == len(mixed)
    assert all(same(found, model.detect([picture])[0]) for found, picture in zip(together, mixed, strict=True))


def test_detections_are_sorted_and_within_the_picture(
    model: OpenVinoYolo, pictures_of: Callable[[str], list[Picture]]
) -> None:
    for found in model.detect(pictures_of("crossing")):
        assert (np.diff(found.score) <= 0).all()
        assert (found.xyxy >= 0).all()
        assert (found.xyxy <= 1).all()
        assert (found.xyxy[:, 2:] > found.xyxy[:, :2]).all()
        assert (found.xyxy.dtype, found.score.dtype, found.kind.dtype) == (np.float32, np.float32, np.int16)


@pytest.mark.parametrize("shape", [(48, 64), (1080, 1920), (640, 360), (90, 900), (1, 1)])
def test_a_picture_of_any_shape_is_taken(model: OpenVinoYolo, shape: tuple[int, int]) -> None:
    assert len(model.detect([np.zeros((*shape, 3), np.uint8)])[0]) == 0


def test_no_pictures_give_no_results(model: OpenVinoYolo) -> None:
    assert model.detect([]) == []


def test_a_model_of_fixed_size_is_taken_as_well(models: Path, pictures_of: Callable[[str], list[Picture]]) -> None:
    fixed = OpenVinoYolo(models / "yolov8n_int8_openvino_model", min_score=0.25, threads=2)
    assert (fixed.detect(pictures_of("motorway"))[0].kind == Kind.CAR).sum() >= 3
    assert fixed.name == "yolov8n_int8_openvino_model"


def test_a_damaged_model_is_refused(weights: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged_openvino_model"
    shutil.copytree(weights, damaged, copy_function=shutil.copyfile)
    next(damaged.glob("*.xml")).write_text("<net")
    with pytest.raises(BadWeights, match="export the weights again"):
        OpenVinoYolo(damaged, min_score=0.25, threads=1)


@pytest.fixture(scope="session")
def untrained(config_dir: Path) -> Callable[[str, dict[int, str]], Path]:
    """A `.pt` file of that architecture that has learnt nothing."""

    def make(architecture: str, names: dict[int, str]) -> Path:
        from ultralytics import YOLO

        made = YOLO(architecture, verbose=False)
        made.model.names |= names
        path = config_dir / f"{Path(architecture).stem}-{len(names)}.pt"
        made.save(path)
        return path

    return make


def test_a_pt_file_is_loaded_through_ultralytics(
    untrained: Callable[[str, dict[int, str]], Path], config_dir: Path
) -> None:
    path = untrained("yolo11n.yaml", {2: "car"})
    detector = load_detector(path, min_score=0.01, threads=1, config_dir=config_dir)
    shapes = [(360, 640), (360, 640), (480, 640)]
    assert len(detector.detect(np.zeros((*shape, 3), np.uint8) for shape in shapes)) == 3
    assert detector.name == path.name


def test_a_model_that_knows_no_road_user_is_refused(
    untrained: Callable[[str, dict[int, str]], Path], config_dir: Path
) -> None:
    with pytest.raises(BadWeights, match="knows no road user"):
        load_detector(untrained("yolo11n.yaml", {}), min_score=0.25, threads=1, config_dir=config_dir)


def test_a_classifier_is_refused(untrained: Callable[[str, dict[int, str]], Path], config_dir: Path) -> None:
    with pytest.raises(BadWeights, match="task 'classify'"):
        load_detector(untrained("yolo11n-cls.yaml", COCO), min_score=0.25, threads=1, config_dir=config_dir)


@pytest.mark.parametrize("name", ["weights.pt", "weights.onnx"])
def test_a_file_that_holds_something_else_is_refused(tmp_path: Path, config_dir: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"no weights" * 100)
    with pytest.raises(BadWeights, match="cannot load"):
        load_detector(tmp_path / name, min_score=0.25, threads=1, config_dir=config_dir)


def test_ultralytics_reports_to_nobody(config_dir: Path) -> None:
    from ultralytics.utils import ONLINE, SETTINGS

    assert SETTINGS["sync"] is False
    assert ONLINE is False
    assert config_dir in Path(SETTINGS.file).parents


def test_classes_are_known_by_name_and_the_rest_is_dropped() -> None:
    kinds = kinds_of({0: "Motorbike", 1: "traffic light", 2: "van"})
    assert kinds.tolist() == [Kind.MOTORCYCLE, -1, Kind.CAR]


def raw_of(*boxes: tuple[float, float, float, float, int, float]) -> NDArray[np.float32]:
    """A model's output with these boxes: centre, size, class, score."""
    raw = np.zeros((4 + len(COCO), len(boxes)), np.float32)
    for column, (x, y, width, height, index, score) in enumerate(boxes):
        raw[:4, column] = x, y, width, height
        raw[4 + index, column] = score
    return raw


def test_one_vehicle_seen_as_car_and_truck_is_found_once() -> None:
    raw = raw_of((100, 100, 50, 50, 2, 0.6), (101, 100, 50, 50, 7, 0.8), (300, 100, 50, 50, 2, 0.5))
    found = Decoder(kinds_of(COCO), 0.25).detections(raw, Letterbox.fit((640, 640), (640, 640)))
    assert found.kind.tolist() == [Kind.TRUCK, Kind.CAR]


def test_a_rider_and_the_motorcycle_are_both_found() -> None:
    raw = raw_of((100, 100, 50, 50, 0, 0.6), (101, 100, 50, 50, 3, 0.8))
    found = Decoder(kinds_of(COCO), 0.25).detections(raw, Letterbox.fit((640, 640), (640, 640)))
    assert found.kind.tolist() == [Kind.MOTORCYCLE, Kind.PERSON]


def test_what_is_no_road_user_or_below_the_score_is_left_out() -> None:
    raw = raw_of((100, 100, 50, 50, 6, 0.9), (300, 100, 50, 50, 2, 0.2))
    assert len(Decoder(kinds_of(COCO), 0.25).detections(raw, Letterbox.fit((640, 640), (640, 640)))) == 0


def test_output_that_was_suppressed_already_is_understood() -> None:
    raw = np.array([[64, 64, 128, 128, 0.9, 2], [0, 0, 10, 10, 0.1, 2]], np.float32)
    found = Decoder(kinds_of(COCO), 0.25).detections(raw, Letterbox.fit((640, 640), (640, 640)))
    assert found.xyxy.tolist() == [pytest.approx([0.1, 0.1, 0.2, 0.2])]


@pytest.mark.parametrize("picture", [(360, 640), (480, 640), (1080, 1920), (640, 360), (100, 999)])
def test_boxes_come_back_from_the_letterbox_where_they_were(picture: tuple[int, int]) -> None:
    letterbox = Letterbox.fit(picture, smallest_input(picture, 640, 32))
    drawn = np.zeros((*picture, 3), np.uint8)
    top, bottom, left, right = picture[0] // 4, picture[0] // 2, picture[1] // 4, picture[1] // 2
    drawn[top:bottom, left:right] = 255
    boxed = letterbox.apply(drawn)
    assert boxed.shape == (*letterbox.size, 3)
    rows, columns = np.nonzero(boxed[..., 0] > 200)
    corners = np.array([[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]], np.float32)
    expected = [left / picture[1], top / picture[0], right / picture[1], bottom / picture[0]]
    assert letterbox.relative(corners)[0].tolist() == pytest.approx(expected, abs=0.02)


def test_bytes_that_are_no_picture_cost_the_other_samples_nothing(
    model: OpenVinoYolo, pictures_of: Callable[[str], list[Picture]]
) -> None:
    jpegs = [cv2.imencode(".jpg", picture)[1].tobytes() for picture in pictures_of("motorway")]
    samples = [Sample("gate", 0.0, False, jpeg) for jpeg in (jpegs[0], b"", jpegs[1], b"no picture")]
    found = SampleDetector(model).detect_all(samples)
    assert [isinstance(one, NotAPicture) for one in found] == [False, True, False, True]
    assert all(isinstance(one, Detections) and len(one) > 0 for one in (found[0], found[2]))
    with pytest.raises(NotAPicture, match="10 bytes"):
        SampleDetector(model).detect(samples[3])
