"""How long does it take to find a plate among millions?

Vehicles of a city pass 300 cameras for 90 days; a twentieth as many vehicles as rows, some of which pass much more
often than others. Two thirds carry Mercosul plates, one in a hundred something else; four in ten plates begin with one
of three letters. The rows are made by one SQL statement and found through the product's own store, 50 a page, each
query for another plate of a vehicle that passed (`..._unknown`: of one that never did). A figure is the 95th percentile
in ms.

- PostgreSQL: 1 million rows, with `--full` 10 million; SQLite: 1 million.
- `prefix_1` to `prefix_5`: that many characters; `page_20`: the twentieth page of `prefix_2`.
- `pattern_middle`: what stands between two `*`, in one hour of all cameras; nothing but the time bounds that search.

The server and the disk are warm: each kind of query runs some times before it is measured.
"""

import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from report import Target, arguments_of, new_figure, print_table, publish, save_plot
from sqlalchemy import Engine, create_engine, text

from gtvision.adapters.store import Store, migrate
from gtvision.adapters.store.engine import url_of
from gtvision.adapters.store.tables import VehiclePlateRow
from gtvision.domain.plate_query import PlateMatch, PlateQuery
from gtvision.ports import PlateFilter

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from postgres import PostgresServer

MILLION = 1_000_000
ROWS = {False: MILLION, True: 10 * MILLION}
QUERIES = {False: 60, True: 200}
WARM_UP = 10
PAGE = 50
CAMERAS = 300
BEGIN_S = 1_790_000_000.0
SPAN_S = 90 * 86_400.0
BOUND_MS = 50.0
UNBOUNDED = ("pattern_middle",)
WRITE_AT_ONCE = MILLION

SERIES = {
    "postgresql": "SELECT i FROM generate_series(CAST(:first AS BIGINT), CAST(:last AS BIGINT)) AS s(i)",
    "sqlite": "WITH RECURSIVE s(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM s WHERE i < :last) SELECT i FROM s",
}
"""The numbers of the rows."""

FILL = """
INSERT INTO vehicle_plate (id, camera_id, track, kind, text, canonical, former, reversed, format, score, readings,
                           time_s, box, event_ids, epoch, revision, crop_key, hit_ids)
SELECT 'plate-' || i, 'camera-' || ((i * 7919) % {cameras}), i, 3,
       CASE form WHEN 0 THEN abc || d1 || d2 || d34 WHEN 2 THEN 'T' || d34 || abc ELSE abc || d1 || fifth || d34 END,
       CASE form WHEN 2 THEN 'T' || d34 || abc ELSE abc || d1 || fifth || d34 END,
       CASE WHEN form <> 2 AND fifth <= 'J' THEN abc || d1 || d2 || d34 END,
       CASE form WHEN 2 THEN cba || d43 || 'T' ELSE d43 || fifth || d1 || cba END,
       CASE form WHEN 0 THEN 'old' WHEN 2 THEN 'other' ELSE 'mercosul' END,
       0.9, 3, {begin_s} + (i * {span_s}) / {rows}, '[0.4, 0.5, 0.5, 0.55]', '["an-event"]', 1, 0, NULL, '[]'
FROM (
    SELECT i, form, d1, d2, d3 || d4 AS d34, d4 || d3 AS d43, a || b || c AS abc, c || b || a AS cba,
           CASE form WHEN 0 THEN substr({letters}, 1 + CAST(d2 AS INTEGER), 1) ELSE e END AS fifth
    FROM (
        SELECT i, CASE WHEN v % 100 = 0 THEN 2 WHEN v % 3 = 0 THEN 0 ELSE 1 END AS form,
               substr({letters}, CAST(CASE WHEN v % 5 < 2 THEN 5 + v % 3 ELSE 1 + v % 26 END AS INTEGER), 1) AS a,
               substr({letters}, CAST(1 + (v / 7) % 26 AS INTEGER), 1) AS b,
               substr({letters}, CAST(1 + (v / 31) % 26 AS INTEGER), 1) AS c,
               substr({letters}, CAST(1 + (v / 11) % 26 AS INTEGER), 1) AS e,
               CAST((v / 3) % 10 AS VARCHAR) AS d1, CAST((v / 13) % 10 AS VARCHAR) AS d2,
               CAST((v / 17) % 10 AS VARCHAR) AS d3, CAST((v / 19) % 10 AS VARCHAR) AS d4
        FROM (
            SELECT i, CAST(share * share * {rows} / 20 AS BIGINT) * 48271 % 175760000 AS v
            FROM (
                SELECT i, ((i * 2654435761) % 4294967296) / 4294967296.0 AS share FROM ({series}) AS numbers
            ) AS shares
        ) AS vehicles
    ) AS parts
) AS plates
"""


