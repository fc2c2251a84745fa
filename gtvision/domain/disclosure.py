"""Disclosures: who was shown personal data, what, and why."""

from dataclasses import dataclass
from uuid import uuid4

from gtvision.domain.errors import BadInput

LONGEST_REASON = 500
_LONGEST_WHO = 200
_LONGEST_WHAT = 2000


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One answer with personal data, as it is recorded before it is given.

    Attributes:
        id: Made once, so that a retry is never a second row.
        time_s: When, Unix seconds.
        who: How the caller was known, such as `key at 10.0.0.7`; never the key.
        what: What was asked for: method, path and normalised query; never a secret. A longer one is cut.
        why: The caller's own words, empty when there are none.
        results: How many plates, events or pictures were shown.
    """

    id: str
    time_s: float
    who: str
    what: str
    why: str
    results: int

    def __post_init__(self) -> None:
        if not self.who or not self.what or self.results < 0:
            raise BadInput("a disclosure needs who and what, and at least 0 results")
        if len(self.why) > LONGEST_REASON:
            raise BadInput(f"a reason has {LONGEST_REASON} characters at most, not {len(self.why)}")


def new_disclosure(time_s: float, who: str, what: str, why: str, results: int) -> Disclosure:
    """A disclosure with an id of its own, its texts in one line each and within their bounds."""
    return Disclosure(
        uuid4().hex, time_s, one_line(who)[:_LONGEST_WHO], one_line(what)[:_LONGEST_WHAT], one_line(why), results
    )


def one_line(text: str) -> str:
    """The text without control characters, each white space one blank."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
