"""`gtvision camera`: add, list, show, test, set, remove; `samples` has what it saw."""

import getpass
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from gtvision.cli.client import Client, api
from gtvision.cli.drawing import (
    CalibrateOption,
    DropOption,
    LineOption,
    TriggerOption,
    ZoneOption,
    changed,
    parts_of,
    points_of,
)
from gtvision.cli.output import AsJson, err, out, print_json, print_table, settings_of, table_of
from gtvision.cli.samples import samples, try_out
from gtvision.domain.camera import PUSHED, Source
from gtvision.domain.errors import BadConfiguration

app = typer.Typer(help="Cameras: add, list, show, test, change, remove.", no_args_is_help=True, rich_markup_mode=None)
app.command(name="samples")(samples)
app.command(name="try")(try_out)

_Id = Annotated[str, typer.Argument(help="The camera's id, such as north-gate.", metavar="CAMERA")]
_User = Annotated[str | None, typer.Option("--user", metavar="NAME", help="Who logs in; the password is asked for.")]
_PasswordFile = Annotated[
    Path | None,
    typer.Option("--password-file", metavar="FILE", help="File whose first line is the password; nobody is asked."),
]
_Name = Annotated[str | None, typer.Option("--name", metavar="TEXT", help="What people call it.")]
_Location = Annotated[
    str | None,
    typer.Option("--location", metavar="LAT,LON", help="Where it stands, in degrees, for day and night."),
]
_Detail = Annotated[
    str | None,
    typer.Option(
        "--detail",
        metavar="URL",
        help="Address of the camera's large stream, of which only the moments are decoded in which plates are read; "
        "user and password are those of the first address.",
    ),
]
_From = Annotated[
    Path | None, typer.Option("--from", metavar="YAML", help="File with the camera's settings, as `show` prints them.")
]
_Enabled = Annotated[bool | None, typer.Option("--enable/--disable", help="Whether it should run.")]
_READ_ONLY = ("id", "status", "version", "updated")


@app.command()
def add(
    context: typer.Context,
    camera: _Id,
    url: Annotated[str | None, typer.Argument(metavar="URL", help="rtsp://HOST[:PORT]/PATH, or file:///PATH.")] = None,
    pushed: Annotated[bool, typer.Option("--pushed", help="It has no address: others push its frames.")] = False,
    detail: _Detail = None,
    user: _User = None,
    password_file: _PasswordFile = None,
    name: _Name = None,
    location: _Location = None,
    zone: ZoneOption = None,
    line: LineOption = None,
    trigger: TriggerOption = None,
    calibrate: CalibrateOption = None,
    source: _From = None,
    as_json: AsJson = False,
) -> None:
    """Add a camera; it starts by itself.

    gtvision camera add north-gate rtsp://10.0.0.7/main --user ana --line gate=0.1,0.6,0.9,0.6

    gtvision camera add their-gate --pushed
    """
    if pushed:
        url = _pushed(url)
    wanted = _file(source) | _named(name) | _placed(location)
    parts = {part: wanted.get(part, []) for part in ("zones", "lines", "triggers")}
    wanted |= changed(parts, parts_of(zone, line, trigger, calibrate), [])
    if url is not None:
        first = source_of(url, user, password_file)
        wanted["sources"] = [first] if detail is None else [first, _detail_of(first, detail)]
    elif detail is not None:
        raise BadConfiguration("it goes with an address; in a file, give a source the role `detail`", "--detail")
    if "sources" not in wanted:
        raise BadConfiguration(
            "name the camera's address: gtvision camera add CAMERA rtsp://HOST/PATH; or give --pushed", "URL"
        )
    with api(settings_of(context)) as client:
        stored = client.json("POST", "/v1/cameras", json={**wanted, "id": camera})
        _report(client, stored, as_json, "added")


@app.command(name="set")
def change(
    context: typer.Context,
    camera: _Id,
    url: Annotated[str | None, typer.Option("--url", metavar="URL", help="Another address.")] = None,
    detail: _Detail = None,
    user: _User = None,
    password_file: _PasswordFile = None,
    name: _Name = None,
    location: _Location = None,
    zone: ZoneOption = None,
    line: LineOption = None,
    trigger: TriggerOption = None,
    calibrate: CalibrateOption = None,
    drop: DropOption = None,
    source: _From = None,
    enabled: _Enabled = None,
    as_json: AsJson = False,
) -> None:
    """Change a camera while it runs.

    What is not named stays as it is; a zone, line or trigger takes the place of the one with its id.

    gtvision camera set north-gate --zone stop=0.1,0.5,0.4,0.5,0.4,0.9 --trigger parked=stationary:stop,min_s=60
    """
    wanted = _file(source) | _named(name) | _placed(location)
    if enabled is not None:
        wanted["enabled"] = enabled
    with api(settings_of(context)) as client:
        known = client.json("GET", f"/v1/cameras/{camera}")
        wanted |= changed(known | wanted, parts_of(zone, line, trigger, calibrate), drop or [])
        if any(each is not None for each in (url, detail, user, password_file)):
            wanted["sources"] = _changed_sources(known["sources"], url, detail, user, password_file)
        if not wanted:
            raise BadConfiguration("name what to change; `gtvision camera set --help` lists what can be")
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
    """List the cameras."""
    with api(settings_of(context)) as client:
        cameras = client.json("GET", "/v1/cameras")["items"]
    if as_json:
        print_json({"cameras": cameras})
        return
    if not cameras:
        out.print("There is no camera yet. Add one: gtvision camera add north-gate rtsp://HOST/PATH")
        return
    table = table_of("camera", "name", "source", "zones", "lines", "triggers", "enabled")
    for camera in cameras:
        counts = [str(len(camera[part])) for part in ("zones", "lines", "triggers")]
        enabled = "yes" if camera["enabled"] else "no"
        table.add_row(camera["id"], camera["name"], camera["sources"][0]["url"], *counts, enabled)
    print_table(table)


