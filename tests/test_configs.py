"""The settings files that we ship: complete, commented, loadable."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from gtvision.settings import Settings, load_settings

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
LOCAL = CONFIGS / "local.yaml"


def keys_of(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from (f"{name}.{inner}" for inner in keys_of(field.annotation))


def keys_in(values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        yield name
        if isinstance(value, dict):
            yield from (f"{name}.{inner}" for inner in keys_in(value))


def test_local_yaml_lists_every_setting_in_the_order_of_the_model() -> None:
    assert list(keys_in(yaml.safe_load(LOCAL.read_text(encoding="utf-8")))) == list(keys_of(Settings))


def test_local_yaml_says_the_defaults() -> None:
    assert load_settings(LOCAL, {}) == load_settings(None, {})


def test_local_yaml_explains_every_key_in_the_line_above_it() -> None:
    lines = LOCAL.read_text(encoding="utf-8").splitlines()
    bare = [line for above, line in zip(["", *lines], lines, strict=False) if _is_key(line) and not _is_comment(above)]
    assert bare == []


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _is_key(line: str) -> bool:
    return ":" in line and not _is_comment(line)


@pytest.mark.parametrize("file", sorted(CONFIGS.glob("*.yaml")), ids=lambda file: file.name)
def test_every_config_that_we_ship_loads(file: Path) -> None:
    assert isinstance(load_settings(file, {}), Settings)


def test_the_cluster_config_uses_neither_sqlite_nor_a_lonely_ray() -> None:
    settings = load_settings(CONFIGS / "cluster.yaml", {})
    assert not settings.is_sqlite
    assert settings.ray.address is not None
