"""What is decided once, on the sample and the counts of all labels, and then holds for every row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from dechaff.core.progress import silent
from dechaff.core.table import Column, Table
from dechaff.data.assemble import LabelReader, assemble, labelled_parts
from dechaff.data.classes import sort_classes
from dechaff.data.columns.cells import texts
from dechaff.data.columns.kinds import build_column
from dechaff.data.columns.labels import LabelNames, check_classes, check_named, check_one_coding
from dechaff.data.columns.roles import AUG_OF
from dechaff.data.dataset import Assumption, Dataset, Opened
from dechaff.data.formats.files import TableFiles
from dechaff.data.formats.part import FilePart
from dechaff.data.formats.source import FilesSource
from dechaff.data.read import Read, absent_cells, joined_reads
from dechaff.data.splits import HeldOut
from dechaff.recipe.explore.content_hashes import in_content_order
from dechaff.recipe.explore.view import identifiers_of
from dechaff.recipe.passes.request import AuditRequest
from dechaff.recipe.passes.scan import Scanned, repeated
from dechaff.typing import Labels, Mask, Rows, Texts


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
    odd_labels: Mapping[int, str] = field(default_factory=dict)
    """Number of a spelling -> the label as it is written, where that is not the standard way of its class."""
    odd_rows: Mapping[tuple[int, str], int] = field(default_factory=dict)
    """Code and spelling of these -> training rows."""

    @property
    def n_train(self) -> int:
        """Rows that are audited."""
        return self.n_rows - self.n_test

    def rows(self, block: FilePart, read: Read) -> tuple[Dataset, Mask]:
        """All rows of a block as a data set, and which of them are sealed; keys are left out."""
        cells = {plan.name: read.column(plan.name) for plan in self.sample.schema.plans}
        columns = tuple(
            build_column(cells[plan.name] or absent_cells(plan.name, read.n_rows), plan)
            for plan in self.sample.schema.plans
        )
        whole = self.labelled(block.rows, self._codes(read), self._ids(block, read))
        whole = replace(whole, table=Table(columns, read.n_rows), parents=self._parents(read))
        return whole, self.held_out.mask(block.first_row, read.n_rows)

    def train(self, part: FilePart) -> Dataset:
        """The training rows of a part."""
        rows, sealed = self.rows(part, part.read())
        return rows.take(~sealed)

    def rows_at(self, where: tuple[FilePart, Rows]) -> Dataset:
        """The rows at some places of a part."""
        part, places = where
        return self.rows(part, part.read())[0].take(places)

    def labelled(self, rows: Rows, codes: Labels, ids: Texts) -> Dataset:
        """Numbers, labels and names of some rows, without their columns."""
        keys, groups = np.full(len(rows), "", dtype=object), np.full(len(rows), -1, dtype=np.int64)
        return replace(self.sample, codes=codes, ids=ids, keys=keys, positions=rows, groups=groups, parents=None)

    def alone(self) -> ReadPlan:
        """The same for another process, which reads one part at a time, without progress."""
        return replace(self, source=replace(self.source, progress=silent))

    def _codes(self, read: Read) -> Labels:
        cells = read.column(self.sample.label_name) or absent_cells(self.sample.label_name, read.n_rows)
        codes = np.fromiter((self.code_of.get(raw, -1) for raw in cells.raw.tolist()), np.int64, read.n_rows)
        return np.where(cells.missing | (codes < 0), self.missing_code, codes)

    def _parents(self, read: Read) -> Texts | None:
        """Of the rows of a block; a file without the column has rows that were not made from others."""
        if self.sample.parents is None:
            return None
        return (read.column(AUG_OF) or absent_cells(AUG_OF, read.n_rows)).raw

    def _ids(self, block: FilePart, read: Read) -> Texts:
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
        If the data cannot be used.
    """
    tally, roles = scanned.tally, request.roles
    names, other = tally.read(), ""
    merged = names.merged
    trained = np.array([one.train for one in tally.spellings.values()], dtype=np.int64)
    everywhere = repeated(names, trained, tally.missing_train)
    if reader is None:
        if roles.classes:
            check_named(tally.name, names, roles.classes, [one.row for one in tally.spellings.values()])
        else:
            check_classes(tally.name, tally.cells(), everywhere)
        tested = [one.rows > one.train for one in tally.spellings.values()]
        check_one_coding(*({*names.names[mask]} - {""} for mask in (trained > 0, np.array(tested, dtype=bool))))
    else:
        names, other = _read_by(reader, f"the label column {tally.name!r}", names, everywhere, trained)
    of_raw, read = dict(zip(tally.spellings, names.names.tolist(), strict=True)), sampled_read(request, scanned)
    dropped = roles.drop if roles.split is None else (*roles.drop, roles.split)
    roles = replace(roles, label=tally.name, id=scanned.id_name or None, sniffs_id=False, split=None, drop=dropped)
    parts = labelled_parts(read, roles, reader=_by_spelling(read, tally.name, of_raw, other))
    sample = _numbered(assemble(parts, None)[0], scanned, roles.classes or _classes(names, trained, other), of_raw)
    sample = replace(sample, schema=replace(sample.schema, merged_names=merged))
    code_of = {name: code for code, name in enumerate(sample.class_names)} | {"": -1}
    counts = np.zeros(len(sample.class_names) + 1, dtype=np.int64)  # the last is of rows without a label
    np.add.at(counts, [*(code_of[name] for name in of_raw.values()), code_of[other]], [*trained, tally.missing_train])
    named, odd = identifiers_of(sample), tally.odd_labels()
    return ReadPlan(
        sample,
        request.source,
        scanned.held_out,
        {raw: code_of[name] for raw, name in of_raw.items()},
        code_of[other],
        counts[:-1],
        scanned.names,
        tuple(column for column in sample.table.columns if column.name not in named),
        scanned.n_rows,
        scanned.n_test,
        odd,
        {(code_of[of_raw[raw]], raw): tally.spellings[raw].train for raw in odd.values()},
    )


