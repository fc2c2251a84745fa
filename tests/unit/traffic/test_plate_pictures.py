"""Single pictures of plates: the same for the same seed, and as their stratum and their truth say."""

import cv2
import numpy as np
import pytest

from gtvision.domain.errors import BadConfiguration
from gtvision.domain.kinds import Kind
from gtvision.domain.plate import PlateFormat
from gtvision.traffic.plate_pictures import SIZE, STRATA, PlatePicture, plate_picture

COUNT = 6


@pytest.fixture(scope="module", params=STRATA)
def pictures(request: pytest.FixtureRequest) -> list[PlatePicture]:
    return [plate_picture(request.param, seed) for seed in range(COUNT)]


def cut_out(picture: PlatePicture) -> np.ndarray:
    (x1, y1), (x2, y2) = (np.array(picture.box).reshape(2, 2) * SIZE).round().astype(int)
    return picture.bgr[y1:y2, x1:x2]


def test_the_same_stratum_and_seed_give_the_same_bytes(pictures: list[PlatePicture]) -> None:
    again = plate_picture(pictures[0].stratum, 0)
    assert np.array_equal(again.bgr, pictures[0].bgr)
    assert (again.text, again.box) == (pictures[0].text, pictures[0].box)
    assert len({picture.text for picture in pictures}) == COUNT


def test_the_plate_is_whole_and_90_to_220_pixels_wide(pictures: list[PlatePicture]) -> None:
    for picture in pictures:
        assert picture.bgr.shape == (SIZE[1], SIZE[0], 3)
        x1, y1, x2, y2 = picture.box
        assert 0 < x1 < x2 < 1
        assert 0 < y1 < y2 < 1
        assert 85 <= picture.width_px <= 230
        assert (x2 - x1) * SIZE[0] == pytest.approx(picture.width_px, rel=0.12)


def test_text_format_and_kind_are_those_of_the_stratum(pictures: list[PlatePicture]) -> None:
    for picture in pictures:
        assert (picture.format is PlateFormat.MERCOSUL) == picture.text[4].isalpha()
        assert (picture.kind is Kind.MOTORCYCLE) == (picture.stratum == "motorcycle")
        if picture.stratum in ("old", "mercosul"):
            assert picture.format == picture.stratum


def test_the_box_holds_a_plate_whose_letters_stand_out(pictures: list[PlatePicture]) -> None:
    for picture in pictures:
        low, high = np.percentile(cv2.cvtColor(cut_out(picture), cv2.COLOR_BGR2GRAY), (5, 95))
        assert high - low > 35, picture.text


def test_infrared_is_grey_and_the_plate_outshines_what_is_around() -> None:
    for seed in range(COUNT):
        picture = plate_picture("night-ir", seed)
        assert np.abs(picture.bgr[:, :, 0].astype(int) - picture.bgr[:, :, 2]).mean() < 2
        assert np.percentile(cut_out(picture), 70) > 2 * np.median(picture.bgr)


def test_the_view_from_aside_foreshortens_the_plate() -> None:
    def heights_to_widths(stratum: str) -> float:
        plates = [plate_picture(stratum, seed) for seed in range(40, 46)]
        return float(np.mean([(p.box[3] - p.box[1]) * SIZE[1] / p.width_px for p in plates]))

    assert heights_to_widths("angle-35") > 1.1 * heights_to_widths("old")


def test_an_unknown_stratum_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadConfiguration, match="angle-35"):
        plate_picture("fog", 1)
