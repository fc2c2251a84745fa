"""`gtvision watchlist`: lists of plates to look out for."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gtvision.cli.client import api
from gtvision.cli.events import with_zone
from gtvision.cli.output import AsJson, Reason, err, local_time, out, print_json, print_table, settings_of, table_of
from gtvision.domain.errors import BadConfiguration
from gtvision.domain.plate_query import PlateMatch, PlateQuery
from gtvision.domain.watchlist import Entry

app = typer.Typer(
    help="Watchlists: add, list, show, change, remove, import, export.", no_args_is_help=True, rich_markup_mode=None
)
entry = typer.Typer(help="What is on a list: add, remove.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(entry, name="entry")

_PAGE = 1000
_SHOWN = 50
_Id = Annotated[str, typer.Argument(help="The list's id, such as stolen.", metavar="LIST")]
_Name = Annotated[str | None, typer.Option("--name", metavar="TEXT", help="What people call it.")]
_Action = Annotated[
    str | None, typer.Option("--action", metavar="WHAT", help="alert: look now; log: to be looked up later.")
]
_Cameras = Annotated[
    list[str] | None, typer.Option("--camera", metavar="CAMERA", help="A camera that looks out; else all do.")
]
_Groups = Annotated[
    list[str] | None, typer.Option("--group", metavar="GROUP", help="A group of cameras that looks out.")
]
_Text = Annotated[str, typer.Argument(metavar="PLATE", help="Such as ABC1D23, or a pattern such as 'ABC*23'.")]
_Match = Annotated[
    str, typer.Option("--match", metavar="HOW", help="exact, pattern (* and ?) or near (one look-alike character).")
]


@app.command()
def add(
    context: typer.Context,
    watchlist: _Id,
    name: _Name = None,
    action: _Action = None,
    camera: _Cameras = None,
    group: _Groups = None,
    as_json: AsJson = False,
) -> None:
    """Add a list without entries. Vehicles that passed before are found by `gtvision plates`."""
    wanted = _named(name, action, camera, group)
    with api(settings_of(context)) as client:
        stored = client.json("POST", "/v1/watchlists", json={**wanted, "id": watchlist})
    _report(stored, as_json, "added")


@app.command(name="set")
def change(
    context: typer.Context,
    watchlist: _Id,
    name: _Name = None,
    action: _Action = None,
    camera: _Cameras = None,
    group: _Groups = None,
    everywhere: Annotated[bool, typer.Option("--everywhere", help="All cameras look out.")] = False,
    as_json: AsJson = False,
) -> None:
    """Change a list; what is not named stays as it is, and so do its entries."""
    wanted = _named(name, action, camera, group) | ({"cameras": [], "groups": []} if everywhere else {})
    if not wanted:
        raise BadConfiguration("name what to change; `gtvision watchlist set --help` lists what can be")
    path = f"/v1/watchlists/{watchlist}"
    with api(settings_of(context)) as client:
        known = client.json("GET", path)
        kept = {key: known[key] for key in ("name", "action", "cameras", "groups")}
        stored = client.json("PUT", path, json=kept | wanted)
    _report(stored, as_json, "changed")


@app.command(name="list")
def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    """List all watchlists."""
    with api(settings_of(context)) as client:
        found = client.json("GET", "/v1/watchlists")["items"]
    if as_json:
        print_json({"watchlists": found})
        return
    if not found:
        out.print("There is no watchlist; add one: gtvision watchlist add stolen")
        return
    table = table_of("list", "name", "action", "entries", "where", "changed")
    for one in found:
        where = ", ".join((*one["cameras"], *one["groups"])) or "everywhere"
        table.add_row(one["id"], one["name"], one["action"], str(one["entries"]), where, local_time(one["updated"]))
    print_table(table)


@app.command()
def show(
    context: typer.Context,
    watchlist: _Id,
    reason: Reason = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, metavar="N", help="At most so many entries.")] = _SHOWN,
    as_json: AsJson = False,
) -> None:
    """Show a list and what is on it."""
    path = f"/v1/watchlists/{watchlist}"
    with api(settings_of(context)) as client:
        stored = client.json("GET", path)
        found = client.first(f"{path}/entries", _why(reason), limit, page=_PAGE)
    if as_json:
        print_json({**stored, "items": found})
        return
    out.print(_line(stored), markup=False)
    table = table_of("plate", "match", "from", "to", "reason", "id")
    for one in found:
        valid = ("" if one[key] is None else local_time(one[key]) for key in ("valid_from", "valid_to"))
        table.add_row(one["text"], one["match"], *valid, one["reason"], one["id"])
    if found:
        print_table(table)


@app.command()
def remove(context: typer.Context, watchlist: _Id) -> None:
    """Remove a list and its entries; the hits that it made stay."""
    with api(settings_of(context)) as client:
        client.json("DELETE", f"/v1/watchlists/{watchlist}")
    out.print(f"{watchlist}: removed", markup=False)


@app.command(name="import")
def import_file(
    context: typer.Context,
    watchlist: _Id,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, UTF-8: text,match,valid_from,valid_to,reason.")],
    as_json: AsJson = False,
) -> None:
    """Put all entries of a CSV file on a list, or none when a line is wrong.

    What is on the list otherwise stays; importing the same file again changes nothing.
    """
    try:
        content = file.read_bytes()
    except OSError as exc:
        raise BadConfiguration(f"cannot read {file}: {exc.strerror}", "FILE") from exc
    headers = {"Content-Type": "text/csv"}
    with api(settings_of(context)) as client:
        done = client.json("POST", f"/v1/watchlists/{watchlist}/entries.csv", content=content, headers=headers)
    if as_json:
        print_json(done)
    else:
        out.print(f"{watchlist}: {done['added']} new entries, {done['entries']} in all", markup=False)


@app.command()
def export(
    context: typer.Context,
    watchlist: _Id,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write the CSV file.")],
    reason: Reason = None,
) -> None:
    """Write what is on a list to a CSV file that the import takes."""
    with api(settings_of(context)) as client:
        content = client.content(f"/v1/watchlists/{watchlist}/entries.csv", **_why(reason))
    try:
        file.write_bytes(content)
    except OSError as exc:
        raise BadConfiguration(f"cannot write {file}: {exc.strerror}", "FILE") from exc
    err.print(f"{watchlist} is in {file}.", markup=False)


@entry.command(name="add")
def add_entry(
    context: typer.Context,
    watchlist: _Id,
    plate: _Text,
    match: _Match = "exact",
    valid_from: Annotated[str | None, typer.Option("--from", metavar="TIME", help="Since when; local time.")] = None,
    valid_to: Annotated[str | None, typer.Option("--to", metavar="TIME", help="Until when; local time.")] = None,
    why: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it is on the list; hits carry it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Put a plate or a pattern on a list; one of the same text and match is replaced.

    gtvision watchlist entry add stolen ABC1D23 --match near --reason 'report 12/2026'
    """
    body = {
        "text": plate,
        "match": match,
        "valid_from": with_zone(valid_from, "--from"),
        "valid_to": with_zone(valid_to, "--to"),
        "reason": why,
    }
    with api(settings_of(context)) as client:
        stored = client.json("POST", f"/v1/watchlists/{watchlist}/entries", json=body)
    print_json(stored) if as_json else out.print(f"{watchlist}: {stored['text']} ({stored['match']})", markup=False)


