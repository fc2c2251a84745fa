"""`cluster.yaml` is what `ray up` would take. Ray has no dry run, so its own first steps are taken here, offline."""

import ipaddress
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ray.autoscaler._private import commands
from ray.autoscaler._private.util import prepare_config, validate_config
from ray.scripts.scripts import start

from gtvision.settings import load_settings

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def cluster() -> Any:
    return yaml.safe_load((ROOT / "cluster.yaml").read_text(encoding="utf-8"))


def ray_starts(cluster: dict[str, Any]) -> Iterator[list[str]]:
    """The words of each `ray start` in it."""
    for role in ("head", "worker"):
        for command in cluster[f"{role}_start_ray_commands"]:
            if "ray start" in command:
                yield shlex.split(command)


def test_ray_accepts_it(cluster: Any) -> None:
    validate_config(prepare_config(cluster))


def test_ray_makes_a_cluster_of_one_head_and_all_workers_of_it(cluster: Any) -> None:
    made = commands._bootstrap_config(cluster, no_config_cache=True)
    (workers,) = made["available_node_types"].values()  # a local cluster knows one type
    assert workers["min_workers"] == workers["max_workers"] == len(cluster["provider"]["worker_ips"])


def test_ray_refuses_a_key_that_it_does_not_know(cluster: Any) -> None:
    with pytest.raises(Exception, match="Additional properties"):
        validate_config(prepare_config({**cluster, "workers": 2}))


def test_ray_start_knows_every_option_in_it(cluster: Any) -> None:
    known = {option for parameter in start.params for option in parameter.opts}
    for words in ray_starts(cluster):
        options = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert options <= known


def test_every_node_wants_the_token_and_reports_to_nobody(cluster: Any) -> None:
    for words in ray_starts(cluster):
        assert {"RAY_AUTH_MODE=token", "RAY_USAGE_STATS_ENABLED=0"} <= set(words)
    assert "~/.ray/auth_token" in cluster["file_mounts"]


def test_every_address_in_it_is_private_and_the_dashboard_stays_on_loopback(cluster: Any) -> None:
    provider = cluster["provider"]
    for address in [provider["head_ip"], *provider["worker_ips"]]:
        assert ipaddress.ip_address(address).is_private
    head = next(ray_starts(cluster))
    assert "--dashboard-host=127.0.0.1" in head


def test_the_cluster_settings_name_its_head(cluster: Any) -> None:
    port = next(word for word in next(ray_starts(cluster)) if word.startswith("--port=")).partition("=")[2]
    address = load_settings(ROOT / "configs" / "cluster.yaml", {}).ray.address
    assert address == f"{cluster['provider']['head_ip']}:{port}"


def test_what_it_copies_to_the_nodes_is_there(cluster: Any) -> None:
    assert [here for here in cluster["file_mounts"].values() if not here.startswith("~")] == ["."]
    for command in cluster["setup_commands"]:
        if "--constraint" in command:
            words = shlex.split(command)
            assert (ROOT / words[words.index("--constraint") + 1]).is_file()
