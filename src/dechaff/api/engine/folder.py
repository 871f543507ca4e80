"""The folder of a data engine: its ledger, and the files of each turn.

engine.json   how the data are read        ledger.jsonl   one line per event; what it says holds
sealed.csv    rows that no model sees      turns/N/       train.csv, model.npz, the audit, and what was mined

What was mined has names with a part of its SHA-256, which is in the ledger. So a process that is killed between two
files changes nothing: the ledger, which comes last, still names the files of the mining before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import structs

from dechaff._version import __version__
from dechaff.api.reading import chosen_model
from dechaff.core.files import is_temporary, locked_folder, remove_temporary
from dechaff.core.outputs import Kind, check_folder
from dechaff.data.dataset import Dataset, Schema
from dechaff.data.open import open_like, open_with
from dechaff.data.write import csv_table_bytes
from dechaff.errors import RunError
from dechaff.models import persist
from dechaff.models.choose import candidate_models
from dechaff.models.estimator import as_model
from dechaff.models.model import Fitted, Model
from dechaff.recipe.engine.mining import Mined
from dechaff.recipe.engine.proved import Judge
from dechaff.records.engine_options import NewEngineOptions
from dechaff.records.options import ReadOptions, restored
from dechaff.records.record import Estimate, converted
from dechaff.records.turns import LEDGER, EngineFacts, LedgerEntry, TurnCurve, TurnPoint, write_turn
from dechaff.typing import Columns

KIND: Kind = "the data engine"
OPTIONS, SEALED, TURNS = "engine.json", "sealed.csv", "turns"
TRAIN, MODEL, AUDIT = "train.csv", "model.npz", "audit"
_READ = ("label", "id", "group", "text", "categorical", "numeric", "date", "drop")


@dataclass(frozen=True)
class EngineFolder:
    """The files of a data engine, read on demand."""

    folder: Path

    def check(self) -> None:
        """A RunError if no engine is here."""
        if not (self.folder / LEDGER).is_file():
            raise RunError(f"There is no data engine in {self.folder}.", fix="Start one with dechaff engine init.")

    def writer(self) -> AbstractContextManager[None]:
        """Inside, no other process may write this engine."""
        return locked_folder(self.folder)

    def turn(self, number: int) -> Path:
        """The folder of a turn."""
        return self.folder / TURNS / str(number)

    @cached_property
    def options(self) -> Mapping[str, Any]:
        """How the data are read, and the seed."""
        return read_json(self.folder / OPTIONS)

    @property
    def seed(self) -> int:
        """The seed of all draws."""
        return int(self.options["seed"])

    def entries(self) -> list[LedgerEntry]:
        """All lines of the ledger, oldest first."""
        self.check()
        lines = (self.folder / LEDGER).read_bytes().splitlines()
        return [converted(_parsed(line, number), LedgerEntry, LEDGER) for number, line in enumerate(lines, 1)]

    def append(self, entry: LedgerEntry) -> None:
        """One more line of the ledger, which is written anew as a whole."""
        write_turn(self.folder, {}, entry)

    def facts(self) -> EngineFacts:
        """The turns so far, those that were taken back, and the one that holds."""
        entries = self.entries()
        turns = tuple(one for one in entries if one.kind in ("init", "learn"))
        back = tuple(one.turn for one in entries if one.kind == "back")
        standing = [one.turn for one in turns if one.kept and one.turn not in back]
        mined = [one for one in self.last_mined().values() if one.turn in standing]
        kept = [one for one in turns if one.turn in standing]
        return EngineFacts(turns, curves_of(kept, mined), back, standing[-1])

    def entry_of(self, number: int) -> LedgerEntry:
        """The entry by which a turn came to be; a RunError if there is no such turn."""
        turns = {one.turn: one for one in self.facts().turns}
        if number not in turns:
            known = ", ".join(map(str, turns))
            raise RunError(f"{self.folder} has no turn {number}, but the turns {known}.", fix="Name one of these.")
        return turns[number]

    def classes(self) -> tuple[str, ...]:
        """All classes so far: of training rows, sealed rows and outcomes."""
        return next(one.classes for one in reversed(self.entries()) if one.classes)

    def schema(self, classes: Sequence[str] | None = None) -> Schema:
        """The columns of turn 0, by which everything else is read."""
        first = open_with(self.turn(0) / TRAIN, restored(ReadOptions, self.options["read"])).train.schema
        return replace(first, class_names=tuple(self.classes() if classes is None else classes))

    def model(self, number: int) -> Fitted:
        """The stored model of a turn."""
        fitted: Fitted = persist.load(self.turn(number) / MODEL)
        return fitted

    def model_of(self, train: Dataset, name: str) -> Model:
        """The model that was chosen when the engine began; the usual one if the data have outgrown it."""
        if self.options["model"] is not None:
            return as_model(chosen_model(self.options["model"]))
        candidates = candidate_models(train.table, train.features, n_classes=len(train.class_names))
        return next((one for one in candidates if one.name == name), candidates[0])

    def fitted_on(self, train: Dataset, name: str) -> Fitted:
        """The model of all labelled rows."""
        rows = train.take(train.codes >= 0)
        model = self.model_of(rows, name)
        return model.fit(rows.table, rows.features, rows.codes, len(rows.class_names), seed=self.seed)

    def mined_files(self, entry: LedgerEntry) -> tuple[Path, Path]:
        """Where the served rows of an entry of mining are, and its slices."""
        name, place = entry.data[:16], self.turn(entry.turn)
        return place / f"served-{name}.csv", place / f"slices-{name}.npz"

    def write_mined(self, served: Columns, found: Mined, entry: LedgerEntry) -> LedgerEntry:
        """The entry, as it is in the ledger now; the files of an earlier mining of the turn are removed."""
        content = csv_table_bytes(served), mined_bytes(found)
        entry = structs.replace(entry, data=hashlib.sha256(b"".join(content)).hexdigest())
        files = self.mined_files(entry)
        write_turn(self.folder, dict(zip(files, content, strict=True)), entry)
        remove_temporary(self.turn(entry.turn))
        for old in {*self.turn(entry.turn).glob("served-*.csv"), *self.turn(entry.turn).glob("slices-*.npz")} - {
            *files
        }:
            old.unlink(missing_ok=True)
        return entry

    def mined(self, entry: LedgerEntry) -> Mined:
        """What was mined, beside the rows of `served`."""
        with np.load(self.mined_files(entry)[1], allow_pickle=False) as kept:
            inside, failing, judges = kept["inside"], kept["failing"], kept["judges"]
        by_errors = all(one.of_errors for one in entry.slices)
        return Mined(entry.slices, inside, failing, judges, by_errors)

    def served(self, entry: LedgerEntry, schema: Schema) -> Dataset:
        """The served rows of an entry of mining."""
        return open_like(self.mined_files(entry)[0], schema, need_label=False)

    def last_mined(self) -> dict[int, LedgerEntry]:
        """The last entry of mining of each turn."""
        return {one.turn: one for one in self.entries() if one.kind == "mine"}

    def judges(self, schema: Schema) -> list[Judge]:
        """The rows of all mined slices that are kept for proofs."""
        found = []
        for entry in self.last_mined().values():
            mined = self.mined(entry)
            if mined.judges.any() and entry.slices:
                rows = self.served(entry, schema).take(mined.judges)
                words = tuple(one.condition for one in entry.slices)
                names = tuple(one.id for one in entry.slices)
                found.append(Judge(rows, names, words, mined.inside[:, mined.judges]))
        return found


def curves_of(turns: Sequence[LedgerEntry], mined: Sequence[LedgerEntry]) -> tuple[TurnCurve, ...]:
    """Accuracy over the turns that hold, on the sealed rows and in each slice of errors."""
    whole = tuple(TurnPoint(one.turn, one.accuracy) for one in turns)
    curves = [TurnCurve(points=whole)]
    for entry in mined:
        for one in entry.slices:
            if one.judged:
                first = TurnPoint(entry.turn, Estimate(1 - one.rate, 1 - one.high, 1 - one.low))
                later = (
                    TurnPoint(turn.turn, part.accuracy) for turn in turns for part in turn.by_slice if part.id == one.id
                )
                curves.append(TurnCurve(one.id, one.condition, (first, *later)))
    return tuple(curves)


def read_json(path: Path) -> Mapping[str, Any]:
    """A JSON file of the engine."""
    try:
        content: Mapping[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise RunError(f"Cannot read {path}: {error}.", fix="Start a new engine with dechaff engine init.") from error
    return content


def _parsed(line: bytes, number: int) -> Mapping[str, Any]:
    try:
        content: Mapping[str, Any] = json.loads(line)
    except ValueError as error:
        fix = "Restore the file from a copy; the folders of the turns are not changed."
        raise RunError(f"Cannot read line {number} of the ledger: {error}.", fix=fix) from error
    return content


def begin(folder: Path, options: NewEngineOptions, tables: Mapping[str, Columns]) -> EngineFolder:
    """The folder of a new engine with its data; without a ledger yet, so that it counts as empty.

    Parameters
    ----------
    folder : new, or empty.
    options : how the data are read.
    tables : the cells of the training rows and of the sealed rows.
    """
    check_folder(folder, KIND, _unfinished, fix="Choose another folder; nothing was written.")
    read = {name: getattr(options, name) for name in _READ}
    content = {"dechaff": __version__, "seed": options.seed, "model": options.model, "read": read}
    first = folder / TURNS / "0"
    first.mkdir(parents=True, exist_ok=True)
    sealed, train = (csv_table_bytes(tables[name]) for name in ("sealed", "train"))
    options_file = json.dumps(content, indent=2).encode() + b"\n"
    write_turn(folder, {folder / OPTIONS: options_file, folder / SEALED: sealed, first / TRAIN: train})
    return EngineFolder(folder)


def _unfinished(folder: Path) -> bool:
    names = {one.name for one in folder.iterdir() if not is_temporary(one)}
    return names <= {OPTIONS, SEALED, TURNS} and OPTIONS in names


def rows_of(columns: Columns, rows: Sequence[int]) -> Columns:
    """Some rows of columns."""
    return {name: [cells[row] for row in rows] for name, cells in columns.items()}


def mined_bytes(found: Mined) -> bytes:
    """What `EngineFolder.mined` reads."""
    stream = BytesIO()
    np.savez_compressed(stream, inside=found.inside, failing=found.failing, judges=found.judges)
    return stream.getvalue()


def sha256_of_file(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
