"""Files that a user names for a result: the one rule by which they may be written, and the record of those that were.

A path is free if nothing is there, or an unchanged file that was written before for the same kind of result. Anything
else belongs to the user, whatever names it: another spelling, a link, a hard link. So a command may be repeated, and a
decisions file that was edited, a sheet that was filled in, or the audited data are never replaced.

The record is a hidden file beside the results, with a SHA-256 per file. If it is lost, nothing may be replaced.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Literal

from dechaff.core.files import Content, is_temporary, write_together
from dechaff.errors import InputError, RunError

RECORD = ".dechaff-outputs"
_HEAD = "# Files that dechaff wrote. It replaces them only as long as they are unchanged.\n"
FilePath = str | os.PathLike[str]
Kind = Literal[
    "the improved data", "the list of changes", "the report", "the decisions", "the predictions", "the scores",
    "the sheet", "the findings", "the labelled data", "the demo data", "the run", "the results",
    "the rows to label", "the rules", "the augmented data", "the data engine", "the selected columns", "the pipeline",
]  # fmt: skip
IMPROVED: Kind = "the improved data"


def check_output(
    path: FilePath, kind: Kind, *, inputs: Iterable[FilePath | None] = (), beside: Path | None = None
) -> Path:
    """The path, if a result may be written to it.

    Parameters
    ----------
    path : file to write.
    kind : the result, such as "the report".
    inputs : files that the result is made of. They stay, even if they were written by an earlier call.
    beside : folder of the record, by default that of the file.

    Raises
    ------
    InputError
        If the path names no file, or something is there that is not an unchanged file of this kind.

    Examples
    --------
    >>> import tempfile
    >>> mine = Path(tempfile.mkdtemp()) / "mine.html"
    >>> _ = mine.write_text("mine")
    >>> try:
    ...     check_output(mine, "the report")
    ... except InputError as error:
    ...     print(str(error).splitlines()[0].replace(str(mine.parent), "…"))
    Cannot write the report to …/mine.html: dechaff did not write the file that is there, or it was changed since.
    """
    target = check_name(path, kind)
    if os.path.lexists(target) and (found := _taken(target, kind, inputs, beside or target.parent)):
        raise InputError(
            f"Cannot write {kind} to {target}: {found}.",
            fix="Choose another name, or move away what is there; nothing was written.",
        )
    return target


def check_name(path: FilePath, kind: Kind) -> Path:
    """The path, or an InputError if it cannot be that of a new file or folder, as '', '.' and '/'."""
    if Path(path).name in ("", ".."):
        raise InputError("the output", f"be a name for {kind}", repr(os.fspath(path)), "Name it, as in results/name.")
    return Path(path)


def write_outputs(
    files: Mapping[Path, Content], kind: Kind, *, inputs: Iterable[FilePath | None] = (), beside: Path | None = None
) -> None:
    """Writes results to paths that a user named, all or none, and notes them in the record.

    Raises
    ------
    InputError
        As `check_output`, before anything is written.
    RunError
        As `write_whole`.
    """
    for target in files:
        check_output(target, kind, inputs=inputs, beside=beside)
    write_together(files)
    note_outputs(files, kind, beside=beside)


def note_outputs(files: Iterable[Path], kind: Kind, *, beside: Path | None = None) -> None:
    """Adds files to the record: they may be replaced later. If it cannot be written, they may not."""
    for folder, some in groupby(files, key=lambda target: beside or target.parent):
        with suppress(OSError):
            lines = "".join(f"{_hash(target)}  {kind}  {_name(target, folder)}\n" for target in some)
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
            with open(os.open(folder / RECORD, flags, 0o666), "r+b") as record:
                known = record.read(len(_HEAD))
                if not known or known == _HEAD.encode():
                    record.write(os.fsencode(lines if known else _HEAD + lines))


def check_folder(folder: Path, kind: Kind, own: Callable[[Path], bool], *, fix: str) -> None:
    """An InputError or RunError unless a folder for results is new, empty, or an earlier one of dechaff.

    Parameters
    ----------
    folder, kind : as in `check_output`.
    own : whether a folder that holds something is one of dechaff's.
    fix : what to do.
    """
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        found = "a link to nothing is there" if folder.is_symlink() else "it is a file"
    elif not (entries := sorted(one.name for one in folder.iterdir() if not is_temporary(one))) or own(folder):
        return
    else:
        found = f"it holds {entries[0]}, which is not dechaff's"
    raise RunError(f"Cannot write {kind} to {folder}: {found}.", fix=fix)


def holds_only(folder: Path, kind: Kind, *, beside: Path) -> bool:
    """Whether everything in a folder is an unchanged result of this kind."""
    known = _recorded(beside)
    found = (one for one in folder.rglob("*") if not one.is_dir() and not is_temporary(one))
    return all(_is_recorded(one, kind, beside, known) for one in found)


def same_file(one: FilePath, other: FilePath) -> bool:
    """Whether two paths name one file or folder, or would."""
    with suppress(OSError):
        return os.path.samefile(one, other)
    return Path(one).resolve() == Path(other).resolve()


def _taken(target: Path, kind: Kind, inputs: Iterable[FilePath | None], beside: Path) -> str:
    """Why what is at a path stays; '' if it may be replaced."""
    mode = target.lstat().st_mode
    if stat.S_ISLNK(mode):
        return "it is a link"
    if not stat.S_ISREG(mode):
        return "it is a folder" if stat.S_ISDIR(mode) else "it is not an ordinary file"
    if any(one is not None and same_file(one, target) for one in inputs):
        return "it is one of the files that were read"
    if not is_unchanged(target, kind, beside):
        return "dechaff did not write the file that is there, or it was changed since"
    run = next((run for run in runs_beside(target) if any(same_file(one, target) for one in _read_by(run))), None)
    return "" if run is None else f"it is the source or the test file of {run}"


def is_unchanged(target: Path, kind: Kind, folder: Path) -> bool:
    """Whether a file is as it was written for a result of this kind, by the record in a folder."""
    return _is_recorded(target, kind, folder, _recorded(folder))


def _is_recorded(target: Path, kind: Kind, folder: Path, known: frozenset[bytes]) -> bool:
    with suppress(OSError):
        return not target.is_symlink() and os.fsencode(f"{_hash(target)}  {kind}  {_name(target, folder)}") in known
    return False


def _recorded(folder: Path) -> frozenset[bytes]:
    """The lines of the record of a folder; none if it is a link or absent."""
    record = folder / RECORD
    with suppress(OSError):
        if not record.is_symlink():
            return frozenset(record.read_bytes().splitlines())
    return frozenset()


def _name(target: Path, folder: Path) -> str:
    """How the record calls a file; a line break in it is written out."""
    return Path(os.path.relpath(target, folder)).as_posix().replace("\n", "\\n")


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def runs_beside(target: Path) -> Iterator[Path]:
    """The run folders beside a file."""
    return (found.parent for found in target.parent.glob("*/options.json"))


def _read_by(run: Path) -> Iterator[Path]:
    """The files that a run has read, as far as they are found."""
    with suppress(OSError, ValueError, AttributeError):
        options = json.loads((run / "options.json").read_bytes())
        for name in (options.get("source"), options.get("test")):
            if isinstance(name, str) and name:
                for place in (name, str(run.parent / Path(name).name)):
                    yield from (Path(one) for one in (place, *glob.glob(place), *glob.glob(f"{place}/*")))
