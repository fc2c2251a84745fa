"""Which partner's queue a command means."""

from dataclasses import dataclass
from typing import Annotated

import typer

from gtvision.adapters.amqp import Login
from gtvision.domain.errors import BadConfiguration, NotFound
from gtvision.settings import Partner, Settings

OfPartner = Annotated[
    str | None, typer.Option("--partner", metavar="NAME", help="Whose queue; needed where there are several.")
]
OfQueue = Annotated[
    str | None, typer.Option("--queue", metavar="NAME", help="The partner's queue; else that of its frames.")
]


@dataclass(frozen=True, slots=True)
class Place:
    """A partner's queue, who logs in to it, and how many bytes its messages may have."""

    login: Login
    queue: str
    max_bytes: int


def partners_of(settings: Settings, name: str | None) -> tuple[Partner, ...]:
    """The partner of that name, or all; at least one.

    Raises:
        BadConfiguration: There is none at all.
        NotFound: None is called so.
    """
    known = settings.bridge.partners
    if not known:
        raise BadConfiguration("no partner is bridged; name hosts and partners", "bridge")
    found = tuple(partner for partner in known if name in (None, partner.name))
    if not found:
        raise NotFound(f"no partner is called {name}; there are {', '.join(each.name for each in known)}")
    return found


def chosen(settings: Settings, name: str | None, queue: str | None) -> Place:
    """The queue that a command means. Raises as `partners_of` does, or when it is not clear."""
    found = partners_of(settings, name)
    if len(found) > 1:
        raise BadConfiguration(f"say whose: {', '.join(each.name for each in found)}", "--partner")
    known = found[0].consumed
    if not known or (queue is not None and queue not in known):
        raise NotFound(f"{found[0].name} has the queues {', '.join(known) or 'of nobody'}")
    return Place(Login.of(settings.bridge, found[0]), queue or known[0], settings.bridge.max_body_bytes)
