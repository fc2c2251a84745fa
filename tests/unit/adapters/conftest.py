"""Recordings and databases for the tests of adapters."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from recordings import Record, write_recording

from gtvision.adapters.rtsp import open_source
from gtvision.adapters.store import Store, migrate
from gtvision.domain.camera import Source
from gtvision.domain.stream import Packet, StreamInfo
from gtvision.settings import Streams


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """`record("name.mp4", ...)` makes a small recording."""
    folder = tmp_path_factory.mktemp("recordings")

    def make(name: str, **options: Any) -> Path:
        return write_recording(folder / name, **options)

    return make


@pytest.fixture(scope="session")
def packets_of() -> Callable[[Path], tuple[list[Packet], StreamInfo]]:
    """All packets of a recording, and what it says of itself."""

    def read(path: Path) -> tuple[list[Packet], StreamInfo]:
        source = open_source(Source(path.as_uri()), Streams(), is_paced=False)
        packets = list(source.packets())
        source.close()
        return packets, source.info

    return read


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("empty") / "gtvision.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def url(tmp_path: Path, empty_database: Path) -> str:
    copy = tmp_path / "gtvision.db"
    copy.write_bytes(empty_database.read_bytes())
    return f"sqlite:///{copy}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store(url, writes=True) as store:
        yield store
