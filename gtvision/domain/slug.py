"""Ids that people choose: they become names of actors, labels of metrics and names of folders."""

import re
from hashlib import sha256

from gtvision.domain.errors import BadConfiguration

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_READABLE_LENGTH = 48


def check_slug(value: str, where: str) -> None:
    """Raises `BadConfiguration` unless the value can be an id."""
    if not _SLUG.fullmatch(value):
        raise BadConfiguration(
            f"{value!r} cannot be an id: use 1 to 63 lower-case letters, digits, '-' and '_', "
            "beginning with a letter or digit",
            where,
        )


def slug_of(name: str) -> str:
    """The id of what others call `name`: the same for the same name, another one for another.

    A name that can be an id is its own. Of any other, such as `../Câmera 1`, its letters and digits stay to be
    recognised, and a part of its SHA-256 tells it from others.
    """
    if _SLUG.fullmatch(name):
        return name
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower())[:_READABLE_LENGTH].strip("-")
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{readable}-{digest}" if readable else digest


def called(own_id: str, name: str) -> str:
    """What others call that of this id: `name` where the id was made of it, else the id."""
    return name if name and slug_of(name) == own_id else own_id
