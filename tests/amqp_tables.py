"""Tables of AMQP with values of every type, for hypothesis."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import strategies as st

texts = st.binary(max_size=12).map(lambda encoded: encoded.decode("utf-8", "surrogateescape"))
"""Any bytes, as they are read."""
_scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)  # RabbitMQ itself refuses those
    | texts
    | st.binary(max_size=40)
    | st.integers(0, 2**38 - 2**36).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
    | st.builds(lambda raw, places: Decimal(raw).scaleb(-places), st.integers(-(2**31), 2**31 - 1), st.integers(0, 9))
)
values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=8
)
tables = st.dictionaries(texts, values, max_size=5)
