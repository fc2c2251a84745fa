from hypothesis import given
from hypothesis import strategies as st

from gtvision.domain.stream import Packet
from gtvision.pipeline.ring import PacketRing

MEGABYTE = 1_000_000


def packet(time_s: float, *, is_keyframe: bool = False, size: int = 100) -> Packet:
    return Packet(time_s, time_s, is_keyframe, size, None)


def ring_of(seconds: float, count: int, *, gop: int = 5, max_bytes: int = MEGABYTE) -> PacketRing:
    """A ring after one packet a second, each `gop`th a keyframe."""
    ring = PacketRing(seconds, max_bytes)
    for index in range(count):
        ring.append(packet(float(index), is_keyframe=index % gop == 0))
    return ring


def times(packets: tuple[Packet, ...]) -> list[float]:
    return [packet.time_s for packet in packets]


def test_it_keeps_its_seconds_and_what_is_needed_to_begin_at_a_keyframe() -> None:
    ring = ring_of(7, 20)

    assert times(ring.since(0)) == [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]


def test_packets_before_the_first_keyframe_are_not_kept() -> None:
    ring = PacketRing(10, MEGABYTE)
    ring.append(packet(0))

    assert ring.since(0) == ()
    assert ring.size_bytes == 0


def test_since_begins_at_the_last_keyframe_at_or_before_the_time() -> None:
    ring = ring_of(100, 20)

    assert times(ring.since(12.5))[0] == 10
    assert times(ring.since(10))[0] == 10
    assert times(ring.since(-3))[0] == 0
    assert times(ring.since(99)) == [15, 16, 17, 18, 19]


def test_between_ends_at_the_time() -> None:
    ring = ring_of(100, 20)

    assert times(ring.between(7, 11.5)) == [5, 6, 7, 8, 9, 10, 11]
    assert ring.between(-9, -5) == ()


def test_between_keeps_what_b_frames_before_the_end_refer_to() -> None:
    ring = PacketRing(100, MEGABYTE)
    for time_s in (0, 3, 1, 2, 6, 4, 5):
        ring.append(packet(time_s, is_keyframe=time_s == 0))

    assert times(ring.between(0, 2)) == [0, 3, 1, 2]


def test_whole_groups_are_dropped_when_it_holds_too_many_bytes() -> None:
    ring = ring_of(100, 18, max_bytes=1000)

    assert times(ring.since(0))[0] == 10
    assert ring.size_bytes == 800


def test_a_group_that_exceeds_the_bound_alone_is_let_go_until_the_next_keyframe() -> None:
    ring = ring_of(100, 15, gop=50, max_bytes=1000)
    assert ring.since(0) == ()

    ring.append(packet(50, is_keyframe=True))
    assert times(ring.since(0)) == [50]


def test_clear_forgets_everything() -> None:
    ring = ring_of(100, 18)
    ring.clear()

    assert (ring.since(0), ring.size_bytes) == ((), 0)


@given(
    st.lists(st.tuples(st.floats(0, 3), st.booleans(), st.integers(0, 500)), max_size=200),
    st.floats(0, 20),
    st.integers(100, 3000),
)
def test_whatever_comes_it_holds_whole_groups_within_its_bounds(
    steps: list[tuple[float, bool, int]], seconds: float, max_bytes: int
) -> None:
    ring, time_s = PacketRing(seconds, max_bytes), 0.0
    for step_s, is_keyframe, size in steps:
        time_s += step_s
        ring.append(packet(time_s, is_keyframe=is_keyframe, size=size))
        held = ring.since(float("-inf"))
        assert sum(p.size for p in held) == ring.size_bytes <= max_bytes
        assert not held or held[0].is_keyframe
        later_keyframes = [p.time_s for p in held[1:] if p.is_keyframe]
        assert not later_keyframes or later_keyframes[0] > time_s - seconds
