"""Drawn streets of noise, in which every pixel could be told from every other: what is blurred cannot be any more."""

from collections.abc import Iterable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from gtvision.domain.detections import Detections
from gtvision.domain.geometry import Box
from gtvision.domain.kinds import Kind
from gtvision.domain.privacy import Blurred
from gtvision.pipeline.blur import blurred

PEOPLE, PLATES = frozenset({Blurred.PEOPLE}), frozenset({Blurred.PLATES})
BOTH = PEOPLE | PLATES
HEIGHT, WIDTH = 360, 640
OWN: Box = (0.1, 0.3, 0.4, 0.9)
NOWHERE: Box = (0.98, 0.98, 1.0, 1.0)

Picture = NDArray[np.uint8]


def a_street(seed: int = 3) -> Picture:
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3)).astype(np.uint8)


def detections(*found: tuple[Box, Kind]) -> Detections:
    boxes = np.asarray([box for box, _ in found], np.float32).reshape(-1, 4)
    kinds = np.asarray([kind for _, kind in found], np.int16)
    return Detections(boxes, np.full(len(found), 0.5, np.float32), kinds)


def part(picture: Picture, box: Iterable[float]) -> Picture:
    x1, y1, x2, y2 = box
    return picture[round(y1 * HEIGHT) : round(y2 * HEIGHT), round(x1 * WIDTH) : round(x2 * WIDTH)]


def likeness(a: Picture, b: Picture) -> float:
    """How much of the one is in the other: the correlation of their pixels."""
    return abs(float(np.corrcoef(a.ravel().astype(float), b.ravel().astype(float))[0, 1]))


def changed(before: Picture, after: Picture) -> NDArray[np.bool_]:
    """Which pixels are others, shape `(h, w)`."""
    return np.asarray((before != after).any(axis=2))


def test_nothing_of_a_person_is_left_and_all_around_is() -> None:
    street, person = a_street(), (0.5, 0.2, 0.6, 0.8)
    after = blurred(street, detections((person, Kind.PERSON)), OWN, PEOPLE)
    assert likeness(part(street, person), part(after, person)) < 0.05
    around = changed(street, after)
    around[int(0.14 * HEIGHT) - 1 : int(0.86 * HEIGHT) + 2, int(0.49 * WIDTH) - 1 : int(0.61 * WIDTH) + 2] = False
    assert not around.any()


@pytest.mark.parametrize("person", [(0.5, 0.2, 0.6, 0.8), (0.5, 0.5, 0.515, 0.58), (0.3, 0.4, 0.7, 0.6)])
def test_a_person_is_a_dozen_colours_at_most(person: Box) -> None:
    after = blurred(a_street(), detections((person, Kind.PERSON)), OWN, PEOPLE)
    assert len(np.unique(part(after, person).reshape(-1, 3), axis=0)) <= 12


def test_two_faces_under_the_blur_look_the_same() -> None:
    person: Box = (0.5, 0.2, 0.6, 0.8)
    faces = []
    for eyes_x in (334, 356):
        street = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
        cv2.circle(street, (352, 95), 20, (160, 180, 220), -1)
        cv2.circle(street, (eyes_x, 90), 4, (20, 20, 20), -1)
        faces.append(blurred(street, detections((person, Kind.PERSON)), OWN, PEOPLE).astype(int))
    assert np.abs(faces[0] - faces[1]).max() <= 6


def with_plate(text: str, x: int, y: int) -> Picture:
    street = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    street[y : y + 22, x : x + 90] = 230
    cv2.putText(street, text, (x + 3, y + 17), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (10, 10, 10), 2)
    return street


@pytest.mark.parametrize("kind", [Kind.CAR, Kind.BUS, Kind.TRUCK, Kind.MOTORCYCLE])
@pytest.mark.parametrize("y", [200, 280])
def test_two_plates_of_another_vehicle_look_the_same(kind: Kind, y: int) -> None:
    other: Box = (0.5, 0.3, 0.9, 0.9)
    texts = ("ABC1D23", "XYZ9W88")
    seen = [blurred(with_plate(text, 400, y), detections((other, kind)), OWN, PLATES).astype(int) for text in texts]
    assert np.abs(seen[0] - seen[1]).max() <= 3


