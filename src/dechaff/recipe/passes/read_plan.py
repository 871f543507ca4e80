"""What is decided once, on the sample and the counts of all labels, and then holds for every row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dechaff.core.progress import silent
from dechaff.core.table import Column, Table
from dechaff.data.assemble import LabelReader, assemble, labelled_parts
from dechaff.data.classes import sort_classes
from dechaff.data.columns.cells import texts
from dechaff.data.columns.kinds import build_column
from dechaff.data.columns.labels import LabelNames, check_classes
from dechaff.data.dataset import Assumption, Dataset, Opened
from dechaff.data.formats.files import TableFiles
from dechaff.data.formats.part import FilePart
from dechaff.data.formats.source import FilesSource
from dechaff.data.read import Read, absent_cells, joined_reads
from dechaff.data.splits import HeldOut
from dechaff.recipe.explore.naming_columns import naming_columns
from dechaff.recipe.passes.request import AuditRequest
from dechaff.recipe.passes.row_order import in_content_order
from dechaff.recipe.passes.scan import LabelTally, Scanned, repeated
from dechaff.typing import Labels, Mask, Rows


@dataclass(frozen=True)
class ReadPlan:
    """The sample, and how every row is read: its classes by the spelling of the label, its columns by the schema."""

    sample: Dataset
    source: TableFiles
    held_out: HeldOut
    code_of: Mapping[str, int]
    """Label as it is written -> code, -1 for words that mean no label."""
    missing_code: int
    """Of rows without a label: -1, or the other class where rows are labelled positive or not at all."""
    class_counts: Labels
    names: tuple[str, ...]
    """All columns, in the order in which they first occur."""
    compared: tuple[Column, ...]
    """By which rows are equal: all features but those that name the rows."""
    n_rows: int
    n_test: int

    def rows(self, block: FilePart, read: Read) -> tuple[Dataset, Mask]:
        """All rows of a block as a data set, and which of them are sealed; keys are left out."""
        cells = {plan.name: read.column(plan.name) for plan in self.sample.schema.plans}
        columns = tuple(
            build_column(cells[plan.name] or absent_cells(plan.name, read.n_rows), plan)
            for plan in self.sample.schema.plans
        )
        whole = replace(
            self.sample,
            table=Table(columns, read.n_rows),
            codes=self._codes(read),
            ids=self._ids(block, read),
            keys=np.full(read.n_rows, "", dtype=object),
            positions=block.rows,
            groups=np.full(read.n_rows, -1, dtype=np.int64),
        )
        return whole, self.held_out.mask(block.first_row, read.n_rows)

    def alone(self) -> ReadPlan:
        """The same for another process, which reads one part at a time, without progress."""
        return replace(self, source=replace(self.source, progress=silent))

    def _codes(self, read: Read) -> Labels:
        cells = read.column(self.sample.label_name) or absent_cells(self.sample.label_name, read.n_rows)
        read_plan = self.code_of
        codes = np.fromiter((read_plan.get(raw, -1) for raw in cells.raw.tolist()), np.int64, read.n_rows)
        return np.where(cells.missing | (codes < 0), self.missing_code, codes)

    def _ids(self, block: FilePart, read: Read) -> npt.NDArray[np.object_]:
        cells = read.column(self.sample.id_name) if self.sample.id_name else None
        return texts(list(map(str, block.rows.tolist()))) if cells is None else cells.raw


def know(request: AuditRequest, scanned: Scanned, *, reader: LabelReader | None = None) -> ReadPlan:
    """The sample as a data set, and what follows from it for all rows.

    Parameters
    ----------
    request, scanned : the files, and what the first pass found.
    reader : reads the labels in another sense than as classes.

    Raises
    ------
    DataError, LabelsError
        Where the data cannot be used.
    """
    tally = scanned.tally
    names = tally.read()
    trained = np.array([one.train for one in tally.spellings.values()], dtype=np.int64)
    shown = f"the label column {tally.name!r}"
    everywhere = repeated(names, trained, tally.missing_train)
    if reader is not None:
        names = _read_by(reader, shown, names, everywhere, trained)
    else:
        check_classes(tally.name, tally.cells(), everywhere)
    of_raw = dict(zip(tally.spellings, names.names.tolist(), strict=True))
    read, roles = sampled_read(request, scanned), request.roles
    roles = replace(roles, label=tally.name, split=None, drop=_also(roles.drop, roles.split))
    other = _name_of_missing(names, tally, reader)
    parts = labelled_parts(read, roles, reader=_by_spelling(read, tally.name, of_raw, other))
    sample, _ = assemble(parts, None)
    classes = _classes(names, trained, other if tally.missing_train else "")
    return _read_plan(request.source, scanned, sample, classes, of_raw, other)


def with_assumptions(read_plan: ReadPlan, more: tuple[Assumption, ...]) -> ReadPlan:
    """The same, with more that was assumed."""
    return replace(read_plan, sample=replace(read_plan.sample, assumptions=(*read_plan.sample.assumptions, *more)))


def sampled_read(request: AuditRequest, scanned: Scanned) -> Read:
    """The cells of the drawn rows, one part after the other."""
    found = list(request.over_rows(_cells_of, np.array(scanned.drawn, dtype=np.int64)))
    return joined_reads(found, FilesSource(replace(request.source, progress=silent), request.sha256, scanned.n_rows))


def _cells_of(where: tuple[FilePart, Rows]) -> Read:
    """Some rows of a part, by their places in it."""
    part, places = where
    return Read(tuple(cells.take(places) for cells in part.read().cells), len(places), None)


def _also(names: tuple[str, ...], more: str | None) -> tuple[str, ...]:
    return names if more is None else (*names, more)


def _read_by(reader: LabelReader, shown: str, names: LabelNames, everywhere: LabelNames, counts: Labels) -> LabelNames:
    """The names of the spellings in another sense, checked on all rows."""
    said = reader(shown, everywhere)
    ends = np.cumsum(counts)
    firsts = ends - counts
    kept = [
        said.names[first] if count else name for first, count, name in zip(firsts, counts, names.names, strict=True)
    ]
    return LabelNames(texts(kept), np.zeros(len(kept), dtype=bool), {})


def _name_of_missing(names: LabelNames, tally: LabelTally, reader: LabelReader | None) -> str:
    """What rows without a label are called: nothing, or the other class."""
    if reader is None or not tally.missing_train:
        return ""
    said = reader(
        f"the label column {tally.name!r}", LabelNames(texts([*names.names, ""]), _last(len(names.names)), {})
    )
    return str(said.names[-1])


def _last(n: int) -> Mask:
    mask: Mask = np.zeros(n + 1, dtype=bool)
    mask[-1] = True
    return mask


def _by_spelling(read: Read, label: str, of_raw: Mapping[str, str], other: str) -> LabelReader:
    cells = read.column(label) or absent_cells(label, read.n_rows)

    def named(shown: str, labels: LabelNames) -> LabelNames:
        names = [other if gone else of_raw[raw] for raw, gone in zip(cells.raw, cells.missing, strict=True)]
        return LabelNames(texts(names), np.array([not name for name in names], dtype=bool), {})

    return named


def _classes(names: LabelNames, trained: Labels, other: str) -> tuple[str, ...]:
    """Classes of the training rows, sorted; then those that only sealed rows have."""
    read_plan = {name for name, count in zip(names.names, trained, strict=True) if name and count}
    read_plan |= {other} if other else set()
    everywhere = {name for name in names.names if name}
    return (*sort_classes(read_plan, last=names.last), *sort_classes(everywhere - read_plan))


def _read_plan(
    source: TableFiles,
    scanned: Scanned,
    sample: Dataset,
    classes: tuple[str, ...],
    of_raw: Mapping[str, str],
    other: str,
) -> ReadPlan:
    place = {name: code for code, name in enumerate(classes)}
    code_of = {raw: place.get(name, -1) for raw, name in of_raw.items()}
    counts = np.zeros(len(classes), dtype=np.int64)
    for raw, one in scanned.tally.spellings.items():
        if of_raw[raw]:
            counts[place[of_raw[raw]]] += one.train
    if other:
        counts[place[other]] += scanned.tally.missing_train
    renumbered = np.array([place.get(sample.class_names[code], -1) if code >= 0 else -1 for code in sample.codes])
    ids = sample.ids if sample.id_name else texts(list(map(str, scanned.drawn)))
    train = replace(
        sample,
        codes=renumbered.astype(np.int64),
        class_names=classes,
        schema=replace(sample.schema, class_names=classes),
        positions=np.array(scanned.drawn, dtype=np.int64),
        ids=ids,
        assumptions=(
            *scanned.assumptions,
            *_about_words(scanned.tally, of_raw),
            *_about_rows(sample),
            _about_sample(len(sample), scanned),
        ),
    )
    train = in_content_order(Opened(train, None)).train
    return ReadPlan(
        train,
        source,
        scanned.held_out,
        code_of,
        place[other] if other else -1,
        counts,
        scanned.names,
        tuple(column for column in train.table.columns if column.name not in naming_columns(train.table.columns)),
        scanned.n_rows,
        scanned.n_test,
    )


def _about_words(tally: LabelTally, of_raw: Mapping[str, str]) -> tuple[Assumption, ...]:
    """Words that are read as no label, with their number of rows."""
    return tuple(
        Assumption("missing label", f"{raw!r} in {one.rows:,} rows", "the word means no label", "--label")
        for raw, one in tally.spellings.items()
        if not of_raw[raw]
    )


def _about_rows(sample: Dataset) -> tuple[Assumption, ...]:
    """What was sniffed on the sample; words for missing labels are counted in all rows elsewhere."""
    return tuple(one for one in sample.assumptions if one.what != "missing label")


def _about_sample(rows: int, scanned: Scanned) -> Assumption:
    value = f"{rows:,} of {scanned.n_rows - scanned.n_test:,} rows"
    why = (
        "out of core: column kinds, features, models, noisy slices and column checks use these rows, all else uses "
        "every row; they are drawn by a hash of their content, at least 50 of each class"
    )
    return Assumption("sample", value, why, "--memory")
