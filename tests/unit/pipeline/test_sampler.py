from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtvision.domain.camera import Sampling
from gtvision.pipeline.sampler import Decode, Sampler

FPS = 25
INTERVALS = st.floats(0.2, 60.0)


def frames(until_s: float, keyframe_interval_s: float, start_s: float = 1000.0) -> list[tuple[float, bool]]:
    gop = max(round(keyframe_interval_s * FPS), 1)
    return [(start_s + n / FPS, n % gop == 0) for n in range(round(until_s * FPS))]


def idle_samples(sampler: Sampler, packets: list[tuple[float, bool]]) -> list[float]:
    """Plays packets into a sampler whose decoder catches up from the keyframe before, as the runtime's does."""
    samples: list[float] = []
    waiting: list[float] = []
    is_fed = False
    for time_s, is_keyframe in packets:
        waiting = [time_s] if is_keyframe else [*waiting, time_s]
        verdict = sampler.packet(time_s, is_keyframe)
        pictures = {Decode.SKIP: [], Decode.KEYFRAME: [time_s], Decode.FEED: [time_s] if is_fed else waiting}[verdict]
        is_fed = verdict is Decode.FEED
        newest_s = samples[-1] if samples else float("-inf")
        samples += [at_s for at_s in pictures if at_s > newest_s and sampler.take(at_s)]
    return samples


@given(INTERVALS, st.floats(0.3, 5.0))
def test_an_idle_camera_gives_a_sample_a_period_whatever_its_keyframe_interval(interval_s: float, period_s: float):
    samples = idle_samples(Sampler(Sampling(idle_period_s=period_s)), frames(10 * period_s, interval_s))
    gaps = [b - a for a, b in pairwise(samples)]
    assert samples[0] == 1000.0
    assert len(samples) >= 7
    assert max(gaps) <= 2.25 * period_s
    assert len(samples) <= 1.25 * 10 + 2


@given(st.floats(0.2, 1.2))
def test_short_keyframe_intervals_are_never_fed(interval_s: float):
    sampler = Sampler(Sampling())
    assert Decode.FEED not in {sampler.packet(*packet) for packet in frames(20, interval_s)}


@given(st.floats(1.4, 60.0))
def test_long_keyframe_intervals_are_fed_even_before_the_second_keyframe(interval_s: float):
    sampler = Sampler(Sampling())
    verdicts = [sampler.packet(*packet) for packet in frames(10, interval_s)]
    assert set(verdicts[2 * FPS :]) == {Decode.FEED}


def test_a_camera_that_begins_to_send_keyframes_often_is_no_longer_fed():
    sampler = Sampler(Sampling())
    for packet in frames(20, 10.0):
        sampler.packet(*packet)
    verdicts = [sampler.packet(*packet) for packet in frames(10, 1.0, start_s=1020.0)]
    assert set(verdicts[5 * FPS :]) <= {Decode.KEYFRAME, Decode.SKIP}
    assert sampler.keyframe_interval_s == pytest.approx(1.0)


def test_each_keyframe_is_a_sample_when_they_come_a_little_faster_than_the_period():
    samples = idle_samples(Sampler(Sampling()), frames(20, 0.96))
    assert [round(b - a, 2) for a, b in pairwise(samples)] == [0.96] * (len(samples) - 1)


@given(st.floats(-1e6, 1e6).filter(lambda jump_s: not -2.1 < jump_s < 5.1), INTERVALS)
def test_a_jump_in_time_neither_silences_nor_floods(jump_s: float, interval_s: float):
    sampler = Sampler(Sampling())
    idle_samples(sampler, frames(10, interval_s, start_s=2e6))
    seen_s = sampler.keyframe_interval_s
    after = idle_samples(sampler, frames(10, interval_s, start_s=2e6 + 10 + jump_s))
    assert 7 <= len(after) <= 14
    assert sampler.keyframe_interval_s == seen_s or (sampler.keyframe_interval_s or 0) <= 10


def test_a_burst_samples_at_its_own_period_and_feeds_everything():
    sampler = Sampler(Sampling())
    packets = frames(2, 1.0)
    assert idle_samples(sampler, packets) == [1000.0, 1001.0]
    assert sampler.active(1001.0) == 1000.0
    assert sampler.mode == "burst"
    taken = [time_s for time_s, _ in packets if time_s > 1000.0 and sampler.take(time_s)]
    assert taken == pytest.approx([1000.2, 1000.4, 1000.6, 1000.8, 1001.0, 1001.2, 1001.4, 1001.6, 1001.8])
    assert sampler.packet(1002.04, False) is Decode.FEED


def test_a_burst_that_goes_on_has_nothing_to_catch_up():
    sampler = Sampler(Sampling())
    idle_samples(sampler, frames(3, 1.0))
    assert sampler.active(1002.0) == 1001.0
    assert sampler.active(1002.2) is None


def test_the_first_sample_of_all_has_nothing_to_catch_up_from():
    sampler = Sampler(Sampling())
    assert sampler.take(5.0)
    assert sampler.active(5.0) is None
    assert sampler.take(5.2)


@given(st.floats(0.5, 10.0))
def test_a_burst_ends_after_its_quiet_time_and_not_before(quiet_s: float):
    sampler = Sampler(Sampling(quiet_s=quiet_s))
    sampler.active(10.0)
    sampler.quiet(10.0 + 0.99 * quiet_s)
    assert sampler.mode == "burst"
    sampler.quiet(10.0 + 1.01 * quiet_s)
    assert sampler.mode == "idle"


def test_the_next_idle_sample_is_a_period_after_the_last_of_the_burst():
    sampler = Sampler(Sampling(quiet_s=1.0))
    assert sampler.take(10.0)
    sampler.active(10.0)
    assert sampler.take(11.0)
    sampler.quiet(11.0)
    assert not sampler.take(11.5)
    assert sampler.take(12.0)


def test_a_clock_set_back_during_a_burst_does_not_keep_it_alive_for_ever():
    sampler = Sampler(Sampling())
    sampler.packet(5000.0, True)
    sampler.active(5000.0)
    sampler.packet(1000.0, True)
    sampler.quiet(1004.0)
    assert sampler.mode == "idle"


@given(st.lists(st.tuples(st.floats(0, 1e5), st.booleans(), st.sampled_from(["take", "active", "quiet"])), max_size=60))
def test_whatever_came_before_a_quiet_stream_is_soon_sampled_as_any(calls: list[tuple[float, bool, str]]):
    sampler = Sampler(Sampling())
    for time_s, is_keyframe, name in calls:
        sampler.packet(time_s, is_keyframe)
        getattr(sampler, name)(time_s)
    samples = []
    for time_s, is_keyframe in frames(20, 1.0, start_s=5e4):
        if sampler.packet(time_s, is_keyframe) is not Decode.SKIP and sampler.take(time_s):
            sampler.quiet(time_s)
            samples.append(time_s)
    assert sampler.mode == "idle"
    assert len([time_s for time_s in samples if time_s >= 5e4 + 10]) == 10


def test_the_sample_that_begins_a_burst_is_in_step_with_those_before_it():
    sampler = Sampler(Sampling())
    assert sampler.take(1000.0)
    assert sampler.take(1000.96)
    assert sampler.active(1000.96) == 1000.0
    taken = [n for n in range(1, 35) if sampler.take(1000.0 + n / FPS)]
    assert taken == [4, 9, 14, 19, 24, 29, 34]
