"""`gtvision queue dead`: messages that could not be processed, listed, shown, put back and thrown away."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.filesize import decimal
from rich.markup import escape

from gtvision.adapters.amqp import DeadLetter, desk_of, letter_of
from gtvision.adapters.celery_wire import revived
from gtvision.adapters.queue_case import case_of
from gtvision.cli.output import AsJson, local_time, out, print_json, print_table, settings_of, table_of
from gtvision.cli.partners import OfPartner, OfQueue, chosen
from gtvision.domain.errors import BadConfiguration, NotFound

app = typer.Typer(
    help="Messages that could not be processed: list, show, requeue, purge.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_SHOWN = 100
_WIDEST = 80
_UNSHOWN = ("argsrepr", "kwargsrepr")
"""Headers that hold a part of the picture, or of other arguments."""

_Id = Annotated[str, typer.Argument(metavar="ID", help="As `gtvision queue dead list` names it.")]
_Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help="Those letters.")]
_Why = Annotated[str | None, typer.Option("--reason", metavar="WORD", help="Those that died of it.")]
_Every = Annotated[bool, typer.Option("--all", help="Every one.")]


@app.command(name="list")
def list_letters(
    context: typer.Context,
    partner: OfPartner = None,
    queue: OfQueue = None,
    reason: _Why = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, metavar="N", help="Look at so many, oldest first.")] = _SHOWN,
    as_json: AsJson = False,
) -> None:
    """List the oldest dead letters; they stay where they are."""
    place = chosen(settings_of(context), partner, queue)
    with desk_of(place.login, place.max_bytes) as desk:
        found = [each for each in desk.letters(place.queue, limit) if reason in (None, each.reason)]
    if as_json:
        print_json({"letters": [dataclasses.asdict(each) for each in found]})
        return
    if not found:
        out.print(f"No dead letters of {place.queue}.")
        return
    table = table_of("id", "died", "reason", "camera", "size", "what was wrong")
    for each in found:
        told = (each.id, _clock(each.time), each.reason, each.camera, decimal(each.size_bytes), _short(each.sentence))
        table.add_row(*map(escape, told))
    print_table(table)


@app.command()
def show(
    context: typer.Context,
    letter: _Id,
    partner: OfPartner = None,
    queue: OfQueue = None,
    body: Annotated[Path | None, typer.Option("--body", metavar="FILE", help="Write its body there.")] = None,
    case: Annotated[
        Path | None,
        typer.Option("--case", metavar="FILE", help="Write it there as `gtvision queue inspect` reads it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a dead letter with its properties and headers, as it was before it died."""
    place = chosen(settings_of(context), partner, queue)
    with desk_of(place.login, place.max_bytes) as desk:
        found = desk.letter(place.queue, lambda each: each.id == letter)
    if found is None:
        raise NotFound(f"no dead letter of {place.queue} is called {letter}")
    before = revived(found)
    if body is not None:
        body.write_bytes(before.body)
    if case is not None:
        case.write_text(json.dumps(case_of(letter, before)), encoding="utf-8")
    shown = {
        **dataclasses.asdict(letter_of(found, place.max_bytes)),
        "properties": _shortened(before.properties),
        "headers": _shortened(before.headers or {}),
    }
    if as_json:
        print_json(shown)
        return
    for name, value in shown.items():
        inner = value.items() if isinstance(value, dict) else ()
        out.print(f"{name}: {'' if isinstance(value, dict) else value}".rstrip(), markup=False)
        for key, text in inner:
            out.print(f"  {key}: {text}", markup=False)


@app.command()
def requeue(
    context: typer.Context,
    letters: _Ids = None,
    partner: OfPartner = None,
    queue: OfQueue = None,
    reason: _Why = None,
    everything: _Every = False,
    as_json: AsJson = False,
) -> None:
    """Put dead letters back to their queue, in the order that they died in.

    A letter goes back as it was; one that failed too often has all its attempts again.
    """
    wanted = _wanted(letters, reason, everything)
    place = chosen(settings_of(context), partner, queue)
    with desk_of(place.login, place.max_bytes) as desk:
        count = desk.put_back(place.queue, wanted)
    _report(count, letters, as_json, "requeued", f"{count} put back to {place.queue}.")


@app.command()
def purge(
    context: typer.Context,
    letters: _Ids = None,
    partner: OfPartner = None,
    queue: OfQueue = None,
    reason: _Why = None,
    everything: _Every = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Throw dead letters away for good; it asks first."""
    wanted = _wanted(letters, reason, everything)
    place = chosen(settings_of(context), partner, queue)
    which = "all" if everything else f"those that died of {reason}" if reason else ", ".join(letters or ())
    if not yes:
        typer.confirm(f"Dead letters of {place.queue}, {which}: throw them away for good?", abort=True, err=True)
    with desk_of(place.login, place.max_bytes) as desk:
        count = desk.throw_away(place.queue, wanted)
    _report(count, letters, as_json, "purged", f"{count} thrown away.")


def _wanted(letters: list[str] | None, reason: str | None, everything: bool) -> Callable[[DeadLetter], bool]:
    """Whether a letter is meant. Raises `BadConfiguration` unless they are named in one way."""
    if sum((bool(letters), reason is not None, everything)) != 1:
        raise BadConfiguration("name letters, or one --reason, or --all")
    if letters:
        return lambda letter: letter.id in letters
    return lambda letter: everything or letter.reason == reason


def _report(count: int, letters: list[str] | None, as_json: bool, verb: str, sentence: str) -> None:
    if as_json:
        print_json({verb: count})
    elif count or not letters:
        out.print(sentence, markup=False)
    if letters and not count:
        raise NotFound(f"no dead letter is called {', '.join(letters)}")


def _shortened(fields: Mapping[str, Any]) -> dict[str, str]:
    """Each value as text of one line, those that hold arguments left out."""
    return {_short(str(name)): _short(str(value)) for name, value in fields.items() if name not in _UNSHOWN}


def _short(text: str) -> str:
    visible = "".join(character if character.isprintable() else "?" for character in text)
    return visible if len(visible) <= _WIDEST else f"{visible[: _WIDEST - 3]}..."


def _clock(time: str) -> str:
    """That time on this machine's clock, or as it is written where it is none."""
    try:
        return local_time(time) if time else ""
    except ValueError:
        return _short(time)
