"""What processes of actors import: a camera's actor exists hundreds of times."""

import subprocess
import sys

import pytest

HEAVY = {"ray.serve", "fastapi", "torch", "ultralytics", "sqlmodel", "sqlalchemy", "openvino", "httpx", "typer"}


@pytest.mark.parametrize("module", ["actors.camera", "actors.dispatcher_actor", "actors.recorder", "actors.pushing"])
def test_a_camera_actor_imports_nothing_heavy_nor_do_the_handles_that_it_asks_for(module: str) -> None:
    """Ray imports the module of an actor wherever somebody asks for its handle."""
    script = f"import sys, {module}; print(*sys.modules)"
    imported = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert HEAVY.isdisjoint(imported.stdout.split())
