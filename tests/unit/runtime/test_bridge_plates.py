"""Plates that partners read for us, and plates that we read for partners."""

from base64 import b64encode
from collections import Counter
from dataclasses import replace
from threading import Event as Flag
from typing import Any

import celery_messages as made
import numpy as np
import pytest
from bridging import FILES, NOW_S, PLATES, World, a_partner
from events import an_event
from store_contract import CAMERA

from gtvision.adapters import celery_wire
from gtvision.adapters.celery_wire import read_message
from gtvision.domain import metrics as m
from gtvision.domain.camera import Camera
from gtvision.domain.errors import PlateReaderBusy
from gtvision.domain.kinds import Kind
from gtvision.domain.message import WireMessage
from gtvision.domain.plate import Reading
from gtvision.domain.slug import slug_of
from gtvision.domain.stream import PlatePicture
from gtvision.domain.task import ProcessPlate, Task, plate_task_id
from gtvision.ports import DueOrder, EventToSave, PlateOrder, StoredPicture
from gtvision.runtime.bridge.plates_out import PlatePublisher, PublisherPorts
from gtvision.runtime.plate_orders import OrderBook, PictureShelf
from gtvision.testing import FakeCameraStore, FakeEventStore, FakeMediaStore

READING = Reading("ABC1E23", (0.99,) * 7, (0.25, 0.5, 0.75, 0.75))
SENDS, READS = a_partner(frames=None, sends_plates=True), a_partner(frames=None, reads_plates=True)


