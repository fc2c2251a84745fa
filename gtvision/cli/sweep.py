"""`gtvision sweep`: removes what has been kept long enough, or says what that would be."""

from collections import Counter
from typing import Annotated, Any

import typer

from gtvision.cli.client import Client, api
from gtvision.cli.output import AsJson, local_time, out, print_json, print_table, settings_of, table_of


def sweep(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove what has been kept for longer than the settings say.

    The system does so by itself once an hour.
    """
    with api(settings_of(context)) as client:
        held = client.json("GET", "/v1/retention")["items"]
        removed = {} if dry_run else _swept(client)
    rows = [{**one, "removed": removed.get(one["kind"], 0)} for one in held]
    if as_json:
        print_json({"dry_run": dry_run, "retention": rows})
    else:
        _print_table(rows, dry_run)


def _swept(client: Client) -> Counter[str]:
    """How many of each kind were removed until nothing was left that was due."""
    removed: Counter[str] = Counter()
    is_finished = False
    while not is_finished:
        swept = client.json("POST", "/v1/retention/sweep")["items"]
        removed.update({one["kind"]: one["removed"] for one in swept})
        is_finished = all(one["finished"] for one in swept)
    return removed


def _print_table(rows: list[dict[str, Any]], dry_run: bool) -> None:
    table = table_of("kind", "kept", "oldest", "would go" if dry_run else "removed")
    for row in rows:
        kept = "for ever" if row["days"] is None else f"{row['days']} days"
        oldest = local_time(row["oldest"]) if row["oldest"] else ""
        table.add_row(row["kind"], kept, oldest, str(row["due"] if dry_run else row["removed"]))
    table.columns[-1].justify = "right"
    print_table(table)
    if dry_run:
        out.print("Nothing was removed.")
