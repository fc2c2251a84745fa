from dataclasses import replace

import numpy as np
from scenes import LEFT_HALF, SMALL_NOISE, UPRIGHT, Vehicle, camera, look_at

from gtvision.domain.places import Direction
from gtvision.domain.trigger import Trigger, TriggerType
from gtvision.pipeline.camera import CameraCore
from gtvision.pipeline.look import Look
from gtvision.pipeline.replay import replayed
from gtvision.pipeline.sample_log import LoggedSample, logged

ENTER = Trigger("in", TriggerType.ENTER, zone=LEFT_HALF.id)
CROSS = Trigger("over", TriggerType.CROSS, line=UPRIGHT.id)
CAR = Vehicle((0.1, 0.6), (0.1, 0.0))
PASSED = Look(passed=True, share=0.1, reason="motion")
STILL = Look(passed=False, share=0.0, reason="still")


def samples(seconds: float, *, answered: bool = True) -> list[LoggedSample]:
    rng = np.random.default_rng(0)
    return [
        logged(
            float(time_s),
            PASSED,
            is_burst=True,
            detections=look_at([CAR], float(time_s), rng, SMALL_NOISE) if answered else None,
        )
        for time_s in np.arange(0, seconds, 0.2)
    ]


def test_logged_samples_make_the_events_that_the_camera_made():
    wanted = camera(ENTER, CROSS)
    core, made = CameraCore(wanted), {}
    for sample in samples(8):
        assert sample.detections is not None
        made |= {event.id: event for event in core.detected(sample.time_s, sample.detections)}
    assert {event.trigger_id for event in made.values()} == {"in", "over"}
    assert replayed(wanted, samples(8)) == sorted(made.values(), key=lambda event: (event.start_s, event.id))


def test_another_trigger_makes_other_events_of_the_same_samples():
    (crossed,) = replayed(camera(CROSS), samples(8))
    turned = replace(CROSS, direction=_other(crossed.direction))
    assert replayed(camera(turned), samples(8)) == []


def test_samples_without_an_answer_let_time_pass_and_make_nothing():
    later = [logged(time_s, STILL, is_burst=False, detections=None) for time_s in np.arange(8.0, 30.0)]
    assert replayed(camera(ENTER), samples(8, answered=False)) == []
    (event,) = replayed(camera(ENTER), [*samples(4), *later])
    assert not event.is_open


def _other(direction: Direction | None) -> Direction:
    return Direction.BACKWARD if direction is Direction.FORWARD else Direction.FORWARD
