import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gtvision.pipeline.clock import PATIENCE_S, Arrival, RecordingClock, StreamClock

FRAME_S = 0.04
START_S = 1_700_000_000.0


def stamped(arrivals: Iterable[tuple[float, float | None]]) -> list[float]:
    """The times of packets without B-frames, given as (arrival, pts)."""
    clock: StreamClock[int] = StreamClock()
    packets = [Arrival(index, at, pts, pts) for index, (at, pts) in enumerate(arrivals)]
    return [time_s for packet in packets for _, time_s in clock.push(packet)]


def steady(count: int, at_s: float = START_S, pts_s: float = 0.0) -> list[tuple[float, float | None]]:
    return [(at_s + index * FRAME_S, pts_s + index * FRAME_S) for index in range(count)]


def test_steady_packets_get_the_time_of_their_arrival() -> None:
    assert stamped(steady(50)) == pytest.approx([at for at, _ in steady(50)])


def test_a_backlog_gets_the_times_at_which_it_was_taken_not_that_at_which_it_came() -> None:
    backlog = [(START_S, index * FRAME_S) for index in range(26)]
    times = stamped(backlog + steady(10, START_S + FRAME_S, 26 * FRAME_S))

    assert times[0] == pytest.approx(START_S - 25 * FRAME_S)
    assert [b - a for a, b in itertools.pairwise(times)] == pytest.approx([FRAME_S] * 35, abs=1e-3)


def test_nothing_is_stamped_while_a_backlog_comes_in() -> None:
    clock: StreamClock[int] = StreamClock()

    assert not [out for index in range(25) for out in clock.push(Arrival(index, START_S, index * FRAME_S))]


def test_a_backlog_that_does_not_end_is_stamped_all_the_same() -> None:
    rushing = [(START_S + index * FRAME_S / 4, index * FRAME_S) for index in range(400)]

    assert len(stamped(rushing)) == 400


def test_the_first_packet_without_a_time_is_one_frame_before_the_next() -> None:
    first: list[tuple[float, float | None]] = [(START_S, None)]
    times = stamped([*first, (START_S, FRAME_S), *steady(3, START_S + FRAME_S, 2 * FRAME_S)])

    assert times[1] - times[0] == pytest.approx(FRAME_S, abs=1e-3)


def test_a_later_packet_without_a_time_gets_that_of_the_newest() -> None:
    times = stamped([*steady(10), (START_S + 10 * FRAME_S, None)])

    assert times[10] == times[9]


def test_packets_that_a_slow_network_delayed_keep_their_time() -> None:
    late = [(START_S + 3.0, pts) for _, pts in steady(50, pts_s=25 * FRAME_S)]
    times = stamped(steady(25) + late)

    assert times[25:] == pytest.approx([START_S + (25 + index) * FRAME_S for index in range(50)], abs=0.01)


@pytest.mark.parametrize("jump_s", [100.0, 47_622.0, -1.5, -100.0, -47_622.0])
def test_a_step_of_the_timestamps_begins_a_new_timeline_at_the_arrival(jump_s: float) -> None:
    before, after = steady(50), steady(50, START_S + 50 * FRAME_S, 50 * FRAME_S + jump_s)

    assert stamped(before + after) == pytest.approx([at for at, _ in before + after])


def test_a_camera_that_lost_time_is_on_time_again_after_a_while() -> None:
    hung_s = 3.0
    after = steady(200, START_S + 50 * FRAME_S + hung_s, 50 * FRAME_S)
    times = stamped(steady(50) + after)

    is_right = [abs(time_s - at) < 0.01 for time_s, (at, _) in zip(times[50:], after, strict=True)]
    assert is_right.index(True) == pytest.approx(PATIENCE_S / FRAME_S, abs=2)
    assert all(is_right[is_right.index(True) :])


def test_a_camera_whose_clock_runs_slow_is_followed() -> None:
    slow = [(START_S + index * FRAME_S, index * FRAME_S * (1 - 200e-6)) for index in range(25 * 3600)]

    assert stamped(slow)[-1] == pytest.approx(slow[-1][0], abs=0.05)


def test_pictures_with_b_frames_get_their_time_of_presentation() -> None:
    clock: StreamClock[int] = StreamClock()
    shown = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8]
    times = {
        item: time_s
        for order, index in enumerate(shown)
        for item, time_s in clock.push(
            Arrival(index, START_S + order * FRAME_S, index * FRAME_S, (order - 2) * FRAME_S),
        )
    }

    assert [b - a for a, b in itertools.pairwise(times[index] for index in range(10))] == pytest.approx(
        [FRAME_S] * 9, abs=1e-3
    )
    assert times[3] <= START_S + FRAME_S


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(0, 4, allow_nan=False),
            st.one_of(st.none(), st.floats(0.001, 3), st.floats(-50_000, 50_000)),
        ),
        max_size=60,
    )
)
def test_whatever_the_stream_does_times_never_run_backwards_nor_ahead_of_the_arrival(
    steps: list[tuple[float, float | None]],
) -> None:
    clock: StreamClock[float] = StreamClock()
    at_s, pts_s, newest_s = START_S, 0.0, 0.0
    for wait_s, step_s in steps:
        at_s += wait_s
        pts_s += step_s or 0.0
        pts = None if step_s is None else pts_s
        for arrived_s, time_s in clock.push(Arrival(at_s, at_s, pts, pts)):
            assert time_s <= arrived_s + 1e-6
            assert time_s >= newest_s - 1e-6
            newest_s = time_s


def test_a_recording_begins_at_zero() -> None:
    clock = RecordingClock()

    assert [clock.time_of(pts, pts) for pts in (1234.0, 1234.5, 1235.0)] == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0, -2.0])
def test_a_cut_in_a_recording_is_closed_up(jump_s: float) -> None:
    clock = RecordingClock()
    pts = [index * FRAME_S + (jump_s if index >= 10 else 0) for index in range(20)]

    assert [clock.time_of(t, t) for t in pts] == pytest.approx([index * FRAME_S for index in range(20)])


def test_a_recording_without_timestamps_advances_by_frames() -> None:
    clock = RecordingClock()

    assert [clock.time_of(None, None) for _ in range(3)] == pytest.approx([FRAME_S, 2 * FRAME_S, 3 * FRAME_S])
