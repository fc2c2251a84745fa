import pytest

from gtvision.domain.slug import called, check_slug, slug_of


@pytest.mark.parametrize("name", ["north-gate", "cam_1", "7", "a" * 63])
def test_a_name_that_can_be_an_id_is_its_own(name: str) -> None:
    assert slug_of(name) == name


@pytest.mark.parametrize("name", ["", "Cam 1", "../../etc/passwd", "камера-№1 ☃", "a" * 64, "-", "\ud800", "Câmera"])
def test_any_other_name_makes_an_id_that_can_be_one(name: str) -> None:
    check_slug(slug_of(name), "id")
    assert slug_of(name) == slug_of(name) != name


def test_the_id_can_be_recognised() -> None:
    assert slug_of("../Cam 1").startswith("cam-1-")


def test_names_that_look_alike_make_different_ids() -> None:
    names = ["Cam 1", "cam 1", "cam.1", "cam/1", "CAM-1", "cam-1"]
    assert len({slug_of(name) for name in names}) == len(names)


def test_others_call_it_by_the_name_that_its_id_was_made_of() -> None:
    assert called(slug_of("Câmera 1"), "Câmera 1") == "Câmera 1"
    assert (called("north", "North gate"), called("north", "")) == ("north", "north")
