"""Headers and properties as AMQP carries them: whatever a sender can put there leaves as it came."""

import struct
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from amqp_tables import tables, texts
from hypothesis import given
from hypothesis import strategies as st

from gtvision.adapters.amqp.content import UNREADABLE, content_of, message_of
from gtvision.adapters.amqp.table import Opaque, decode_table, encode_table
from gtvision.domain.errors import MessageRefused
from gtvision.domain.message import WireMessage

PROPERTIES = {
    "content_type": "application/json",
    "content_encoding": "utf-8",
    "delivery_mode": 2,
    "priority": 5,
    "correlation_id": "a",
    "reply_to": "b",
    "expiration": "60000",
    "message_id": "c",
    "timestamp": 2**64 - 1,
    "type": "d",
    "user_id": "us",
    "app_id": "e",
    "cluster_id": "",
}


def field(name: bytes, value: bytes) -> bytes:
    return bytes((len(name),)) + name + value


def again(message: WireMessage, user: str = "us") -> WireMessage:
    """The message once it was sent and received."""
    return message_of(content_of(message, user), message.body, is_redelivered=message.is_redelivered)


@given(tables)
def test_a_table_is_read_as_it_was_written(table: dict[str, Any]) -> None:
    back = decode_table(encode_table(table))
    assert back == table
    assert repr(back) == repr(table)  # 1 is not True, nor 1.0


@given(st.dictionaries(texts, tables, max_size=3), st.fixed_dictionaries({}, optional={"type": texts, "app_id": texts}))
def test_a_message_is_received_as_it_was_sent(headers: dict[str, Any], properties: dict[str, Any]) -> None:
    sent = WireMessage(b"body", headers, properties)
    back = again(sent)
    assert (back.headers, back.properties, back.body) == (headers, properties, b"body")


def test_every_property_is_received_as_it_was_sent() -> None:
    assert again(WireMessage(b"", None, PROPERTIES)).properties == PROPERTIES


@pytest.mark.parametrize("headers", [None, {}])
def test_no_headers_and_empty_ones_stay_apart(headers: dict[str, Any] | None) -> None:
    assert again(WireMessage(b"", headers)).headers == headers


@pytest.mark.parametrize(
    ("encoded", "value"),
    [
        (b"b\xff", -1),
        (b"B\xff", 255),
        (b"s\xff\xfe", -2),
        (b"u\xff\xfe", 65534),
        (b"I\xff\xff\xff\xff", -1),
        (b"i\xff\xff\xff\xff", 4294967295),
        (b"l" + b"\xff" * 8, -1),
        (b"f" + struct.pack(">f", 0.5), 0.5),
        (b"d" + struct.pack(">d", 1.5), 1.5),
        (b"D\x02\x00\x00\x01\x90", Decimal("4.00")),
        (b"T" + struct.pack(">Q", 1_700_000_000), datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        (b"S\x00\x00\x00\x02\xff\xfe", "\udcff\udcfe"),
        (b"x\x00\x00\x00\x02\xff\xfe", b"\xff\xfe"),
        (b"t\x01", True),
        (b"V", None),
        (b"A\x00\x00\x00\x03t\x00V", [False, None]),
        (b"F\x00\x00\x00\x03\x01aV", {"a": None}),
    ],
)
def test_every_type_of_rabbitmq_is_read(encoded: bytes, value: Any) -> None:
    assert decode_table(field(b"k", encoded)) == {"k": value}


def test_a_time_after_the_year_9999_leaves_as_it_came() -> None:
    table = field(b"when", b"T" + b"\xff" * 8)
    assert decode_table(table) == {"when": Opaque(b"T", b"\xff" * 8)}
    assert encode_table(decode_table(table)) == table


def test_a_table_nested_a_thousand_deep_leaves_as_it_came() -> None:
    table = b""
    for _ in range(1000):
        table = field(b"k", b"F" + struct.pack(">I", len(table)) + table)
    assert encode_table(decode_table(table)) == table


@given(st.binary(max_size=60))
def test_any_bytes_are_a_table_or_are_kept_as_they_are(table: bytes) -> None:
    encoded = struct.pack(">HI", 1 << 13, len(table)) + table
    headers = message_of(encoded, b"", is_redelivered=False).headers
    assert headers is not None
    try:
        expected = decode_table(table)
    except ValueError:
        assert headers == {UNREADABLE: table}
    else:
        assert repr(headers) == repr(expected)


def test_a_message_goes_to_no_other_queue_than_the_one_it_is_put_to() -> None:
    back = again(WireMessage(b"", {"CC": ["elsewhere"], "BCC": ["there"], "mine": 1}))
    assert back.headers == {"gtv-cc": ["elsewhere"], "gtv-bcc": ["there"], "mine": 1}


def test_the_user_id_of_somebody_else_is_not_claimed() -> None:
    assert again(WireMessage(b"", None, PROPERTIES), user="them").properties == {
        name: value for name, value in PROPERTIES.items() if name != "user_id"
    }


@pytest.mark.parametrize(
    "message",
    [
        WireMessage(b"", {"n": 2**63}),
        WireMessage(b"", {"s": {1, 2}}),
        WireMessage(b"", {"k" * 256: 1}),
        WireMessage(b"", {"d": Decimal("NaN")}),
        WireMessage(b"", {"before": datetime(1900, 1, 1, tzinfo=UTC)}),
        WireMessage(b"", None, {"priority": 256}),
        WireMessage(b"", None, {"reply_to": "r" * 256}),
        WireMessage(b"", None, {"reply_to": 7}),
        WireMessage(b"", None, {"colour": "red"}),
    ],
)
def test_what_amqp_has_no_like_of_is_refused(message: WireMessage) -> None:
    with pytest.raises(MessageRefused):
        content_of(message, "us")
