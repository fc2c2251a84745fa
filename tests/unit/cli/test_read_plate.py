"""`gtvision read-plate` with the real engine, without Ray."""

import json
from pathlib import Path

import pytest

from gtvision.adapters.jpeg import encode_jpeg
from gtvision.traffic.plate_pictures import plate_picture
from tests.unit.cli.conftest import Run


@pytest.fixture
def picture(tmp_path: Path) -> tuple[Path, str]:
    """A file, and the plate that it shows."""
    drawn = plate_picture("mercosul", 900_002)
    file = tmp_path / "car [1].jpg"
    file.write_bytes(encode_jpeg(drawn.bgr, 92))
    return file, drawn.text


def test_a_line_for_each_picture_and_a_bad_one_stops_nobody(
    run: Run, picture: tuple[Path, str], tmp_path: Path
) -> None:
    file, text = picture
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no picture")
    ran = run("read-plate", str(bad), str(file), str(tmp_path / "none.jpg"), "--json")
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert (ran.code, [line["image"] for line in lines]) == (1, [str(bad), str(file), str(tmp_path / "none.jpg")])
    best = lines[1]["plates"][0]
    assert (best["text"], best["format"], sorted(best)) == (text, "mercosul", ["box", "format", "score", "text"])
    assert 0 <= best["box"][0] < best["box"][2] <= 1
    assert best["score"] > 0.5
    assert lines[1]["ms"] > 0
    assert lines[0]["plates"] == lines[2]["plates"] == []
    assert "do not decode as an image" in lines[0]["error"]
    assert "No such file" in lines[2]["error"]
    assert ran.err.count("\n") == 2


def test_for_people_it_says_the_plate_and_how_sure_it_is(run: Run, picture: tuple[Path, str]) -> None:
    file, text = picture
    ran = run("read-plate", str(file))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{file}: {text} (mercosul, ")
