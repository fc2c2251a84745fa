"""Does our tracker keep vehicles better than those to be had, and what does that mean for events and counts?

The detections of the stand-in (`judging/stand_in.py`) on every frame of simulated streets, at 1, 2, 5 and 10 looks a
second, go through our tracker and through those of the package `trackers`: SORT, ByteTrack, OC-SORT and C-BIoU. What
each makes of them goes through the same zones, lines and triggers, and is held against the same truth.

The package wants an OpenCV that does not go together with ours, so it is installed beside, without what it asks for:

    pip install --no-deps --target FOLDER trackers==2.6.1 supervision defusedxml pyDeprecate scipy tqdm
    python benchmarks/tracking.py --packages FOLDER      (or GTVISION_TRACKERS=FOLDER gtvision bench tracking)

Theirs are given what they can use: the true time between looks, lost tracks kept for 3 s as ours are, detections from
0.4 on begin tracks as ours do, one or two looks before a track counts as for ours, and of three IoU thresholds (0.05,
0.1, 0.3) the one with which each has the fewest wrong events on the tuning seeds at that rate.
"""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from judging.identity import Frame, Truth, hota, switches
from judging.runs import FPS, judged
from judging.stand_in import spoilt
from numpy.random import default_rng
from numpy.typing import NDArray
from report import Target, arguments_of, print_table, publish

from gtvision.domain.camera import Camera
from gtvision.domain.detections import Detections
from gtvision.domain.event import Event
from gtvision.domain.kinds import Kind
from gtvision.pipeline.events import EventBook
from gtvision.pipeline.track import Track
from gtvision.pipeline.tracker import Tracker
from gtvision.traffic import SCENES, scene
from gtvision.traffic.expectation import Expected
from gtvision.traffic.expected import expected
from gtvision.traffic.passages import passages
from gtvision.traffic.scoring import Score, score

TUNING_SEED = 21
JUDGING_SEEDS = range(2001, 2100)
RATES = (1, 2, 5, 10)
TARGETS = {f"ours_over_best_{rate}": Target("<=", 1.0) for rate in RATES}
IOUS = (0.05, 0.1, 0.3)
KEPT_S = 3.0
BEGINS_SCORE = 0.4

Looks = Sequence[tuple[float, Detections]]
Pass = Callable[[Looks, Camera], tuple[list[Event], list[tuple[Sequence[int], NDArray[np.float64]]]]]
"""Events, and for each look the numbers and boxes of the tracks."""


@dataclass(frozen=True, slots=True, eq=False)
class Street:
    """A scene without pictures: what happened, and what the stand-in saw of every frame."""

    camera: Camera
    wanted: tuple[Expected, ...]
    truth: Truth
    looks: Looks


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What a tracker made of some streets."""

    score: Score
    crossed: int
    crossings: int
    frames: tuple[tuple[Frame, ...], ...]

    @property
    def errors(self) -> int:
        """Missed and wrong events."""
        return len(self.score.missed) + len(self.score.wrong)


def main() -> None:
    arguments = arguments_of(__doc__)
    arguments.add_argument("--packages", type=Path, default=os.environ.get("GTVISION_TRACKERS"), metavar="FOLDER")
    asked = arguments.parse_args()
    makers = theirs(asked.packages)
    seconds, seeds = (180.0, 4) if asked.full else (60.0, 1)
    tuning = [street(name, TUNING_SEED, seconds) for name in SCENES]
    streets = [street(name, seed, seconds) for seed in JUDGING_SEEDS[:seeds] for name in SCENES]
    figures: dict[str, float] = {}
    for rate in RATES:
        chosen: dict[str, Pass] = {"ours": our_pass}
        for name, make in makers.items():
            chosen[name] = min((make(rate, iou) for iou in IOUS), key=lambda each: result(each, tuning, rate).errors)
        results = {name: result(run, streets, rate) for name, run in chosen.items()}
        figures |= report(rate, results)
    publish("tracking", figures, TARGETS, as_json=asked.json)


def street(name: str, seed: int, seconds: float) -> Street:
    traffic = scene(name, seed, fps=FPS)
    shown = list(traffic.unpainted(seconds))
    rng = default_rng((seed, 4711))
    told = passages(traffic.truth(), shown)
    camera = judged(traffic.camera)
    looks = [(frame.time_s, spoilt(frame, rng)) for frame in shown]
    return Street(camera, expected(camera, told), Truth(told, camera.zones), looks)


def result(run: Pass, streets: Sequence[Street], rate: int) -> Result:
    total, crossed, crossings, kept = Score(), 0, 0, []
    for each in streets:
        looks = each.looks[:: round(FPS / rate)]
        events, tracks = run(looks, each.camera)
        total = total + score(each.wanted, events)
        crossed += len({event.id for event in events if event.trigger_id == "cross"})
        crossings += sum(e.trigger_id == "cross" for e in each.wanted)
        kept.append(tuple(each.truth.frame(time_s, *seen) for (time_s, _), seen in zip(looks, tracks, strict=True)))
    return Result(total, crossed, crossings, tuple(kept))


def our_pass(looks: Looks, camera: Camera) -> tuple[list[Event], list[tuple[Sequence[int], NDArray[np.float64]]]]:
    tracker, book = Tracker(), EventBook(camera)
    events: list[Event] = []
    tracks = []
    for time_s, found in looks:
        tracked = tracker.look(time_s, found)
        events += [*book.gone(tracked.ended), *book.see(time_s, tracked.seen)]
        boxes = np.array([track.box for track in tracked.seen]).reshape(-1, 4)
        tracks.append(([track.number for track in tracked.seen], boxes))
    return [*events, *book.gone(tracker.end())], tracks


class TheirPass:
    """One of theirs before our triggers: its tracks, as they come, in the form in which ours do."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __call__(
        self, looks: Looks, camera: Camera
    ) -> tuple[list[Event], list[tuple[Sequence[int], NDArray[np.float64]]]]:
        tracker, book = self._make(), EventBook(camera)
        alive: dict[int, Track] = {}
        events: list[Event] = []
        tracks = []
        before_s: float | None = None
        for time_s, found in looks:
            numbers, rows = _update(tracker, found)
            lost = [track for number, track in alive.items() if time_s - track.seen_s > KEPT_S]
            for number, row in zip(numbers, rows, strict=True):
                if number not in alive:
                    box = _box(found.xyxy[row])
                    alive[number] = Track.start(time_s, box, 0.0 if before_s is None else time_s - before_s)
                    alive[number].number = number + 1
                _see(alive[number], time_s, found, row)
            events += [*book.gone(lost), *book.see(time_s, [alive[number] for number in numbers])]
            alive = {number: track for number, track in alive.items() if track not in lost}
            tracks.append((numbers, found.xyxy[rows].astype(np.float64).reshape(-1, 4)))
            before_s = time_s
        return [*events, *book.gone(alive.values())], tracks


