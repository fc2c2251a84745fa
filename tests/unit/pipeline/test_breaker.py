"""The circuit breaker, and what holds whatever happens to it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gtvision.pipeline.breaker import Breaker, BreakerState, Permit

OPEN_S = 60.0


def admitted(breaker: Breaker, now_s: float) -> Permit:
    permit = breaker.admit(now_s)
    assert permit is not None
    return permit


def opened(at_s: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(5):
        breaker.failed(admitted(breaker, at_s), at_s)
    return breaker


def test_a_new_breaker_is_closed_and_lets_everybody_through() -> None:
    breaker = Breaker()
    assert breaker.state(0.0) == BreakerState.CLOSED
    assert all(breaker.admit(0.0) for _ in range(100))


def test_five_failures_in_a_row_open_it_and_four_do_not() -> None:
    breaker = Breaker()
    for _ in range(4):
        breaker.failed(admitted(breaker, 0.0), 0.0)
    assert breaker.state(0.0) == BreakerState.CLOSED
    breaker.failed(admitted(breaker, 0.0), 0.0)
    assert breaker.state(0.0) == BreakerState.OPEN
    assert breaker.admit(0.0) is None


def test_a_success_between_failures_starts_the_row_anew() -> None:
    breaker = Breaker()
    for _ in range(3):
        for _ in range(4):
            breaker.failed(admitted(breaker, 0.0), 0.0)
        breaker.succeeded(admitted(breaker, 0.0))
    assert breaker.state(0.0) == BreakerState.CLOSED


def test_failures_that_each_take_long_open_it_too() -> None:
    breaker = Breaker()
    for attempt in range(5):
        breaker.failed(admitted(breaker, attempt * 600.0), attempt * 600.0 + 30.0)
    assert breaker.state(2430.0) == BreakerState.OPEN


def test_streams_may_have_bounds_of_their_own() -> None:
    breaker = Breaker(failures=3, open_s=30.0)
    for _ in range(3):
        breaker.failed(admitted(breaker, 0.0), 0.0)
    assert [breaker.state(at_s) for at_s in (29.9, 30.0)] == [BreakerState.OPEN, BreakerState.HALF_OPEN]


def test_an_open_breaker_is_half_open_when_its_time_has_passed() -> None:
    breaker = opened()
    assert [breaker.state(at_s) for at_s in (0.0, 59.9, 60.0, 9e9)] == [
        BreakerState.OPEN,
        BreakerState.OPEN,
        BreakerState.HALF_OPEN,
        BreakerState.HALF_OPEN,
    ]


def test_asking_for_the_state_changes_nothing() -> None:
    breaker = opened()
    breaker.state(1e6)
    assert breaker.state(10.0) == BreakerState.OPEN


def test_half_open_breaker_admits_exactly_one_probe() -> None:
    breaker = opened()
    assert [breaker.admit(60.0 + second) is not None for second in range(60)] == [True] + [False] * 59
    assert breaker.state(119.0) == BreakerState.HALF_OPEN


def test_a_probe_that_succeeds_closes_it() -> None:
    breaker = opened()
    breaker.succeeded(admitted(breaker, 60.0))
    assert breaker.state(60.0) == BreakerState.CLOSED
    assert all(breaker.admit(60.0) for _ in range(10))


def test_a_breaker_that_closed_again_takes_five_failures_to_open() -> None:
    breaker = opened()
    breaker.succeeded(admitted(breaker, 60.0))
    for _ in range(4):
        breaker.failed(admitted(breaker, 61.0), 61.0)
    assert breaker.state(61.0) == BreakerState.CLOSED


def test_a_probe_that_fails_opens_it_for_the_whole_time_again() -> None:
    breaker = opened()
    breaker.failed(admitted(breaker, 60.0), 70.0)
    assert [breaker.state(at_s) for at_s in (70.0, 129.9, 130.0)] == [
        BreakerState.OPEN,
        BreakerState.OPEN,
        BreakerState.HALF_OPEN,
    ]


def test_a_probe_of_which_nothing_is_heard_is_given_up_and_another_let_through() -> None:
    breaker = opened()
    lost = admitted(breaker, 60.0)
    assert breaker.admit(119.9) is None
    second = admitted(breaker, 120.0)
    breaker.succeeded(lost)
    assert breaker.state(120.0) == BreakerState.HALF_OPEN
    breaker.succeeded(second)
    assert breaker.state(120.0) == BreakerState.CLOSED


def test_outcomes_from_before_it_opened_neither_close_it_nor_fail_its_probe() -> None:
    breaker = Breaker()
    slow = [admitted(breaker, 0.0) for _ in range(2)]
    for _ in range(5):
        breaker.failed(admitted(breaker, 0.0), 0.0)
    breaker.succeeded(slow[0])
    assert breaker.state(1.0) == BreakerState.OPEN
    probe = admitted(breaker, 60.0)
    breaker.failed(slow[1], 61.0)
    assert breaker.state(61.0) == BreakerState.HALF_OPEN
    breaker.succeeded(probe)
    assert breaker.state(61.0) == BreakerState.CLOSED


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(0, 90)),
        st.tuples(st.just("ask"), st.just(0)),
        st.tuples(st.sampled_from(["succeed", "fail"]), st.integers(0, 3)),
    ),
    max_size=60,
)


@settings(max_examples=500, deadline=None)
@given(failures=st.integers(1, 5), steps=STEPS)
def test_whatever_happens_it_asks_rarely_who_is_away_and_freely_who_is_there(
    failures: int, steps: list[tuple[str, int]]
) -> None:
    breaker, now_s = Breaker(failures, OPEN_S), 0.0
    out: list[Permit] = []
    probed_s = opened_s = -OPEN_S
    for step, value in steps:
        before = breaker.state(now_s)
        if step == "wait":
            now_s += value
        elif step == "ask":
            permit = breaker.admit(now_s)
            if permit is not None:
                out.append(permit)
            if before == BreakerState.HALF_OPEN:
                assert (permit is not None) == (now_s - max(probed_s, opened_s) >= OPEN_S)
                probed_s = probed_s if permit is None else now_s
            else:
                assert (permit is not None) == (before == BreakerState.CLOSED)
        elif out:
            permit = out.pop(value % len(out))
            if step == "succeed":
                breaker.succeeded(permit)
            else:
                breaker.failed(permit, now_s)
            after = breaker.state(now_s)
            if after != before:
                assert after == (BreakerState.CLOSED if step == "succeed" else BreakerState.OPEN)
                assert before != BreakerState.OPEN
                opened_s = now_s if after == BreakerState.OPEN else opened_s
        assert (breaker.state(now_s) == BreakerState.OPEN) <= (now_s - opened_s < OPEN_S)