@entry.command(name="remove")
def remove_entry(context: typer.Context, watchlist: _Id, plate: _Text, match: _Match = "exact") -> None:
    """Take a plate or a pattern off a list; the hits that it made stay."""
    how = _match(match)
    gone = Entry(watchlist, PlateQuery(plate, how).text, how)
    with api(settings_of(context)) as client:
        client.json("DELETE", f"/v1/watchlists/{watchlist}/entries/{gone.id}")
    out.print(f"{watchlist}: {gone.text} ({gone.match}) removed", markup=False)


def _match(text: str) -> PlateMatch:
    try:
        return PlateMatch(text)
    except ValueError:
        raise BadConfiguration(f"{text!r} is none of exact, pattern, near", "--match") from None


def _named(name: str | None, action: str | None, cameras: list[str] | None, groups: list[str] | None) -> dict[str, Any]:
    wanted = {"name": name, "action": action, "cameras": cameras, "groups": groups}
    return {key: value for key, value in wanted.items() if value is not None}


def _why(reason: str | None) -> dict[str, str]:
    return {} if reason is None else {"reason": reason}


def _report(stored: dict[str, Any], as_json: bool, done: str) -> None:
    print_json(stored) if as_json else out.print(f"{_line(stored)}: {done}", markup=False)


def _line(stored: dict[str, Any]) -> str:
    where = ", ".join((*stored["cameras"], *stored["groups"])) or "everywhere"
    return f"{stored['id']} ({stored['action']}, {stored['entries']} entries, {where})"
