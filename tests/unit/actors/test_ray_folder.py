"""Where Ray keeps sockets and logs."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.ray_folder import make_ray_folder, remove_link
from gtvision.domain.errors import BadConfiguration


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose path leaves room for sockets."""
    with tempfile.TemporaryDirectory(prefix="gt", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def long(tmp_path: Path) -> Iterator[Path]:
    """A folder whose path does not."""
    folder = tmp_path / ("long" * 25)
    yield folder
    remove_link(folder)


def test_sockets_and_logs_lie_in_the_data_folder_where_its_path_is_short_enough(short: Path) -> None:
    assert make_ray_folder(short) == short / "run" / "ray"
    assert (short / "run").stat().st_mode & 0o777 == 0o700


def test_a_long_path_is_reached_through_a_short_link_that_stays_the_same(long: Path) -> None:
    link = make_ray_folder(long)
    assert link.is_symlink()
    assert link.resolve() == (long / "run" / "ray").resolve()
    assert len(os.fsencode(link)) < 40
    assert make_ray_folder(long) == link


def test_removing_the_link_keeps_the_logs(long: Path) -> None:
    link = make_ray_folder(long)
    (link / "session_2026-11-23_10-00-00_1_1").mkdir()
    remove_link(long)
    assert not link.is_symlink()
    assert (long / "run" / "ray" / "session_2026-11-23_10-00-00_1_1").is_dir()


def test_a_link_of_somebody_else_is_not_followed(long: Path, tmp_path: Path) -> None:
    link = make_ray_folder(long)
    link.unlink()
    link.symlink_to(tmp_path)
    try:
        with pytest.raises(BadConfiguration, match="in the way"):
            make_ray_folder(long)
        remove_link(long)
        assert link.is_symlink()
    finally:
        link.unlink()


def test_only_the_last_two_sessions_are_kept(short: Path) -> None:
    folder = make_ray_folder(short)
    names = [f"session_2026-11-2{day}_10-00-00_1_1" for day in range(4)]
    for name in names:
        (folder / name / "logs").mkdir(parents=True)
    make_ray_folder(short)
    assert sorted(path.name for path in folder.iterdir()) == names[2:]


def test_a_data_folder_that_cannot_be_written_is_named() -> None:
    with pytest.raises(BadConfiguration, match="data_dir: cannot make /proc/nothing"):
        make_ray_folder(Path("/proc/nothing"))
