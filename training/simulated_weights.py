"""Trains the small weights that ship with GT-Vision, on simulated traffic alone, and writes their card.

    .venv/bin/python training/simulated_weights.py --into gtvision/weights

No photograph and no weights of others go in: the network begins with random numbers and sees drawn streets only. It
takes about an hour and a half on two free cores; the pictures are the same each time, the weights about the same.
"""

import argparse
import os
import platform
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import yaml
from frames import Mix, crops, whole_frames, write_examples

from gtvision.domain.kinds import Kind

NAME = "simulated-traffic"
SCALE = (0.5, 0.1875, 512)
"""Depth, width and most channels of YOLO11; its smallest published one has (0.5, 0.25, 1024)."""
SIDE = 320
SEED = 20_261_125
BATCH = 32


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the training; it goes on with what the one before has learnt.

    Attributes:
        name: Of its folder.
        mix: What it is shown.
        whole: Whether it sees whole frames as the product's detector does, or crops.
        pictures: How many.
        epochs: How often each is seen.
        rate: The learning rate at its beginning.
        seed: Of its pictures.
    """

    name: str
    mix: Mix
    whole: bool
    pictures: int
    epochs: int
    rate: float
    seed: int


STAGES = (
    Stage("as-on-the-road", Mix(), False, 5000, 15, 2e-3, SEED),
    Stage("rare-kinds", Mix(even=True), False, 3000, 5, 8e-4, SEED + 2),
    Stage("whole-frames", Mix(even=True), True, 1800, 4, 5e-4, SEED + 3),
    Stage("near-and-infrared", Mix(near=0.4, infrared=0.4), True, 3200, 5, 4e-4, SEED + 4),
    Stage("settling", Mix(near=0.15, infrared=0.15), True, 3600, 4, 4e-4, SEED + 5),
)
HELD_OUT = 500
HELD_OUT_SEED = SEED + 1


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--into", type=Path, required=True, help="folder for the weights and their card")
    arguments.add_argument("--work", type=Path, help="keep pictures and checkpoints here, and go on with what is there")
    asked = arguments.parse_args()
    work = asked.work or Path(tempfile.mkdtemp(prefix="gtvision-training-"))
    work.mkdir(parents=True, exist_ok=True)
    os.environ.update(YOLO_OFFLINE="true", YOLO_AUTOINSTALL="false", YOLO_CONFIG_DIR=str(work / "ultralytics"))
    _let_ultralytics_suppress_boxes()
    trained = _network(work)
    for stage in STAGES:
        trained = _train(work, stage, trained)
    scores = _judge(trained, _pictures(work, STAGES[0]))
    folder = _export(trained, asked.into)
    card = _card(scores, folder)
    (folder / "CARD.md").write_text(card, encoding="utf-8")
    print(card)
    if asked.work is None:
        shutil.rmtree(work)


def _let_ultralytics_suppress_boxes() -> None:
    """Ultralytics wants torchvision for its validation; one that was not built for this very torch does not load, and
    then Ultralytics' own suppression takes its place."""
    try:
        import torchvision  # noqa: F401
    except (ImportError, RuntimeError):
        from ultralytics.utils.nms import TorchNMS

        instead = ModuleType("torchvision")
        instead.ops = SimpleNamespace(nms=TorchNMS.nms)  # type: ignore[attr-defined]
        sys.modules["torchvision"] = instead


def _pictures(work: Path, stage: Stage) -> Path:
    folder = work / stage.name / "pictures"
    described = folder / "data.yaml"
    if described.exists():
        return described
    if stage.whole:
        write_examples(folder, "train", whole_frames(stage.pictures, stage.seed, stage.mix))
    else:
        write_examples(folder, "train", crops(stage.pictures, SIDE, stage.seed, stage.mix))
    names = {int(kind): kind.label for kind in Kind}
    about = {"path": str(folder.absolute()), "train": "images/train", "val": str(_held_out(work)), "names": names}
    described.write_text(yaml.safe_dump(about), encoding="utf-8")
    return described


def _held_out(work: Path) -> Path:
    """The pictures by which every stage is judged, drawn once."""
    folder, unfinished = work / "held-out", work / "held-out-unfinished"
    if not folder.exists():
        shutil.rmtree(unfinished, ignore_errors=True)
        write_examples(unfinished, "val", crops(HELD_OUT, SIDE, HELD_OUT_SEED, Mix()))
        unfinished.rename(folder)
    return (folder / "images" / "val").absolute()


