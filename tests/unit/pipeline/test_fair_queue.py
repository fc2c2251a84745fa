from hypothesis import given
from hypothesis import strategies as st

from gtvision.domain.stream import Sample
from gtvision.pipeline.fair_queue import Dropped, DropReason, FairQueue, Waiting

CAPACITY = 4


def waiting(camera: str, at_s: float = 0.0, *, burst: bool = False) -> Waiting[int]:
    return Waiting(Sample(camera, at_s, burst, b""), at_s, 0, is_urgent=burst)


def names(dropped: list[Dropped[int]]) -> list[tuple[str, float, str]]:
    return [(one.waiting.picture.camera_id, one.waiting.picture.time_s, one.reason) for one in dropped]


def test_nothing_comes_out_of_an_empty_queue() -> None:
    assert FairQueue[int](CAPACITY, 5.0).take() is None


def test_a_newer_sample_replaces_the_older_one_of_its_camera() -> None:
    queue = FairQueue[int](CAPACITY, 5.0)
    assert queue.put(waiting("a", 1.0)) == []
    assert names(queue.put(waiting("a", 2.0))) == [("a", 1.0, DropReason.REPLACED)]
    taken = queue.take()
    assert taken is not None
    assert taken.picture.time_s == 2.0
    assert len(queue) == 0


def test_a_late_older_sample_does_not_replace_a_newer_one() -> None:
    queue = FairQueue[int](CAPACITY, 5.0)
    queue.put(waiting("a", 2.0))
    assert names(queue.put(waiting("a", 1.0))) == [("a", 1.0, DropReason.REPLACED)]


def test_cameras_are_served_in_turn_however_often_one_comes() -> None:
    queue = FairQueue[int](CAPACITY, 5.0)
    served = []
    for step in range(9):
        for camera in "abc" if step % 3 == 0 else "a":
            queue.put(waiting(camera, float(step)))
        taken = queue.take()
        served.append(taken.picture.camera_id if taken else "")
    assert [served.count(camera) for camera in "abc"] == [3, 3, 3]


def test_a_full_queue_drops_an_idle_sample_before_a_burst_one() -> None:
    queue = FairQueue[int](CAPACITY, 5.0)
    for camera in "abc":
        queue.put(waiting(camera, burst=True))
    queue.put(waiting("idle"))
    assert names(queue.put(waiting("d", burst=True))) == [("idle", 0.0, DropReason.FULL)]


def test_an_idle_sample_does_not_push_a_burst_one_out() -> None:
    queue = FairQueue[int](CAPACITY, 5.0)
    for camera in "abcd":
        queue.put(waiting(camera, burst=True))
    assert names(queue.put(waiting("idle"))) == [("idle", 0.0, DropReason.FULL)]


def test_the_oldest_of_idle_samples_that_were_never_served_goes_first() -> None:
    queue = FairQueue[int](CAPACITY, 5.0)
    for at_s, camera in enumerate("abcd"):
        queue.put(waiting(camera, float(at_s)))
    assert names(queue.put(waiting("e", 9.0))) == [("a", 0.0, DropReason.FULL)]


def test_what_waited_too_long_is_dropped() -> None:
    queue = FairQueue[int](CAPACITY, 5.0)
    queue.put(waiting("old", 0.0))
    queue.put(waiting("new", 3.0))
    assert names(queue.drop_old(5.5)) == [("old", 0.0, DropReason.TOO_OLD)]
    assert len(queue) == 1


def test_a_few_pictures_of_a_camera_wait_where_that_is_wanted_and_the_oldest_is_replaced() -> None:
    queue = FairQueue[int](CAPACITY, 5.0, per_camera=2)
    assert queue.put(waiting("a", 1.0)) + queue.put(waiting("a", 2.0)) == []
    assert names(queue.put(waiting("a", 3.0))) == [("a", 1.0, DropReason.REPLACED)]
    assert names(queue.put(waiting("a", 1.5))) == [("a", 1.5, DropReason.REPLACED)]
    assert [taken.picture.time_s for _ in range(2) if (taken := queue.take())] == [2.0, 3.0]


def test_a_camera_with_many_pictures_waits_for_those_with_one_and_loses_one_when_the_queue_is_full() -> None:
    queue = FairQueue[int](CAPACITY, 5.0, per_camera=3)
    for at_s, camera in enumerate("aaab"):
        queue.put(waiting(camera, float(at_s)))
    assert names(queue.put(waiting("c", 4.0))) == [("a", 0.0, DropReason.FULL)]
    assert [taken.picture.camera_id for _ in range(4) if (taken := queue.take())] == ["a", "b", "c", "a"]


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.booleans(), st.booleans()), max_size=200))
def test_every_sample_is_served_or_dropped_once_and_the_bound_holds(
    steps: list[tuple[str, bool, bool]],
) -> None:
    queue = FairQueue[int](CAPACITY, 1e9)
    put, out = 0, 0
    for at_s, (camera, burst, take) in enumerate(steps):
        out += len(queue.put(waiting(camera, float(at_s), burst=burst)))
        put += 1
        assert len(queue) <= CAPACITY
        out += take and queue.take() is not None
    while queue.take() is not None:
        out += 1
    assert out == put


@given(st.lists(st.integers(4, 16), min_size=4, max_size=40), st.integers(4, 64))
def test_at_four_times_the_load_every_camera_gets_its_share(rates_hz: list[int], capacity: int) -> None:
    """Even the slowest wants more than its share, at most a quarter of 16 a second; the queue may be too short."""
    queue = FairQueue[int](capacity, 1e9)
    served = dict.fromkeys((f"c{index}" for index in range(len(rates_hz))), 0)
    served_hz, credit, seconds = sum(rates_hz) / 4, 0.0, 40
    ticks_a_second = max(rates_hz)
    for tick in range(seconds * ticks_a_second):
        for index, rate in enumerate(rates_hz):
            if tick * rate // ticks_a_second != (tick + 1) * rate // ticks_a_second:
                queue.put(waiting(f"c{index}", tick / ticks_a_second))
        credit += served_hz / ticks_a_second
        while credit >= 1 and (taken := queue.take()) is not None:
            served[taken.picture.camera_id] += 1
            credit -= 1
    assert jain(list(served.values())) >= 0.95


def jain(shares: list[int]) -> float:
    return sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares))
