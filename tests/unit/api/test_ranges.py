import pytest

from gtvision.api.ranges import byte_range


@pytest.mark.parametrize(
    ("header", "bounds"),
    [
        ("", None),
        ("bytes=0-", (0, 100)),
        ("bytes=10-19", (10, 20)),
        ("bytes=90-500", (90, 100)),
        ("bytes=-30", (70, 100)),
        ("bytes=-500", (0, 100)),
        ("bytes=-", None),
        ("bytes=20-10", None),
        ("bytes=0-1,5-6", None),
        ("lines=0-1", None),
    ],
)
def test_a_range_is_first_byte_and_the_one_after_the_last(header: str, bounds: tuple[int, int] | None) -> None:
    assert byte_range(header, 100) == bounds


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=-0"])
def test_a_range_outside_the_content_is_empty(header: str) -> None:
    bounds = byte_range(header, 100)
    assert bounds is not None
    assert bounds[0] >= bounds[1]
