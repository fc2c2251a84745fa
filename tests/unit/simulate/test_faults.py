import json
from pathlib import Path

import pytest

from gtvision.domain.errors import BadConfiguration
from gtvision.simulate.board import FaultBoard
from gtvision.simulate.faults import Fault, FaultKind, fault_of, load_faults


def test_a_script_lists_faults_in_order_and_finds_clips_beside_itself(tmp_path):
    (tmp_path / "other.mp4").touch()
    script = tmp_path / "faults.yaml"
    script.write_text(
        "faults:\n"
        "  - {kind: stall, camera: cam1, at_s: 10, for_s: 5}\n"
        "  - {kind: resolution, clip: other.mp4, at_s: 1.5}\n"
    )
    first, second = load_faults(script)
    assert first == Fault(FaultKind.STALL, "cam1", 10, 5)
    assert second == Fault(FaultKind.RESOLUTION, "*", 1.5, clip=tmp_path / "other.mp4")


def test_a_script_may_be_json(tmp_path):
    script = tmp_path / "faults.json"
    script.write_text(json.dumps({"faults": [{"kind": "corrupt", "share": 0.01}]}))
    assert load_faults(script) == (Fault(FaultKind.CORRUPT, share=0.01),)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "kind"),
        ({"kind": "explode"}, "kind"),
        ({"kind": ["stall"]}, "kind"),
        ({"kind": "stall", "camera": ""}, "camera"),
        ({"kind": "stall", "camera": 7}, "camera"),
        ({"kind": "stall", "at_s": -1}, "at_s"),
        ({"kind": "stall", "at_s": "soon"}, "at_s"),
        ({"kind": "stall", "at_s": None}, "at_s"),
        ({"kind": "stall", "at_s": float("nan")}, "at_s"),
        ({"kind": "stall", "for_s": 0}, "for_s"),
        ({"kind": "stall", "for_s": True}, "for_s"),
        ({"kind": "stall", "duration": 3}, "duration"),
        ({"kind": "stall", "share": 0.1}, "share"),
        ({"kind": "corrupt"}, "share"),
        ({"kind": "corrupt", "share": 1.5}, "share"),
        ({"kind": "slow", "bytes_per_s": 0}, "bytes_per_s"),
        ({"kind": "late", "delay_s": -1}, "delay_s"),
        ({"kind": "timestamp_jump"}, "jump_s"),
        ({"kind": "resolution"}, "clip"),
        ({"kind": "resolution", "clip": "nowhere.mp4"}, "clip"),
        ({"kind": "resolution", "clip": 3}, "clip"),
    ],
)
def test_a_wrong_fault_is_refused_by_the_name_of_its_key(values, field):
    with pytest.raises(BadConfiguration) as refused:
        fault_of(values)
    assert refused.value.field == field


def test_a_wrong_fault_in_a_script_is_named_by_its_place(tmp_path):
    script = tmp_path / "faults.yaml"
    script.write_text("faults: [{kind: stall}, {kind: corrupt, share: 2}]")
    with pytest.raises(BadConfiguration, match=r"^faults\[1\]\.share: 2 is out of bounds"):
        load_faults(script)


@pytest.mark.parametrize("text", ["", "[]", "faults: 3", "faults: []\nmore: 1", "{", "\x00"])
def test_a_file_that_is_no_script_is_refused(tmp_path, text):
    script = tmp_path / "faults.yaml"
    script.write_text(text)
    with pytest.raises(BadConfiguration) as refused:
        load_faults(script)
    assert refused.value.field == "faults"


def test_a_missing_script_is_refused():
    with pytest.raises(BadConfiguration, match="cannot read the fault script"):
        load_faults(Path("/nowhere/faults.yaml"))


def test_a_fault_is_on_from_its_start_until_its_end():
    board = FaultBoard()
    board.add(Fault(FaultKind.STALL, "cam1", at_s=10, for_s=5), from_s=100, now_s=100)
    assert [bool(board.active("cam1", now_s)) for now_s in (109.9, 110, 114.9, 115)] == [False, True, True, False]
    assert not board.active("cam2", 112)


def test_a_fault_without_an_end_stays_until_it_is_cleared():
    board = FaultBoard()
    board.add(Fault(FaultKind.STALL, "cam1"), from_s=0, now_s=0)
    board.add(Fault(FaultKind.STALL, "cam2"), from_s=0, now_s=0)
    board.clear("cam1")
    assert not board.active("cam1", 1e6)
    assert board.active("cam2", 1e6)


def test_a_fault_of_every_camera_joins_those_of_one_and_clearing_every_camera_clears_all():
    board = FaultBoard()
    board.add(Fault(FaultKind.GARBAGE), from_s=0, now_s=0)
    board.add(Fault(FaultKind.LATE, "cam1", delay_s=1), from_s=0, now_s=0)
    assert set(board.active("cam1", 1)) == {FaultKind.GARBAGE, FaultKind.LATE}
    assert set(board.active("cam2", 1)) == {FaultKind.GARBAGE}
    board.clear("*")
    assert not board.active("cam1", 1)


def test_the_board_is_bounded_and_makes_room_by_forgetting_what_is_over():
    board = FaultBoard(most=3)
    for _ in range(3):
        board.add(Fault(FaultKind.STALL, "cam1", for_s=1), from_s=0, now_s=0)
    with pytest.raises(BadConfiguration, match="clear some"):
        board.add(Fault(FaultKind.STALL, "cam2"), from_s=0, now_s=0.5)
    board.add(Fault(FaultKind.STALL, "cam2"), from_s=2, now_s=2)
    assert board.active("cam2", 2)