def fill(engine: Engine, rows: int) -> None:
    """Makes the rows without indexes, then the indexes and what the planner has to know."""
    table: Any = getattr(VehiclePlateRow, "__table__")  # noqa: B009 - mypy sees no such attribute
    dialect = engine.dialect.name
    values = {"cameras": CAMERAS, "begin_s": BEGIN_S, "span_s": SPAN_S, "rows": rows}
    statement = text(FILL.format(**values, letters="'ABCDEFGHIJKLMNOPQRSTUVWXYZ'", series=SERIES[dialect]))
    with engine.begin() as connection:
        for index in table.indexes:
            index.drop(connection)
        for first in range(0, rows, WRITE_AT_ONCE):
            connection.execute(statement, {"first": first, "last": min(first + WRITE_AT_ONCE, rows) - 1})
        for index in table.indexes:
            index.create(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE vehicle_plate" if dialect == "postgresql" else "ANALYZE")


def queries_of(random_: random.Random, plate: str, time_s: float) -> dict[str, PlateFilter]:
    """One query of each kind for a plate that passed."""
    camera_id, since_s = f"camera-{random_.randrange(CAMERAS)}", time_s - 86_400.0
    letters = "".join(random_.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=3))
    near = plate if plate[:3].isalpha() and plate[3].isdigit() else "ABC1D23"

    def of(text_: str, match: PlateMatch, *where: Any) -> PlateFilter:
        return PlateFilter(PlateQuery(text_, match), *where)

    prefixes = {f"prefix_{size}": of(plate[:size], PlateMatch.PREFIX) for size in range(1, 6)}
    return {
        "newest": PlateFilter(),
        "newest_of_camera": PlateFilter(None, camera_id, since_s, time_s),
        "exact": of(plate, PlateMatch.EXACT),
        "exact_of_camera_and_day": of(plate, PlateMatch.EXACT, camera_id, since_s, time_s),
        "exact_unknown": of(f"{letters}0Z99", PlateMatch.EXACT),
        **prefixes,
        "prefix_unknown": of("QX0QX", PlateMatch.PREFIX),
        "prefix_3_of_camera": of(plate[:3], PlateMatch.PREFIX, camera_id),
        "prefix_2_of_camera_and_day": of(plate[:2], PlateMatch.PREFIX, camera_id, since_s, time_s),
        "near": of(near, PlateMatch.NEAR),
        "pattern_beginning": of(f"{plate[:3]}?{plate[4]}*", PlateMatch.PATTERN),
        "pattern_both_ends": of(f"{plate[:2]}*{plate[-2:]}", PlateMatch.PATTERN),
        "pattern_end": of(f"*{plate[-4:]}", PlateMatch.PATTERN),
        "pattern_short_end": of(f"*{plate[-2:]}", PlateMatch.PATTERN),
        "pattern_middle": of(f"*{plate[2:5]}*", PlateMatch.PATTERN, None, time_s - 3600.0, time_s),
    }


def measured(store: Store, plates: list[tuple[str, float]], queries: int) -> dict[str, list[float]]:
    """Milliseconds of each query, by kind."""
    random_ = random.Random(5)
    took: dict[str, list[float]] = {}
    for number in range(WARM_UP + queries):
        plate, time_s = random_.choice(plates)
        for kind, wanted in queries_of(random_, plate, time_s).items():
            ms = timed(store, wanted, None)
            if number >= WARM_UP:
                took.setdefault(kind, []).append(ms)
    took["page_20"] = deep_pages(store, plates[:queries])
    return took


