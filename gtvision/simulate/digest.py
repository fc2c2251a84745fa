"""Digest authentication of RTSP, as cameras do it: MD5, no qop. Source: RFC 2617."""

import hashlib
import hmac
import re
import secrets

_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
_REALM = "gtvision-simulate"


class DigestGuard:
    """Asks for a user and a password, on one connection."""

    def __init__(self) -> None:
        self._nonce = secrets.token_hex(16)

    def challenge(self) -> str:
        """The header that asks."""
        return f'Digest realm="{_REALM}", nonce="{self._nonce}", algorithm=MD5'

    def accepts(self, authorization: str, method: str, url: str, login: tuple[str, str]) -> bool:
        """Whether the header answers the challenge for that request with that user and password."""
        scheme, _, rest = authorization.partition(" ")
        said = {match[1].lower(): match[2] or match[3] or "" for match in _FIELD.finditer(rest)}
        if scheme.lower() != "digest" or said.get("nonce") != self._nonce or said.get("uri") != url:
            return False
        user, password = login
        secret = _md5(f"{user}:{_REALM}:{password}")
        wanted = _md5(f"{secret}:{self._nonce}:{_md5(f'{method}:{url}')}")
        is_user = hmac.compare_digest(said.get("username", "").encode(), user.encode())
        return hmac.compare_digest(said.get("response", "").encode(), wanted.encode()) and is_user


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
