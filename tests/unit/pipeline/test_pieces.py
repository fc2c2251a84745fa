import numpy as np

from gtvision.domain.places import Zone
from gtvision.pipeline.background import Change
from gtvision.pipeline.pieces import Pieces
from gtvision.pipeline.watched import WatchedArea

HEIGHT, WIDTH = 90, 160
LOWER_HALF = Zone("road", ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0)))
Box = tuple[int, int, int, int]


def mask(*boxes: Box) -> np.ndarray:
    """255 in the boxes `x, y, w, h`."""
    found = np.zeros((HEIGHT, WIDTH), np.uint8)
    for x, y, w, h in boxes:
        found[y : y + h, x : x + w] = 255
    return found


def stripes() -> np.ndarray:
    return np.tile(np.repeat([40, 160], 4), WIDTH // 8)[None].repeat(HEIGHT, 0).astype(np.float32)


def found(
    *boxes: Box, moves: np.ndarray | None = None, now: np.ndarray | None = None, known: np.ndarray | None = None
) -> Pieces:
    """The pieces in the lower half where edges are in these boxes: of something dark, unless said otherwise."""
    seen = mask(*boxes)
    area = WatchedArea.of((LOWER_HALF,), (HEIGHT, WIDTH), 0.05)
    place = area.rows, area.columns
    dark = (stripes() * (seen == 0)).astype(np.uint8)
    change = Change(
        seen[place],
        seen[place],
        (seen if moves is None else moves)[place],
        (dark if now is None else now.astype(np.uint8))[place],
        (stripes() if known is None else known)[place],
    )
    return Pieces.of(change.edges, change, area)


def test_the_largest_piece_that_moves_is_found_beside_a_larger_one_that_does_not():
    parked, rider = (10, 50, 40, 30), (100, 60, 6, 10)
    pieces = found(parked, rider, moves=mask(rider))
    assert pieces.largest == 60
    assert pieces.alike == 1


def test_pieces_that_are_half_as_large_are_alike():
    assert found((10, 60, 8, 8), (40, 60, 8, 5), (80, 60, 8, 3)).alike == 2


def test_what_stands_above_the_zone_is_no_piece_and_what_reaches_into_it_is_one():
    assert found((50, 20, 20, 22)) == Pieces()
    assert found((50, 20, 20, 26)).largest > 0


def test_edges_that_only_the_blur_has_brought_into_the_zone_do_not_stand_there():
    above, blurred = (50, 20, 20, 22), (50, 20, 20, 26)
    now = (stripes() * (mask(above) == 0)).astype(np.uint8)
    area = WatchedArea.of((LOWER_HALF,), (HEIGHT, WIDTH), 0.05)
    place = area.rows, area.columns
    edges = mask(blurred)[place]
    change = Change(edges, mask(above)[place], edges, now[place], stripes()[place])
    assert Pieces.of(edges, change, area) == Pieces()


def test_a_place_in_another_light_is_no_piece():
    assert found((50, 50, 30, 20), now=0.6 * stripes() + 10) == Pieces()


def test_a_place_where_something_else_is_seen_in_another_light_is_a_piece():
    assert found((50, 50, 30, 20), now=0.6 * np.roll(stripes(), 2, axis=1) + 10).largest == 600


def test_something_on_plain_ground_is_a_piece():
    plain = np.full((HEIGHT, WIDTH), 100, np.float32)
    noise = np.random.default_rng(1).normal(0, 3, plain.shape).astype(np.float32)
    assert found((50, 50, 30, 20), now=plain - 40 + noise, known=plain).largest == 600