@app.command()
def show(context: typer.Context, camera: _Id, as_json: AsJson = False) -> None:
    """Show a camera's settings, and how it does."""
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
    camera: Annotated[str, typer.Argument(metavar="CAMERA|URL", help="A camera's id, or an address.")],
    user: _User = None,
    password_file: _PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Open a source and say what it is.

    Says codec, size, rate, keyframe interval and how long it takes to open, and what would be better; or what is wrong
    and what to do.
    """
    with api(settings_of(context)) as client:
        if "://" in camera:
            report = client.json("POST", "/v1/cameras/test", json=source_of(camera, user, password_file))
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


def _pushed(url: str | None) -> str:
    if url not in (None, PUSHED):
        raise BadConfiguration("a camera has an address, or its frames are pushed: give one of both", "--pushed")
    return PUSHED


def source_of(url: str, user: str | None, password_file: Path | None) -> dict[str, Any]:
    """The source as the API takes it. Asks for the password when there is a user without one."""
    bare = Source.parse(url)
    source = {"url": bare.url, "user": user or bare.user, "password": bare.password}
    if bare.password is not None:
        err.print(
            "The password in the address stays in your shell's history; next time give --user, and it is asked for.",
            style="yellow",
        )
    if password_file is not None:
        source["password"] = _first_line(password_file)
    elif source["user"] is not None and bare.password is None:
        source["password"] = _asked(source["user"])
    return source


def _detail_of(first: dict[str, Any], url: str) -> dict[str, Any]:
    """The large stream of the camera whose first source that is."""
    bare = Source.parse(url)
    own = {"user": bare.user or first["user"], "password": bare.password or first.get("password")}
    return {"url": bare.url, **own, "roles": ["detail"]}


def _changed_sources(
    known: list[dict[str, Any]], url: str | None, detail: str | None, user: str | None, password_file: Path | None
) -> list[dict[str, Any]]:
    """The sources that a camera gets; those that stay keep the passwords that are stored for them."""
    first, *others = ({key: one[key] for key in ("url", "user", "roles")} for one in known)
    former = first["user"]
    if url is not None or detail is None:
        new = source_of(url or first["url"], user or (None if url else former), password_file)
        first = {**new, "roles": first["roles"]}
    if detail is None:
        has_login = first.get("password") is not None
        return [
            first,
            *(_detail_of(first, one["url"]) if has_login and _shares(one, former) else one for one in others),
        ]
    login = first if url is not None else source_of(first["url"], user or first["user"], password_file)
    return [first, *(one for one in others if one["roles"] != ["detail"]), _detail_of(login, detail)]


def _shares(one: dict[str, Any], user: str | None) -> bool:
    """Whether it is the large stream, with the login of the first."""
    return one["roles"] == ["detail"] and user is not None and bool(one["user"] == user)


def _asked(user: str) -> str:
    if not sys.stdin.isatty():
        raise BadConfiguration("nobody can be asked for the password here; give --password-file", "--user")
    return getpass.getpass(f"Password of {user}: ")


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
        raise BadConfiguration(f"{source} is neither YAML nor JSON", "--from") from exc
    if not isinstance(values, dict):
        raise BadConfiguration(f"{source} must hold the settings of one camera", "--from")
    for name in ("sources", "zones", "lines", "triggers"):
        if not _is_list_of_objects(values.get(name, [])):
            raise BadConfiguration(f"{name} must be a list of objects in {source}", "--from")
    for one in values.get("sources", []):
        one.pop("has_password", None)
    return {key: value for key, value in values.items() if key not in _READ_ONLY}


def _is_list_of_objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _read(file: Path, option: str) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise BadConfiguration(f"cannot read {file}", option) from exc


def _named(name: str | None) -> dict[str, Any]:
    return {} if name is None else {"name": name}


def _placed(location: str | None) -> dict[str, Any]:
    if location is None:
        return {}
    points = points_of(location, "--location")
    if len(points) != 1:
        raise BadConfiguration("write latitude and longitude in degrees, such as -23.55,-46.63", "--location")
    return {"location": {"latitude": points[0][0], "longitude": points[0][1]}}


def _figure(value: float | None, form: str) -> str:
    return form.format(value) if value is not None else "unknown"
