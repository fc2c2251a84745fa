"""No disclosure without a record: what a route does that shows personal data.

    @router.get("/v1/plates")
    def search(query: Annotated[PlateQuery, Query()], ports: Ports, disclosing: Disclosing) -> PlatePage:
        found = ...
        disclosing.record(len(found))
        return PlatePage(...)

`record` returns once the row is committed, and raises what becomes a 503 when it cannot be: then nothing is shown. A
query model of such a route inherits `ReasonedQuery`, because it refuses parameters that it does not know.

Looking up plates needs a reason where the settings ask for one. Listing and following events is what an operator does
all day: it takes `LiveDisclosing`, which records as well and asks for a reason only when it searches for a plate.
"""

import time
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Header, Query, Request

from gtvision.api.auth import Gate
from gtvision.api.schemas.disclosure import REASON, Reason
from gtvision.api.services import Ports
from gtvision.domain.disclosure import LONGEST_REASON, new_disclosure, one_line
from gtvision.domain.errors import BadConfiguration
from gtvision.ports import DisclosureLog

_NOT_THE_QUESTION = ("reason", "cursor", "limit", "format")
_LONGEST_VALUE = 100


class DisclosureNote:
    """Records what one call shows. `record` is called before the answer, once what it shows is known."""

    def __init__(self, log: DisclosureLog, who: str, what: str, why: str) -> None:
        self._log = log
        self._who = who
        self._what = what
        self._why = why

    def record(self, results: int) -> None:
        """Returns once the record is committed; a search that finds nothing is one as well.

        Args:
            results: How many plates, events or pictures the answer shows.

        Raises:
            StoreUnavailable: It could not be committed; do not answer.
        """
        self._log.add_disclosure(new_disclosure(time.time(), self._who, self._what, self._why, results))


def _why(
    reason: Annotated[Reason, Query(description=REASON)] = None,
    reason_header: Annotated[
        Reason, Header(alias="Reason", description="The same as a header; the parameter wins.")
    ] = None,
) -> str:
    """The caller's own words, empty when there are none. Raises `BadConfiguration` when they are too many."""
    why = one_line(reason or _as_utf8(reason_header or ""))
    if len(why) > LONGEST_REASON:
        raise BadConfiguration(f"it has {LONGEST_REASON} characters at most", "reason")
    return why


_Why = Annotated[str, Depends(_why)]


def _note(request: Request, ports: Ports, why: _Why) -> DisclosureNote:
    """What records this call. Raises `BadConfiguration` when the settings ask for a reason and none is given."""
    if not why and request.app.state.requires_reason:
        raise BadConfiguration(
            "say why you look this up, as the parameter 'reason' or the header 'Reason'; it is recorded", "reason"
        )
    return _note_of(request, ports, why)


def _live_note(request: Request, ports: Ports, why: _Why) -> DisclosureNote:
    """What records this call, as `_note` when it searches for a plate; else without any reason as well."""
    return (_note if "plate" in request.query_params else _note_of)(request, ports, why)


def _note_of(request: Request, ports: Ports, why: str) -> DisclosureNote:
    gate: Gate = request.app.state.gate
    return DisclosureNote(ports.disclosures, gate.caller(request.scope), _what(request), why)


def _what(request: Request) -> str:
    """Method, path and query in one order, without the reason and how the answer is cut into pages.

    Of a parameter that comes more than once the last value counts, as it does for the answer; each is cut, so that none
    pushes another out of the record.
    """
    asked = sorted((name, one_line(value)) for name, value in request.query_params.items() if value.strip())
    query = urlencode([(_cut(name), _cut(value)) for name, value in asked if name not in _NOT_THE_QUESTION])
    return f"{request.method} {request.url.path}" + (f"?{query}" if query else "")


def _cut(text: str) -> str:
    return text[:_LONGEST_VALUE]


def _as_utf8(text: str) -> str:
    """A header's text, which the server took for Latin-1, as clients write it."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


Disclosing = Annotated[DisclosureNote, Depends(_note)]
LiveDisclosing = Annotated[DisclosureNote, Depends(_live_note)]
