"""What can be known of the image without building it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from gtvision.settings import load_settings

DOCKER = Path(__file__).resolve().parents[1] / "docker"
ROOT = DOCKER.parent


@pytest.fixture
def steps() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, continued lines joined: (`COPY`, `a b`), ..."""
    text = re.sub(r"\\\n\s*", "", (DOCKER / "Dockerfile").read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


@pytest.fixture
def service() -> Any:
    return yaml.safe_load((DOCKER / "compose.yml").read_text(encoding="utf-8"))["services"]["gtvision"]


def copied(steps: list[tuple[str, str]]) -> list[str]:
    return [name for word, rest in steps if word == "COPY" and "--from" not in rest for name in rest.split()[:-1]]


def test_every_file_that_is_copied_is_there_and_not_ignored(steps: list[tuple[str, str]]) -> None:
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    for name in copied(steps):
        assert (ROOT / name).exists()
        assert f"!{name}" in ignored


def test_what_the_package_is_made_of_is_copied(steps: list[tuple[str, str]]) -> None:
    assert {"gtvision", "actors", "serve_app.py", "pyproject.toml", "README.md", "LICENSE"} <= set(copied(steps))


def test_it_does_not_run_as_root(steps: list[tuple[str, str]], service: Any) -> None:
    users = [rest for word, rest in steps if word == "USER"]
    assert users == ["gtvision"]
    assert "privileged" not in service
    assert service["cap_drop"] == ["ALL"]


def test_its_settings_load_and_it_asks_for_health_where_it_listens(steps: list[tuple[str, str]]) -> None:
    settings = load_settings(DOCKER / "gtvision.yaml", {})
    (check,) = (rest for word, rest in steps if word == "HEALTHCHECK")
    command = json.loads(check.partition("CMD ")[2])
    assert f"http://{settings.http.host}:{settings.http.port}/health" in command[-1]
    assert ("VOLUME", str(settings.data_dir)) in steps


def test_it_lasts_as_long_as_the_system(steps: list[tuple[str, str]]) -> None:
    assert ("CMD", '["gtvision", "up", "--block"]') in steps


def test_shared_memory_holds_rays_object_store(service: Any) -> None:
    settings = load_settings(DOCKER / "gtvision.yaml", {})
    assert int(service["shm_size"].removesuffix("mb")) > settings.ray.object_store_mb


def test_compose_builds_this_dockerfile(service: Any) -> None:
    assert (DOCKER / service["build"]["context"] / service["build"]["dockerfile"]).resolve() == DOCKER / "Dockerfile"


@pytest.fixture
def brokers() -> Any:
    return yaml.safe_load((DOCKER / "rabbitmq.yml").read_text(encoding="utf-8"))


def test_a_cluster_has_three_brokers_that_find_each_other_and_keep_their_messages(brokers: Any) -> None:
    services = brokers["services"]
    assert len(services) == 3
    for name, service in services.items():
        assert f"rabbit@{service['hostname']}" in brokers["configs"]["cluster"]["content"]
        assert service["volumes"] == [f"{name}:/var/lib/rabbitmq"]
        assert name in brokers["volumes"]


def test_brokers_listen_on_loopback_each_on_a_port_of_its_own(brokers: Any) -> None:
    ports = [port for service in brokers["services"].values() for port in service["ports"]]
    assert len(set(ports)) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_no_password_of_a_broker_is_written_down(brokers: Any) -> None:
    for service in brokers["services"].values():
        environment = service["environment"]
        assert all(environment[name].startswith("${") for name in ("RABBITMQ_ERLANG_COOKIE", "RABBITMQ_DEFAULT_PASS"))
        assert environment["RABBITMQ_DEFAULT_USER"] != "guest"
