"""Ids that people choose: they become names of actors, labels of metrics and names of folders."""

import re

from gtvision.domain.errors import BadConfiguration

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def check_slug(value: str, where: str) -> None:
    """Raises `BadConfiguration` unless the value can be an id."""
    if not _SLUG.fullmatch(value):
        raise BadConfiguration(
            f"{value!r} cannot be an id: use 1 to 63 lower-case letters, digits, '-' and '_', "
            "beginning with a letter or digit",
            where,
        )
