"""Ten thousand messages that nobody would send: each has a verdict, and none raises."""

import json
import zlib
from typing import Any

import msgpack
from celery_messages import (
    COMPRESSIONS,
    DET,
    JPEG,
    PACKERS,
    PLATE,
    TASK_ID,
    args,
    headers,
    message,
    properties,
    protocol_1,
    protocol_2,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gtvision.adapters.celery_wire import WireMessage, buried, read_message, retried, revived
from gtvision.domain.refusal import Refusal
from gtvision.domain.task import Task
from gtvision.pipeline.verdict import Action, Verdict, verdict_after_failure, verdict_of

NOW_S = 1795440000.0
CONTENT_TYPES = st.sampled_from([*PACKERS, "application/x-python-serialize", "text/plain", "", None])
ENCODINGS = st.sampled_from(["utf-8", "binary", "UTF-8", "klingon", "", None])
NAMES = st.sampled_from(["__type__", "__value__", "task", "id", "args", "kwargs", "points", "bbox", "roi", "eta"])
TEXTS = st.one_of(NAMES, st.text(max_size=8), st.sampled_from(["base64", "bytes", "/9j/", "line", "zone", PLATE]))
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-1, 99), st.floats(), TEXTS, st.binary(max_size=8)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=5,
)
WELL_FORMED = [
    protocol_2(args()),
    protocol_2(args(), compression="application/x-gzip"),
    protocol_2(args(), compression="application/x-bz2"),
    protocol_2(args(frame_bytes=JPEG), content_type="application/x-msgpack"),
    protocol_2(["north-gate", DET], of=headers(PLATE)),
    message(protocol_1(args()), of={}),
    message(protocol_1(["north-gate", DET], task=PLATE), of={}, content_type="application/x-msgpack"),
]


def many(examples: int) -> Any:
    return settings(max_examples=examples, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


def judged(wire: WireMessage) -> Verdict:
    """The verdict; what is to happen next can happen, and nothing of the message is lost by it."""
    read = read_message(wire)
    verdict = verdict_of(read, NOW_S)
    assert verdict.action in Action
    assert verdict.sentence
    if isinstance(read, Refusal):
        assert (verdict.action, verdict.reason) == (Action.DEAD_LETTER, read.reason)
    else:
        again = read_message(retried(wire, read))
        assert isinstance(again, Task)
        assert (again.id, again.work, again.retries, again.eta_s) == (read.id, read.work, read.retries + 1, None)
        assert verdict_after_failure(read, "no answer", NOW_S).action in (Action.PARK, Action.DEAD_LETTER)
    back = revived(buried(wire, str(verdict.reason), verdict.sentence, NOW_S))
    assert (back.body, back.headers, back.properties) == (wire.body, wire.headers or None, wire.properties)
    return verdict


def packed(payload: Any, content_type: str) -> bytes:
    if content_type == "application/x-msgpack":
        try:
            encoded: bytes = msgpack.packb(payload)
        except (OverflowError, UnicodeEncodeError):
            return repr(payload).encode("utf-8", "replace")
        return encoded
    return json.dumps(payload, default=repr).encode()


@many(2000)
@given(
    body=st.binary(max_size=64),
    content_type=CONTENT_TYPES,
    encoding=ENCODINGS,
    compression=st.sampled_from([*COMPRESSIONS, "", "application/x-lzma", 7]),
    is_compressed=st.booleans(),
)
def test_random_bytes_have_a_verdict(
    body: bytes, content_type: str | None, encoding: str | None, compression: Any, is_compressed: bool
) -> None:
    sent = zlib.compress(body) if is_compressed else body
    named = {"content_type": content_type, "content_encoding": encoding}
    judged(WireMessage(sent, headers(compression=compression), named))


@many(3000)
@given(
    content_type=st.sampled_from(list(PACKERS)),
    payload=st.one_of(
        VALUES,
        st.tuples(st.lists(VALUES, max_size=5), st.dictionaries(TEXTS, VALUES, max_size=3), VALUES).map(list),
        st.lists(VALUES, max_size=4).map(lambda given: [[*args()[:2], *given], {}, None]),
        VALUES.map(lambda det: [["north-gate", det], {}, {}]),
        st.dictionaries(NAMES, VALUES, max_size=6),
    ),
    of=st.one_of(st.none(), st.sampled_from([headers(), headers(PLATE)]), st.dictionaries(NAMES, VALUES, max_size=3)),
)
def test_random_values_have_a_verdict(content_type: str, payload: Any, of: Any) -> None:
    judged(WireMessage(packed(payload, content_type), of, properties(content_type)))


@many(3000)
@given(
    wire=st.sampled_from(WELL_FORMED),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), st.binary(max_size=3)), min_size=1, max_size=4),
)
def test_a_message_of_which_bytes_were_changed_has_a_verdict(
    wire: WireMessage, cuts: list[tuple[float, int, bytes]]
) -> None:
    body = wire.body
    for share, length, other in cuts:
        start = int(share * len(body))
        body = body[:start] + other + body[start + length :]
    judged(WireMessage(body, wire.headers, wire.properties))


@many(2000)
@given(
    name=st.sampled_from(["camera_id", "frame_bytes", "roi", "triggers"]),
    value=VALUES,
    field=st.sampled_from(["task", "id", "eta", "expires", "retries", "timelimit", "compression", "lang", "x-death"]),
    other=st.one_of(st.none(), VALUES),
    priority=VALUES,
)
def test_a_message_of_which_parts_were_changed_has_a_verdict(
    name: str, value: Any, field: str, other: Any, priority: Any
) -> None:
    of = headers() if other is None else headers() | {field: other}
    body = packed([args(**{name: value}), {}, None], "application/json")
    judged(WireMessage(body, of, properties(priority=priority, correlation_id=other)))


def test_what_the_others_change_is_processed_as_long_as_nobody_changes_it() -> None:
    assert {judged(wire).action for wire in WELL_FORMED} == {Action.PROCESS}
    assert {read.id for wire in WELL_FORMED if isinstance(read := read_message(wire), Task)} == {TASK_ID}
