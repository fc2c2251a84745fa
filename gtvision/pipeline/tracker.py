"""Joins the detections of one camera into tracks.

A look goes: predict where every vehicle is now; drop duplicate boxes; pair confirmed tracks with good detections, then
with the weak ones, then fresh tracks with good ones; begin tracks with good detections that are left; give up tracks
that were looked for too long. Pairing minimises the surprise of the motion filter, so that one rule serves 1 and 5
looks a second: a track seen once is looked for far away, one with a known speed only where it must be.

Lifetimes are seconds in which the detector looked: every look in vain adds the time since the look before, bounded, so
that a camera without pictures or a busy detector ends no track by itself. A moving one lives 3 such seconds, a parked
one 300, since cars are seen driving off and are missing otherwise only because of light or something in front of them.

Source: two-stage association, Y. Zhang et al., ByteTrack, arXiv:2110.06864.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.detections import Detections
from gtvision.domain.event import Event
from gtvision.domain.geometry import Box, iou
from gtvision.domain.kinds import Kind
from gtvision.pipeline.assignment import assign
from gtvision.pipeline.duplicates import FAMILY, covered, joined, without_duplicates
from gtvision.pipeline.kalman import Motion
from gtvision.pipeline.occlusion import completed, cut_edges
from gtvision.pipeline.track import AT_EDGE, Track

GOOD_SCORE = 0.4
_EVIDENCE = 1.5  # sum of scores that makes a vehicle: two good detections or four doubtful ones
_CROWDED_EVIDENCE = 2.5  # where it lies in part within another vehicle's box: it may be a piece of that one
_CROWDED_SHARE = 0.3
_SPARSE_EVIDENCE = 0.6  # one good detection, when looks are so far apart that there may be no second one
_SPARSE_S = 0.5
_GATE = 13.3  # squared standard deviations: 99 % of chi-square with 4 degrees of freedom
_KNOWN_HITS = 3  # from then on the speed is known
_DETOUR = 1.5  # sizes: no vehicle is further from where it should be, however long it was hidden
_FIRST_DETOUR = 6.0  # while its speed is unknown
_LOST_S, _COMES_IN = 0.5, 0.5  # what was lost inside the picture, in sizes, does not come in over its edge
_RECEDES, _RECEDED = 0.3, 0.3  # nor what has driven so far away from that edge, in sizes, so many of them a second
_GROWTH = 2.2  # no vehicle grows or shrinks by more than that from what it was expected to be
_WALKING_HITS = 5
_WALKER_IOU = 0.7  # a two-wheeler in the place of somebody who walks is that person
_WEAK_LOST_S = 1.0  # who was lost for so long is not found by a weak detection, and hides nobody
_SURE_IOU = 0.3  # boxes that overlap so much belong together whatever the filter says
_IOU_WORTH = 4.0
_OTHER_KIND_COST = 4.0
_LEAD_S = 1.5
_MOVING_PATIENCE_S, _MOVING_STEP_S = 3.0, 1.0
_PARKED_PATIENCE_S, _PARKED_STEP_S = 300.0, 30.0
_FRESH_PATIENCE_S = 0.3  # unconfirmed: two looks in a row, or one between them in a burst
_ONCE_PATIENCE_S = 2.0  # confirmed by one strong detection
_RESUMED_PATIENCE_S = 10.0
_UNSEEN_S = 10.0  # a moving vehicle is given up after that long whether looked for or not
_PARKED_COAST_S = 0.5
_HIDDEN_SHARE = 0.5
_GONE_SHARE = 0.1  # of a vehicle still inside the picture


@dataclass(frozen=True, slots=True)
class Tracked:
    """What a look changed.

    Attributes:
        seen: Confirmed tracks that were detected, by number.
        fresh: Tracks that were detected and are not confirmed yet, in order of birth.
        ended: Confirmed tracks that are given up, by number.
    """

    seen: tuple[Track, ...] = ()
    fresh: tuple[Track, ...] = ()
    ended: tuple[Track, ...] = ()


@dataclass(slots=True, eq=False)
class Tracker:
    """The tracks of one camera.

    Attributes:
        tracks: Those alive, confirmed or not, in order of birth.
        time_s: Of the newest look, None before the first.
    """

    tracks: list[Track] = field(default_factory=list)
    time_s: float | None = None
    _motion: Motion = field(default_factory=lambda: Motion.start(np.empty((0, 4))))
    _numbers: int = 0

    def resume(self, events: Iterable[Event]) -> None:
        """Takes up the vehicles of events that were open when the camera stopped."""
        by_track = {event.track: event for event in sorted(events, key=lambda event: event.seen_s)}
        for event in by_track.values():
            track = Track.start(event.seen_s, event.box)
            track.number, track.patience_s = event.track, _RESUMED_PATIENCE_S
            track.votes[event.kind] = event.score
            self._add(track)
        self._numbers = max([self._numbers, *by_track])

    def look(self, time_s: float, detections: Detections, good_score: float = GOOD_SCORE) -> Tracked:
        """What the detections of a picture, taken after all those before, change.

        Args:
            time_s: When it was taken.
            detections: What was found.
            good_score: Those below it prolong tracks, but begin none.
        """
        gap_s = time_s - self.time_s if self.time_s is not None else None
        if gap_s is None:  # numbers begin with the time, so that a camera that was restarted uses none twice
            self._numbers = max(self._numbers, int(time_s))
        found = _Found.of(detections)
        self._predict(time_s, gap_s)
        confirmed = np.array([track.is_confirmed for track in self.tracks], dtype=np.bool_)
        whole = completed(self._motion.xyxy, found.xyxy, confirmed)
        pairs = self._pair(found, self._costs(found, whole), good_score)
        self._correct(time_s, found, whole, pairs)
        self._miss(gap_s or 0.0, {row for row, _ in pairs})
        self._begin(time_s, gap_s, found, good_score, {column for _, column in pairs})
        self.time_s = time_s
        self._confirm(gap_s)
        ended = self._give_up(time_s)
        seen = [track for track in self.tracks if track.seen_s == time_s and track.hits]
        return Tracked(_confirmed(seen), tuple(track for track in seen if not track.is_confirmed), ended)

    def expire(self, now_s: float) -> tuple[Track, ...]:
        """The moving vehicles that nobody has looked for in too long; they are given up."""
        return self._give_up(now_s)

    def end(self) -> tuple[Track, ...]:
        """All vehicles; they are given up, and the next look is the first of a new timeline."""
        ended = _confirmed(self.tracks)
        self.tracks, self.time_s = [], None
        self._motion = self._motion.rows(np.zeros(len(self._motion.position), dtype=np.bool_))
        return ended

    def _predict(self, time_s: float, gap_s: float | None) -> None:
        elapsed = np.array([_coast_s(track, time_s, gap_s) for track in self.tracks])
        parked = np.array([track.is_parked for track in self.tracks], dtype=np.bool_)
        self._motion = self._motion.at_rest(parked).after(elapsed)

    def _pair(self, found: "_Found", cost: NDArray[np.float64], good_score: float) -> list[tuple[int, int]]:
        confirmed = np.array([track.is_confirmed for track in self.tracks], dtype=np.bool_)
        is_near = np.array([track.missing_s < _WEAK_LOST_S for track in self.tracks], dtype=np.bool_)
        good = found.score >= good_score
        pairs: list[tuple[int, int]] = []
        for rows, columns in ((confirmed, good), (confirmed & is_near, ~good), (~confirmed, good)):
            free_rows = np.flatnonzero(rows & ~_marked(len(rows), (row for row, _ in pairs)))
            free_columns = np.flatnonzero(columns & ~_marked(len(columns), (column for _, column in pairs)))
            block = assign(cost[np.ix_(free_rows, free_columns)])
            pairs += [(int(free_rows[row]), int(free_columns[column])) for row, column in block]
        return pairs

    def _costs(self, found: "_Found", whole: NDArray[np.float64]) -> NDArray[np.float64]:
        """Shape `(tracks, detections)`; `inf` where they cannot be the same vehicle."""
        apart, vagueness = self._motion.surprise(whole)
        overlap = iou(np.clip(self._motion.xyxy, 0, 1), found.xyxy)
        kinds = np.array([track.kind for track in self.tracks], dtype=np.intp)
        four_wheels = FAMILY[kinds][:, None] == 2, FAMILY[found.kind][None] == 2
        other = FAMILY[kinds][:, None] != FAMILY[found.kind][None]
        cost = np.minimum(apart, _GATE) + vagueness[:, None] - _IOU_WORTH * overlap + _OTHER_KIND_COST * other
        reach = np.array([_DETOUR if track.hits >= _KNOWN_HITS else _FIRST_DETOUR for track in self.tracks])
        plausible = (self._motion.growth(whole) < _GROWTH) & (self._motion.detour(whole) < reach[:, None])
        near = ((apart < _GATE) & plausible) | (overlap > _SURE_IOU)
        possible = near & ~self._comes_in(found, overlap) & (four_wheels[0] == four_wheels[1])
        return np.where(possible, cost, np.inf)

    def _comes_in(self, found: "_Found", overlap: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which detections come in over an edge of the picture where the track is not, shape `(tracks, detections)`."""
        lost = np.array([track.missing_s >= _LOST_S for track in self.tracks], dtype=np.bool_)[:, None]
        known = np.array([track.hits >= _KNOWN_HITS for track in self.tracks], dtype=np.bool_)[:, None]
        inside, receding = self._motion.inside(), self._motion.receding()
        elsewhere = (lost & (inside >= _COMES_IN)) | (known & (receding >= _RECEDES) & (inside >= _RECEDED))
        at_edge = cut_edges(found.xyxy, AT_EDGE)
        comes_in: NDArray[np.bool_] = np.any(elsewhere[:, None] & at_edge, axis=2)
        comes_in |= lost & at_edge.any(axis=1) & (overlap == 0)
        return comes_in

    def _correct(
        self, time_s: float, found: "_Found", whole: NDArray[np.float64], pairs: Sequence[tuple[int, int]]
    ) -> None:
        if not pairs:
            return
        rows, columns = np.array(pairs, dtype=np.intp).T
        corrected = self._motion.rows(rows).corrected(whole[rows, columns])
        self._motion = self._motion.with_rows(rows, corrected)
        for index, (row, column) in enumerate(pairs):
            track = self.tracks[row]
            track.see(time_s, found.box(column), float(found.score[column]), Kind(int(found.kind[column])))
            x, _, _, height = corrected.position[index]
            track.path.append((time_s, (float(x), float(corrected.position[index, 1] + height / 2))))
            vx, vy, _, growth = corrected.velocity[index]
            track.velocity = (float(vx), float(vy + growth / 2))

    def _miss(self, gap_s: float, seen: set[int]) -> None:
        boxes = np.clip(self._motion.xyxy, 0, 1)
        hiding = boxes[sorted(seen)]
        for row, track in enumerate(self.tracks):
            if row in seen or (track.is_parked and _is_hidden(boxes[row], hiding)):
                continue
            track.missing_s += min(gap_s, _PARKED_STEP_S if track.is_parked else _MOVING_STEP_S)

    def _begin(self, time_s: float, gap_s: float | None, found: "_Found", good_score: float, taken: set[int]) -> None:
        lead_s = gap_s if gap_s is not None and gap_s <= _LEAD_S else 0.0
        walks = self._walks(time_s, found)
        for column in range(len(found.score)):
            if column in taken or found.score[column] < good_score or walks[column]:
                continue
            track = Track.start(time_s, found.box(column), lead_s)
            track.see(time_s, found.box(column), float(found.score[column]), Kind(int(found.kind[column])))
            x1, _, x2, y2 = found.box(column)
            track.path.append((time_s, ((x1 + x2) / 2, y2)))
            self._add(track)

    def _walks(self, time_s: float, found: "_Found") -> NDArray[np.bool_]:
        """Which detections are two-wheelers in the place of somebody who walks, shape `(detections,)`."""
        walking = (t for t in self.tracks if t.seen_s == time_s and t.hits >= _WALKING_HITS and t.kind is Kind.PERSON)
        overlap = iou(found.xyxy, _boxes(walking)).max(axis=1, initial=0.0)
        walks: NDArray[np.bool_] = (FAMILY[found.kind] == FAMILY[Kind.BICYCLE]) & (overlap > _WALKER_IOU)
        return walks

    def _confirm(self, gap_s: float | None) -> None:
        is_sparse = gap_s is None or gap_s >= _SPARSE_S
        fresh = [track for track in self.tracks if not track.is_confirmed]
        known = (track for track in self.tracks if track.is_confirmed and track.missing_s < _WEAK_LOST_S)
        within = covered(_boxes(fresh), _boxes(known)).max(axis=1, initial=0.0)
        in_bursts = np.where(within > _CROWDED_SHARE, _CROWDED_EVIDENCE, _EVIDENCE)
        for track, wanted in zip(fresh, in_bursts, strict=True):
            if track.votes.sum() >= (_SPARSE_EVIDENCE if is_sparse else wanted):
                self._numbers += 1
                track.number = self._numbers

    def _give_up(self, now_s: float) -> tuple[Track, ...]:
        inside = _visible_share(self._motion.xyxy)
        over = [_is_over(track, now_s, share) for track, share in zip(self.tracks, inside, strict=True)]
        ended = [track for track, is_over in zip(self.tracks, over, strict=True) if is_over]
        self.tracks = [track for track, is_over in zip(self.tracks, over, strict=True) if not is_over]
        self._motion = self._motion.rows(~np.array(over, dtype=np.bool_))
        return _confirmed(ended)

    def _add(self, track: Track) -> None:
        self.tracks.append(track)
        self._motion = self._motion.joined(Motion.start(_boxes([track])))


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """The detections of a look without duplicates, as float64."""

    xyxy: NDArray[np.float64]
    score: NDArray[np.float64]
    kind: NDArray[np.intp]

    @classmethod
    def of(cls, detections: Detections) -> "_Found":
        xyxy = joined(detections.xyxy.astype(np.float64), detections.kind)
        kept = without_duplicates(xyxy, detections.score, detections.kind)
        return cls(xyxy[kept], detections.score[kept].astype(np.float64), detections.kind[kept].astype(np.intp))

    def box(self, index: int) -> Box:
        x1, y1, x2, y2 = (float(value) for value in self.xyxy[index])
        return (x1, y1, x2, y2)


