"""`gtvision simulate`: RTSP cameras for tests and load, with scripted faults."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from gtvision.cli.loops import draw_loops
from gtvision.cli.output import AsJson, out, print_json, settings_of
from gtvision.domain.errors import BadConfiguration
from gtvision.simulate import RtspServer, SimulatedCamera, bus_scene, load_faults, prepare_clip, serve
from gtvision.traffic import CLOSE_UPS, SCENES, Loop, truth_of

_STAGGER_S = 0.37


def simulate(
    context: typer.Context,
    clip: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Clip to loop; several take turns."),
    ] = None,
    traffic: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCENE", help=f"Draw traffic instead: {', '.join(SCENES | CLOSE_UPS)}; several take turns."
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, metavar="N", help="Of the traffic's chance; each scene's is one more.")
    ] = 1,
    weather: Annotated[
        str, typer.Option(metavar="WEATHER", help="Light and effects, such as night+rain; see docs/traffic.md.")
    ] = "day",
    loop_s: Annotated[
        float, typer.Option("--loop", min=45, max=3600, metavar="S", help="Seconds until the traffic repeats itself.")
    ] = 80.0,
    detail: Annotated[
        str | None,
        typer.Option(metavar="WxH", help="Draw each scene in this size as well, at NAME-detail, in step with NAME."),
    ] = None,
    cameras: Annotated[
        int | None, typer.Option(min=1, max=2000, metavar="N", help="How many cameras; none: one a clip or scene.")
    ] = None,
    faults: Annotated[Path | None, typer.Option(metavar="YAML", help="What goes wrong; see docs/simulate.md.")] = None,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="PORT", help="RTSP port; 0: a free one.")] = 8554,
    control_port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, metavar="PORT", help="Port that takes faults; 0: a free one."),
    ] = None,
    user: Annotated[str | None, typer.Option(metavar="NAME", help="Let in only this user (digest).")] = None,
    password_file: Annotated[Path | None, typer.Option(metavar="FILE", help="Its first line is the password.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run simulated RTSP cameras until Ctrl-C.

    They show recordings, or traffic that is drawn, with a file beside each clip that says what really happens in it:
    gtvision simulate --traffic crossing --traffic motorway --seed 7 --weather dusk+rain
    """
    folder = settings_of(context).data_dir / "clips"
    if detail is not None and (clip or not traffic):
        raise BadConfiguration("recordings have one size: give --detail with --traffic and without --clip", "--detail")
    loops = [Loop(name, (seed + index) % 2**32, weather, loop_s) for index, name in enumerate(traffic or ())]
    large = [replace(loop, size=_size(detail)) for loop in loops] if detail is not None else []
    drawn = draw_loops([*loops, *large], folder)
    drawn, drawn_large = drawn[: len(loops)], drawn[len(loops) :]
    clips = [*(prepare_clip(one, folder) for one in clip or ()), *drawn] or [bus_scene(folder / "bus.mp4")]
    login = (user, _password(user, password_file))
    count = cameras or len(clips)
    small_cameras = cameras_of(clips, count, login)
    large_cameras = cameras_of(drawn_large, count if drawn_large else 0, login, suffix="-detail")

    def tell(server: RtspServer) -> None:
        urls, large_urls = ([server.url(one.name) for one in some] for some in (small_cameras, large_cameras))
        truths, large_truths = ([str(truth_of(one)) for one in some] for some in (drawn, drawn_large))
        if as_json:
            told = {"cameras": urls, "control_port": server.control_port, "truth": truths}
            print_json(told | ({"details": large_urls, "detail_truth": large_truths} if large_urls else {}))
            return
        out.print("\n".join([*urls, *large_urls]), markup=False)
        for truth in [*truths, *large_truths]:
            out.print(f"truth: {truth}", markup=False)
        if server.control_port is not None:
            out.print(f"faults: 127.0.0.1:{server.control_port}")

    serve(
        [*small_cameras, *large_cameras],
        host=host,
        port=port,
        faults=load_faults(faults) if faults else (),
        control_port=control_port,
        on_ready=tell,
    )


def cameras_of(
    clips: Sequence[Path], count: int, login: tuple[str | None, str | None], suffix: str = ""
) -> list[SimulatedCamera]:
    """So many cameras that take turns with the clips, each beginning a little later in its clip than the one before."""
    return [
        SimulatedCamera(f"cam{index + 1}{suffix}", clips[index % len(clips)], *login, index * _STAGGER_S)
        for index in range(count)
    ]


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{3,4})x(\d{3,4})", text)
    if found is None:
        raise BadConfiguration(f"{text!r} is no size; write it as 1920x1080", "--detail")
    return int(found[1]), int(found[2])


def _password(user: str | None, file: Path | None) -> str | None:
    if (user is None) != (file is None):
        raise BadConfiguration("give --user and --password-file together, or neither", "--user")
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").splitlines()[0]
    except (OSError, UnicodeDecodeError, IndexError) as exc:
        raise BadConfiguration(f"cannot read a password from the first line of {file}", "--password-file") from exc
