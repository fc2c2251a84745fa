"""Celery's messages, in and out, without Celery and without a broker.

In: `read_message` makes a `Task` of what a Celery client or a worker that tries again has sent, or says why it is
refused; it raises nothing, whatever the bytes are. Out: `plate_message` and `reply_message` are what Celery sends, and
`retried`, `parked`, `buried` and `revived` are a message that came in, on its way to the retry queue, to where it waits
for its time, to the dead letters, and back from there: `put_back` with a mark that says so, `refreshed` with all its
attempts before it.
"""

from gtvision.adapters.celery_wire.again import Death, buried, death_of, parked, put_back, refreshed, retried, revived
from gtvision.adapters.celery_wire.body import MAX_BODY_BYTES
from gtvision.adapters.celery_wire.read import read_message
from gtvision.adapters.celery_wire.write import plate_message, reply_message
from gtvision.domain.message import WireMessage

__all__ = [
    "MAX_BODY_BYTES",
    "Death",
    "WireMessage",
    "buried",
    "death_of",
    "parked",
    "plate_message",
    "put_back",
    "read_message",
    "refreshed",
    "reply_message",
    "retried",
    "revived",
]
