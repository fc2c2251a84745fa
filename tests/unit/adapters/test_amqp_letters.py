"""A dead letter is shown without being unpacked to more than the bridge itself would take."""

import zlib

import celery_messages as made

from gtvision.adapters.amqp import letter_of
from gtvision.adapters.amqp.letters import sent_again
from gtvision.adapters.celery_wire import buried
from gtvision.domain.message import WireMessage

MOST = 100_000


def dead(of: dict[str, object], padding: int) -> WireMessage:
    """A packed frame that died; unpacked it has so many bytes more."""
    came = made.protocol_2(made.args(camera_id="north-gate"), of=made.headers(**of))
    body = zlib.compress(came.body + b" " * padding)
    packed = WireMessage(body, {**(came.headers or {}), "compression": "application/x-gzip"}, came.properties)
    return buried(packed, "too_large", "it unpacks to more", 0.0)


def test_a_letter_that_unpacks_to_more_than_the_bound_is_shown_by_its_headers_and_goes_back_as_it_was() -> None:
    letter = dead({"id": "a-bomb", "retries": 3}, MOST)
    shown = letter_of(letter, MOST)
    assert (shown.id, shown.task, shown.reason) == ("a-bomb", made.DETECT, "too_large")
    assert (shown.camera, shown.retries) == ("", None)
    assert (sent_again(letter, MOST).headers or {})["retries"] == 3


def test_a_letter_within_the_bound_is_read() -> None:
    letter = dead({"id": "a-frame", "retries": 3}, 0)
    shown = letter_of(letter, MOST)
    assert (shown.id, shown.camera, shown.retries) == ("a-frame", "north-gate", 3)
    assert (sent_again(letter, MOST).headers or {})["retries"] == 0
