from collections.abc import Iterator

import httpx
import pytest
from http_server import Fakes, served

from gtvision.api.app import create_app
from gtvision.settings import Settings


@pytest.fixture
def fakes() -> Fakes:
    return Fakes()


@pytest.fixture
def address(settings: Settings, fakes: Fakes) -> Iterator[str]:
    with served(create_app(settings, fakes.services())) as url:
        yield url


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=5, trust_env=False) as client:
        yield client
