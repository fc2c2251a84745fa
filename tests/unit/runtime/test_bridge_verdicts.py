"""What becomes of messages at the bridge, by what they are and by what happens to them."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import celery_messages as made
import pytest
from bridging import DEAD, FRAMES, NOW_S, RETRY, World, a_frame, a_partner

from gtvision.adapters.celery_wire import read_message, revived
from gtvision.domain import metrics as m
from gtvision.domain.camera import PUSHED, Camera, Source
from gtvision.domain.errors import MessageRefused, NotAPicture, SourceUnavailable, TryLater
from gtvision.domain.message import WireMessage
from gtvision.domain.pushed import PushedFrame, PushedOutcome
from gtvision.domain.refusal import RefusalReason
from gtvision.domain.slug import slug_of
from gtvision.domain.task import Task
from gtvision.runtime.bridge import Patience
from gtvision.testing import FakePushedCameras


def iso(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).isoformat()


def raising(error: Exception) -> World:
    def truth(_: PushedFrame) -> PushedOutcome:
        raise error

    return World(truth)


def counted(world: World, outcome: str, reason: str = "") -> float:
    return world.metrics.value(m.BRIDGE_MESSAGES, partner="city", queue="frames", outcome=outcome, reason=reason)


def reason_of(letter: WireMessage) -> str:
    return str((letter.headers or {})["gtv-dead-reason"])


def test_a_frame_goes_to_its_camera_and_is_acknowledged() -> None:
    world = World()
    world.broker.put(FRAMES, a_frame())
    with world.running():
        assert world.settled(1)
    (frame,) = world.cameras.frames
    assert (frame.id, frame.camera_id, frame.work.jpeg) == ("frame-0", "north-gate", made.JPEG)
    assert counted(world, "processed") == 1
    assert world.metrics.value(m.BRIDGE_SECONDS, partner="city", queue="frames") == 1


def test_a_camera_called_otherwise_than_an_id_gets_one() -> None:
    world = World()
    world.broker.put(FRAMES, a_frame(camera="Câmera 1"))
    with world.running():
        assert world.settled(1)
    assert world.cameras.frames[0].camera_id.startswith("c-mera-1-")


def test_a_frame_that_comes_twice_is_counted_as_repeated() -> None:
    world = World()
    world.broker.put(FRAMES, a_frame(), a_frame())
    with world.running():
        assert world.settled(2)
    assert (counted(world, "processed"), counted(world, "repeated")) == (1, 1)


def test_a_camera_is_told_which_frames_may_be_done_already() -> None:
    world = World()
    world.broker.put(FRAMES, a_frame(0), replace(a_frame(1), is_redelivered=True), a_frame(2, of={"retries": 2}))
    with world.running():
        assert world.settled(3)
    assert [frame.may_be_repeated for frame in world.cameras.frames] == [False, True, True]


def test_what_cannot_be_read_goes_to_the_dead_letters_as_it_came() -> None:
    world = World()
    pickled = WireMessage(b"\x80\x02.", made.headers(), made.properties() | {"content_type": "application/x-pickle"})
    world.broker.put(FRAMES, pickled)
    with world.running():
        assert world.settled(1)
    (letter,) = world.broker.queues[DEAD]
    assert reason_of(letter) == RefusalReason.CONTENT_TYPE
    assert revived(letter).body == pickled.body
    assert counted(world, "dead", RefusalReason.CONTENT_TYPE) == 1
    assert world.pushed == []


def test_a_message_larger_than_the_settings_allow_is_refused() -> None:
    world = World()
    world.broker.put(FRAMES, WireMessage(b"[" + b" " * 2**20 + b"]", made.headers(), made.properties()))
    with world.running(max_body_mb=1):
        assert world.settled(1)
    assert counted(world, "dead", RefusalReason.TOO_LARGE) == 1


def test_a_camera_that_the_partner_may_not_name_is_refused() -> None:
    world = World()
    world.broker.put(FRAMES, a_frame(camera="south-gate"))
    with world.running(a_partner(cameras=("north-*",))):
        assert world.settled(1)
    assert counted(world, "dead", RefusalReason.CAMERA_REFUSED) == 1
    assert world.pushed == []


def test_a_plate_to_read_does_not_belong_among_frames() -> None:
    world = World()
    world.broker.put(FRAMES, made.protocol_2(["north", {**made.DET, "crop": made.BARE}], of=made.headers(made.PLATE)))
    with world.running():
        assert world.settled(1)
    assert counted(world, "dead", RefusalReason.UNKNOWN_TASK) == 1


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MessageRefused("no", RefusalReason.BAD_ROI), RefusalReason.BAD_ROI),
        (NotAPicture("no picture"), RefusalReason.NOT_JPEG),
    ],
)
def test_what_the_camera_refuses_goes_to_the_dead_letters(error: Exception, reason: str) -> None:
    world = raising(error)
    world.broker.put(FRAMES, a_frame())
    with world.running():
        assert world.settled(1)
    assert reason_of(world.broker.queues[DEAD][0]) == reason
    assert counted(world, "dead", reason) == 1


def test_an_unknown_camera_is_made_and_then_given_its_frame() -> None:
    def truth(frame: PushedFrame) -> PushedOutcome:
        if frame.camera_id not in world.cameras.added:
            raise MessageRefused("no such camera", RefusalReason.CAMERA_REFUSED)
        return PushedOutcome()

    world = World(truth)
    world.broker.put(FRAMES, a_frame(camera="Portão 7"))
    with world.running():
        assert world.settled(1)
    assert list(world.cameras.added.values()) == ["Portão 7"]
    assert counted(world, "processed") == 1


def test_an_unknown_camera_is_refused_where_none_are_made() -> None:
    world = raising(MessageRefused("no such camera", RefusalReason.CAMERA_REFUSED))
    world.broker.put(FRAMES, a_frame())
    with world.running(a_partner(creates_cameras=False)):
        assert world.settled(1)
    assert counted(world, "dead", RefusalReason.CAMERA_REFUSED) == 1
    assert world.cameras.added == {}


def test_a_camera_that_cannot_be_made_now_is_made_when_its_frame_comes_again() -> None:
    def truth(frame: PushedFrame) -> PushedOutcome:
        if frame.camera_id not in world.cameras.added:
            raise MessageRefused("no such camera", RefusalReason.CAMERA_REFUSED)
        return PushedOutcome()

    world = World(truth)
    world.cameras.refusals = 1
    world.broker.put(FRAMES, a_frame())
    with world.running():
        assert world.settled(1)
        (message,) = world.broker.queues.pop(RETRY)
        world.broker.put(FRAMES, message)
        assert world.settled(2)
    assert (counted(world, "retried", "retry"), counted(world, "processed")) == (1, 1)


def unknown_unless_added(world: World, *others: Camera) -> None:
    """Gives the world cameras that refuse frames of those that are not stored."""

    def truth(frame: PushedFrame) -> PushedOutcome:
        if all(camera.id != frame.camera_id for camera in world.cameras.stored()):
            raise MessageRefused("no such camera", RefusalReason.CAMERA_REFUSED)
        return PushedOutcome()

    world.cameras = FakePushedCameras(truth, *others)


def pushed(camera_id: str, name: str = "") -> Camera:
    return Camera(camera_id, (Source(PUSHED),), name=name)


def test_no_more_cameras_are_made_than_a_partner_may_have_however_many_it_names() -> None:
    world = World()
    elsewhere, streamed = pushed("south-1"), Camera("north-stream", (Source("rtsp://10.0.0.1/main"),))
    unknown_unless_added(world, pushed(slug_of("north Câmera"), "north Câmera"), elsewhere, streamed)
    frames = [a_frame(number, camera=f"north-{number}") for number in range(6)]
    world.broker.put(FRAMES, *frames, a_frame(6, camera="north Câmera"))
    with world.running(a_partner(cameras=("north*",), most_cameras=3)):
        assert world.settled(7)
    assert len(world.cameras.added) == 2
    assert (counted(world, "processed"), counted(world, "dead", RefusalReason.CAMERA_REFUSED)) == (3, 4)
    sentences = {str((letter.headers or {})["gtv-dead-sentence"]) for letter in world.broker.queues[DEAD]}
    assert sentences == {
        "there is no such camera, and city has 3: remove those that it does not need, "
        "or raise bridge.partners[].most_cameras"
    }


def test_a_camera_that_exists_is_refused_for_its_own_reason_when_no_more_are_made() -> None:
    world = raising(MessageRefused("it has a stream", RefusalReason.CAMERA_REFUSED))
    world.cameras = FakePushedCameras(world.truth, pushed("north-1"), Camera("north-gate", (Source("rtsp://h/1"),)))
    world.broker.put(FRAMES, a_frame())
    with world.running(a_partner(most_cameras=1)):
        assert world.settled(1)
    (letter,) = world.broker.queues[DEAD]
    assert (letter.headers or {})["gtv-dead-sentence"] == "it has a stream"


def test_a_camera_with_a_stream_of_its_own_is_not_made_for_every_message() -> None:
    world = raising(MessageRefused("it has a stream", RefusalReason.CAMERA_REFUSED))
    world.broker.put(FRAMES, *(a_frame(number) for number in range(4)))
    with world.running():
        assert world.settled(4)
    assert len(world.pushed) == 5
    assert counted(world, "dead", RefusalReason.CAMERA_REFUSED) == 4


def test_in_each_outage_of_a_camera_its_frames_wait_instead_of_being_tried_again() -> None:
    def truth(_: PushedFrame) -> PushedOutcome:
        if len(world.cameras.frames) in (1, 2, 4, 5):
            raise TryLater("the camera is being started, or moved")
        return PushedOutcome()

    world = World(truth, patience=Patience())
    world.broker.put(FRAMES, a_frame(1), a_frame(2))
    with world.running():
        assert world.settled(2)
    assert world.pushed == ["frame-1"] * 3 + ["frame-2"] * 3
    assert counted(world, "processed") == 2


def test_an_outage_that_lasts_longer_costs_each_frame_an_attempt() -> None:
    def truth(frame: PushedFrame) -> PushedOutcome:
        if frame.id == "frame-1":
            raise SourceUnavailable("no detector", "timeout")
        return PushedOutcome()

    world = World(truth)
    world.broker.put(FRAMES, a_frame(0), a_frame(1))
    with world.running():
        assert world.settled(2)
    (message,) = world.broker.queues[RETRY]
    task = read_message(message)
    assert isinstance(task, Task)
    assert (task.id, task.retries, message.properties["priority"]) == ("frame-1", 1, 5)
    assert counted(world, "retried", "retry") == 1


def test_the_fourth_failure_is_the_last() -> None:
    def truth(frame: PushedFrame) -> PushedOutcome:
        if frame.id == "frame-1":
            raise TryLater("no detector")
        return PushedOutcome()

    world = World(truth)
    world.broker.put(FRAMES, a_frame(0), a_frame(1, of={"retries": 3}))
    with world.running():
        assert world.settled(2)
    (letter,) = world.broker.queues[DEAD]
    assert reason_of(letter) == "failed"
    assert (letter.headers or {})["gtv-dead-sentence"] == "no detector"


def test_an_error_of_our_own_is_tried_again_and_tells_nothing_of_the_message() -> None:
    world = raising(KeyError("secret"))
    world.broker.put(FRAMES, a_frame(0), a_frame(1, "other", of={"retries": 3}))
    with world.running():
        assert world.settled(2)
    assert counted(world, "retried", "retry") == 1
    (letter,) = world.broker.queues[DEAD]
    assert "secret" not in str(letter.headers)
    assert world.metrics.value(m.BRIDGE_ERRORS, partner="city") == 2


@pytest.mark.parametrize(
    ("in_s", "queue"), [(0.5, "wait.1s"), (59, "wait.1s"), (75, "wait.60s"), (4000, "wait.3600s"), (1e6, "wait.3600s")]
)
def test_a_message_whose_time_comes_later_waits_in_the_longest_queue_that_is_not_too_long(
    in_s: float, queue: str
) -> None:
    world = World()
    message = a_frame(of={"eta": iso(NOW_S + in_s)})
    world.broker.put(FRAMES, message)
    with world.running():
        assert world.settled(1)
    (parked,) = world.broker.queues[f"gtv.detection.{queue}"]
    assert (parked.body, parked.headers) == (message.body, message.headers)
    assert counted(world, "parked", "eta") == 1
    assert world.pushed == []


def test_a_parked_message_does_not_expire_on_its_way() -> None:
    world = World()
    message = made.protocol_2(made.args(), of=made.headers(eta=iso(NOW_S + 70)), expiration="10")
    world.broker.put(FRAMES, message)
    with world.running():
        assert world.settled(1)
    assert "expiration" not in world.broker.queues["gtv.detection.wait.60s"][0].properties


def test_an_expired_message_is_dropped() -> None:
    world = World()
    world.broker.put(FRAMES, a_frame(of={"expires": iso(NOW_S - 1)}))
    with world.running():
        assert world.settled(1)
    assert counted(world, "dropped", "expired") == 1
    assert world.pushed == []


def test_results_go_to_whoever_asks_only_where_the_settings_say_so() -> None:
    silent, telling = World(), World()
    for world, partner in ((silent, a_partner()), (telling, a_partner(replies=True))):
        world.broker.put(FRAMES, a_frame())
        with world.running(partner):
            assert world.settled(1)
            assert world is silent or world.broker.until(lambda: bool(telling.broker.posted))
    assert silent.broker.posted == []
    ((queue, reply),) = telling.broker.posted
    assert queue == "0f7a2b0c-1111-3e21-8f00-b2b3c4d5e6f7"
    told = json.loads(reply.body)
    assert (told["status"], told["task_id"]) == ("SUCCESS", "frame-0")
    assert told["result"] == {"events": ["event-1"], "detections": 2}


def test_a_refusal_is_told_as_a_failure_and_a_retry_is_not_told() -> None:
    def truth(frame: PushedFrame) -> PushedOutcome:
        if frame.id == "frame-1":
            raise MessageRefused("its roi lies outside", RefusalReason.BAD_ROI)
        if frame.id == "frame-2":
            raise TryLater("no detector")
        return PushedOutcome()

    world = World(truth, slots=1)
    world.broker.put(FRAMES, a_frame(0), a_frame(1), a_frame(2))
    with world.running(a_partner(replies=True)):
        assert world.settled(3)
    told = [json.loads(reply.body) for _, reply in world.broker.posted]
    assert [(one["task_id"], one["status"]) for one in told] == [("frame-0", "SUCCESS"), ("frame-1", "FAILURE")]
    assert told[1]["result"]["exc_message"] == "its roi lies outside"
