"""`gtvision disclosures`: who was shown plates, and why."""

from typing import Annotated

import typer

from gtvision.cli.client import api
from gtvision.cli.events import with_zone
from gtvision.cli.output import AsJson, local_time, out, print_json, print_table, settings_of, table_of

_PAGE = 1000


def disclosures(
    context: typer.Context,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="At or after, such as 2026-01-31T12:00; local time.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Before; a time may name its zone: 2026-01-31T12:00Z.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, metavar="N", help="At most so many, the newest.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List who was shown plates, what, and why.

    The newest stand first.
    """
    wanted = {"since": with_zone(since, "--since"), "until": with_zone(until, "--until")}
    with api(settings_of(context)) as client:
        found = client.first("/v1/disclosures", wanted, limit, page=_PAGE)
    if as_json:
        print_json({"disclosures": found})
    elif found:
        table = table_of("time", "who", "what", "results", "why")
        for one in found:
            table.add_row(local_time(one["time"]), one["who"], one["what"], str(one["results"]), one["why"])
        print_table(table)
    else:
        out.print("Nothing was disclosed.")
