"""`gtvision read-plate`: the plates in pictures, without a running system."""

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from gtvision.adapters.picture_file import MAX_BYTES
from gtvision.adapters.plate_engines import load_plate_reader
from gtvision.adapters.plate_files import PlateFiles
from gtvision.api.schemas.plate_reading import ReadPlates
from gtvision.cli.output import FAILED, AsJson, err, out, print_json, settings_of
from gtvision.domain.errors import BadInput
from gtvision.domain.stream import PlatePicture

_Images = Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="JPEG, PNG, WebP, GIF or BMP files.")]


def read_plate(context: typer.Context, images: _Images, as_json: AsJson = False) -> None:
    """Read the plates in pictures, of a vehicle or of a whole street.

    A line for each picture, the best plate first; boxes are corners in 0-1 of the upright picture. A file that is no
    picture is said to be so, the others are read, and the exit code is 1.
    """
    plates = settings_of(context).plates.model_copy(update={"cpu_threads": os.cpu_count() or 1})
    reader = PlateFiles(load_plate_reader(plates))
    failed = [image for image in images if not _told(reader, image, as_json)]
    if failed:
        raise typer.Exit(FAILED)


def _told(reader: PlateFiles, image: Path, as_json: bool) -> bool:
    """Whether that file could be read; says what is in it, or what is wrong with it."""
    try:
        found = _read(reader, image)
    except BadInput as exc:
        err.print(f"gtvision: {image}: {exc}", style="red", markup=False)
        if as_json:
            print_json({"image": str(image), "plates": [], "ms": 0, "error": str(exc)})
        return False
    if as_json:
        print_json({"image": str(image), **found.model_dump()})
    else:
        plates = ", ".join(f"{plate.text} ({plate.format}, {plate.score:.0%})" for plate in found.plates)
        out.print(f"{image}: {plates or 'no plate'}", markup=False)
    return True


def _read(reader: PlateFiles, image: Path) -> ReadPlates:
    """The plates in that file. Raises `BadInput` when it cannot be read, or is no picture."""
    try:
        with image.open("rb") as file:
            encoded = file.read(MAX_BYTES + 1)
    except OSError as exc:
        raise BadInput(f"cannot be read: {exc.strerror}") from exc
    began_s = time.monotonic()
    found = reader.read(PlatePicture("", time.time(), encoded))
    return ReadPlates.of(found, time.monotonic() - began_s)
