"""Are plates read as they are, in real pictures and in drawn ones of every sort, and what does a vehicle cost?

- `exact_share`: of the real pictures in `GTVISION_MEDIA/plates`, those whose best plate is the truth to the last
  character. The whole picture goes in, and nothing of where its plate is. They are old plates by day, nothing else.
- `exact_share_STRATUM`: the same for pictures drawn by `gtvision.traffic.plate_pictures` (what a stratum holds is said
  there). No constant of the reader was chosen on them, but a look was taken at seeds 5000 to 5029.
- `ms_per_vehicle`: median time from the picture of a vehicle, as the detector cuts it out of the real pictures, to its
  plates, on all cores of this machine; `cpu_ms_per_vehicle` is the processor time of it, on all cores together.

`rapidocr_exact_share` is the other side: RapidOCR's own pipeline at its defaults on the whole real pictures. A picture
that is missed is listed with its reason, as far as figures tell it, also in `results/plates.md`, and drawn ones lie in
`results/plates-missed`. Real ones are only named, for they are not ours to copy.
"""

import csv
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray
from report import RESULTS, Target, arguments_of, new_figure, print_table, publish, save_plot

from gtvision.adapters.plate_engines import load_plate_reader
from gtvision.adapters.weights import find_weights, load_detector
from gtvision.domain.geometry import Box
from gtvision.domain.plate import Reading
from gtvision.pipeline.plate_format import plate_of
from gtvision.pipeline.plate_rows import TextRow, readings
from gtvision.ports import PictureDetector, PlateReader
from gtvision.settings import PlateSettings
from gtvision.traffic.plate_pictures import STRATA, plate_picture

SEEDS = {False: range(100, 140), True: range(100, 300)}
REAL = "real"
MISSES = RESULTS / "plates-missed"
HARD = ("rain", "angle-20", "angle-35")
TARGETS = {
    "exact_share": Target(">=", 0.95),
    **{f"exact_share_{stratum}": Target(">=", 0.85 if stratum in HARD else 0.95) for stratum in STRATA},
    "ms_per_vehicle": Target("<=", 300.0),
}
_MARGIN = 0.05  # of the vehicle's size, as for its snapshot

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A picture with a plate, and the truth about it."""

    name: str
    stratum: str
    picture: Picture
    truth: str
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What was read in a picture, without the picture."""

    name: str
    stratum: str
    truth: str
    text: str
    reason: str

    @classmethod
    def of(cls, case: Case, found: Sequence[Reading]) -> "Outcome":
        text = plate_of(found[0]).text if found else ""
        return cls(case.name, case.stratum, case.truth, text, "" if text == case.truth else _reason(case, found))

    @property
    def is_exact(self) -> bool:
        return self.text == self.truth


def _reason(case: Case, found: Sequence[Reading]) -> str:
    """Why it was missed, as far as figures tell it."""
    own = [reading for reading in found if _touch(reading.box, case.box)]
    if not found:
        return "nothing that was read may be a plate"
    if not own:
        return "another text was taken for the plate; its own was not found"
    if own[0] is not found[0]:
        return f"another plate came first; its own was read as {plate_of(own[0]).text}"
    plate = plate_of(found[0])
    if len(plate.text) != len(case.truth):
        return f"{len(plate.text)} characters were read instead of {len(case.truth)}"
    pairs = enumerate(zip(case.truth, plate.text, strict=True), start=1)
    wrong = [f"{read} for {true} in place {place}" for place, (true, read) in pairs if true != read]
    return f"{', '.join(wrong)}; score {plate.score:.2f}"


def _touch(a: Box, b: Box) -> bool:
    return min(a[2], b[2]) > max(a[0], b[0]) and min(a[3], b[3]) > max(a[1], b[1])


def real_cases(folder: Path) -> Iterator[Case]:
    """The pictures of that folder, by their `truth.csv`."""
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            picture = cv2.imread(str(folder / row["image"]))
            height, width = picture.shape[:2]
            x, y, w, h = (float(row[key]) for key in ("x", "y", "width", "height"))
            box = (x / width, y / height, (x + w) / width, (y + h) / height)
            yield Case(row["image"], REAL, picture, row["plate"], box)


def drawn_cases(stratum: str, seeds: Iterable[int]) -> Iterator[Case]:
    for seed in seeds:
        drawn = plate_picture(stratum, seed)
        yield Case(f"{stratum}-{seed}.png", stratum, drawn.bgr, drawn.text, drawn.box)


def vehicle_of(case: Case, detector: PictureDetector) -> Picture | None:
    """The smallest vehicle around the plate, cut out with a margin; None when the detector finds none."""
    x, y = (case.box[0] + case.box[2]) / 2, (case.box[1] + case.box[3]) / 2
    found = detector.detect([case.picture])[0].xyxy
    around = [box for box in found if box[0] < x < box[2] and box[1] < y < box[3]]
    if not around:
        return None
    x1, y1, x2, y2 = min(around, key=lambda box: (box[2] - box[0]) * (box[3] - box[1]))
    aside, above = _MARGIN * (x2 - x1), _MARGIN * (y2 - y1)
    height, width = case.picture.shape[:2]
    left, right = (int(np.clip(edge, 0, 1) * width) for edge in (x1 - aside, x2 + aside))
    top, bottom = (int(np.clip(edge, 0, 1) * height) for edge in (y1 - above, y2 + above))
    return np.ascontiguousarray(case.picture[top:bottom, left:right])


