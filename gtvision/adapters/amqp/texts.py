"""Texts of AMQP, which claim to be UTF-8 and need not be.

Bytes that are not are kept as lone surrogates, as Python keeps them in file names: they are no visible characters, so
no check of ours takes them for a name, and they leave as the bytes that they were.
"""


def text_of(encoded: bytes) -> str:
    """That text, from any bytes."""
    return encoded.decode("utf-8", "surrogateescape")


def bytes_of(text: str) -> bytes:
    """The bytes that it came as. Raises `ValueError` for text that cannot have come so."""
    return text.encode("utf-8", "surrogateescape")


def short_text(text: str) -> bytes:
    """Its bytes behind their number. Raises `ValueError` when there are more than 255."""
    encoded = bytes_of(text)
    if len(encoded) > 255:
        raise ValueError(f"{text[:20]!r}... has {len(encoded)} bytes; AMQP has room for 255")
    return bytes((len(encoded),)) + encoded