def sampled_read(request: AuditRequest, scanned: Scanned) -> Read:
    """The cells of the drawn rows, one part after the other."""
    found = list(request.over_rows(_cells_of, scanned.drawn))
    return joined_reads(found, FilesSource(replace(request.source, progress=silent), request.sha256, scanned.n_rows))


def _cells_of(where: tuple[FilePart, Rows]) -> Read:
    """Some rows of a part, by their places in it."""
    part, places = where
    return Read(tuple(cells.take(places) for cells in part.read().cells), len(places), None)


def _read_by(
    reader: LabelReader, shown: str, names: LabelNames, everywhere: LabelNames, counts: Labels
) -> tuple[LabelNames, str]:
    """The names of the spellings in another sense, checked on all rows, and that of rows without a label, if any."""
    named, firsts = reader(shown, everywhere).names, np.cumsum(counts) - counts
    kept = [named[first] if count else name for first, count, name in zip(firsts, counts, names.names, strict=True)]
    other = str(named[-1]) if len(named) > counts.sum() else ""
    return LabelNames(texts(kept), np.zeros(len(kept), dtype=bool), {}), other


def _by_spelling(read: Read, label: str, of_raw: Mapping[str, str], other: str) -> LabelReader:
    cells = read.column(label) or absent_cells(label, read.n_rows)

    def named(shown: str, labels: LabelNames) -> LabelNames:
        names = [other if gone else of_raw[raw] for raw, gone in zip(cells.raw, cells.missing, strict=True)]
        return LabelNames(texts(names), np.array([not name for name in names], dtype=bool), {})

    return named


def _classes(names: LabelNames, trained: Labels, other: str) -> tuple[str, ...]:
    """Classes of the training rows, sorted; then those that only sealed rows have."""
    everywhere = {name for name in names.names if name}
    train = {name for name, count in zip(names.names, trained, strict=True) if name and count} | ({other} - {""})
    return (*sort_classes(train, last=names.last), *sort_classes(everywhere - train))


def _numbered(sample: Dataset, scanned: Scanned, classes: tuple[str, ...], of_raw: Mapping[str, str]) -> Dataset:
    """The sample with the classes and the numbers of all rows, in the order of its content."""
    place = {name: code for code, name in enumerate(classes)}
    renumbered = [place.get(sample.class_names[code], -1) if code >= 0 else -1 for code in sample.codes]
    without_label = (
        Assumption("missing label", f"{raw!r} in {one.rows:,} rows", "the word means no label", "--label")
        for raw, one in scanned.tally.spellings.items()
        if not of_raw[raw]
    )
    # Words for missing labels were counted in all rows, all else was sniffed on the sample.
    sniffed = (one for one in sample.assumptions if one.what != "missing label")
    train = replace(
        sample,
        codes=np.array(renumbered, dtype=np.int64),
        class_names=classes,
        schema=replace(sample.schema, class_names=classes),
        positions=scanned.drawn,
        ids=sample.ids if sample.id_name else texts(list(map(str, scanned.drawn.tolist()))),
        assumptions=(*scanned.assumptions, *without_label, *sniffed, _about_sample(len(sample), scanned)),
    )
    return in_content_order(Opened(train, None)).train


def _about_sample(rows: int, scanned: Scanned) -> Assumption:
    value = f"{rows:,} of {scanned.n_rows - scanned.n_test:,} rows"
    why = (
        "out of core: column kinds, features, models, noisy slices and column checks use these rows, all else uses "
        "every row; they are drawn by a hash of their content, at least 50 of each class"
    )
    return Assumption("sample", value, why, "--memory")