def _network(work: Path) -> Path:
    """The description of the network that knows nothing yet."""
    import ultralytics

    network = yaml.safe_load((Path(ultralytics.__file__).parent / "cfg/models/11/yolo11.yaml").read_text())
    network |= {"nc": len(Kind), "scales": {"n": list(SCALE)}}
    described = work / "yolo11n.yaml"
    described.write_text(yaml.safe_dump(network, sort_keys=False), encoding="utf-8")
    return described


def _train(work: Path, stage: Stage, begun: Path) -> Path:
    """The checkpoint of a stage that goes on with what has begun."""
    from ultralytics import YOLO

    trained = work / stage.name / "run" / "weights" / "last.pt"
    if trained.exists():
        return trained
    model = YOLO(begun, task="detect")
    model.add_callback("on_train_start", _use_all_cores)
    model.train(
        data=str(_pictures(work, stage)),
        epochs=stage.epochs,
        imgsz=2 * SIDE if stage.whole else SIDE,
        rect=stage.whole,
        batch=BATCH // 4 if stage.whole else BATCH,
        seed=SEED % 1000,
        device="cpu",
        workers=1,
        cache="ram",
        project=str((work / stage.name).absolute()),
        name="run",
        exist_ok=True,
        optimizer="AdamW",
        lr0=stage.rate,
        cos_lr=True,
        warmup_epochs=1,
        close_mosaic=max(1, stage.epochs // 4),
        scale=0.4,
        hsv_v=0.5,
        mosaic=0.5,
        plots=False,
        amp=False,
    )
    return trained


def _use_all_cores(_trainer: Any) -> None:
    """Ultralytics leaves one out."""
    import torch

    torch.set_num_threads(os.cpu_count() or 1)


def _judge(trained: Path, data: Path) -> dict[str, Any]:
    from ultralytics import YOLO

    found = YOLO(trained).val(data=str(data), imgsz=SIDE, batch=BATCH, device="cpu", workers=1, plots=False)
    by_kind = {Kind(int(index)).label: float(found.box.ap50[row]) for row, index in enumerate(found.box.ap_class_index)}
    return {"map50": float(found.box.map50), "map50_95": float(found.box.map), "by_kind": by_kind}


def _export(trained: Path, into: Path) -> Path:
    from ultralytics import YOLO

    exported = Path(YOLO(trained).export(format="openvino", imgsz=640, dynamic=True, half=True, device="cpu"))
    folder = into / f"{NAME}_openvino_model"
    if folder.exists():
        shutil.rmtree(folder)
    into.mkdir(parents=True, exist_ok=True)
    shutil.copytree(exported, folder)
    for file in folder.iterdir():
        if file.suffix in (".xml", ".bin"):
            file.rename(folder / f"{NAME}{file.suffix}")
    return folder


def _card(scores: dict[str, Any], folder: Path) -> str:
    import torch
    import ultralytics

    size_mb = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    rows = "\n".join(f"| {kind} | {value:.3f} |" for kind, value in scores["by_kind"].items())
    stages = "\n".join(f"  - `{one.name}`: {_described(one)}" for one in STAGES)
    return f"""# {NAME}

A small YOLO11 that knows nothing but GT-Vision's own simulated traffic. It is for the demo, the tests and the
benchmarks: they run with no download. **It is not for real cameras**, where it finds little and misnames the rest.

- Data: drawn streets (`gtvision/traffic`), all scenes, lights and weathers; no photograph, and no weights of others.
- Network: YOLO11, depth {SCALE[0]}, width {SCALE[1]}, at most {SCALE[2]} channels; {len(Kind)} classes;
  half-precision OpenVINO, any input size; {size_mb:.1f} MB.
- Stages, each going on with what the one before has learnt:
{stages}
- Command: `.venv/bin/python training/simulated_weights.py --into gtvision/weights`
- Made with Ultralytics {ultralytics.__version__}, torch {torch.__version__}, Python {platform.python_version()}.
- Held-out pictures ({HELD_OUT}, seed {HELD_OUT_SEED}): mAP50 {scores["map50"]:.3f}, mAP50-95 {scores["map50_95"]:.3f}.

| kind | AP50 |
| --- | --- |
{rows}

Licence: AGPL-3.0-or-later, as all of GT-Vision.
"""


def _described(stage: Stage) -> str:
    mix = stage.mix
    seen = "whole frames" if stage.whole else "crops"
    kinds = "of one road as frequent as each other" if mix.even else "as frequent as in the scenes"
    near = f", {mix.near:.0%} from so near that plates can be read" if mix.near else ""
    infrared = "" if mix.infrared is None else f", {mix.infrared:.0%} by infrared"
    return (
        f"{stage.pictures} {seen} of seed {stage.seed}, {stage.epochs} epochs, rate {stage.rate:g}; "
        f"kinds {kinds}{near}{infrared}"
    )


if __name__ == "__main__":
    sys.exit(main())
