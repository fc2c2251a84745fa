"""What the benchmarks of accuracy share: the stand-in for a detector, and whether tracks keep their vehicles."""

import sys
from math import sqrt
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.random import default_rng

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from judging.identity import Frame, hota
from judging.measures import LineTotal, line_totals, measured
from judging.stand_in import spoilt, visible_part

from gtvision.domain.geometry import iou
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction
from gtvision.domain.trigger import Trigger, TriggerType
from gtvision.traffic import FrameTruth, Seen
from gtvision.traffic.expectation import Expected
from gtvision.traffic.scoring import Score
from tests.events import an_event

CAR = (0.4, 0.3, 0.5, 0.4)


def one(track, overlap=1.0):
    return Frame((1,), () if track is None else (track,), np.full((1, 0 if track is None else 1), overlap))


def test_hota_is_1_for_a_track_that_is_its_vehicle():
    assert hota([one(7)] * 10).value == pytest.approx(1.0)


def test_a_number_that_changes_halfway_halves_the_association():
    assert hota([one(7)] * 5 + [one(8)] * 5).value == pytest.approx(sqrt(0.5))


def test_a_vehicle_that_is_missed_half_the_time_costs_detection_and_association():
    assert hota([one(7)] * 5 + [one(None)] * 5).value == pytest.approx(0.5)


def test_boxes_that_overlap_by_half_count_at_half_of_the_thresholds():
    assert hota([one(7, overlap=0.5)] * 10).value == pytest.approx(10 / 19)


def test_scenes_add_up_without_mixing_their_numbers():
    both = hota([one(7)] * 10) + hota([one(7)] * 5 + [one(8)] * 5)
    assert both.value == pytest.approx(sqrt(0.75))


def test_the_stand_in_misses_and_invents_as_often_as_it_says():
    truth = FrameTruth(0.0, (Seen(1, Kind.CAR, CAR, 1.0),))
    rng = default_rng(1)
    looks = [spoilt(truth, rng) for _ in range(2000)]
    hits = [bool((iou(np.array([CAR]), look.xyxy.astype(float)) > 0.5).any()) for look in looks]
    assert np.mean(hits) == pytest.approx(0.92, abs=0.02)
    assert sum(len(look) for look in looks) - sum(hits) == pytest.approx(0.03 * 2000, abs=25)


def test_the_stand_in_boxes_what_is_visible_and_misses_what_is_not():
    assert visible_part(CAR, [(0.45, 0.2, 0.8, 0.5)]) == (0.4, 0.3, 0.45, 0.4)
    assert visible_part(CAR, [(0.3, 0.35, 0.6, 0.5)]) == (0.4, 0.3, 0.5, 0.35)
    hidden = FrameTruth(0.0, (Seen(1, Kind.CAR, CAR, 0.1), Seen(2, Kind.BUS, (0.3, 0.2, 0.7, 0.5), 1.0)))
    kinds = [int(kind) for _ in range(50) for kind in spoilt(hidden, default_rng(2)).kind]
    assert Kind.CAR not in kinds


def hit(trigger, *, kmh=(None, None), range_of_vehicles=None, vehicles=None):
    """An event that is right, beside what the truth says; `kmh` is the true speed and the one that was told."""
    asked = Expected(trigger, None, 0.0, 0.0, speed_kmh=kmh[0], vehicles=range_of_vehicles)
    return asked, an_event(trigger_id=trigger, speed_kmh=kmh[1], vehicles=vehicles)


def test_speeds_are_judged_by_the_size_of_their_error_over_all_scenes():
    slow, fast = hit("speed", kmh=(50.0, 47.0)), hit("speed", kmh=(50.0, 51.0))
    figures = measured({"one": Score(hits=(slow,)), "two": Score(hits=(fast,))}, "test")
    assert figures["speed_error_median_kmh"] == pytest.approx(2.0)
    assert figures["speed_error_p95_kmh"] == pytest.approx(2.9)
    assert figures["speed_recall"] == 1.0


def test_a_queue_is_wrong_by_the_vehicles_beyond_what_the_truth_allows():
    hits = tuple(hit("queue", range_of_vehicles=(4, 6), vehicles=told) for told in (3, 5, 8))
    assert measured({"one": Score(hits=hits)}, "test")["queue_vehicles_error"] == pytest.approx(1.0)


def test_a_trigger_that_nobody_had_anything_to_tell_of_has_no_figure():
    assert "wrong_way_recall" not in measured({"one": Score()}, "test")


def crossed(true_s, told_s, kept, doubt=""):
    """A run of 60 s in which a car crossed the line forward at those times, and what was told and kept of it."""
    met = [SimpleNamespace(time_s=time_s, direction=Direction.FORWARD, line="line") for time_s in true_s]
    return SimpleNamespace(
        camera=SimpleNamespace(triggers=(Trigger("cross", TriggerType.CROSS, line="line"),)),
        frames=(SimpleNamespace(time_s=60.0),),
        passages=[
            SimpleNamespace(
                kind=Kind.CAR, story=SimpleNamespace(crossings=met), times_s=np.arange(3), doubt=lambda _: doubt
            )
        ],
        events=[an_event(trigger_id="cross", direction=Direction.FORWARD, start_s=time_s) for time_s in told_s],
        summary=SimpleNamespace(lines=(SimpleNamespace(counts={"car": {"forward": kept, "backward": 0}}),)),
    )


def test_the_worse_of_events_and_counts_makes_the_error_of_a_line_over_all_runs():
    runs = [crossed([10.0, 20.0], [10.1], 2), crossed([30.0, 40.0], [30.0, 40.0], 2)]
    assert line_totals(runs) == {Direction.FORWARD: LineTotal(true=4, told=3, kept=4)}
    assert line_totals(runs)[Direction.FORWARD].error_share == 0.25


def test_who_crosses_a_line_when_there_may_be_no_second_look_is_left_out_whether_told_or_not():
    runs = [crossed([10.0, 59.9], [10.0], 1), crossed([59.0], [59.1], 1)]
    assert line_totals(runs) == {Direction.FORWARD: LineTotal(true=1, told=1, kept=1, cut_off=2)}


def test_who_was_hidden_all_the_time_is_left_out_of_a_line():
    runs = [crossed([10.0, 20.0], [10.0, 20.0], 2), crossed([30.0], [], 0, doubt="hidden")]
    assert line_totals(runs) == {Direction.FORWARD: LineTotal(true=2, told=2, kept=2, unseen=1)}
