"""The import law: a module imports only from its own floor or a lower one, and Ray stays on top.

`violations` reads one source and says what is wrong with it; the tests at the end prove that it can.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

FLOORS = {
    "gtvision.domain": 0,
    "gtvision.settings": 1,
    "gtvision.pipeline": 2,
    "gtvision.ports": 3,
    "gtvision.adapters": 4,
    "gtvision.runtime": 4,
    "gtvision.simulate": 4,
    "gtvision.traffic": 4,
    "gtvision.testing": 4,
    "gtvision.api": 5,
    "actors": 6,
    "serve_app": 7,
    "gtvision.cli": 8,
    "gtvision.__main__": 8,
}
"""The longest name that a module begins with is its place. `gtvision/__init__.py` itself is below all floors."""

RAY_IS_AT_HOME = ("actors", "serve_app", "gtvision.cli")

FOREIGN = {
    "gtvision": set(),
    "gtvision.domain": {"numpy"},
    "gtvision.settings": {"pydantic", "yaml"},
    "gtvision.pipeline": {"numpy", "cv2", "astral"},
    "gtvision.ports": {"numpy"},
    "gtvision.testing": {"numpy"},
}
"""The foreign libraries of the lower floors; the places that are not named here may use any."""

TOO_BIG_FOR_A_CAMERA = ("ray.serve", "fastapi", "torch", "ultralytics", "openvino", "sqlmodel", "sqlalchemy")
"""There are hundreds of camera actors; each of these would cost every one of them tens of megabytes."""

OURS = ("gtvision", "actors", "serve_app")


@dataclass(frozen=True, slots=True)
class Import:
    """An imported name, whole: `from a import b` is `a.b`; `is_lazy` inside functions and for type checkers."""

    name: str
    line: int
    is_lazy: bool


def imports_of(source: str, module: str, *, is_package: bool = False) -> Iterator[Import]:
    tree = ast.parse(source)
    lazy = {id(inner) for outer in ast.walk(tree) if _runs_later(outer) for inner in ast.walk(outer)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, module, is_package=is_package)
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (Import(name, node.lineno, id(node) in lazy) for name in names)


def _runs_later(node: ast.AST) -> bool:
    is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    return is_function or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))


def _absolute(node: ast.ImportFrom, module: str, *, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".") + ["self"] * is_package
    return ".".join([*parts[: -node.level], *([node.module] if node.module else [])])


def is_under(name: str, place: str) -> bool:
    return name == place or name.startswith(place + ".")


def place_of(name: str) -> str | None:
    """The place in `FLOORS` where that module, or a name in it, lives."""
    return max((place for place in FLOORS if is_under(name, place)), key=len, default=None)


def violations(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """What is wrong with the imports of a module, `LINE: RULE` each."""
    place = place_of(module)
    if place is None and module != "gtvision":
        return [f"1: {module} has no floor; give it one in tests/test_floors.py"]
    found = []
    for each in imports_of(source, module, is_package=is_package):
        rule = _broken_rule(place or "gtvision", each.name)
        if rule:
            found.append(f"{each.line}: {rule}")
    return found


def _broken_rule(place: str, name: str) -> str | None:
    library = name.partition(".")[0]
    if library in OURS:
        return _broken_own_rule(place, name)
    if library == "ray" and place not in RAY_IS_AT_HOME:
        return f"{place} imports {name}: ray belongs in {', '.join(RAY_IS_AT_HOME)}"
    allowed = FOREIGN.get(place)
    if allowed is not None and library not in allowed and library not in sys.stdlib_module_names:
        return f"{place} imports {library}: beside the standard library it may use {sorted(allowed) or 'nothing'}"
    return None


def _broken_own_rule(place: str, name: str) -> str | None:
    target = place_of(name)
    if target is None:
        return None
    if FLOORS[target] > FLOORS.get(place, -1):
        return f"{place} imports {name}, which climbs: {target} is above it"
    if place == "gtvision.runtime" and target == "gtvision.adapters":
        return f"{place} imports {name}: the runtime knows ports, not adapters"
    if target == "gtvision.testing" and place != target:
        return f"{place} imports {name}: fakes are for tests"
    return None


def modules() -> dict[str, Path]:
    """Every module of the product by its dotted name; a package stands for its `__init__.py`."""
    files = [*ROOT.glob("gtvision/**/*.py"), *ROOT.glob("actors/**/*.py"), ROOT / "serve_app.py"]
    return {".".join(f.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): f for f in files}


def loaded_with(module: str, known: dict[str, Path]) -> dict[str, set[str]]:
    """Each of our modules that importing `module` loads, and the foreign names that it imports in doing so."""
    loaded: dict[str, set[str]] = {}
    waiting = [module]
    while waiting:
        current = waiting.pop()
        if current in loaded:
            continue
        path = known[current]
        loaded[current] = set()
        for each in imports_of(path.read_text(encoding="utf-8"), current, is_package=path.name == "__init__.py"):
            if each.is_lazy:
                continue
            prefixes = [each.name.rsplit(".", cut)[0] for cut in range(each.name.count(".") + 1)]
            waiting += (ours := [prefix for prefix in prefixes if prefix in known])
            if not ours:
                loaded[current].add(each.name)
    return loaded


def test_no_import_climbs() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{rule}"
        for module, path in sorted(modules().items())
        for rule in violations(path.read_text(encoding="utf-8"), module, is_package=path.name == "__init__.py")
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_a_camera_actor_loads_nothing_big() -> None:
    wrong = [
        f"{module} imports {name} when it loads, and actors.camera loads it"
        for module, names in loaded_with("actors.camera", modules()).items()
        for name in names
        if any(is_under(name, big) for big in TOO_BIG_FOR_A_CAMERA)
    ]
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("gtvision.domain.event", "import gtvision.settings"),
        ("gtvision.domain.event", "from gtvision import ports"),
        ("gtvision.domain.event", "import pydantic"),
        ("gtvision.pipeline.camera", "from gtvision.ports import Picture"),
        ("gtvision.pipeline.camera", "from ..adapters.rtsp import open_stream"),
        ("gtvision.pipeline.camera", "import av"),
        ("gtvision.ports", "def later():\n    import ray"),
        ("gtvision.adapters.rtsp", "import ray.util"),
        ("gtvision.adapters.rtsp", "from gtvision.api.app import make_app"),
        ("gtvision.adapters.rtsp", "from gtvision.testing import FakeMetrics"),
        ("gtvision.runtime.recorder", "from gtvision.adapters.store import SqlStore"),
        ("gtvision.api.app", "import actors.fleet"),
        ("actors.fleet", "import serve_app"),
        ("serve_app", "from gtvision.cli import main"),
        ("gtvision", "from gtvision.domain import kinds"),
        ("gtvision.misc", "import os"),
    ],
)
def test_the_check_refuses_an_import_that_climbs(module: str, source: str) -> None:
    assert violations(source, module)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("gtvision.domain.event", "import numpy as np\nfrom gtvision.domain.kinds import Kind"),
        ("gtvision.domain.event", "from .kinds import Kind"),
        ("gtvision.pipeline.motion", "import cv2\nfrom gtvision.settings import Settings"),
        ("gtvision.runtime.recorder", "from gtvision.ports import EventStore"),
        ("gtvision.adapters.amqp", "import pika\nimport gtvision.runtime.spool"),
        ("actors.camera", "import ray\nfrom gtvision.adapters.rtsp import open_stream"),
        ("gtvision.cli.main", "import ray\nimport serve_app"),
        ("serve_app", "from ray import serve"),
        ("gtvision.api.app", "from gtvision import __version__"),
    ],
)
def test_the_check_lets_an_import_from_below_pass(module: str, source: str) -> None:
    assert violations(source, module) == []


def test_the_check_names_the_line() -> None:
    assert violations("import os\n\nimport ray\n", "gtvision.ports")[0].startswith("3: ")


def test_what_a_module_loads_is_followed_through_ours_but_not_into_functions(tmp_path: Path) -> None:
    sources = {
        "actors.camera": "from gtvision.adapters import rtsp",
        "gtvision.adapters.rtsp": "import av\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import fastapi\n"
        "import gtvision.adapters.yolo",
        "gtvision.adapters.yolo": "from torch import nn\ndef load():\n    import ultralytics",
    }
    known = {name: tmp_path / f"{name}.py" for name in sources}
    for name, path in known.items():
        path.write_text(sources[name], encoding="utf-8")
    foreign = set().union(*loaded_with("actors.camera", known).values())
    assert foreign == {"av", "typing.TYPE_CHECKING", "torch.nn"}
