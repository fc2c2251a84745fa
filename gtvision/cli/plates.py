"""`gtvision plates`: which vehicles passed where and when."""

from typing import Annotated, Any

import typer

from gtvision.cli.client import api
from gtvision.cli.events import with_zone
from gtvision.cli.output import AsJson, Reason, local_time, out, print_json, print_table, settings_of, table_of

_PAGE = 200


def plates(
    context: typer.Context,
    plate: Annotated[
        str | None, typer.Argument(metavar="[PLATE]", help="What to look for, such as ABC1D23; without it all.")
    ] = None,
    match: Annotated[
        str, typer.Option(metavar="HOW", help="exact, prefix, pattern (* and ?) or near (one look-alike character).")
    ] = "exact",
    camera: Annotated[str | None, typer.Option(metavar="CAMERA", help="Only of that camera.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Pictured at or after, such as 2026-01-31T12:00; local time.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Pictured before; a time may name its zone: 2026-01-31T12:00Z.")
    ] = None,
    reason: Reason = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, metavar="N", help="At most so many, the newest.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Look plates up; the newest stand first.

    Both plates of a converted vehicle are found by either: ABC1234 is ABC1C34. Every search is recorded.

    gtvision plates 'ABC1?3*' --match pattern --since 2026-01-31
    """
    wanted = {
        "plate": plate,
        "match": match,
        "camera": camera,
        "since": with_zone(since, "--since"),
        "until": with_zone(until, "--until"),
        "reason": reason,
    }
    with api(settings_of(context)) as client:
        found = client.first("/v1/plates", wanted, limit, page=_PAGE)
    if as_json:
        print_json({"plates": found})
    elif found:
        _print_table(found)
    else:
        out.print("There is no such plate.")


def _print_table(found: list[dict[str, Any]]) -> None:
    table = table_of("time", "plate", "format", "camera", "kind", "score", "readings")
    for seen in found:
        cells = (seen["plate"], seen["format"], seen["camera"], seen["kind"], f"{seen['score']:.2f}")
        table.add_row(local_time(seen["time"]), *cells, str(seen["readings"]))
    print_table(table)
