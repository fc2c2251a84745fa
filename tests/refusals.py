"""How a source refuses, and that it does so without telling a secret."""

import traceback

import pytest

from gtvision.adapters.rtsp import open_source
from gtvision.domain.camera import Source
from gtvision.domain.errors import SourceUnavailable
from gtvision.settings import Streams

PASSWORD = "p@ss:/w%rd é"


def refused(
    streams: Streams, url: str, user: str | None = "root", password: str | None = PASSWORD
) -> SourceUnavailable:
    with pytest.raises(SourceUnavailable) as caught:
        open_source(Source(url, user, password), streams)
    told = "".join(traceback.format_exception(caught.value))
    assert PASSWORD not in told
    assert "p%40ss" not in told
    assert "root" not in str(caught.value)
    return caught.value
