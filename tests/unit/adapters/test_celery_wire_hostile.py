"""Ten thousand messages that nobody would send: each has a verdict, and none raises."""

import json
from typing import Any

import msgpack
from celery_messages import (
    BARE,
    COMPRESSIONS,
    DET,
    DETECT,
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
OTHER_KINDS = st.sampled_from(
    [("application/x-python-serialize", "binary"), ("application/json", "klingon"), ("", ""), (None, None), (7, [])]
)
KINDS = st.one_of(*[st.just((name, encoding)) for name, (encoding, _) in PACKERS.items()] * 3, OTHER_KINDS)
NAMES = st.sampled_from(["__type__", "__value__", "task", "id", "args", "kwargs", "points", "bbox", "roi", "eta"])
TEXTS = st.one_of(NAMES, st.text(max_size=8), st.sampled_from(["base64", "bytes", "/9j/", "line", "zone", PLATE]))
TIMES = st.datetimes(timezones=st.none() | st.timezones()).map(lambda moment: moment.isoformat())
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-1, 99), st.floats(), TEXTS, TIMES, st.binary(max_size=8)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=5,
)
DET_NAMES = st.sampled_from([*DET, "crop", "event_id"])
HEADERS = ["task", "id", "eta", "expires", "retries", "timelimit", "compression", "lang", "x-death"]
PROPERTIES = ["content_type", "content_encoding", "priority", "correlation_id", "reply_to", "expiration"]
WELL_FORMED = [
    protocol_2(args()),
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


def cut(body: bytes, cuts: list[tuple[float, int, str]]) -> bytes:
    """The body with some bytes replaced by others, at shares of its length."""
    for share, length, other in cuts:
        start = int(share * len(body))
        body = body[:start] + other.encode() + body[start + length :]
    return body


def packed(payload: Any, content_type: str) -> bytes:
    if content_type == "application/x-msgpack":
        try:
            encoded: bytes = msgpack.packb(payload)
        except (OverflowError, UnicodeEncodeError):
            return repr(payload).encode("utf-8", "replace")
        return encoded
    return json.dumps(payload, default=repr).encode()


@many(1500)
@given(
    body=st.binary(max_size=64),
    kind=KINDS,
    compression=st.sampled_from(["", *COMPRESSIONS, "application/x-lzma", 7]),
    is_compressed=st.booleans(),
)
def test_random_bytes_have_a_verdict(body: bytes, kind: Any, compression: Any, is_compressed: bool) -> None:
    sent = COMPRESSIONS[compression](body) if is_compressed and compression in COMPRESSIONS else body
    named = {"content_type": kind[0], "content_encoding": kind[1]}
    judged(WireMessage(sent, headers(compression=compression), named))


@many(3500)
@given(
    content_type=st.sampled_from(list(PACKERS)),
    call=st.one_of(
        st.tuples(st.just(DETECT), st.lists(VALUES, min_size=4, max_size=4)),
        st.tuples(st.just(DETECT), st.lists(VALUES, min_size=2, max_size=2).map(lambda last: ["gate", BARE, *last])),
        st.tuples(st.just(PLATE), VALUES.map(lambda det: ["gate", det])),
        st.tuples(st.just(PLATE), st.dictionaries(DET_NAMES, VALUES).map(lambda other: ["gate", {**DET, **other}])),
        st.tuples(TEXTS, VALUES),
    ),
    kwargs=st.just({}) | st.dictionaries(TEXTS, VALUES, max_size=2),
    is_protocol_2=st.booleans(),
)
def test_random_arguments_have_a_verdict(content_type: str, call: Any, kwargs: Any, is_protocol_2: bool) -> None:
    task, arguments = call
    payload = [arguments, kwargs, None] if is_protocol_2 else protocol_1(arguments, task, kwargs=kwargs)
    of = headers(task) if is_protocol_2 else None
    judged(WireMessage(packed(payload, content_type), of, properties(content_type)))


@many(3000)
@given(
    wire=st.sampled_from(WELL_FORMED),
    cuts=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 3), st.text('09aZ/=",:[]{}-.e ', max_size=3)), min_size=1, max_size=2
    ),
    compression=st.sampled_from([None, None, *COMPRESSIONS]),
    is_cut_after_compression=st.booleans(),
)
def test_a_message_of_which_bytes_were_changed_has_a_verdict(
    wire: WireMessage, cuts: list[tuple[float, int, str]], compression: str | None, is_cut_after_compression: bool
) -> None:
    squeeze = COMPRESSIONS.get(compression or "", bytes)
    body = cut(squeeze(wire.body), cuts) if is_cut_after_compression else squeeze(cut(wire.body, cuts))
    judged(WireMessage(body, {**(wire.headers or {}), "compression": compression}, wire.properties))


def is_carried(field: tuple[str, Any]) -> bool:
    """Whether AMQP can carry that property: these have types of their own."""
    name, value = field
    return isinstance(value, {"expiration": str, "delivery_mode": int, "user_id": str}.get(name, object))


@many(2000)
@given(
    argument=st.tuples(st.sampled_from(["camera_id", "frame_bytes", "roi", "triggers"]), VALUES) | st.none(),
    header=st.tuples(st.sampled_from(HEADERS), VALUES | TIMES | st.integers(0, 9)) | st.none(),
    field=st.tuples(st.sampled_from(PROPERTIES), VALUES).filter(is_carried) | st.none(),
)
def test_a_message_of_which_parts_were_changed_has_a_verdict(argument: Any, header: Any, field: Any) -> None:
    other = dict([argument] if argument else [])
    of = headers() | dict([header] if header else [])
    named = properties() | dict([field] if field else [])
    judged(WireMessage(packed([args(**other), {}, None], "application/json"), of, named))


def test_what_the_others_change_is_processed_as_long_as_nobody_changes_it() -> None:
    assert {judged(wire).action for wire in WELL_FORMED} == {Action.PROCESS}
    assert {read.id for wire in WELL_FORMED if isinstance(read := read_message(wire), Task)} == {TASK_ID}
