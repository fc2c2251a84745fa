import numpy as np
import pytest

from gtvision.domain.detections import Detections
from gtvision.domain.kinds import Kind
from gtvision.pipeline import sample_log
from gtvision.pipeline.look import Look
from gtvision.pipeline.sample_log import SampleLog

STILL = Look(passed=False, share=0.001, reason="still")
MOTION = Look(passed=True, share=0.2, reason="motion", box=(0.1, 0.2, 0.3, 0.4))


def cars(count: int) -> Detections:
    boxes = np.linspace(0, 0.5, count, dtype=np.float32)[:, None] + np.array([0, 0, 0.1, 0.2], np.float32)
    return Detections(boxes, np.full(count, 0.75, np.float32), np.full(count, Kind.CAR, np.int16))


def filled(times_s: list[float]) -> SampleLog:
    log = SampleLog()
    for time_s in times_s:
        log.add(time_s, STILL, is_burst=False)
    return log


def times_of(log: SampleLog, after_s: float = float("-inf"), limit: int = 10_000) -> list[float]:
    return [sample.time_s for sample in log.since(after_s, limit)]


def test_a_sample_comes_back_with_its_verdict_and_its_detections():
    log = SampleLog()
    log.add(5.0, MOTION, is_burst=True)
    log.answer(5.0, cars(2))
    (sample,) = log.since(0.0, 10)
    found = sample.detections
    assert (sample.time_s, sample.look, sample.is_burst) == (5.0, MOTION, True)
    assert found is not None
    assert np.array_equal(found.xyxy, cars(2).xyxy)
    assert found.score.tolist() == [0.75, 0.75]
    assert (found.kind.tolist(), found.kind.dtype) == ([Kind.CAR, Kind.CAR], np.int16)


def test_no_answer_is_told_from_one_that_found_nothing():
    log = filled([1.0, 2.0])
    log.answer(2.0, Detections.none())
    unasked, empty = log.since(0.0, 10)
    assert unasked.detections is None
    assert empty.detections is not None
    assert len(empty.detections) == 0


def test_an_answer_for_a_sample_that_has_gone_changes_nothing():
    log = filled([1000.0, 1001.0])
    log.answer(3.0, cars(1))
    assert all(sample.detections is None for sample in log.since(0.0, 10))


def test_samples_of_the_last_ten_minutes_are_kept():
    log = filled([float(second) for second in range(1000)])
    assert times_of(log)[0] == 999 - sample_log.KEPT_S
    assert log.cut == 0


def test_a_full_log_counts_what_it_cuts_before_its_time():
    log = filled([number / 10 for number in range(sample_log.MOST_SAMPLES + 7)])
    assert len(times_of(log)) == sample_log.MOST_SAMPLES
    assert log.cut == 7


def test_of_one_sample_the_best_detections_are_kept():
    log = filled([1.0])
    log.answer(1.0, cars(sample_log.MOST_DETECTIONS + 20))
    (sample,) = log.since(0.0, 1)
    assert sample.detections is not None
    assert np.array_equal(sample.detections.xyxy, cars(sample_log.MOST_DETECTIONS + 20).xyxy[:100])


def test_what_was_found_at_a_time_is_known_until_its_sample_goes():
    log = filled([1.0, 2.0])
    log.answer(1.0, cars(3))
    found = log.found_at(1.0)
    assert found is not None
    assert np.array_equal(found.xyxy, cars(3).xyxy)
    assert log.found_at(2.0) is None
    assert log.found_at(1.5) is None
    assert filled([1.0, 700.0]).found_at(1.0) is None


def test_a_page_begins_after_its_time_in_milliseconds_and_has_an_end():
    log = filled([1.0004, 2.0004, 3.0004, 4.0004])
    assert times_of(log, after_s=2.0, limit=1) == [3.0004]


def test_pictures_of_a_catch_up_stand_in_their_place():
    assert times_of(filled([1.0, 2.0, 1.2, 1.4, 2.2])) == [1.0, 1.2, 1.4, 2.0, 2.2]


def test_a_clock_that_was_set_back_begins_a_new_log():
    assert times_of(filled([5000.0, 5001.0, 70.0, 71.0])) == [70.0, 71.0]


def test_reasons_are_counted_since_the_beginning():
    log = filled([float(second) for second in range(2000)])
    log.add(2000.0, MOTION, is_burst=True)
    assert log.reasons == {"still": 2000, "motion": 1}


def test_a_full_log_with_five_detections_each_takes_three_megabytes_at_most():
    import tracemalloc

    looks = [Look(passed=True, share=n / 3000, reason="motion", box=(0.1 + n, 0.2, 0.3, 0.4)) for n in range(10)]
    tracemalloc.start()
    log = SampleLog()
    for number in range(sample_log.MOST_SAMPLES):
        look = looks[number % 10]
        log.add(number / 10, Look(look.passed, look.share * 0.5, look.reason, look.box), is_burst=True)
        log.answer(number / 10, cars(5))
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert taken == pytest.approx(2e6, rel=0.5)
