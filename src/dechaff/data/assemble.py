"""From the cells of a source to data sets: test rows held out, labels to codes, columns to features, rows to ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from dechaff.core.table import Table
from dechaff.core.words import listed
from dechaff.data.classes import sort_classes, spelled
from dechaff.data.columns.cells import Cells, texts
from dechaff.data.columns.identifiers import is_unique
from dechaff.data.columns.kinds import build_column
from dechaff.data.columns.labels import (
    LabelNames,
    check_classes,
    check_named,
    class_names_of,
    find_label,
    label_names,
    odd_labels,
    renamed,
    sniff_label,
    usual_spellings,
    with_one_spelling,
)
from dechaff.data.columns.names import MOST_NAMED, hint
from dechaff.data.columns.probs import arrange_probs, with_classes
from dechaff.data.columns.roles import AUG_OF, ColumnRoles, choose_schema, with_children
from dechaff.data.dataset import Assumption, Dataset, Schema
from dechaff.data.keys import content_keys, content_of
from dechaff.data.read import Read, absent_cells
from dechaff.data.splits import Draw, about_draw, about_split, rows_by_split, split_words
from dechaff.errors import DataError
from dechaff.typing import Groups, Mask, Probs, Rows, Texts

LabelReader = Callable[[str, LabelNames], LabelNames]
"""``reader(shown, labels)``: the labels in another sense; ``shown`` names the column in errors."""


@dataclass(frozen=True)
class Parts:
    """All rows of a source with their labels found, before any test row is sealed."""

    read: Read
    roles: ColumnRoles
    label_name: str
    label_cells: Cells | None
    labels: LabelNames
    contents: list[str]
    assumptions: tuple[Assumption, ...]
    known: Schema | None = None
    odd_labels: Mapping[int, str] = field(default_factory=dict)

    @property
    def n_rows(self) -> int:
        """Rows of the source."""
        return self.read.n_rows


@dataclass(frozen=True)
class Sealed:
    """Which rows are test rows, and what was assumed about that."""

    test: Mask
    assumptions: tuple[Assumption, ...] = ()


def labelled_parts(
    read: Read,
    roles: ColumnRoles,
    *,
    known: Schema | None = None,
    need_label: bool = True,
    reader: LabelReader | None = None,
) -> Parts:
    """The label column found and its class names read."""
    assumed = list(read.assumptions)
    if known is None:
        roles.check(read.names)
        roles = with_children(roles, read.names, assumed)
        roles = replace(roles, text=(*roles.text, *read.texts))
    cells = _label_cells(read, roles, assumed, known, optional=known is not None and not need_label)
    if cells is None:
        labels = LabelNames(texts([""] * read.n_rows), np.ones(read.n_rows, dtype=bool), {})
    else:
        labels = label_names(cells)
    odd: dict[int, str] = {}
    if cells is not None:
        counts = Counter(cells.raw.tolist())
        if not roles.exact_labels:
            labels = _in_one_spelling(labels, cells.raw, counts, read, known, roles.classes)
        if roles.classes:
            check_named(cells.name, labels, roles.classes)
        odd = odd_labels(labels, cells, counts)
    for word, rows in labels.words.items():
        assumed.append(Assumption("missing label", f"{word!r} in {rows:,} rows", "the word means no label", "--label"))
    if reader is not None and cells is not None:
        labels = reader(f"the label column {cells.name!r}" if read.labels is None else "the labels", labels)
    # If the labels were passed beside the data, no column is the label.
    label_name = cells.name if cells is not None and read.labels is None else ""
    contents = _contents(read, label_name)
    return Parts(read, roles, label_name, cells, labels, contents, tuple(assumed), known, odd)


def _label_cells(
    read: Read, roles: ColumnRoles, assumed: list[Assumption], known: Schema | None, *, optional: bool
) -> Cells | None:
    if read.labels is not None:
        return read.labels
    if roles.label is None:
        if optional:
            return None
        # A file that was written from data with labels beside them has a column that the schema does not know.
        features = () if known is None else tuple(plan.name for plan in known.plans)
        name = sniff_label([cells for cells in read.cells if cells.name not in features])
        assumed.append(Assumption("label column", name, "it is called so", "--label"))
        return find_label(read.cells, name)
    if roles.classes and read.column(roles.label) is None:
        assumed.append(Assumption("label column", roles.label, "no column is called so: no row has a label", "--label"))
        return absent_cells(roles.label, read.n_rows)
    if optional and read.column(roles.label) is None:
        return None
    return find_label(read.cells, roles.label)


def _in_one_spelling(
    labels: LabelNames, raw: Texts, rows: Counter[str], read: Read, known: Schema | None, named: Sequence[str]
) -> LabelNames:
    """One name for each label, as the first source or the columns of probabilities have it: 1.0 is the class 1."""
    if known is None:
        # Without names, the columns of probabilities follow the classes as they are.
        unnamed = read.probs is not None and read.prob_names is None
        return labels if unnamed else with_one_spelling(labels, raw, rows, named or read.prob_names or ())
    names = set(labels.names[~labels.missing]) - set(known.class_names)
    plain = _truth if {*map(_truth, known.class_names)} == {"0", "1"} else spelled
    classes = {plain(name): name for name in known.class_names} if names else {}
    merged = {name: classes.get(plain(name), known.merged_names.get(name, name)) for name in names}
    merged = {name: other for name, other in merged.items() if name != other}
    return with_one_spelling(renamed(labels, raw, rows, merged), raw, rows, known.class_names)


def _truth(name: str) -> str:
    """0 for False, 1 for True."""
    return {"false": "0", "true": "1"}.get(name.casefold(), spelled(name))


def _contents(read: Read, label_name: str) -> list[str]:
    cells = [column for column in read.cells if column.name != label_name]
    if read.content is None:
        return content_of(cells, read.n_rows)
    if not cells or all(column.stored == "image" for column in cells):
        return list(read.content)
    return [f"{one}\x1f{other}" for one, other in zip(content_of(cells, read.n_rows), read.content, strict=True)]


def assemble(parts: Parts, sealed: Sealed | None) -> tuple[Dataset, Dataset | None]:
    """The data set of the training rows, and that of the sealed rows if there are any."""
    test = np.zeros(parts.n_rows, dtype=bool) if sealed is None else sealed.test
    train_rows, test_rows = np.flatnonzero(~test), np.flatnonzero(test)
    schema, assumed = _schema(parts, train_rows)
    classes = _classes(parts, train_rows)
    probs = None
    if parts.read.probs is not None:
        named, probs = arrange_probs(parts.read.probs, parts.read.prob_names, classes)
        first = classes if parts.known is not None or parts.roles.classes else named
        classes = (*first, *(name for name in named if name not in first))
        probs = with_classes(probs, named, classes)
    schema = replace(schema, class_names=classes, merged_names=schema.merged_names or parts.labels.merged)
    about_ids = _ids_on_both_sides(parts.read, schema.id_name, train_rows, test_rows)
    stated = (*parts.assumptions, *(sealed.assumptions if sealed is not None else ()), *assumed, *about_ids)
    whole = _whole(parts, schema, probs, stated)
    train = _with_table(whole, parts, train_rows)
    return train, _with_table(whole, parts, test_rows) if len(test_rows) else None


def _schema(parts: Parts, train_rows: Rows) -> tuple[Schema, tuple[Assumption, ...]]:
    read = parts.read
    if parts.known is not None:
        check_columns(read, parts.known)
        return parts.known, ()
    columns = read.of_rows(train_rows)
    schema, assumed = choose_schema(columns, parts.label_name, parts.roles, may_sniff_id=read.ids is None)
    if not schema.plans and read.probs is None and read.features is None:
        raise DataError(
            "the data",
            "contain at least one column to learn from",
            f"the columns {', '.join(read.names) or 'none'}, all label, id or left out",
            "Name the label column with --label, or leave fewer columns out.",
        )
    if parts.label_cells is not None and not parts.roles.classes:
        some = LabelNames(parts.labels.names[train_rows], parts.labels.missing[train_rows], {})
        check_classes(parts.label_name, parts.label_cells.take(train_rows), some)
    return schema, (*assumed, *_id_assumption(read, schema))


def _id_assumption(read: Read, schema: Schema) -> tuple[Assumption, ...]:
    if schema.id_name:
        return ()
    if read.ids is not None:
        return (Assumption("id", read.ids_name, "these names are unique", "--id"),)
    return (Assumption("id", "row number, from 0", "no column is clearly an identifier", "--id"),)


def _ids_on_both_sides(read: Read, name: str, train_rows: Rows, test_rows: Rows) -> tuple[Assumption, ...]:
    """A word on ids that name a training row and a test row, or two test rows."""
    cells = read.column(name) if name else None
    if cells is None or not len(test_rows):
        return ()
    stated = []
    both = set(cells.raw[train_rows]) & set(cells.raw[test_rows])
    if both:
        why = f"{name} names the rows of train and those of test apart; the same id is not taken for the same row"
        stated.append(Assumption("ids in train and in test", f"{len(both):,}", why, "--id"))
    if not is_unique(cells.take(test_rows)):
        why = f"{name} repeats among the test rows, or is empty there"
        stated.append(Assumption("names of the test rows", "row number, from 0", why, "--id"))
    return tuple(stated)


def check_columns(read: Read, schema: Schema) -> None:
    """A DataError if a feature column is absent."""
    for plan in schema.plans:
        if read.column(plan.name) is None:
            raise DataError(
                "the columns",
                "be those of the training data",
                f"no {plan.kind} column {plan.name!r} among {listed(read.names, MOST_NAMED)}",
                f"{hint(plan.name, read.names)}Call the column {plan.name!r}, or add it.",
            )


def _classes(parts: Parts, train_rows: Rows) -> tuple[str, ...]:
    """Classes of the training rows, sorted; then those that only other rows have."""
    everywhere = set(class_names_of(parts.labels))
    if parts.known is not None:
        first = parts.known.class_names
    elif parts.roles.classes:
        first = parts.roles.classes
    else:
        trained = set(parts.labels.names[train_rows][~parts.labels.missing[train_rows]])
        first = sort_classes(trained, last=parts.labels.last)
    return (*first, *sort_classes(everywhere - set(first)))


def _whole(parts: Parts, schema: Schema, probs: Probs | None, stated: tuple[Assumption, ...]) -> Dataset:
    """Every row of the source by its number, still without feature columns."""
    read = parts.read
    cells = parts.label_cells
    raw = cells.raw if cells is not None else parts.labels.names
    examples = usual_spellings(parts.labels, raw, Counter(raw.tolist()))
    return Dataset(
        table=Table((), read.n_rows),
        codes=parts.labels.codes(schema.class_names),
        class_names=schema.class_names,
        ids=texts([str(row) for row in range(read.n_rows)]),
        id_name="",
        keys=content_keys(parts.contents),
        positions=np.arange(read.n_rows, dtype=np.int64),
        groups=_groups(read, schema.group_name),
        label_name=schema.label_name,
        probs=probs,
        features=read.features,
        assumptions=stated,
        source=read.source.bound(parts.label_name, examples),
        schema=schema,
        odd_labels=parts.odd_labels,
        parents=_parents(read, schema),
    )


def _parents(read: Read, schema: Schema) -> Texts | None:
    """The names of the rows from which rows were made, unless the column that has them is a feature."""
    cells = read.column(AUG_OF)
    is_other = AUG_OF in (schema.label_name, schema.id_name, *(plan.name for plan in schema.plans))
    return None if cells is None or is_other else cells.raw


def _ids(read: Read, schema: Schema, rows: Rows) -> tuple[Texts, str] | None:
    """The names of some rows, if they are unique among these: a test row may have the id of a training row."""
    cells = read.column(schema.id_name) if schema.id_name else None
    named = None if cells is None else cells.take(rows)
    if named is not None and is_unique(named):
        return named.raw, schema.id_name
    return None if read.ids is None else (read.ids[rows], read.ids_name)


def _groups(read: Read, name: str) -> Groups:
    cells = read.column(name) if name else None
    if cells is None:
        return np.full(read.n_rows, -1, dtype=np.int64)
    numbers = pl.Series(cells.raw, dtype=pl.String).rank("dense").to_numpy().astype(np.int64) - 1
    return np.where(cells.missing, -1, numbers)


def _with_table(whole: Dataset, parts: Parts, rows: Rows) -> Dataset:
    by_name = {cells.name: cells for cells in parts.read.of_rows(rows)}
    columns = tuple(build_column(by_name[plan.name], plan) for plan in whole.schema.plans)
    part = replace(whole.take(rows), table=Table(columns, len(rows)))
    named = _ids(parts.read, whole.schema, rows)
    return part if named is None else replace(part, ids=named[0], id_name=named[1])


def seal(parts: Parts, *, test_size: float | None, seed: int) -> Sealed | None:
    """The test rows by the split column or by size; None if no row is sealed."""
    read, roles = parts.read, parts.roles
    if roles.split is not None:
        words = split_words(read, roles.split)
        return Sealed(rows_by_split(words), about_split(roles.split, Counter(words)))
    if test_size is None:
        return None
    draw = Draw.of(read, label=parts.label_name, group=roles.group, named=roles.id)
    draw.add(read)
    test = draw.rows(parts.labels.codes(class_names_of(parts.labels)), test_size, seed)
    return Sealed(test, about_draw(test, seed))