def picture_of(width: int = 200, height: int = 100) -> bytes:
    """A picture whose left half is dark and whose right half is bright."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, width // 2 :] = 200
    return FILES.encode(pixels, 90)


def shown(**changes: Any) -> StoredPicture:
    return StoredPicture(an_event(best_box=(0.6, 0.2, 0.9, 0.8), **changes), picture_of())


def asked(camera: str = "north", task_id: str = "task-1", retries: int = 0, **det: Any) -> WireMessage:
    wanted = {**made.DET, "bbox": [120, 20, 180, 80], **det}
    of = made.headers(made.PLATE, id=task_id, retries=retries)
    return made.protocol_2([camera, {key: value for key, value in wanted.items() if value is not None}], of=of)


def crop() -> str:
    return b64encode(picture_of(60, 60)).decode()


def reads(picture: PlatePicture) -> tuple[Reading, ...]:
    assert picture.jpeg.startswith(b"\xff\xd8")
    return (READING,)


def plate_counted(world: World, outcome: str, reason: str = "") -> float:
    return world.metrics.value(m.BRIDGE_MESSAGES, partner="city", queue="plates", outcome=outcome, reason=reason)


def ran(world: World, *messages: WireMessage) -> World:
    world.broker.put(PLATES, *messages)
    with world.running(READS):
        assert world.broker.until(lambda: world.acknowledged >= len(messages))
    return world


def ordered(world: World, *pictures: StoredPicture, camera: str = "north") -> None:
    world.orders.waiting["city"] = [PlateOrder(picture.event.id, camera, picture) for picture in pictures]


def test_a_vehicle_is_sent_cut_out_of_its_picture_with_its_box_in_pixels() -> None:
    world, picture = World(), shown(kind=Kind.TRUCK, track=7)
    ordered(world, picture)
    with world.running(SENDS):
        assert world.broker.until(lambda: len(world.orders.finished) == 1)
    (message,) = world.broker.queues[PLATES]
    task = read_message(message)
    assert isinstance(task, Task)
    work = task.work
    assert isinstance(work, ProcessPlate)
    assert (task.id, work.camera_id, work.event_id) == (plate_task_id(picture.event.id), "north", picture.event.id)
    assert (work.bbox, work.label, work.track_id, work.confidence) == ((120, 20, 180, 80), "truck", 7, 0.75)
    assert work.time_s == picture.event.best_s
    assert work.crop is not None
    pixels = FILES.decode(work.crop)
    assert pixels.shape[:2] == pytest.approx((72, 72), abs=1)
    assert pixels.min() > 150
    assert world.metrics.value(m.BRIDGE_PLATES, partner="city", outcome="sent") == 1


def test_an_order_is_finished_only_once_the_broker_has_confirmed_it() -> None:
    world = World()
    ordered(world, shown())
    world.broker.confirms = False
    with world.running(SENDS):
        assert world.broker.until(lambda: len(world.outlet.unconfirmed) == 1)
        assert world.orders.finished == []
        world.broker.confirms = True
        world.broker.cut()
        assert world.broker.until(lambda: not world.outlet.unconfirmed)
        world.orders.release()
        assert world.broker.until(lambda: len(world.orders.finished) == 1)
    assert {(message.headers or {})["id"] for message in world.broker.queues[PLATES]} == {plate_task_id(an_event().id)}


def test_what_the_broker_has_not_decided_on_is_put_to_it_once_and_nothing_more_is_taken() -> None:
    world, stopped = World(), Flag()
    stopped.set()  # so that nothing is waited for
    ordered(world, shown(), StoredPicture(an_event(1), picture_of()))
    world.broker.confirms = False
    ports = PublisherPorts(world.orders, world.outlet, celery_wire, FILES, world.metrics)
    publisher = PlatePublisher(SENDS, ports, "gtvision@test")
    with world.running():
        for _ in range(3):
            assert publisher.send(stopped) == 0
            world.orders.release()  # their minute is over
        assert len(world.broker.queues[PLATES]) == 2
        world.outlet.unconfirmed.pop(0).set_result(None)
        assert publisher.send(stopped) == 1
    assert world.orders.finished == [("city", shown().event.id)]


def test_nothing_is_taken_while_the_broker_is_away() -> None:
    world = World()
    ordered(world, shown())
    world.broker.is_away = True
    with world.running(SENDS) as bridge:
        assert world.broker.until(lambda: "nobody answers" in bridge.status().detail)
        assert len(world.orders.take("city", 10)) == 1


def test_an_order_whose_picture_is_gone_or_damaged_is_finished_and_counted() -> None:
    world = World()
    damaged = StoredPicture(an_event(1), b"\xff\xd8\xff damaged")
    world.orders.waiting["city"] = [PlateOrder("gone", "", None), PlateOrder("damaged", "north", damaged)]
    with world.running(SENDS):
        assert world.broker.until(lambda: len(world.orders.finished) == 2)
    assert world.metrics.value(m.BRIDGE_PLATES, partner="city", outcome="gone") == 2
    assert PLATES not in world.broker.queues or not world.broker.queues[PLATES]


def test_a_camera_that_the_partner_may_not_name_is_not_told_of() -> None:
    world = World()
    ordered(world, shown())
    with world.running(a_partner(frames=None, sends_plates=True, cameras=("south",))):
        assert world.broker.until(lambda: len(world.orders.finished) == 1)
    assert world.metrics.value(m.BRIDGE_PLATES, partner="city", outcome="refused") == 1


def test_a_plate_that_a_partner_asks_for_is_read_and_stored_under_the_name_of_its_task() -> None:
    world = ran(World(readings=reads), asked(crop=crop()), asked(crop=crop()), asked(crop=crop(), task_id="task-2"))
    stored = [record.vehicle_plate for record in world.sink.plates]
    first = stored[0]
    assert sorted(Counter(seen.id for seen in stored).values()) == [1, 2]
    assert (first.plate.text, first.camera_id, first.track, first.kind) == ("ABC1E23", "north", 7, Kind.CAR)
    assert first.time_s == made.DET["timestamp"]
    assert first.event_ids == ()
    assert first.box == READING.box
    assert all(record.crop is not None for record in world.sink.plates)
    assert plate_counted(world, "processed") == 3


@pytest.mark.parametrize(
    ("text", "score", "wanted"),
    [
        ("ABC1E23", 0.75, []),
        ("ABC1E23", 0.85, ["ABC1E23"]),
        ("ABC1D23", 0.99, ["ABC1D23"]),
        ("PARE", 0.99, []),
        ("ABCDEFG", 0.99, []),
    ],
)
def test_of_one_picture_a_brazilian_plate_that_is_fairly_sure_is_taken(
    text: str, score: float, wanted: list[str]
) -> None:
    reading = replace(READING, text=text, scores=(score,) * len(text))
    world = ran(World(readings=lambda _: (reading,)), asked(crop=crop()))
    assert [record.vehicle_plate.plate.text for record in world.sink.plates] == wanted
    assert plate_counted(world, "processed") == 1


def test_without_a_crop_the_picture_of_the_event_is_read() -> None:
    world = World(readings=reads)
    picture = shown()
    world.pictures.pictures.append(picture)
    ran(world, asked(event_id=picture.event.id, timestamp=1.0))
    seen = world.sink.plates[0].vehicle_plate
    assert seen.event_ids == (picture.event.id,)
    assert seen.track == picture.event.track
    assert seen.box == pytest.approx((0.57 + 0.09, 0.5, 0.57 + 0.27, 0.68))


@pytest.mark.parametrize(
    ("camera", "event_id", "is_kept"),
    [
        ("north", shown().event.id, True),
        ("south", shown().event.id, False),
        ("south", an_event(1).id, True),
        ("south", "their-number-7", False),
    ],
)
def test_the_event_that_a_task_names_is_kept_where_it_can_be_one_of_its_camera(
    camera: str, event_id: str, is_kept: bool
) -> None:
    world = World(readings=reads)
    world.pictures.pictures.append(shown())
    ran(world, asked(camera, event_id=event_id, crop=crop()))
    (record,) = world.sink.plates
    assert record.vehicle_plate.event_ids == ((event_id,) if is_kept else ())


def test_without_a_crop_the_picture_of_that_camera_and_time_is_read() -> None:
    world = World(readings=reads)
    picture = shown()
    world.pictures.pictures.append(picture)
    ran(world, asked(timestamp=picture.event.best_s + 2))
    assert len(world.sink.plates) == 1


@pytest.mark.parametrize("camera", ["south", "north"])
def test_without_any_picture_it_goes_to_the_dead_letters(camera: str) -> None:
    world = World(readings=reads)
    world.pictures.pictures.append(shown())
    ran(world, asked(camera, event_id=shown().event.id if camera == "south" else None, timestamp=NOW_S))
    assert plate_counted(world, "dead", "no_picture") == 1


def test_a_box_outside_the_picture_goes_to_the_dead_letters() -> None:
    world = World(readings=reads)
    world.pictures.pictures.append(shown())
    ran(world, asked(event_id=shown().event.id, bbox=[500, 20, 600, 80]))
    assert plate_counted(world, "dead", "bad_det") == 1


def test_a_crop_that_is_no_whole_picture_goes_to_the_dead_letters() -> None:
    world = ran(World(readings=reads), asked(crop=b64encode(b"\xff\xd8\xff damaged").decode()))
    assert plate_counted(world, "dead", "not_jpeg") == 1


def test_a_reader_that_is_busy_and_a_spool_that_is_full_are_tried_again() -> None:
    def busy(_: PlatePicture) -> tuple[Reading, ...]:
        raise PlateReaderBusy("no reader")

    full = World(readings=reads)
    full.sink.refusals = 1
    for world in (World(readings=busy), full):
        ran(world, asked(crop=crop()))
        assert plate_counted(world, "retried", "retry") == 1
        assert len(world.broker.queues["gtv.ocr.retry.5s"]) == 1


@pytest.mark.parametrize(("changes", "is_named"), [({}, True), ({"end_s": None}, False), ({"plate": "XYZ9A87"}, False)])
def test_the_event_shows_the_plate_when_it_is_over_and_has_none(changes: dict[str, Any], is_named: bool) -> None:
    world, picture = World(readings=reads), shown(**changes)
    world.pictures.pictures.append(picture)
    ran(world, asked(event_id=picture.event.id, crop=crop()))
    named = [record.event for record in world.sink.records]
    wanted = [replace(picture.event, plate="ABC1E23", revision=1)] if is_named else []
    assert named == wanted


def test_a_camera_of_others_is_called_as_they_call_it() -> None:
    name = "Câmera 1"
    pushed = Camera(slug_of(name), CAMERA.sources, name)
    cameras, events, media = FakeCameraStore(CAMERA, pushed), FakeEventStore(), FakeMediaStore()
    book = OrderBook(_Orders(events), cameras, PictureShelf(events, media))
    for number, camera_id in enumerate(("north", pushed.id, "removed")):
        event = an_event(number, camera_id=camera_id)
        events.save_events([EventToSave(event, f"{number}.jpg")])
        media.put(f"{number}.jpg", b"picture")
    orders = book.take("city", 10)
    assert [order.camera for order in orders] == ["north", name, "removed"]
    assert all(order.picture is not None and order.picture.jpeg == b"picture" for order in orders)


def test_the_shelf_finds_the_picture_nearest_to_a_time() -> None:
    events, media = FakeEventStore(), FakeMediaStore()
    shelf = PictureShelf(events, media)
    for number in (0, 4, 5):
        events.save_events([EventToSave(an_event(number), f"{number}.jpg")])
        media.put(f"{number}.jpg", str(number).encode())
    best_s = an_event(4).best_s
    found = [shelf.at("north", best_s + offset_s) for offset_s in (-2.1, 0.4, 0.6, 3.9, 4.1)]
    assert [None if each is None else each.jpeg for each in found] == [b"0", b"4", b"5", b"5", None]
    assert shelf.at("south", best_s) is None
    media.remove(["4.jpg"])
    assert shelf.of_event(an_event(4).id) is None


class _Orders:
    """Orders of all events of a store, none of which is ever finished."""

    def __init__(self, events: FakeEventStore) -> None:
        self._events = events

    def take_plate_orders(self, partner: str, now_s: float, until_s: float, limit: int) -> list[DueOrder]:  # noqa: ARG002
        return [DueOrder(stored.event.id, stored) for stored in self._events.changes(0, limit=limit)]

    def finish_plate_orders(self, partner: str, event_ids: Any) -> None:
        raise AssertionError((partner, event_ids))
