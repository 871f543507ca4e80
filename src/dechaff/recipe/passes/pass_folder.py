"""Checkpoints: results of finished passes over files, so that a killed run resumes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, get_args
from zipfile import BadZipFile

import msgspec
import numpy as np
import numpy.typing as npt

from dechaff._version import __version__
from dechaff.core.files import is_temporary, move_together, remove_temporary, write_whole
from dechaff.core.kept_results import Arrays
from dechaff.core.outputs import check_folder
from dechaff.core.progress import Progress
from dechaff.data.formats.content import fingerprint_of
from dechaff.errors import RunError, SourceChangedError
from dechaff.records.run import PASSES
from dechaff.typing import Json

SUMMARY = "summary.json"
_ABOUT = "about.json"
T = TypeVar("T")


@dataclass(frozen=True)
class PassFolder:
    """A folder of results, and in it one of what passes have found so far; that one goes when all is done."""

    folder: Path
    about: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The source and the options, as JSON (`fingerprint`)."""
    name: str = ".passes"

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", self.folder.absolute())  # workers that write into it may stand elsewhere

    @property
    def passes(self) -> Path:
        """The folder of what passes have found so far."""
        return self.folder / self.name

    def begin(self) -> None:
        """Makes the folder, or checks that what stands there was begun from the same source and options.

        Unfinished work is begun anew where its files have been mended since.

        Raises
        ------
        RunError
            If the folder contains anything else.
        SourceChangedError
            If it was begun from other files or options.
        """
        known = self.begun()
        if self._mended_since(known):
            shutil.rmtree(self.passes)
            for path in self.folder.glob("rows-*"):
                path.unlink()
            known = None
        if known is None:
            self._refuse_strangers()
            try:
                self.passes.mkdir(parents=True, exist_ok=True)
                write_whole(self.passes / _ABOUT, json.dumps(self.about, indent=1).encode())
            except BaseException:
                self.forget()
                raise
        elif known != self.about:
            changed = sorted(name for name in {*known, *self.about} if known.get(name) != self.about.get(name))
            raise SourceChangedError(
                f"The folder {self.folder} was begun with other {' and '.join(changed)}.",
                fix="Choose another folder for the results, or delete this one to start over.",
            )
        self._sweep(self.passes)
        self._sweep(self.folder)

    def resume(self) -> None:
        """Makes the folder of passes; those that were finished for other data or options are forgotten.

        Unlike `begin`, it takes any folder: a run folder may hold an older run, which stays until this one is whole.
        """
        about = msgspec.json.decode(msgspec.json.encode(self.about, enc_hook=str))
        path = self.subfolder(".") / _ABOUT
        if path.is_file() and json.loads(path.read_bytes()) != about:
            for outcome in self._finished():
                outcome.unlink()
        try:
            write_whole(path, json.dumps(about, indent=1).encode())
        except BaseException:
            with suppress(OSError):  # it holds results of an earlier run
                self.passes.rmdir()
            raise

    def subfolder(self, name: str, *, empty: bool = False) -> Path:
        """A folder for what a pass leaves on disk, made if it is missing; without its files if it is to be `empty`."""
        path = self.passes / name
        if empty and path.exists():
            shutil.rmtree(path)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def begun(self) -> Any:
        """What the folder was begun from; None for a new folder."""
        for path in (self.folder / SUMMARY, self.passes / _ABOUT):
            if path.is_file():
                with suppress(ValueError, KeyError, TypeError):
                    found = json.loads(path.read_bytes())
                    about = found["about"] if path.name == SUMMARY else found
                    return about if "version" in about else None
        return None

    def once(self, name: str, work: Callable[[], Arrays]) -> Arrays:
        """The result of a pass: read if it is finished, else computed and kept."""
        path = self.passes / f"{name}.npz"
        with suppress(OSError, ValueError, EOFError, BadZipFile), np.load(path, allow_pickle=False) as members:
            return dict(members)
        arrays = work()
        # A killed process leaves the file whole without waiting for the disk; one that is not whole is made again.
        write_whole(path, lambda stream: np.savez(stream, **arrays), to_disk=False)  # type: ignore[arg-type]
        return arrays

    def outcome(self, name: str, form: type[T], work: Callable[[], T], progress: Progress) -> T:
        """The same for a pass that finds records rather than arrays."""
        path = self.passes / f"{name}.msgpack"
        if path.is_file():
            with suppress(msgspec.DecodeError, msgspec.ValidationError):
                found = msgspec.msgpack.decode(path.read_bytes(), type=form, strict=False, dec_hook=_array)
                progress(f"{name}: finished before, not done again", 0, 0)
                return found
        found = work()
        write_whole(path, msgspec.msgpack.encode(found, enc_hook=_plain))
        return found

    @property
    def any_finished(self) -> bool:
        """Whether there is a pass that need not be made again."""
        return any(True for _ in self._finished())

    def _finished(self) -> Iterator[Path]:
        return (path for path in self.passes.glob("*") if path.suffix in (".npz", ".msgpack"))

    def remove(self) -> None:
        """Nothing of the passes stays."""
        shutil.rmtree(self.passes, ignore_errors=True)

    def take(self, files: Sequence[Path]) -> None:
        """Moves the complete results of a pass to their final place."""
        move_together(files, self.folder)

    def forget(self) -> None:
        """Deletes all results so far, for data that must be changed; also an empty folder."""
        self.remove()
        with suppress(OSError):
            self.folder.rmdir()

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Writes the summary, which marks the end, and deletes the intermediate files."""
        # A line per field: of a thousand classes there are millions of numbers, and lines of their own take long.
        lines = (f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in summary.items())
        text = ",\n ".join([f'"about": {json.dumps(self.about, ensure_ascii=False)}', *lines])
        self._sweep(self.folder)
        write_whole(self.folder / SUMMARY, f"{{{text}}}\n".encode())
        shutil.rmtree(self.passes)

    def _mended_since(self, known: Any) -> bool:
        """Whether nothing but the content of files is other than what unfinished work was begun from."""
        if known is None or known == self.about or (self.folder / SUMMARY).is_file():
            return False
        return _with_names_alone(known) == _with_names_alone(self.about)

    @staticmethod
    def _sweep(folder: Path) -> None:
        """Deletes what a process or a worker was writing when it was killed."""
        if folder.is_dir():
            remove_temporary(folder)

    def refuse_others(self) -> None:
        """A RunError if something else than such results is in the folder."""
        if self.begun() is None:
            self._refuse_strangers()

    def _refuse_strangers(self) -> None:
        check_folder(self.folder, "the results", self._has_only_passes, fix="Choose a new or empty folder.")

    def _has_only_passes(self, folder: Path) -> bool:
        others = {path for path in folder.iterdir() if not is_temporary(path)} - {self.passes}
        return not others and not self.passes.is_symlink()


def audit_passes(run: Path, about: Mapping[str, Any] | None = None) -> PassFolder:
    """Where the passes of an audit work, inside its run folder."""
    return PassFolder(run, about or {}, PASSES)


def fingerprint(files: Sequence[Path], **options: Any) -> Json:
    """What an answer depends on: the version, the files (`fingerprint_of`), and the options."""
    return {"version": __version__, "files": [fingerprint_of(path) for path in files], **options}


def _with_names_alone(about: Mapping[str, Any]) -> Json:
    return {**about, "files": [path for path, *_ in about["files"]]}


def check_apart(folder: Path, files: Iterable[Path]) -> None:
    """A RunError if answers would be written among the files that they are about."""
    if any(folder.resolve() == file.resolve().parent for file in files):
        raise RunError(f"Results cannot be written to {folder}, which holds the data.", fix="Choose another folder.")


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise NotImplementedError(type(value).__name__)


def _array(form: Any, value: Any) -> npt.NDArray[Any]:
    """Lists as the array of the annotation, such as ``NDArray[np.int64]``."""
    return np.asarray(value, dtype=get_args(get_args(form)[1])[0])
