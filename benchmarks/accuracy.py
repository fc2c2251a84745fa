"""Is there one right event for each vehicle and trigger, and does a parked car make only one?

Simulated streets with exact truth go through the pipeline as `gtvision analyse` runs it: sampler, motion gate,
detector, tracker, zones, triggers. Only the video codec is left out. Seeds are those of `JUDGING_SEEDS`, which no
parameter of the product was chosen by; weathers take turns. What counts as right, and what the truth itself cannot
decide, is said in `gtvision/traffic/expected.py` and `scoring.py`; the share that is left out is printed.

Two detectors: the weights that ship with the product, trained on other seeds of the same streets, which give the
figures; and a stand-in made from the truth (boxes off by 4 %, 8 % missed, ghosts in 3 % of the pictures), whose figures
begin with `stand_in_` and say what tracker and triggers do by themselves.

The car that is parked stands from 17:35 to 18:35 and from 5:25 to 6:25, through dusk and dawn, under a clear sky; with
--full for 24 hours, a frame each tenth of a second to choose from, and clouds that drift.
Real clips, where GTVISION_MEDIA and GTVISION_MODELS have them, are held to what a person counted: `hand_counts.py`.
--worst FOLDER writes pictures of three of the worst cases.
"""

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

from hand_counts import ClipCount, real_count_errors
from judging.identity import Frame, Truth, frames, hota, ours, switches
from judging.measures import MEASURING, PASSING, line_totals, measured
from judging.parked import Standing, stand
from judging.pictures import worst_pictures
from judging.runs import Plan, Played, play
from report import Target, arguments_of, new_figure, print_table, publish, save_plot