def test_the_upper_part_of_another_vehicle_stays_and_so_does_a_bicycle() -> None:
    street = a_street()
    found = detections(((0.5, 0.3, 0.9, 0.9), Kind.CAR), ((0.45, 0.1, 0.5, 0.2), Kind.BICYCLE))
    after = blurred(street, found, OWN, PLATES)
    assert not changed(street, after)[: round(0.5 * HEIGHT)].any()
    assert changed(street, after)[round(0.6 * HEIGHT) : round(0.88 * HEIGHT), 330:570].mean() > 0.98


def test_the_own_vehicle_stays_as_it_is_however_often_it_was_found() -> None:
    street = a_street()
    found = detections((OWN, Kind.CAR), ((0.11, 0.3, 0.4, 0.88), Kind.TRUCK))
    assert blurred(street, found, OWN, BOTH) is street


def test_the_own_vehicle_is_the_one_that_fits_best_when_its_box_has_grown_since() -> None:
    street, half = a_street(), (0.1, 0.3, 0.25, 0.9)
    found = detections(((0.6, 0.3, 0.9, 0.9), Kind.CAR), (half, Kind.CAR))
    assert not changed(street, blurred(street, found, OWN, PLATES))[:, : round(0.5 * WIDTH)].any()


def test_a_person_in_front_of_the_own_vehicle_is_blurred_and_the_rest_of_it_stays() -> None:
    street, rider = a_street(), (0.2, 0.2, 0.3, 0.7)
    after = blurred(street, detections((OWN, Kind.MOTORCYCLE), (rider, Kind.PERSON)), OWN, BOTH)
    assert likeness(part(street, rider), part(after, rider)) < 0.05
    assert not changed(street, after)[:, : round(0.18 * WIDTH)].any()
    assert not changed(street, after)[round(0.76 * HEIGHT) :].any()


def test_with_no_own_vehicle_among_them_all_lose_their_plates() -> None:
    street, boxes = a_street(), [(0.1, 0.3, 0.4, 0.9), (0.5, 0.3, 0.9, 0.9)]
    after = blurred(street, detections(*((box, Kind.CAR) for box in boxes)), NOWHERE, PLATES)
    for x1, _, x2, y2 in boxes:
        assert (
            changed(street, after)[
                round(0.6 * HEIGHT) : round(y2 * HEIGHT) - 2, round(x1 * WIDTH) + 2 : round(x2 * WIDTH) - 2
            ].mean()
            > 0.98
        )


@pytest.mark.parametrize(
    "box", [(-0.1, 0.2, 0.05, 0.9), (0.97, 0.9, 1.0, 1.0), (0.5, 0.5, 0.5, 0.5), (0.0, 0.0, 1.0, 1.0)]
)
@pytest.mark.parametrize("kind", [Kind.PERSON, Kind.CAR])
def test_boxes_at_the_edge_and_empty_ones_are_no_fault(box: Box, kind: Kind) -> None:
    assert blurred(a_street(), detections((box, kind)), OWN, BOTH).shape == (HEIGHT, WIDTH, 3)


def test_what_is_not_asked_for_stays_and_the_picture_itself_is_never_changed() -> None:
    street = a_street()
    street.flags.writeable = False
    found = detections(((0.5, 0.3, 0.9, 0.9), Kind.CAR), ((0.5, 0.1, 0.6, 0.25), Kind.PERSON))
    assert blurred(street, Detections.none(), OWN, BOTH) is street
    assert blurred(street, found, OWN, frozenset()) is street
    assert not changed(street, blurred(street, found, OWN, PLATES))[: round(0.3 * HEIGHT)].any()
    assert not changed(street, blurred(street, found, OWN, PEOPLE))[round(0.3 * HEIGHT) :].any()
