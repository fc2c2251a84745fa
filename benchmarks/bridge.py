"""Does the bridge outdo a Celery worker that does nothing, and does it lose or double a frame, whatever breaks?

- `ours_over_celery`: messages a second out of the queue `detection`, ours over those of a Celery prefork worker whose
  task returns at once; the smaller of the ratios to Celery 5.2 and 5.7. Frames of 60 kB, sent by Celery's own client,
  the same for all; two processes of each, on the same two cores as the broker; each run of Celery's stands between two
  of ours. Ours are the real intake, codec and desk: connection, validation of the whole message, Base64, lines a
  camera, acknowledgement, metrics. What is left out on both sides is what happens to the frame then: no pixel of it is
  decoded. `..._cpu_ms` is the processor time of the consumers a message, without the broker's. Celery 5.2 leaves the
  frame in Base64, as it is no task of its own to decode it; 5.7 decodes it, as ours.
- `lost`, `duplicated`: stored events short of, or beyond, one a message, over all the faults: the real system with
  RabbitMQ and PostgreSQL under load, frames of a drawn street with one car, each asking for a trigger of its own.
  Messages that were in the queue when it was deleted are gone by the deleter's will: the broker says how many, and so
  many are not counted as lost (`deleted`).
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from report import Target, arguments_of, new_figure, print_table, publish, save_plot

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from bridging.faults import Outcome, outcomes
from bridging.rates import MESSAGES, Rate, bracketed, captured, celery_of, figures_of, fill, ours_of, rate_of
from rabbitmq import RabbitServer

TARGETS = {
    "ours_over_celery": Target(">=", 1.5),
    "lost": Target("==", 0),
    "duplicated": Target("==", 0),
}
ROUNDS = {False: 3, True: 8}
CORES = 2
SLOTS = 8
VERSIONS = {"celery_5_2": "5.2", "celery_5_7": "5.7"}

Pairs = dict[str, list[tuple[Rate, Rate]]]


def program(name: str) -> str:
    """The path of a program; ends the benchmark when it is not installed."""
    folders = [os.environ.get("PATH", ""), "/usr/sbin", *map(str, Path("/usr/lib/postgresql").glob("*/bin"))]
    found = shutil.which(name, path=os.pathsep.join(folders))
    if found is None:
        raise SystemExit(f"{name} is not installed: `make packages` as root installs it")
    return found


def interpreter(version: str) -> Path:
    """That of the environment with this Celery; ends the benchmark when it is not there."""
    folder = Path(__file__).parents[1] / f".venv-celery-{version}"
    if not (folder / "ready").is_file():
        raise SystemExit(f"there is no Celery {version}: `make partners` installs it")
    return folder / "bin" / "python"


def rates(rounds: int) -> Pairs:
    """Pairs of rates for each Celery, its own and ours, on two cores."""
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(every)[:CORES]))  # the broker and the consumers inherit it
    try:
        with RabbitServer(program) as server:
            messages = captured(server, interpreter("5.7"))
            consumers = {name: celery_of(server, interpreter(version)) for name, version in VERSIONS.items()}
            consumers["ours"] = ours_of(server, SLOTS)

            def measure(name: str) -> Rate:
                fill(server, messages, MESSAGES)
                return rate_of(server, consumers[name], MESSAGES)

            measure("ours")  # the first run also warms the broker
            return bracketed(measure, list(VERSIONS), rounds)
    finally:
        os.sched_setaffinity(0, every)


def plot(pairs: Pairs) -> None:
    """Each run of Celery's beside what ours did just before and after."""
    figure = new_figure(7, 3.2)
    axes = figure.subplots()
    runs = [(name, *pair) for name, seen in pairs.items() for pair in seen]
    for shift, label, colour, values in (
        (-0.2, "Celery prefork, no-op", "#c7c7c7", [theirs.per_s for _, theirs, _ in runs]),
        (0.2, "ours", "#1f77b4", [ours.per_s for *_, ours in runs]),
    ):
        axes.bar([at + shift for at in range(len(runs))], values, 0.38, label=label, color=colour)
    axes.set_xticks(range(len(runs)), [VERSIONS[name] for name, *_ in runs])
    axes.set_xlabel("Celery")
    axes.set_ylabel("messages of 60 kB a second")
    axes.legend(frameon=False)
    save_plot(figure, "bridge")


def table(outcome_of: dict[str, Outcome]) -> None:
    """What came of each fault."""
    print_table(
        "faults, under load",
        ["fault", "sent", "lost", "duplicated", "deleted", "settled after, s"],
        [
            [name, one.tally.sent, one.lost, one.tally.duplicated, one.deleted, one.settled_s]
            for name, one in outcome_of.items()
        ],
    )


def main() -> None:
    """Measures and prints."""
    options = arguments_of(__doc__).parse_args()
    pairs = rates(ROUNDS[options.full])
    with tempfile.TemporaryDirectory(prefix="gtvision-bench-") as folder:
        faults = outcomes(program, Path(folder), is_full=options.full)
    figures = {
        **figures_of(pairs),
        "lost": sum(one.lost for one in faults.values()),
        "duplicated": sum(one.tally.duplicated for one in faults.values()),
        "deleted": sum(one.deleted for one in faults.values()),
        "messages": sum(one.tally.sent for one in faults.values()),
        "slowest_settled_s": max(one.settled_s for one in faults.values()),
    }
    plot(pairs)
    if not options.json:
        table(faults)
    publish("bridge", figures, TARGETS, as_json=options.json)


if __name__ == "__main__":
    main()
