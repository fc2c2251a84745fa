from pathlib import Path

import cv2
import pytest

from gtvision.cli.gate_plot import Judged, check_plot, write_plot
from gtvision.domain.errors import BadConfiguration
from gtvision.pipeline.look import Look


def test_the_gate_over_time_is_drawn_as_a_picture(tmp_path: Path) -> None:
    file = tmp_path / "gate.png"
    looks = [Look(False, 0.0, "still"), Look(True, 0.3, "motion"), Look(True, 0.004, "blob"), Look(True, 0.0, "track")]
    write_plot(file, "north-gate", [Judged(float(n), looks[n % 4], n > 20) for n in range(60)])
    assert cv2.imread(str(file)).shape[1] == 1440


@pytest.mark.parametrize("name", ["gate.svg", "gate", "nowhere/gate.png"])
def test_a_file_that_cannot_be_drawn_is_refused_before_any_work(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadConfiguration, match="--plot"):
        check_plot(tmp_path / name)


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "gate.png").mkdir()
    with pytest.raises(BadConfiguration, match="cannot write"):
        write_plot(tmp_path / "gate.png", "a", [Judged(0.0, Look(False, 0.0, "still"), is_burst=False)])
