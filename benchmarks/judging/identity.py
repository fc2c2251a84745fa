"""Whether tracks keep their vehicles: HOTA here, and IDF1, switches and fragments by `motmetrics`.

Looked at are the pictures that the detector saw. True boxes are demanded of road users that stand in a watched zone, of
which at least half is visible, and which are no lower than 0.03 of the picture. The rest is neither demanded nor
punished: a track's box on one of them is left out, as in the MOT challenges.

Source: J. Luiten et al., HOTA: A Higher Order Metric for Evaluating Multi-Object Tracking, IJCV 129 (2021).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.detections import Detections
from gtvision.domain.geometry import contains, iou
from gtvision.pipeline.assignment import assign
from gtvision.pipeline.motion import SMALLEST_HEIGHT
from gtvision.pipeline.tracker import Tracker
from gtvision.pipeline.zones import watched
from gtvision.traffic.passages import Passage

SEEN_SHARE = 0.5
SAME_IOU = 0.5
_ALPHAS = np.arange(0.05, 0.99, 0.05)

Numbered = Callable[[float, Detections], tuple[Sequence[int], NDArray[np.float64]]]
"""A tracker: the numbers of the tracks that it saw in a look, and their boxes, shape `(n, 4)`."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One look: numbers of the true boxes, of the tracks, and their overlap, shape `(true, tracks)`."""

    true: tuple[int, ...]
    tracks: tuple[int, ...]
    overlap: NDArray[np.float64]


def ours() -> Numbered:
    """The tracker of the product."""
    tracker = Tracker()

    def look(time_s: float, found: Detections) -> tuple[Sequence[int], NDArray[np.float64]]:
        seen = tracker.look(time_s, found).seen
        return [track.number for track in seen], np.array([track.box for track in seen]).reshape(-1, 4)

    return look


class Truth:
    """The true boxes of a scene by time."""

    def __init__(self, passages: Iterable[Passage], zones: Sequence[object]) -> None:
        self._rows: dict[int, list[tuple[int, NDArray[np.float64], bool]]] = {}
        polygons = [zone.polygon for zone in watched(zones)]  # type: ignore[arg-type]
        for passage in passages:
            inside = np.any([contains(polygon, passage.places) for polygon in polygons], axis=0)
            demanded = inside & (passage.visible >= SEEN_SHARE) & (passage.sizes[:, 1] >= SMALLEST_HEIGHT)
            for time_s, box, is_demanded in zip(passage.times_s, passage.boxes, demanded, strict=True):
                self._rows.setdefault(_ms(time_s), []).append((passage.story.id, box, bool(is_demanded)))

    def frame(self, time_s: float, numbers: Sequence[int], boxes: NDArray[np.float64]) -> Frame:
        """Tracks against what was really there."""
        rows = self._rows.get(_ms(time_s), [])
        true = np.array([row[1] for row in rows]).reshape(-1, 4)
        demanded = np.array([row[2] for row in rows], dtype=np.bool_)
        overlap = iou(true, boxes)
        pairs = assign(np.where(overlap >= SAME_IOU, -overlap, np.inf))
        excused = {column for row, column in pairs if not demanded[row]}
        kept = [column for column in range(len(boxes)) if column not in excused]
        ids = tuple(row[0] for row in rows if row[2])
        return Frame(ids, tuple(numbers[column] for column in kept), overlap[demanded][:, kept])


def frames(truth: Truth, looks: Iterable[tuple[float, Detections]], tracker: Numbered) -> Iterator[Frame]:
    """What a tracker makes of these looks, against the truth."""
    for time_s, found in looks:
        yield truth.frame(time_s, *tracker(time_s, found))


@dataclass(frozen=True, slots=True, eq=False)
class Hota:
    """The parts of HOTA at each of its 19 overlaps; those of several scenes add up.

    Attributes:
        both: Boxes that are in truth and tracks.
        either: Boxes that are in one of them.
        kept: Sum over `both` of how well track and vehicle are the same everywhere.
    """

    both: NDArray[np.float64]
    either: NDArray[np.float64]
    kept: NDArray[np.float64]

    @property
    def value(self) -> float:
        """HOTA, 0-1."""
        detected = self.both / np.maximum(self.either, 1)
        return float(np.sqrt(detected * self.kept / np.maximum(self.both, 1)).mean())

    def __add__(self, other: "Hota") -> "Hota":
        return Hota(self.both + other.both, self.either + other.either, self.kept + other.kept)


def hota(of: Sequence[Frame]) -> Hota:
    """The parts of HOTA of one scene."""
    trues, tracks = _places(frame.true for frame in of), _places(frame.tracks for frame in of)
    common = np.zeros((len(trues), len(tracks)))
    true_count, track_count = np.zeros((len(trues), 1)), np.zeros((1, len(tracks)))
    dense = [(np.array([trues[i] for i in f.true], int), np.array([tracks[i] for i in f.tracks], int)) for f in of]
    for (rows, columns), frame in zip(dense, of, strict=True):
        either = frame.overlap.sum(axis=0) + frame.overlap.sum(axis=1, keepdims=True) - frame.overlap
        common[np.ix_(rows, columns)] += np.divide(
            frame.overlap, either, out=np.zeros_like(frame.overlap), where=either > 0
        )
        true_count[rows] += 1
        track_count[0, columns] += 1
    alike = common / np.maximum(true_count + track_count - common, 1e-9)
    met = np.zeros((len(_ALPHAS), len(trues), len(tracks)), np.int32)
    for (rows, columns), frame in zip(dense, of, strict=True):
        for row, column in assign(-alike[np.ix_(rows, columns)] * frame.overlap):
            met[:, rows[row], columns[column]] += frame.overlap[row, column] >= _ALPHAS - 1e-12
    both = met.sum(axis=(1, 2)).astype(np.float64)
    kept = (met**2 / np.maximum(true_count + track_count - met, 1)).sum(axis=(1, 2))
    return Hota(both, true_count.sum() + track_count.sum() - both, kept)


def switches(of: Sequence[Sequence[Frame]]) -> dict[str, float]:
    """IDF1, number switches, fragments and MOTA over several scenes, by `motmetrics`.

    Raises `ModuleNotFoundError` without it: install the dependency group `bench`.
    """
    import motmetrics

    books = []
    for scene in of:
        book = motmetrics.MOTAccumulator(auto_id=True)
        for frame in scene:
            book.update(frame.true, frame.tracks, np.where(frame.overlap >= SAME_IOU, 1 - frame.overlap, np.nan))
        books.append(book)
    wanted = {"idf1": "idf1", "num_switches": "id_switches", "num_fragmentations": "fragments", "mota": "mota"}
    table = motmetrics.metrics.create().compute_many(books, metrics=list(wanted), generate_overall=True)
    return {ours: float(table.loc["OVERALL", theirs]) for theirs, ours in wanted.items()}


def _places(ids: Iterable[tuple[int, ...]]) -> dict[int, int]:
    return {id: place for place, id in enumerate(sorted({id for some in ids for id in some}))}


def _ms(time_s: float) -> int:
    return round(float(time_s) * 1000)
