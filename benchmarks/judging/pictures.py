"""Pictures of what went worst: the frame, true boxes in white, tracks in colour with their numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.domain.geometry import Box
from gtvision.pipeline.tracker import Tracker
from gtvision.traffic import scene
from gtvision.traffic.scoring import Score
from judging.runs import FPS, Played

_CASES = 3
_SAME_CASE_S = 4.0
_WHITE = (255, 255, 255)
_COLOURS = ((80, 200, 255), (255, 170, 60), (120, 255, 120), (200, 120, 255), (90, 130, 255), (255, 255, 110))


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """Errors of one run at about the same time."""

    played: Played
    time_s: float
    errors: tuple[str, ...]


def worst_pictures(runs: Iterable[tuple[Played, Score]], folder: Path) -> None:
    """Writes a picture of each of the three cases with the most errors, no two of one run while there are others."""
    cases = sorted((case for run in runs for case in _cases(*run)), key=lambda case: -len(case.errors))
    first = {id(case.played): case for case in reversed(cases)}
    chosen = sorted(first.values(), key=lambda case: -len(case.errors))[:_CASES]
    folder.mkdir(parents=True, exist_ok=True)
    for number, case in enumerate(chosen, start=1):
        path = folder / f"worst-{number}.jpg"
        cv2.imwrite(str(path), _drawn(case), [cv2.IMWRITE_JPEG_QUALITY, 80])
        plan = case.played.plan
        print(f"{path}: {plan.scene}, {plan.weather}, seed {plan.seed}, {case.time_s:.1f} s: {'; '.join(case.errors)}")


def _cases(played: Played, score: Score) -> Iterable[_Case]:
    errors = [(e.latest_s, f"missed {e.trigger_id} of {e.kind.label} {e.passage.story.id}") for e in score.missed]
    errors += [(e.start_s, f"wrong {e.trigger_id} of {e.kind.label}, track {e.track}") for e in score.wrong]
    errors.sort()
    while errors:
        group = [error for error in errors if error[0] - errors[0][0] <= _SAME_CASE_S]
        yield _Case(played, group[0][0], tuple(text for _, text in group))
        errors = errors[len(group) :]


def _drawn(case: _Case) -> NDArray[np.uint8]:
    played, plan = case.played, case.played.plan
    tracker, tracks = Tracker(), []
    at_s = max((time_s for time_s, _ in played.looks if time_s <= case.time_s + 1e-6), default=0.0)
    for time_s, found in played.looks:
        if time_s <= at_s:
            tracks = [(track.number, track.box) for track in tracker.look(time_s, found).seen]
    moments = scene(plan.scene, plan.seed, weather=plan.weather, fps=FPS).moments(at_s + 1)
    picture, truth = next(moment for moment in moments if moment.time_s >= at_s - 1e-6).draw()
    for zone in played.camera.zones:
        corners = np.array(zone.polygon) * (picture.shape[1], picture.shape[0])
        cv2.polylines(picture, [np.rint(corners).astype(np.int32)], True, (90, 90, 90), 1, cv2.LINE_AA)
    for seen in truth.seen:
        _box(picture, seen.box, _WHITE, str(seen.id))
    for number, box in tracks:
        _box(picture, box, _COLOURS[number % len(_COLOURS)], f"#{number}", above=True)
    return picture


def _box(
    picture: NDArray[np.uint8], box: Box, colour: tuple[int, int, int], label: str, *, above: bool = False
) -> None:
    height, width = picture.shape[:2]
    (x1, y1), (x2, y2) = _pixel(box[:2], (width, height)), _pixel(box[2:], (width, height))
    cv2.rectangle(picture, (x1, y1), (x2, y2), colour, 1)
    cv2.putText(
        picture, label, (x1, y1 - 3 if above else y2 + 9), cv2.FONT_HERSHEY_SIMPLEX, 0.32, colour, 1, cv2.LINE_AA
    )


def _pixel(point: Sequence[float], size: tuple[int, int]) -> tuple[int, int]:
    return round(point[0] * size[0]), round(point[1] * size[1])
