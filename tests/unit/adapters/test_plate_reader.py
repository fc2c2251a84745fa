"""The engine itself, on drawn pictures; how well it reads real ones is for `benchmarks/plates.py` to say."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from gtvision.adapters.jpeg import encode_jpeg
from gtvision.adapters.plate_engines import load_plate_reader
from gtvision.adapters.plate_files import PlateFiles
from gtvision.adapters.rapidocr_plates import RapidOcrPlates
from gtvision.domain.errors import BadConfiguration, NotAPicture
from gtvision.domain.plate import PlateFormat
from gtvision.domain.stream import PlatePicture
from gtvision.pipeline.plate_format import plate_of
from gtvision.settings import PlateSettings, settings_of
from gtvision.testing import FakePlateReader
from gtvision.traffic.plate_pictures import plate_picture

SEED = 900_001
Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def reader() -> RapidOcrPlates:
    return RapidOcrPlates(threads=2)


def turned(picture: Picture, degrees: float) -> Picture:
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)


@pytest.mark.parametrize(
    ("stratum", "format_", "lines"),
    [("old", PlateFormat.OLD, 1), ("mercosul", PlateFormat.MERCOSUL, 1), ("motorcycle", None, 2)],
)
def test_a_plate_is_read_with_its_format_its_place_and_a_score_for_each_character(
    reader: RapidOcrPlates, stratum: str, format_: PlateFormat | None, lines: int
) -> None:
    drawn = plate_picture(stratum, SEED)
    best = reader.read([drawn.bgr])[0][0]
    plate = plate_of(best)
    assert (plate.text, plate.format, best.lines) == (drawn.text, format_ or drawn.format, lines)
    assert len(best.scores) == len(best.text)
    assert all(0 < score <= 1 for score in best.scores)
    x, y = (best.box[0] + best.box[2]) / 2, (best.box[1] + best.box[3]) / 2
    assert drawn.box[0] < x < drawn.box[2]
    assert drawn.box[1] < y < drawn.box[3]
    assert best.box[2] - best.box[0] <= 1.3 * (drawn.box[2] - drawn.box[0])


@pytest.mark.parametrize("degrees", [-15, 15])
def test_a_plate_in_two_lines_is_joined_though_the_camera_hangs_askew(reader: RapidOcrPlates, degrees: float) -> None:
    drawn = plate_picture("motorcycle", SEED)
    best = reader.read([turned(drawn.bgr, degrees)])[0][0]
    assert (plate_of(best).text, best.lines) == (drawn.text, 2)


def test_a_blurred_plate_is_less_sharp(reader: RapidOcrPlates) -> None:
    drawn = plate_picture("old", SEED)
    sharp, soft = (found[0].sharpness for found in reader.read([drawn.bgr, cv2.GaussianBlur(drawn.bgr, (0, 0), 2.0)]))
    assert 1 >= sharp > soft >= 0


def test_of_two_plates_that_are_read_well_the_larger_comes_first(reader: RapidOcrPlates) -> None:
    near, far = plate_picture("mercosul", SEED), plate_picture("old", SEED)
    street = np.full((480, 1280, 3), 90, np.uint8)
    street[:288, :384] = cv2.resize(far.bgr, (384, 288), interpolation=cv2.INTER_AREA)
    street[:, 640:] = near.bgr
    found = reader.read([street])[0]
    assert [plate_of(reading).text for reading in found] == [near.text, far.text]


@pytest.mark.parametrize("shape", [(1, 1), (4000, 3), (3, 4000), (15, 15), (480, 640)])
def test_pictures_without_a_plate_of_whatever_size_have_no_reading(
    reader: RapidOcrPlates, shape: tuple[int, int]
) -> None:
    noise = np.random.default_rng(7).integers(0, 255, (*shape, 3), np.uint8)
    assert reader.read([noise, np.zeros((*shape, 3), np.uint8)]) == [(), ()]


def test_words_on_a_vehicle_are_no_plate(reader: RapidOcrPlates) -> None:
    van = np.full((360, 640, 3), 220, np.uint8)
    for row, text in enumerate(("PADARIA CENTRAL", "4002-8922", "HB20S 1.0 FLEX")):
        cv2.putText(van, text, (60, 100 + 90 * row), cv2.FONT_HERSHEY_DUPLEX, 1.6, (20, 20, 20), 3)
    assert reader.read([van]) == [()]


def test_bytes_that_are_no_picture_fail_alone(reader: RapidOcrPlates) -> None:
    drawn = plate_picture("old", SEED)
    jpeg = encode_jpeg(drawn.bgr, 90)
    files = PlateFiles(reader)
    first, bad, last = files.read_all([PlatePicture("a", 0.0, data) for data in (jpeg, b"no picture", jpeg)])
    assert isinstance(bad, NotAPicture)
    assert first == last
    assert isinstance(first, tuple)
    assert plate_of(first[0]).text == drawn.text
    with pytest.raises(NotAPicture):
        files.read(PlatePicture("a", 0.0, b""))


def scripted(*, threads: int) -> FakePlateReader:
    """An engine of somebody else's."""
    assert threads == 3
    return FakePlateReader(lambda _: ())


def test_another_engine_is_loaded_by_the_name_of_its_factory() -> None:
    settings = settings_of({"plates": {"engine": f"{__name__}:scripted", "cpu_threads": 3}}).plates
    assert load_plate_reader(settings).name == "fake"


@pytest.mark.parametrize("engine", ["no.such.module:f", f"{__name__}:nothing", "math:sqrt"])
def test_an_engine_that_cannot_be_loaded_names_the_setting(engine: str) -> None:
    with pytest.raises(BadConfiguration, match=r"plates\.engine: "):
        load_plate_reader(PlateSettings(engine=engine))


def test_an_engine_that_is_no_name_is_refused_with_the_settings() -> None:
    with pytest.raises(BadConfiguration, match=r"plates\.engine"):
        settings_of({"plates": {"engine": "easyocr"}})
