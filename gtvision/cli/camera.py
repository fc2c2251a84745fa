"""`gtvision camera`: add, list, show, test, set, remove."""

import getpass
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.table import Table

from gtvision.cli.client import Client, api
from gtvision.cli.output import AsJson, out, print_json, settings_of
from gtvision.domain.errors import BadConfiguration

app = typer.Typer(help="Cameras: add, list, show, test, change, remove.", no_args_is_help=True, rich_markup_mode=None)

_Id = Annotated[str, typer.Argument(help="The camera's id, such as north-gate.", metavar="CAMERA")]
_User = Annotated[str | None, typer.Option("--user", help="Who logs in; the password is asked for.")]
_PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help="File whose first line is the password, instead of a prompt.")
]
_Name = Annotated[str | None, typer.Option("--name", help="What people call it.")]
_Zone = Annotated[
    list[str] | None, typer.Option("--zone", help="ID=x1,y1,x2,y2,x3,y3,... in 0-1 of the picture; may be repeated.")
]
_Line = Annotated[
    list[str] | None,
    typer.Option("--line", help="ID=x1,y1,x2,y2 in 0-1, with a cross trigger of the same id; may be repeated."),
]
_From = Annotated[
    Path | None, typer.Option("--from", help="YAML or JSON file with the camera's settings as the API has them.")
]
_Enabled = Annotated[bool | None, typer.Option("--enable/--disable", help="Whether it should run.")]


@app.command()
def add(
    context: typer.Context,
    camera: _Id,
    url: Annotated[str | None, typer.Argument(help="rtsp://HOST[:PORT]/PATH, or file:///PATH.")] = None,
    user: _User = None,
    password_file: _PasswordFile = None,
    name: _Name = None,
    zone: _Zone = None,
    line: _Line = None,
    source: _From = None,
    as_json: AsJson = False,
) -> None:
    """Add a camera; it starts by itself when the system runs."""
    wanted = {**_file(source), **_changes(name, zone, line, None)}
    if url is not None:
        wanted["sources"] = [_source(url, user, password_file)]
    if "sources" not in wanted:
        raise BadConfiguration("name the camera's address: gtvision camera add CAMERA rtsp://HOST/PATH", "sources")
    with api(settings_of(context)) as client:
        stored = client.json("POST", "/v1/cameras", json={**wanted, "id": camera})
        _report(client, stored, as_json, "added")


@app.command(name="set")
def change(
    context: typer.Context,
    camera: _Id,
    url: Annotated[str | None, typer.Option("--url", help="Another address.")] = None,
    user: _User = None,
    password_file: _PasswordFile = None,
    name: _Name = None,
    zone: _Zone = None,
    line: _Line = None,
    source: _From = None,
    enabled: _Enabled = None,
    as_json: AsJson = False,
) -> None:
    """Change a camera while it runs; what is not named stays as it is."""
    wanted = {**_file(source), **_changes(name, zone, line, enabled)}
    with api(settings_of(context)) as client:
        if url is not None or user is not None or password_file is not None:
            known = client.json("GET", f"/v1/cameras/{camera}")["sources"]
            address = url or known[0]["url"]
            others = [{key: one[key] for key in ("url", "user", "roles")} for one in known[1:]]
            wanted["sources"] = [_source(address, user, password_file), *others]
        stored = client.json("PATCH", f"/v1/cameras/{camera}", json=wanted)
        _report(client, stored, as_json, "changed")


@app.command()
def remove(context: typer.Context, camera: _Id, as_json: AsJson = False) -> None:
    """Remove a camera; its events stay."""
    with api(settings_of(context)) as client:
        client.json("DELETE", f"/v1/cameras/{camera}")
    if as_json:
        print_json({"removed": camera})
    else:
        out.print(f"{camera} is removed; its events stay.")


@app.command(name="list")
def list_cameras(context: typer.Context, as_json: AsJson = False) -> None:
    """List all cameras."""
    with api(settings_of(context)) as client:
        cameras = client.json("GET", "/v1/cameras")["items"]
    if as_json:
        print_json({"cameras": cameras})
        return
    if not cameras:
        out.print("There is no camera yet. Add one: gtvision camera add north-gate rtsp://HOST/PATH")
        return
    table = Table("camera", "name", "source", "zones", "lines", "triggers", "enabled", box=None, header_style="bold")
    for camera in cameras:
        counts = [str(len(camera[part])) for part in ("zones", "lines", "triggers")]
        enabled = "yes" if camera["enabled"] else "no"
        table.add_row(camera["id"], camera["name"], camera["sources"][0]["url"], *counts, enabled)
    out.print(table)


@app.command()
def show(context: typer.Context, camera: _Id, as_json: AsJson = False) -> None:
    """Show a camera's settings and how it does."""
    with api(settings_of(context)) as client:
        stored = client.json("GET", f"/v1/cameras/{camera}")
        stored["status"] = client.json("GET", f"/v1/cameras/{camera}/status")
    if as_json:
        print_json(stored)
    else:
        out.print(yaml.safe_dump(stored, sort_keys=False, allow_unicode=True), markup=False, end="")