def deep_pages(store: Store, plates: list[tuple[str, float]]) -> list[float]:
    took = []
    for plate, _ in plates[:WARM_UP]:
        wanted, cursor = PlateFilter(PlateQuery(plate[:2], PlateMatch.PREFIX)), None
        for _ in range(19):
            _, cursor = store.plates(wanted, limit=PAGE, cursor=cursor)
            if cursor is None:
                break
        took += [timed(store, wanted, cursor) for _ in range(3) if cursor is not None]
    return took


def timed(store: Store, wanted: PlateFilter, cursor: str | None) -> float:
    begin_s = time.perf_counter()
    store.plates(wanted, limit=PAGE, cursor=cursor)
    return 1000 * (time.perf_counter() - begin_s)


def searched(url: str, rows: int, queries: int) -> dict[str, list[float]]:
    """Fills a new database and measures it."""
    migrate(url)
    engine = create_engine(url_of(url))
    begin_s = time.perf_counter()
    fill(engine, rows)
    print(f"{engine.dialect.name}: {rows} rows after {time.perf_counter() - begin_s:.0f} s", file=sys.stderr)
    step = max(1, rows // 1000)
    ids = [f"plate-{number}" for number in range(step // 2, rows, step)]
    engine.dispose()
    with Store(url, writes=False) as store:
        some = [store.plate(plate_id).vehicle_plate for plate_id in ids]
        return measured(store, [(seen.plate.text, seen.time_s) for seen in some], queries)


def program(name: str) -> str:
    """The path of a program of PostgreSQL; Debian keeps them off PATH."""
    servers = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *servers]))
    if found is None:
        raise SystemExit(f"{name} is not installed: apt-get install postgresql")
    return found


def p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


def of_both(values: list[float]) -> tuple[float, float]:
    return median(values), p95(values)


def main() -> None:
    options = arguments_of(__doc__).parse_args()
    rows, queries = ROWS[options.full], QUERIES[options.full]
    with tempfile.TemporaryDirectory(prefix="gtvision-plates-") as folder:
        sqlite = searched(f"sqlite:///{folder}/gtvision.db", MILLION, queries)
    with PostgresServer(program) as server:
        postgres = searched(server.new_database(), rows, queries)
    figures = {f"{kind}_p95_ms": p95(postgres[kind]) for kind in postgres}
    figures |= {f"sqlite_{kind}_p95_ms": p95(sqlite[kind]) for kind in sqlite}
    targets = {name: Target("<=", BOUND_MS) for name in figures if not any(kind in name for kind in UNBOUNDED)}
    if not options.json:
        table = [(kind, *of_both(postgres[kind]), *of_both(sqlite[kind])) for kind in postgres]
        columns = ("query", f"PostgreSQL, {rows:,}: p50", "p95", f"SQLite, {MILLION:,}: p50", "p95")
        print_table("Finding a plate, ms", columns, table)
        print(f"load of the last minutes: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores")
        plot(postgres, sqlite)
    publish("plate_search", figures, targets, as_json=options.json)


def plot(postgres: dict[str, list[float]], sqlite: dict[str, list[float]]) -> None:
    figure = new_figure(8, 5)
    axes = figure.add_subplot()
    places = range(len(postgres))
    for shift, name, took in ((0.2, "PostgreSQL", postgres), (-0.2, "SQLite", sqlite)):
        axes.barh([place + shift for place in places], [p95(took[kind]) for kind in postgres], 0.4, label=name)
    axes.axvline(BOUND_MS, color="black", linestyle=":")
    axes.set(yticks=list(places), yticklabels=list(postgres), xscale="log", xlabel="p95, ms", title="Finding a plate")
    axes.invert_yaxis()
    axes.legend()
    save_plot(figure, "plate_search")


if __name__ == "__main__":
    main()