def _see(track: Track, time_s: float, found: Detections, row: int) -> None:
    box = _box(found.xyxy[row])
    place = ((box[0] + box[2]) / 2, box[3])
    if track.path:
        last_s, last = track.path[-1]
        track.velocity = ((place[0] - last[0]) / (time_s - last_s), (place[1] - last[1]) / (time_s - last_s))
    track.see(time_s, box, float(found.score[row]), Kind(int(found.kind[row])))
    track.path.append((time_s, place))


def _box(row: NDArray[np.float32]) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = (float(value) for value in row)
    return (x1, y1, x2, y2)


def _update(tracker: Any, found: Detections) -> tuple[list[int], list[int]]:
    """The numbers that it gave, and to which detections."""
    import supervision

    pixels = found.xyxy.astype(np.float64) * (640, 360, 640, 360)
    given = supervision.Detections(
        xyxy=pixels, confidence=found.score.copy(), class_id=found.kind.astype(int), data={"row": np.arange(len(found))}
    )
    tracked = tracker.update(given)
    if not len(tracked):
        return [], []
    kept = tracked.tracker_id >= 0
    return [int(n) for n in tracked.tracker_id[kept]], [int(row) for row in tracked.data["row"][kept]]


def theirs(folder: str | Path | None) -> dict[str, Callable[[int, float], Pass]]:
    """A maker for each of theirs, by rate and IoU threshold."""
    if folder is not None:
        sys.path.append(str(folder))
    try:
        from trackers import ByteTrackTracker, CBIoUTracker, OCSORTTracker, SORTTracker
    except ModuleNotFoundError as exc:
        print(
            f"{exc.name} is missing, so only our tracker is measured; the docstring says how to install it.",
            file=sys.stderr,
        )
        return {}

    def common(rate: int) -> dict[str, Any]:
        looks = 1 if rate <= 2 else 2
        return {"lost_track_buffer": round(30 * KEPT_S), "frame_rate": float(rate), "minimum_consecutive_frames": looks}

    def sort(rate: int, iou: float) -> Pass:
        begins = {"track_activation_threshold": BEGINS_SCORE, "minimum_iou_threshold": iou}
        return TheirPass(lambda: SORTTracker(**common(rate), **begins))

    def byte_track(rate: int, iou: float) -> Pass:
        begins = {"track_activation_threshold": BEGINS_SCORE, "high_conf_det_threshold": BEGINS_SCORE}
        return TheirPass(lambda: ByteTrackTracker(**common(rate), **begins, minimum_iou_threshold=iou))

    def oc_sort(rate: int, iou: float) -> Pass:
        good = {"high_conf_det_threshold": BEGINS_SCORE, "minimum_iou_threshold": iou}
        return TheirPass(lambda: OCSORTTracker(**common(rate), **good))

    def c_biou(rate: int, iou: float) -> Pass:
        begins = {"track_activation_threshold": BEGINS_SCORE, "high_conf_det_threshold": BEGINS_SCORE}
        first = {"minimum_iou_threshold_first_assoc": iou, "minimum_iou_threshold_second_assoc": iou}
        return TheirPass(lambda: CBIoUTracker(**common(rate), **begins, **first))

    return {"SORT": sort, "ByteTrack": byte_track, "OC-SORT": oc_sort, "C-BIoU": c_biou}


def report(rate: int, results: dict[str, Result]) -> dict[str, float]:
    rows = []
    figures: dict[str, float] = {}
    for name, each in results.items():
        parts = [hota(looks) for looks in each.frames]
        value = sum(parts[1:], start=parts[0]).value
        found = switches(each.frames)
        counted = abs(each.crossed - each.crossings) / max(each.crossings, 1)
        rows.append(
            (
                name,
                value,
                found["idf1"],
                int(found["id_switches"]),
                int(found["fragments"]),
                len(each.score.missed),
                len(each.score.wrong),
                each.score.precision,
                each.score.recall,
                counted,
            )
        )
        label = name.lower().replace("-", "_")
        figures |= {f"{label}_event_errors_{rate}": float(each.errors), f"{label}_hota_{rate}": value}
    columns = (
        "tracker",
        "HOTA",
        "IDF1",
        "switches",
        "fragments",
        "missed",
        "wrong",
        "precision",
        "recall",
        "count error",
    )
    print_table(f"{rate} looks a second", columns, rows)
    others = [each.errors for name, each in results.items() if name != "ours"]
    if others:
        figures[f"ours_over_best_{rate}"] = results["ours"].errors / max(min(others), 1)
    return figures


if __name__ == "__main__":
    main()