@app.command()
def test(
    context: typer.Context,
    camera: Annotated[str, typer.Argument(help="A camera's id, or an address that is not stored.")],
    user: _User = None,
    password_file: _PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Open a source and say what it is: codec, size, rate, keyframes, latency, and what would be better."""
    with api(settings_of(context)) as client:
        if "://" in camera:
            report = client.json("POST", "/v1/cameras/test", json=_source(camera, user, password_file))
        else:
            report = client.json("POST", f"/v1/cameras/{camera}/test")
    if as_json:
        print_json(report)
        return
    stream = report["stream"]
    rate = report["bit_rate_bps"]
    keyframes = report["keyframe_interval_s"]
    rows = {
        "codec": stream["codec"],
        "size": f"{stream['width']}x{stream['height']}",
        "frames": _figure(report["measured_fps"], "{:.1f} a second"),
        "keyframes": _figure(keyframes, "every {:.2f} s") if keyframes else "fewer than one in the time of the test",
        "bit rate": _figure(rate and rate / 1e6, "{:.2f} Mb/s"),
        "opened in": f"{report['open_s']:.2f} s",
        "first picture after": f"{report['first_picture_s']:.2f} s",
    }
    for title, value in rows.items():
        out.print(f"{title:>20}  {value}")
    for sentence in report["advice"]:
        out.print(f"- {sentence}", style="yellow", markup=False)


def _report(client: Client, stored: dict[str, Any], as_json: bool, done: str) -> None:
    if as_json:
        print_json(stored)
        return
    later = "" if client.is_running else " It runs once the system does: gtvision up"
    out.print(f"{stored['id']} is {done}.{later}")


def _source(url: str, user: str | None, password_file: Path | None) -> dict[str, Any]:
    source: dict[str, Any] = {"url": url}
    if user is not None:
        source["user"] = user
    if password_file is not None:
        source["password"] = _first_line(password_file)
    elif user is not None:
        source["password"] = getpass.getpass(f"Password of {user}: ")
    return source


def _first_line(file: Path) -> str:
    lines = _read(file, "--password-file").splitlines()
    if not lines or not lines[0]:
        raise BadConfiguration("the file's first line must be the password, but it is empty", "--password-file")
    return lines[0]


def _file(source: Path | None) -> dict[str, Any]:
    if source is None:
        return {}
    try:
        values = yaml.safe_load(_read(source, "--from"))
    except yaml.YAMLError as exc:
        raise BadConfiguration(f"{source} is neither YAML nor JSON: {exc}", "--from") from exc
    if not isinstance(values, dict):
        raise BadConfiguration(f"{source} must hold the settings of one camera", "--from")
    return {key: value for key, value in values.items() if key not in ("id", "status", "version", "updated")}


def _read(file: Path, option: str) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise BadConfiguration(f"cannot read {file}", option) from exc


def _changes(
    name: str | None, zones: list[str] | None, lines: list[str] | None, enabled: bool | None
) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = name
    if enabled is not None:
        changes["enabled"] = enabled
    if zones:
        changes["zones"] = [{"id": slug, "polygon": points} for slug, points in map(named_points("--zone"), zones)]
    if lines:
        drawn = [line_of(slug, points) for slug, points in map(named_points("--line"), lines)]
        changes["lines"] = drawn
        changes["triggers"] = [{"id": line["id"], "type": "cross", "line": line["id"]} for line in drawn]
    return changes


def named_points(option: str) -> Callable[[str], tuple[str, list[tuple[float, float]]]]:
    """Reads `ID=x1,y1,x2,y2,...`."""

    def read(text: str) -> tuple[str, list[tuple[float, float]]]:
        slug, separator, numbers = text.partition("=")
        if not separator:
            raise BadConfiguration(f"write {option} ID=x1,y1,x2,y2,...", option)
        return slug, points_of(numbers, option)

    return read


def points_of(text: str, option: str) -> list[tuple[float, float]]:
    """The points of `x1,y1,x2,y2,...`. Raises `BadConfiguration` naming the option."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError as exc:
        raise BadConfiguration(f"{text!r} are not numbers with commas between them", option) from exc
    if len(numbers) % 2:
        raise BadConfiguration(f"{text!r} has {len(numbers)} numbers; points need two each", option)
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def line_of(slug: str, points: list[tuple[float, float]]) -> dict[str, Any]:
    """A line as the API takes it. Raises `BadConfiguration` unless there are two points."""
    if len(points) != 2:
        raise BadConfiguration(f"a line has two points, not {len(points)}: x1,y1,x2,y2", "--line")
    return {"id": slug, "start": points[0], "end": points[1]}


def _figure(value: float | None, form: str) -> str:
    return form.format(value) if value is not None else "unknown"
