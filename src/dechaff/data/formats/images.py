"""A folder of images, one folder per class; written back as a new folder with files in their new class."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dechaff.core.files import folders_of, temporary_name
from dechaff.core.outputs import IMPROVED, check_folder, check_name, holds_only, note_outputs
from dechaff.data.columns.cells import Cells, cells_from_values, texts
from dechaff.data.keys import content_hash
from dechaff.data.read import Read
from dechaff.data.source import Bound
from dechaff.data.splits import TEST_WORDS, TRAIN_WORDS, TUNE_WORDS
from dechaff.errors import DataError, RunError
from dechaff.typing import Mask

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm"})


@dataclass(frozen=True)
class ImageFolderSource(Bound):
    """A folder ``class/file.png``; ``files`` are paths below it, in their sorted order."""

    path: Path
    sha256: str
    files: tuple[str, ...] = field(repr=False)
    format: str = "image folder"

    @property
    def n_rows(self) -> int:
        """Images."""
        return len(self.files)

    def improved(self, keep: Mask, labels: Mapping[int, str]) -> list[tuple[str, str]]:
        """Pairs of old path and new path of the images that stay."""
        return list(self._moves(keep, labels).items())

    def write(self, path: str | os.PathLike[str], *, keep: Mask, labels: Mapping[int, str]) -> None:
        """A new folder at ``path``, whole or not at all; the input's files are copied and stay."""
        target = Path(path)
        self.check(target)
        building = temporary_name(target)
        moves = self._moves(keep, labels)
        try:
            with folders_of([building / new for new in moves.values()]):
                self._copy(moves, building, target)
            note_outputs([target / new for new in moves.values()], IMPROVED, beside=target.parent)
        except OSError as error:
            raise RunError(
                f"Cannot write {target}: {error.strerror or error}.",
                fix="Free some space or choose another folder; nothing was left behind and the input is untouched.",
            ) from error

    def _copy(self, moves: Mapping[str, str], building: Path, target: Path) -> None:
        try:
            for old, new in moves.items():
                shutil.copyfile(self.path / old, building / new)
            _put_in_place(building, target)
        finally:
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(building)

    def _moves(self, keep: Mask, labels: Mapping[int, str]) -> dict[str, str]:
        """Old path -> new path. A name that is taken in the new class is led by the old class's name."""
        kept = [int(row) for row in np.flatnonzero(keep)]
        taken = {self.files[row] for row in kept if row not in labels}
        moves = {}
        for row in kept:
            old = self.files[row]
            if row not in labels:
                moves[old] = old
                continue
            folder, _, rest = old.partition("/")
            new, number = f"{labels[row]}/{rest}", 0
            while new in taken:
                number += 1
                new = f"{labels[row]}/{folder}_{number}_{rest.replace('/', '_')}"
            taken.add(new)
            moves[old] = new
        return moves

    def check(self, target: Path) -> None:
        """A DataError or RunError if the new folder may not be written: only its own unchanged files are replaced."""
        check_name(target, IMPROVED)
        here, there = self.path.resolve(), target.resolve()
        if here == there or here in there.parents or there in here.parents:
            raise DataError(
                "the output",
                "be a folder beside the input",
                str(target),
                f"Choose, for example, {self.path.with_name(self.path.resolve().name + '_improved')}.",
            )
        check_folder(target, IMPROVED, _is_own, fix="Choose a new or empty folder.")


def _is_own(folder: Path) -> bool:
    return not folder.is_symlink() and holds_only(folder, IMPROVED, beside=folder.parent)


def _put_in_place(building: Path, target: Path) -> None:
    """The new folder in place of an earlier one, which stays if that fails."""
    earlier = temporary_name(target)
    if target.exists():
        target.rename(earlier)
    try:
        building.rename(target)
    except OSError:
        if earlier.exists():
            earlier.rename(target)
        raise
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(earlier)


def is_image(path: Path) -> bool:
    """Whether a path is that of a file with the suffix of an image."""
    return path.suffix.lower() in IMAGE_SUFFIXES and path.is_file()


def read_images(path: Path, *, labelled: bool = True) -> Read:
    """Every image below a folder, labelled by the folder that it is in.

    Parameters
    ----------
    path : of the folder; without labels also of one image.
    labelled : False if labels are not needed: the images may then lie anywhere in the folder.
    """
    if not labelled and is_image(path):
        files, path = [path.name], path.parent
    else:
        found = (one for one in path.rglob("*") if is_image(one) and not _hidden(one.relative_to(path)))
        files = sorted(one.relative_to(path).as_posix() for one in found)
    _check_some(path, files)
    if labelled:
        _check_layout(path, files)
    _check_names(files)
    return read_some_images(path, files, labelled=labelled)


def read_some_images(path: Path, files: Sequence[str], *, labelled: bool = True) -> Read:
    """Images by their names in a folder, which are in order, as `read_images` reads all."""
    content = texts([image_content(path / file) for file in files])
    whole = content_hash([f"{file}\x1f{digest}" for file, digest in zip(files, content, strict=True)])
    images = Cells("image", texts([str(path / file) for file in files]), np.zeros(len(files), dtype=bool), "image")
    return Read(
        (images,),
        len(files),
        ImageFolderSource(path, whole, tuple(files)),
        ids=texts(files),
        ids_name="file",
        labels=cells_from_values("folder", [file.split("/")[0] for file in files]) if labelled else None,
        content=content,
    )


def image_content(path: Path) -> str:
    """What an image is known by: a hash of its bytes."""
    return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()


def _check_names(files: list[str]) -> None:
    for file in files:
        if any("\udc80" <= letter <= "\udcff" for letter in file):
            name = os.fsencode(file).decode("utf-8", "backslashreplace")
            raise DataError("names of images and classes", "be UTF-8", name, "Rename this file or folder.")


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in path.parts)


def _check_some(path: Path, files: list[str]) -> None:
    if not files:
        listed = ", ".join(sorted(entry.name for entry in path.iterdir())[:6])
        raise DataError(
            f"No data files or images found in {path}" + (f", only {listed}." if listed else ": it is empty."),
            fix="Pass a file, a folder of CSV, Parquet, JSONL or Arrow files, or a folder of images per class.",
        )


def _check_layout(path: Path, files: list[str]) -> None:
    flat = [file for file in files if "/" not in file]
    if flat:
        raise DataError(
            f"the folder {path}",
            "contain its images in one folder per class, as in class/file.png",
            f"{len(flat):,} images beside the class folders (such as {flat[0]})",
            "Move each image into the folder of its class.",
        )
    tops = {file.split("/")[0] for file in files}
    deep = all(file.count("/") >= 2 for file in files)
    if deep and {top.lower() for top in tops} <= TRAIN_WORDS | TEST_WORDS | TUNE_WORDS:
        raise DataError(
            f"the folder {path}",
            "contain one folder per class",
            f"the folders {', '.join(sorted(tops))}, which are parts of a split",
            f"Name the parts: {path / min(tops, key=lambda top: top.lower() not in TRAIN_WORDS)} as the data and "
            "the test folder with --test.",
        )
