"""For how long a camera that takes no frames is worth waiting for."""

from threading import Event as Flag

import pytest
from bridging import a_frame, a_partner

from gtvision.adapters.celery_wire import read_message
from gtvision.domain.errors import MessageRefused, TryLater
from gtvision.domain.pushed import PushedFrame, PushedOutcome
from gtvision.domain.refusal import RefusalReason
from gtvision.domain.task import Task
from gtvision.runtime.bridge.frames import FrameWork
from gtvision.runtime.bridge.held import Held
from gtvision.runtime.bridge.outages import Outages
from gtvision.runtime.bridge.patience import Patience
from gtvision.testing import FakeBroker, FakeDelivery, FakeIntake, FakePushedCameras


def test_each_outage_has_a_window_of_its_own() -> None:
    outages = Outages(60)
    assert [outages.left_s("north", now_s) for now_s in (100, 130, 160, 300)] == [60, 30, 0, 0]
    assert outages.left_s("south", 300) == 60
    outages.answered("north")
    assert [outages.left_s("north", now_s) for now_s in (310, 371)] == [60, 0]


def test_a_camera_that_refuses_a_frame_runs() -> None:
    answers = iter([TryLater("out"), MessageRefused("no roi", RefusalReason.BAD_ROI), TryLater("out"), TryLater("out")])

    def truth(_: PushedFrame) -> PushedOutcome:
        raise next(answers)

    clock = iter([0.0, 61.0, 122.0]).__next__  # of each failure
    work = FrameWork(a_partner(), FakePushedCameras(truth), Patience(outage_s=60), clock)
    task = read_message(a_frame())
    assert isinstance(task, Task)
    gone = Flag()
    held = Held(FakeDelivery(a_frame(), FakeIntake(FakeBroker(), "detection", 1)), gone, 0.0)
    with pytest.raises(MessageRefused):
        work.do(task, held)
    with pytest.raises(TryLater):  # after one that it waits for, as its window began anew
        work.do(task, held)
    assert next(answers, None) is None