def _boxes(tracks: Iterable[Track]) -> NDArray[np.float64]:
    """As last detected, shape `(n, 4)`."""
    return np.array([track.box for track in tracks], dtype=np.float64).reshape(-1, 4)


def _marked(length: int, indices: Iterable[int]) -> NDArray[np.bool_]:
    """True at those indices, shape `(length,)`."""
    marked = np.zeros(length, dtype=np.bool_)
    marked[list(indices)] = True
    return marked


def _is_hidden(box: NDArray[np.float64], others: NDArray[np.float64]) -> bool:
    """Whether one of the others covers so much of the box that the vehicle cannot be seen."""
    return bool((covered(box[None], others) > _HIDDEN_SHARE).any())


def _visible_share(xyxy: NDArray[np.float64]) -> NDArray[np.float64]:
    return covered(xyxy, np.array([[0.0, 0.0, 1.0, 1.0]]))[:, 0]


def _coast_s(track: Track, time_s: float, gap_s: float | None) -> float:
    """How far a track's prediction has to go, in seconds."""
    if gap_s is None:
        return min(time_s - track.seen_s, _MOVING_PATIENCE_S)
    return min(gap_s, _PARKED_COAST_S) if track.is_parked else gap_s


def _is_over(track: Track, now_s: float, visible_share: float) -> bool:
    if not track.missing_s and now_s == track.seen_s:
        return False
    if track.patience_s is not None:
        return track.missing_s >= track.patience_s
    if track.is_parked:
        return track.missing_s >= _PARKED_PATIENCE_S
    if track.hits < 2:
        return track.missing_s >= (_ONCE_PATIENCE_S if track.is_confirmed else _FRESH_PATIENCE_S)
    has_left = track.hits >= _KNOWN_HITS and visible_share < _GONE_SHARE
    return has_left or track.missing_s >= _MOVING_PATIENCE_S or now_s - track.seen_s > _UNSEEN_S


def _confirmed(tracks: Iterable[Track]) -> tuple[Track, ...]:
    return tuple(sorted((track for track in tracks if track.is_confirmed), key=lambda track: track.number))