def timed(reader: PlateReader, vehicles: Sequence[Picture]) -> tuple[list[float], float]:
    """Milliseconds that each vehicle took, and milliseconds of processor time a vehicle."""
    began_cpu_s, times = time.process_time(), []
    for vehicle in vehicles:
        began_s = time.perf_counter()
        reader.read([vehicle])
        times.append(1000 * (time.perf_counter() - began_s))
    return times, 1000 * (time.process_time() - began_cpu_s) / len(vehicles)


def judged(reader: PlateReader, cases: Iterable[Case]) -> Iterator[Outcome]:
    """What is read in each; a drawn picture that is missed is written to the results."""
    for case in cases:
        outcome = Outcome.of(case, reader.read([case.picture])[0])
        if not outcome.is_exact and case.stratum != REAL:
            MISSES.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(MISSES / case.name), case.picture)
        yield outcome


class PlainRapidOcr:
    """The other side: RapidOCR's own pipeline at its defaults, its rows told apart as ours are."""

    name = "rapidocr's pipeline"

    def __init__(self) -> None:
        from rapidocr import EngineType, RapidOCR

        stages = {f"{stage}.engine_type": EngineType.OPENVINO for stage in ("Det", "Cls", "Rec")}
        self._engine = RapidOCR(params={**stages, "Global.log_level": "critical"})

    def read(self, pictures: Iterable[Picture]) -> list[tuple[Reading, ...]]:
        return [readings(list(self._rows(picture))) for picture in pictures]

    def _rows(self, picture: Picture) -> Iterator[TextRow]:
        found = self._engine(picture)
        height, width = picture.shape[:2]
        for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True) if found.txts else ():
            (x1, y1), (x2, y2) = corners.min(axis=0), corners.max(axis=0)
            yield TextRow(text, (float(score),) * len(text), (x1 / width, y1 / height, x2 / width, y2 / height))


def share(outcomes: Sequence[Outcome]) -> float:
    return sum(outcome.is_exact for outcome in outcomes) / len(outcomes)


def write_misses(missed: Sequence[Outcome]) -> None:
    """The table of every miss as `results/plates.md`."""
    RESULTS.mkdir(exist_ok=True)
    rows = ["| picture | truth | read | reason |", "| --- | --- | --- | --- |"]
    rows += [f"| `{one.name}` | {one.truth} | {one.text or 'nothing'} | {one.reason} |" for one in missed]
    (RESULTS / "plates.md").write_text("\n".join(rows) + "\n", encoding="utf-8")
    print_table("Missed", ["picture", "truth", "read", "reason"], [[m.name, m.truth, m.text, m.reason] for m in missed])


def plot(shares: Mapping[str, float], times: Sequence[float]) -> None:
    figure = new_figure(9, 4)
    left, right = figure.subplots(1, 2)
    left.barh(list(shares), list(shares.values()), color="tab:blue")
    left.set_xlim(0.5, 1.0)
    left.set_xlabel("read exactly")
    right.hist(times, bins=20, color="tab:blue")
    right.axvline(TARGETS["ms_per_vehicle"].value, color="tab:red", label="target")
    right.set_xlabel("ms a vehicle")
    right.legend()
    save_plot(figure, "plates")


def main() -> None:
    options = arguments_of(__doc__).parse_args()
    threads = os.cpu_count() or 1
    reader = load_plate_reader(PlateSettings(cpu_threads=threads))
    figures: dict[str, float] = {}
    outcomes: list[Outcome] = []
    times: list[float] = []
    if os.environ.get("GTVISION_MEDIA"):
        cases = list(real_cases(Path(os.environ["GTVISION_MEDIA"]) / "plates"))
        vehicles = vehicles_of(cases, threads)
        times, cpu_ms = timed(reader, vehicles)
        real, plain = list(judged(reader, cases)), list(judged(PlainRapidOcr(), cases))
        figures |= {"exact_share": share(real), "rapidocr_exact_share": share(plain), "pictures": len(real)}
        figures |= {"ms_per_vehicle": median(times), "cpu_ms_per_vehicle": cpu_ms, "vehicles": len(vehicles)}
        outcomes += real
    for stratum in STRATA:
        drawn = list(judged(reader, drawn_cases(stratum, SEEDS[options.full])))
        figures[f"exact_share_{stratum}"] = share(drawn)
        outcomes += drawn
    if not options.json:
        write_misses([outcome for outcome in outcomes if not outcome.is_exact])
        plot({name: value for name, value in figures.items() if "exact_share" in name}, times)
    publish("plates", figures, TARGETS, as_json=options.json)


def vehicles_of(cases: Iterable[Case], threads: int) -> list[Picture]:
    """The vehicles around the plates, as the detector's weights find them."""
    models = Path(os.environ["GTVISION_MODELS"]) if os.environ.get("GTVISION_MODELS") else None
    with tempfile.TemporaryDirectory() as folder:
        weights = find_weights(None, models)
        detector = load_detector(weights, min_score=0.25, threads=threads, config_dir=Path(folder))
        return [vehicle for case in cases if (vehicle := vehicle_of(case, detector)) is not None]


if __name__ == "__main__":
    main()
