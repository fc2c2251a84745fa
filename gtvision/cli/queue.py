"""`gtvision queue`: messages of other systems' queues."""

import dataclasses
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gtvision.adapters.amqp import Login, QueueDepth, desk_of, queues_of
from gtvision.adapters.celery_wire import read_message
from gtvision.adapters.queue_case import read_case
from gtvision.cli import dead_letters
from gtvision.cli.output import FAILED, AsJson, err, out, print_json, print_table, settings_of, table_of
from gtvision.cli.partners import OfPartner, partners_of
from gtvision.domain.errors import BadConfiguration, BadInput
from gtvision.pipeline.verdict import verdict_of

app = typer.Typer(
    help="Queues of other systems: status, dead letters, inspect.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(dead_letters.app, name="dead")


@app.command()
def status(context: typer.Context, partner: OfPartner = None, as_json: AsJson = False) -> None:
    """Count the messages that wait in partners' queues and in ours beside them, and who consumes them."""
    settings = settings_of(context)
    found: list[tuple[str, QueueDepth]] = []
    for each in partners_of(settings, partner):
        with desk_of(Login.of(settings.bridge, each), settings.bridge.max_body_bytes) as desk:
            found += [(each.name, desk.depth(queue)) for queue in queues_of(each, settings.bridge)]
    if as_json:
        print_json({"queues": [{"partner": name, **dataclasses.asdict(depth)} for name, depth in found]})
        return
    table = table_of("partner", "queue", "messages", "consumers")
    for name, depth in found:
        counts = ("-", "-") if depth.messages is None else (str(depth.messages), str(depth.consumers))
        table.add_row(name, depth.name, *counts)
    print_table(table)


@app.command()
def inspect(
    cases: Annotated[list[Path], typer.Argument(metavar="CASE...", help="JSON files, a message each.")],
    now: Annotated[
        str | None, typer.Option("--now", metavar="TIME", help="As if it were then: 2026-01-31T18:00Z; else now.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what would become of messages of a queue, without a broker.

    A line for each: process, park (its time comes later), ack_drop (it expired) or dlq (to the dead letters), and why.
    A file that holds no message is said to be so, the others are looked at, and the exit code is 1.
    """
    now_s = time.time() if now is None else _seconds_of(now)
    failed = [case for case in cases if not _told(case, now_s, as_json)]
    if failed:
        raise typer.Exit(FAILED)


def _told(file: Path, now_s: float, as_json: bool) -> bool:
    """Whether that file holds a message; says what would become of it, or what is wrong with the file."""
    try:
        case = read_case(file)
    except BadInput as exc:
        err.print(f"gtvision: {file}: {exc}", style="red", markup=False)
        if as_json:
            print_json({"case": file.stem, "action": None, "reason": None, "error": f"{file}: {exc}"})
        return False
    verdict = verdict_of(read_message(case.message), now_s)
    if as_json:
        print_json({"case": case.name, "action": verdict.action, "reason": verdict.reason})
    else:
        reason = "" if verdict.reason is None else f" ({verdict.reason})"
        out.print(f"{case.name}: {verdict.action}{reason}: {verdict.sentence}", markup=False)
    return True


def _seconds_of(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise BadConfiguration(f"{text!r} is no time; write one such as 2026-01-31T18:00Z", "--now") from exc
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