import gtvision
from gtvision.ports import PictureDetector
from gtvision.traffic import SCENES, Weather
from gtvision.traffic.expected import expected
from gtvision.traffic.scoring import Score, score

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TARGETS = {
    "event_precision": Target(">=", 0.98),
    "event_recall": Target(">=", 0.98),
    "count_error_share": Target("<=", 0.02),
    "parked_events": Target("==", 1),
    "parked_events_dusk_and_dawn": Target("==", 1),
}
WEIGHTS = Path(gtvision.__file__).parent / "weights" / "simulated-traffic_openvino_model"
TUNING_SEEDS = range(1, 100)
"""Parameters of the product may be chosen by these."""
JUDGING_SEEDS = range(1002, 1100)
"""The mistakes that seed 1001 showed were looked at, and some mended; so it judges no more."""
WEATHERS = ("day", "night+rain", "dusk+clouds", "day+shake", "night", "day+wind+dirt", "dusk+rain", "night+ir")
SHORT_S, FULL_S = 60.0, 180.0
SHORT_SEEDS, FULL_SEEDS = 3, 8
DUSK_H, DAWN_H, STRETCH_S = 17.0 + 35 / 60, 5.0 + 25 / 60, 3600.0
DAY_S = 86_400.0
MIN_SCORE = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A run, what it is worth, and what its tracks did."""

    played: Played
    score: Score
    looks: tuple[Frame, ...]


def main() -> None:
    arguments = arguments_of(__doc__)
    arguments.add_argument("--weights", type=Path, default=WEIGHTS, help="of the detector (default: the product's own)")
    arguments.add_argument("--worst", type=Path, metavar="FOLDER", help="write pictures of the worst cases there")
    arguments.add_argument("--only", choices=("weights", "stand-in", "parked", "real"), help="measure a part")
    asked = arguments.parse_args()
    figures: dict[str, float] = {}
    targets = dict(TARGETS)
    detector = load(asked.weights) if asked.only not in ("stand-in", "real") else None
    if detector is not None and asked.only != "parked":
        runs = judged(plans(full=asked.full), detector)
        figures |= told(runs, "")
        save_plot(plot(runs), "accuracy")
        if asked.worst is not None:
            worst_pictures([(run.played, run.score) for run in runs], asked.worst)
    if asked.only in (None, "stand-in"):
        figures |= told(judged(plans(full=asked.full), None), "stand_in_")
    if asked.only in (None, "parked"):
        figures |= parked(detector, full=asked.full)
    if asked.only in (None, "real"):
        for clip, count in real_clips().items():
            figures[f"real_count_error_{clip}"] = count.error
            targets[f"real_count_error_{clip}"] = Target("<=", count.allowed)
    publish("accuracy", figures, targets, as_json=asked.json)


def real_clips() -> dict[str, ClipCount]:
    """The real clips beside what a person counted in them; empty, with a sentence, where there are none."""
    media, models = (os.environ.get(name) for name in ("GTVISION_MEDIA", "GTVISION_MODELS"))
    if not media or not models:
        print("Real clips are left out: GTVISION_MEDIA and GTVISION_MODELS do not say where they are.", file=sys.stderr)
        return {}
    counts = real_count_errors(Path(media), Path(models))
    rows = [
        (f"{clip}, {line.line} {line.direction}", line.by_hand, line.counted)
        for clip, count in counts.items()
        for line in count.lines
        if line.by_hand or line.counted
    ]
    print_table("Real clips", ("clip, line and direction", "by hand", "counted"), rows)
    return counts


def load(weights: Path) -> PictureDetector | None:
    """The detector, or None and a sentence when there are no weights."""
    if not weights.exists():
        print(f"There are no weights at {weights}: only the stand-in for the detector is measured.", file=sys.stderr)
        return None
    from gtvision.adapters.weights import load_detector

    return load_detector(weights, min_score=MIN_SCORE, threads=1, config_dir=Path(gettempdir()) / "gtvision-bench")


def plans(*, full: bool) -> list[Plan]:
    """Every scene with every seed, the weathers taking turns."""
    seeds = JUDGING_SEEDS[: FULL_SEEDS if full else SHORT_SEEDS]
    pairs = [(seed, name) for seed in seeds for name in SCENES]
    return [
        Plan(name, WEATHERS[(turn + turn // len(WEATHERS)) % len(WEATHERS)], seed, FULL_S if full else SHORT_S)
        for turn, (seed, name) in enumerate(pairs)
    ]


def judged(of: Iterable[Plan], detector: PictureDetector | None) -> list[Judged]:
    runs = []
    for plan in of:
        played = play(plan, detector)
        print(f"{plan.scene}, {plan.weather}, seed {plan.seed}: played", file=sys.stderr, flush=True)
        looks = frames(Truth(played.passages, played.camera.zones), played.looks, ours())
        runs.append(Judged(played, score(expected(played.camera, played.passages), played.events), tuple(looks)))
    return runs


def told(runs: Sequence[Judged], prefix: str) -> dict[str, float]:
    """The figures of these runs; tables on the way."""
    detector = runs[0].played.detector
    by_scene = _grouped(runs, lambda run: run.played.plan.scene)
    everything = sum(by_scene.values(), Score())
    total = everything.of(*PASSING)
    _print_scores(f"Events by scene ({detector})", "scene", {name: s.of(*PASSING) for name, s in by_scene.items()})
    by_weather = _grouped(runs, lambda run: run.played.plan.weather)
    _print_scores(
        f"Events by weather ({detector})", "weather", {name: s.of(*PASSING) for name, s in by_weather.items()}
    )
    by_trigger = {trigger: everything.of(trigger) for trigger in (*PASSING, *MEASURING)}
    _print_scores(f"Events by trigger ({detector})", "trigger", by_trigger)
    measures = measured(by_scene, detector)
    errors = _print_counts(runs, detector)
    identity = _print_identity(runs, detector)
    figures = {
        "event_precision": total.precision,
        "event_recall": total.recall,
        "count_error_share": max(errors, default=0.0),
        "same_kind_share": total.same_kind_share,
        "excluded_share": total.excluded_share,
        "events_demanded": float(len(total.hits) + len(total.missed)),
        **measures,
        **identity,
    }
    return {prefix + name: value for name, value in figures.items()}


def _grouped(runs: Iterable[Judged], key: Callable[[Judged], str]) -> dict[str, Score]:
    groups: dict[str, Score] = {}
    for run in runs:
        groups[key(run)] = groups.get(key(run), Score()) + run.score
    return groups


def _print_scores(title: str, what: str, scores: dict[str, Score]) -> None:
    rows = [
        (
            name,
            len(s.hits) + len(s.missed),
            len(s.missed),
            len(s.wrong),
            s.precision,
            s.recall,
            s.same_kind_share,
            s.excluded_share,
            " ".join(f"{doubt} {count}" for doubt, count in sorted(s.doubts.items())) or "-",
        )
        for name, s in scores.items()
    ]
    columns = (what, "demanded", "missed", "wrong", "precision", "recall", "same kind", "excluded", "in doubt")
    print_table(title, columns, rows)


def _print_counts(runs: Sequence[Judged], detector: str) -> list[float]:
    """A row for each line and direction; the shares by which they are wrong."""
    rows, errors = [], []
    for name in SCENES:
        these = [run.played for run in runs if run.played.plan.scene == name]
        for direction, total in line_totals(these).items():
            errors.append(total.error_share)
            row = (total.true, total.told, total.kept, total.error_share, total.cut_off, total.unseen)
            rows.append((f"{name} {direction.value}", *row))
    columns = ("line and direction", "true", "cross events", "counted", "error share", "cut off", "never seen")
    print_table(f"Vehicles over lines ({detector})", columns, rows)
    return errors


def _print_identity(runs: Sequence[Judged], detector: str) -> dict[str, float]:
    rows: list[tuple[object, ...]] = []
    for name in [*SCENES, "all"]:
        these = [run.looks for run in runs if name in ("all", run.played.plan.scene)]
        parts = [hota(looks) for looks in these]
        value = sum(parts[1:], start=parts[0]).value
        found = switches(these)
        rows.append((name, value, found["idf1"], int(found["id_switches"]), int(found["fragments"]), found["mota"]))
    print_table(f"Tracks ({detector})", ("scene", "HOTA", "IDF1", "switches", "fragments", "MOTA"), rows)
    return {"hota": value, "idf1": found["idf1"], "id_switches": found["id_switches"], "fragments": found["fragments"]}


def parked(detector: PictureDetector | None, *, full: bool) -> dict[str, float]:
    """The figures of the parked car."""
    seed = JUDGING_SEEDS[0]
    if full:
        stretches = [stand("24 hours from noon", Weather("24h", frozenset({"clouds"})), DAY_S, seed, detector)]
    else:
        hours = (("dusk", DUSK_H), ("dawn", DAWN_H))
        stretches = [stand(label, Weather("24h", from_hour=hour), STRETCH_S, seed, detector) for label, hour in hours]
    rows = [_parked_row(each) for each in stretches]
    columns = ("parked car", "stationary", "surplus", "ends when it leaves", "of others", "samples", "passed")
    print_table(f"A parked car ({detector.name if detector else 'simulated detector'})", columns, rows)
    name = "parked_events" if full else "parked_events_dusk_and_dawn"
    return {name: max(each.events for each in stretches), "parked_ends_right": min(e.ends_with_it for e in stretches)}


def _parked_row(each: Standing) -> tuple[object, ...]:
    ends = "yes" if each.ends_with_it else "no"
    return each.label, len(each.stationary), len(each.surplus), ends, each.others, each.samples, each.passed


def plot(runs: Sequence[Judged]) -> "Figure":
    """Precision and recall of each scene, as bars."""
    figure = new_figure(8, 4)
    axes = figure.subplots()
    groups = _grouped(runs, lambda run: run.played.plan.scene)
    for place, name in enumerate(("precision", "recall")):
        axes.bar(
            [i + 0.4 * place for i in range(len(groups))], [getattr(s, name) for s in groups.values()], 0.38, label=name
        )
    axes.axhline(0.98, color="black", linewidth=0.8, linestyle="--")
    axes.set_xticks([i + 0.2 for i in range(len(groups))], list(groups))
    axes.set_ylim(0.8, 1.0)
    axes.set_ylabel("share of the events")
    axes.set_title(f"Events against the truth, {runs[0].played.detector}")
    axes.legend(loc="lower left")
    return figure


if __name__ == "__main__":
    main()
