"""Credentials out of any text."""

import re
from urllib.parse import quote

HIDDEN = "***"
_IN_AUTHORITY = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/?#'\"]*@")
_IN_FIELDS = re.compile(
    r"(?i)(?<![a-z0-9])((?:user(?:name)?|login|usr|pass(?:word|wd)?|pwd|token|secret|api_?key|auth)=)"
    r"[^\s&;,'\"/]+?(?=_[a-z]+=|[\s&;,'\"/]|$)"
)
_IN_HEADER = re.compile(r"(?i)(authorization:\s*\w+\s+)[^\r\n]+")


def redact(text: str, *secrets: str | None) -> str:
    """The text without users and passwords of addresses, without secret-looking fields, and without the secrets given.

    Args:
        text: Anything that may hold an address, such as the message of a foreign error.
        secrets: Values that must not show, as they are or percent-encoded; None and empty ones are passed over.
    """
    for secret in secrets:
        if secret:
            for form in {secret, quote(secret, safe=""), quote(secret)}:
                text = text.replace(form, HIDDEN)
    text = _IN_AUTHORITY.sub(rf"\g<1>{HIDDEN}@", text)
    text = _IN_FIELDS.sub(rf"\g<1>{HIDDEN}", text)
    return _IN_HEADER.sub(rf"\g<1>{HIDDEN}", text)
