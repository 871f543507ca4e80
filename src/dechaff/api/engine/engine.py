"""``Engine``: find where a deployed model fails, label such rows, and keep what they teach if it is proved."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from dechaff.api.engine import folder as files
from dechaff.api.engine.batch import KnownRows, RowsToLabel, likeness_of, most_similar
from dechaff.api.engine.folder import EngineFolder
from dechaff.api.engine.labelled import read_labelled
from dechaff.api.engine.met import doubt_limit, met_rows, mining_notes, predictions
from dechaff.api.engine.rows import FileRows
from dechaff.api.engine.turn import classes_of, few_judges, finish_turn, report_turns, turn_data, waits
from dechaff.api.engine.waiting import Waiting
from dechaff.checks import check_count, check_seed_and_threads
from dechaff.core.outputs import check_output
from dechaff.core.threads import training_threads, use_threads
from dechaff.data.columns.probs import with_classes
from dechaff.data.formats.files import Reading
from dechaff.data.open import open_like, open_with
from dechaff.data.write import csv_table_bytes, write_csv_table
from dechaff.errors import DataError, InputError, RunError
from dechaff.models import persist
from dechaff.recipe.engine.mining import Served, input_drift, mined_slices
from dechaff.recipe.engine.proved import accuracy_changes, is_kept
from dechaff.recipe.engine.similar import similar_rows
from dechaff.recipe.prove.training import Trainings, better_candidate
from dechaff.records.engine_options import AskOptions, LearnOptions, MineOptions, NewEngineOptions
from dechaff.records.keywords import takes
from dechaff.records.options import ReadOptions, part_of
from dechaff.records.turns import EngineFacts, LedgerEntry, write_turn

FilePath = str | os.PathLike[str]


@takes(NewEngineOptions)
def new_engine(folder: FilePath, data: FilePath, options: NewEngineOptions) -> Engine:
    """Start a data engine: keep the training rows as turn 0, seal the test rows, train and audit.

    Parameters
    ----------
    folder : new or empty folder.
    data : table of labelled rows, as for `audit`.
    **options

    Raises
    ------
    InputError
        If a file or an option cannot be used, or no test rows are named.
    RunError
        If the folder holds something, or the data are no table.

    Examples
    --------
    See `Engine`.
    """
    check_seed_and_threads(options.seed, options.threads)
    if options.test is None and options.test_size is None and options.split is None:
        fix = "Add --test FILE, or --test-size 0.3."
        raise InputError("the sealed rows", "be named, because every turn is proved on them", "no such rows", fix)
    if options.model is not None and not isinstance(options.model, str):
        fix = 'Put it into a module of yours, and pass "my_module:model".'
        raise InputError("model", "be named as module:object, because later turns load it again", "an object", fix)
    read = part_of(ReadOptions, options)
    rows = FileRows.of(data, Reading.of(options))
    tested = None if options.test is None else FileRows.of(options.test, Reading.of(options))
    opened = open_with(rows.read, replace(read, test=None if tested is None else tested.read), seed=options.seed)
    assert opened.test is not None
    if not opened.train.label_name:
        raise InputError("the labels", "be a column of the data", "an array", "Name the column with label=.")
    cells, sealed = rows.cells, (tested or rows).cells
    place = Path(folder)
    options = replace(options, label=opened.train.label_name, drop=(*options.drop, *filter(None, [options.split])))
    with EngineFolder(place).writer():
        tables = {
            "train": files.rows_of(cells, np.sort(opened.train.positions).tolist()),
            "sealed": files.rows_of(sealed, np.sort(opened.test.positions).tolist()),
        }
        kept = files.begin(place, options, tables)
        schema = kept.schema(opened.test.class_names)
        train = open_like(kept.turn(0) / files.TRAIN, schema)
        with use_threads(training_threads(options.threads)):
            name = better_candidate(train, seed=options.seed).name if options.model is None else str(options.model)
            finish_turn(kept, schema, LedgerEntry(turn=0, rows=len(train), model_name=name), [])
    return Engine(place)


@dataclass(frozen=True)
class Engine:
    """A data engine in its folder: mine, ask, learn, and back again.

    Parameters
    ----------
    folder : as `new_engine` made it.

    Raises
    ------
    RunError
        If the folder holds no data engine.

    Examples
    --------
    >>> import numpy as np, polars as pl, tempfile
    >>> from pathlib import Path
    >>> from dechaff.engine import new_engine
    >>> place, rng = Path(tempfile.mkdtemp()), np.random.default_rng(0)
    >>> x = rng.normal(size=300).round(6)
    >>> pl.DataFrame({"x": x, "y": np.where(x > 0, "high", "low")}).write_csv(place / "train.csv")
    >>> engine = new_engine(place / "engine", place / "train.csv", label="y", test_size=0.3)
    >>> engine.turns()["turn"].to_list()
    [0]
    """

    folder: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", Path(self.folder))
        self.files.check()

    @property
    def files(self) -> EngineFolder:
        """The files of the folder."""
        return EngineFolder(self.folder)

    @property
    def facts(self) -> EngineFacts:
        """The turns so far, with all figures."""
        return self.files.facts()

    @takes(MineOptions)
    def mine(self, served: FilePath, options: MineOptions) -> LedgerEntry:
        """Find in which of the rows that a deployed model met it fails, and how they differ from the training rows.

        Parameters
        ----------
        served : table with the columns of the training data. Outcomes, where known, are in the label column.
        **options

        Raises
        ------
        DataError
            If a column is absent, or a prediction is no class.
        """
        kept, turn = self.files, self.facts.current
        with kept.writer():
            known = kept.classes()
            parts = FileRows.parts(served, Reading.of(options))
            read, n_sealed, n_rows = met_rows(parts, kept.schema(), turn_data(kept, kept.schema(), turn)[1], kept.seed)
            if read is None:
                raise DataError(str(served), "hold rows that are not sealed", "none", "Pass rows of the deployment.")
            cells, rows = read.cells, read.like(kept.schema(), need_label=False)
            train = turn_data(kept, kept.schema(rows.class_names), turn)[0]
            fitted = kept.model(turn)
            probs = with_classes(fitted.probs(rows.table, rows.features), classes_of(kept, turn), rows.class_names)
            learnt = np.bincount(train.codes[train.codes >= 0], minlength=len(rows.class_names))
            met = Served(rows, probs, predictions(cells, options.prediction, rows, probs), learnt)
            limit = partial(doubt_limit, train, kept.model_of(train, kept.entry_of(turn).model_name), kept.seed)
            found = mined_slices(met, limit, turn=turn, seed=kept.seed)
            drift = input_drift(train, rows, seed=kept.seed)
            new = [name for name in rows.class_names if name not in known]
            notes = tuple(mining_notes(new, n_sealed, (len(rows), n_rows), by_errors=found.by_errors))
            entry = LedgerEntry(
                kind="mine", turn=turn, rows=len(rows), classes=rows.class_names, slices=found.slices, drift=drift,
                notes=notes,
            )  # fmt: skip
            cells.setdefault(rows.label_name, [""] * len(rows))
            entry = kept.write_mined(cells, found, entry)
            report_turns(kept)
        return entry

    @takes(AskOptions)
    def ask(self, pool: FilePath, options: AskOptions) -> RowsToLabel:
        """Choose the rows of a pool that are most like those on which the model fails, and write them to a CSV.

        Parameters
        ----------
        pool : table with the columns of the training data; labels are not needed.
        **options

        Returns
        -------
        RowsToLabel
            The rows, the slice of each, and the model's guess. In the CSV, the label column is empty, to be filled in.

        Raises
        ------
        RunError
            If nothing was mined in this turn.
        DataError
            If the pool lacks a column, or all of its rows are known.
        """
        check_count("n", options.n, least=1)
        kept, turn, source = self.files, self.facts.current, Path(pool)
        output = source.with_name(f"{source.stem}_to_label.csv") if options.output is None else Path(options.output)
        check_output(output, "the rows to label", inputs=[source])
        mined = _mined_in(kept, turn)
        parts, schema = FileRows.parts(source, Reading.of(options)), kept.schema()
        train, sealed = turn_data(kept, schema, turn)
        known = KnownRows.of(train, [sealed, *(one.rows for one in kept.judges(schema))], Waiting.of(kept, schema))
        learnt = (train, kept.entry_of(0).rows)
        like = likeness_of((kept.served(mined, schema), kept.mined(mined)), learnt, seed=kept.seed)
        near = most_similar(parts, schema, known, like, options.n, source)
        rows = near.like(schema, need_label=False)
        chosen = similar_rows(rows, like, options.n, seed=kept.seed)
        fitted, names = kept.model(turn), classes_of(kept, turn)
        picked = rows.take(chosen.rows)
        batch = RowsToLabel.of(picked, chosen, mined, (fitted.probs(picked.table, picked.features), names), output)
        with kept.writer():
            write_csv_table(output, batch.columns(files.rows_of(near.cells, chosen.rows.tolist()), schema.label_name),
                            "the rows to label", inputs=[source])  # fmt: skip
            kept.append(LedgerEntry(kind="ask", turn=turn, rows=len(batch), words=f"from {source.name}"))
        return batch

    @takes(LearnOptions)
    def learn(self, labelled: FilePath, options: LearnOptions) -> LedgerEntry:
        """Add labelled rows, audit them, train anew, and keep the new model if it is proved to be better.

        It is kept if accuracy certainly grew on the sealed rows or in a failing slice, and certainly fell nowhere. If
        it certainly did neither, the rows wait: the next call learns them together with its own.

        Parameters
        ----------
        labelled : table with the columns of the training data, such as the one of `ask` with its labels filled in.
        **options

        Returns
        -------
        LedgerEntry
            ``kept``, ``changes`` with paired intervals, and ``doubtful``: new rows whose labels look wrong.

        Raises
        ------
        DataError
            If columns differ, or a row is sealed.
        LabelsError
            If a label is no class, or no row has one.
        """
        check_seed_and_threads(0, options.threads)
        check_count("seeds", options.seeds, least=2)
        kept, facts = self.files, self.facts
        turn, number = facts.current, max(one.turn for one in facts.turns) + 1
        schema = kept.schema()
        train, sealed = turn_data(kept, schema, turn)
        judges = kept.judges(schema)
        before = FileRows.of(kept.turn(turn) / files.TRAIN).cells
        new = read_labelled(labelled, schema, options, (train, [sealed, *(one.rows for one in judges)]), tuple(before))
        if (waiting := Waiting.of(kept, schema)) is not None:
            new = new.with_waiting(waiting, schema.label_name)
        name = kept.entry_of(turn).model_name
        with kept.writer(), use_threads(training_threads(options.threads)):
            place = kept.turn(number)
            shutil.rmtree(place, ignore_errors=True)  # of a call that was killed: no line of the ledger knows of it
            place.mkdir()
            try:
                rows = csv_table_bytes(new.below(before, schema.label_name))
                write_turn(kept.folder, {place / files.TRAIN: rows})
                after = open_like(place / files.TRAIN, schema)
                by = Trainings(
                    n_seeds=options.seeds, seed=kept.seed, threads=training_threads(options.threads), control=False
                )
                changes = accuracy_changes(train, after, sealed, judges, kept.model_of(train, name), by)
                entry = LedgerEntry(
                    kind="learn", turn=number, rows=len(after), added=len(new), kept=is_kept(changes), model_name=name,
                    changes=changes, notes=(*new.notes, *few_judges(judges), *waits(changes)),
                )  # fmt: skip
                entry = finish_turn(kept, schema, entry, judges)
            except BaseException:
                shutil.rmtree(place, ignore_errors=True)
                raise
        return entry

    def back(self) -> LedgerEntry:
        """Take the last turn back: the one before it holds again. Its folder stays, and nothing is deleted.

        Raises
        ------
        RunError
            If turn 0 holds.
        """
        current = self.facts.current
        if current == 0:
            raise RunError("Turn 0 holds, and nothing comes before it.", fix="There is nothing to take back.")
        entry = LedgerEntry(kind="back", turn=current, words=f"turn {current} was taken back")
        with self.files.writer():
            self.files.append(entry)
            report_turns(self.files)
        return entry

    def turns(self) -> pl.DataFrame:
        """One line per turn: its rows, its accuracy on the sealed rows, and what became of it."""
        facts = self.facts
        state = {one.turn: "kept" if one.kept else "not kept" for one in facts.turns}
        state |= dict.fromkeys(facts.taken_back, "taken back") | {facts.current: "holds"}
        lines = [
            (one.turn, one.rows, one.added, one.accuracy.mean, one.accuracy.low, one.accuracy.high, state[one.turn])
            for one in facts.turns
        ]
        return pl.DataFrame(lines, ["turn", "rows", "added", "accuracy", "low", "high", "state"], orient="row")

    def reproduce(self, turn: int) -> str:
        """Train the model of a turn again; the SHA-256 of the model, which is the one in the ledger.

        Raises
        ------
        RunError
            If there is no such turn, its data were changed, or the new model has other bits.
        """
        kept, entry = self.files, self.files.entry_of(turn)
        place = kept.turn(turn)
        if files.sha256_of_file(place / files.TRAIN) != entry.data:
            raise RunError(f"The training data of turn {turn} were changed.", fix="Restore them from a copy.")
        train = turn_data(kept, kept.schema(entry.classes), turn)[0]
        again = place / "again.npz"
        try:
            persist.save(kept.fitted_on(train, entry.model_name), again)
            found = files.sha256_of_file(again)
        finally:
            again.unlink(missing_ok=True)
        if found != entry.model:
            fix = "Use the versions of Python packages with which the turn was made."
            raise RunError(f"The model of turn {turn} came out with other bits.", fix=fix)
        return found

    def predict(self, source: FilePath) -> pl.DataFrame:
        """The class and its probability of each row of a table, by the model of the turn that holds."""
        kept, turn = self.files, self.facts.current
        rows, names = FileRows.of(source).like(kept.schema(), need_label=False), np.array(classes_of(kept, turn))
        probs = kept.model(turn).probs(rows.table, rows.features)
        return pl.DataFrame({"prediction": names[probs.argmax(axis=1)], "probability": probs.max(axis=1)})


def _mined_in(kept: EngineFolder, turn: int) -> LedgerEntry:
    mined = kept.last_mined().get(turn)
    if mined is None:
        fix = "Find failing slices first, with dechaff engine mine --served FILE."
        raise RunError(f"Nothing was mined since turn {turn} began.", fix=fix)
    return mined
