"""What `prove` must know before it trains: two versions in one coding, row for row, and the test rows that count."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import Codes, combine_codes, factorize_objects
from dechaff.core.identifying_columns import naming_columns
from dechaff.core.table import Column, Table
from dechaff.data.columns.labels import check_one_coding
from dechaff.data.dataset import Dataset, Opened
from dechaff.errors import InputError, LabelsError
from dechaff.methods.duplicates.chance_repeats import chance_repeats
from dechaff.methods.proof.pair_rows import Pairing, pair_rows
from dechaff.models.model import Fitted
from dechaff.recipe.explore.content_hashes import comparable_cells, data_hashes, in_content_order
from dechaff.recipe.explore.view import View, label_of, near_across
from dechaff.records.metrics import ChangeCounts, SealedRows
from dechaff.typing import Labels, Mask, Probs, Rows

MOST_LEAKS_LISTED = 100


@dataclass(frozen=True)
class TestRows:
    """The test rows that are scored: their labels, and the rows in parts, which may be read anew for every model."""

    __test__ = False
    codes: Labels
    parts: Callable[[], Iterable[Dataset]]

    def __len__(self) -> int:
        return len(self.codes)

    def probs(self, fitted: Fitted) -> Probs:
        """(n, k) predictions of a model, part by part."""
        return np.concatenate([fitted.probs(part.table, part.features) for part in self.parts()])


@dataclass(frozen=True)
class Prepared:
    """Both versions and the used test rows, in one class coding and one order of columns."""

    before: Dataset
    after: Dataset
    test: TestRows
    class_names: tuple[str, ...]
    pairing: Pairing
    changes: ChangeCounts
    test_rows: SealedRows
    same_training: bool
    """No labelled row differs, so both versions train the same model."""
    notes: tuple[str, ...]


def prepare(before: Dataset, after: Dataset, tests: Callable[[], Iterable[Dataset]]) -> Prepared:
    """Align columns and classes, pair the rows, and leave out test rows that cannot be scored.

    `tests` gives the test rows in parts; it is called again for every prediction.
    """
    names = _all_classes(chain((before, after), tests()))
    # The models draw rows by their place: the proof is then the same for any order of the rows.
    before, after = (
        in_content_order(Opened(_aligned(data, before, side, names), None)).train
        for data, side in ((before, "before"), (after, "after"))
    )
    _check_labels(before, "before")
    _check_labels(after, "after")
    pairing = _paired(before, after)
    test, test_rows, notes = _scored(before, after, lambda: (_aligned(one, before, "test", names) for one in tests()))
    changes, same_training = _changes(before, after, pairing)
    return Prepared(before, after, test, names, pairing, changes, test_rows, same_training, (*notes, *_odd(pairing)))


def _scored(
    before: Dataset, after: Dataset, tests: Callable[[], Iterable[Dataset]]
) -> tuple[TestRows, SealedRows, tuple[str, ...]]:
    """The test rows that can be scored; all others are counted."""
    used, codes, counted = [], [], SealedRows()
    by_chance, trained = 0, View(before)
    for part in tests():
        rows, found, chance = _test_rows(trained, after, part)
        used.append(rows)
        codes.append(part.codes[rows])
        counted, by_chance = _added(counted, found), by_chance + chance
    if counted.used < 2:
        _refuse_test(counted.rows, counted.leaks_left_out, counted.unlabelled)
    labels = np.concatenate(codes)
    check_one_coding(
        *({before.class_names[code] for code in {*some.tolist()} - {-1}} for some in (before.codes, labels))
    )

    def parts() -> Iterator[Dataset]:
        return (part.take(rows) for part, rows in zip(tests(), used, strict=True))

    held = tuple(parts()) if len(used) == 1 else None
    test = TestRows(labels, lambda: held or parts())
    notes = (*_coinciding(by_chance), *_unknown_classes(before, labels), *_added_test_rows(counted))
    return test, counted, notes


def _added(first: SealedRows, second: SealedRows) -> SealedRows:
    """The counts of two parts of the test rows."""
    numbers = ("rows", "used", "leaks_left_out", "near_copies", "leaks_from_after", "unlabelled")
    return SealedRows(
        **{name: getattr(first, name) + getattr(second, name) for name in numbers},
        sha256=second.sha256,
        leaks=(*first.leaks, *second.leaks)[:MOST_LEAKS_LISTED],
    )


def _coinciding(by_chance: int) -> tuple[str, ...]:
    if not by_chance:
        return ()
    return (
        f"{by_chance} test rows equal a training row, but the columns hold so few values that rows "
        "coincide by chance; they are no leaks and were scored.",
    )


def _all_classes(sides: Iterable[Dataset]) -> tuple[str, ...]:
    """The classes of ``before`` in their order, then those that only the others have."""
    return tuple(dict.fromkeys(name for side in sides for name in side.class_names))


def _aligned(data: Dataset, before: Dataset, side: str, names: tuple[str, ...]) -> Dataset:
    _check_columns(data, before, side)
    number = {name: i for i, name in enumerate(names)}
    recode = np.array([*(number[name] for name in data.class_names), -1], dtype=np.int64)
    columns = tuple(data.table[name] for name in before.table.names)
    table = Table(columns, len(data.table))
    return replace(data, table=table, codes=recode[data.codes], class_names=names)


def _check_columns(data: Dataset, before: Dataset, side: str) -> None:
    wanted = {column.name: column.kind for column in before.table.columns}
    found = {column.name: column.kind for column in data.table.columns}
    lacking = sorted(set(wanted) - set(found))
    # A test file may carry more columns than train; they are ignored.
    extra = [] if side == "test" else sorted(set(found) - set(wanted))
    differing = sorted(name for name in set(wanted) & set(found) if wanted[name] != found[name])
    if not (lacking or extra or differing):
        return _check_features(data, before, side)
    parts = [
        *(f"no column {name!r}" for name in lacking[:5]),
        *(f"another column {name!r}" for name in extra[:5]),
        *(f"{name!r} as {found[name]} instead of {wanted[name]}" for name in differing[:5]),
    ]
    raise InputError(
        f"the feature columns of {side}",
        "be those of before, each of the same kind, because one model is trained on both",
        ", ".join(parts),
        "Give all files the same columns, or leave the others out with --drop.",
    )


def _check_features(data: Dataset, before: Dataset, side: str) -> None:
    wanted = None if before.features is None else before.features.shape[1]
    found = None if data.features is None else data.features.shape[1]
    if wanted != found:
        raise InputError(
            f"the features of {side}",
            f"have as many columns as those of before ({wanted or 'none'})",
            f"{found or 'none'}",
            "Compute the features of all three with one encoder.",
        )


def _check_labels(data: Dataset, side: str) -> None:
    present = np.unique(data.codes[data.codes >= 0])
    if len(present) < 2:
        raise LabelsError(
            f"the labels of {side}",
            "contain at least two classes, because a model must separate them",
            f"{len(present)} in {int((data.codes >= 0).sum())} labelled rows",
            "Check that the label column is the right one and that cleaning kept every class.",
        )


def _paired(before: Dataset, after: Dataset) -> Pairing:
    columns = _contents((before, after), before.table.names, _as_read)
    contents = combine_codes(columns, len(before) + len(after))
    by_id = _usable_ids(before) and _usable_ids(after) and before.id_name == after.id_name
    return pair_rows(
        (contents[: len(before)], contents[len(before) :]),
        (before.codes, after.codes),
        (before.ids, after.ids) if by_id else None,
    )


def _usable_ids(data: Dataset) -> bool:
    return bool(data.id_name) and len(set(data.ids.tolist())) == len(data)


def without(data: Dataset, sealed: Dataset) -> Dataset:
    """Data that hold the sealed rows, too, without them: by their ids, or as many equal rows as there are sealed ones.

    Rows that were made from sealed rows are left out, too.

    Parameters
    ----------
    data, sealed : read with one schema.
    """
    if data.parents is not None:
        data = data.take(~np.isin(data.parents.astype(str), sealed.ids.astype(str)))
    if _usable_ids(data) and _usable_ids(sealed):
        return data.take(~np.isin(data.ids.astype(str), sealed.ids.astype(str)))
    sides = (data, sealed)
    labels = factorize_objects(label_of(side, row) for side in sides for row in range(len(side)))
    equal = combine_codes([*_contents(sides, data.table.names, _as_read), labels], len(data) + len(sealed))
    found, wanted = np.split(equal, [len(data)])
    order = np.argsort(found, kind="stable")
    first = np.searchsorted(found[order], found[order])
    nth = np.empty(len(data), dtype=np.int64)
    nth[order] = np.arange(len(data)) - first
    return data.take(nth >= np.bincount(wanted, minlength=int(equal.max(initial=0)) + 1)[found])


def _contents(
    sides: Sequence[Dataset], names: Sequence[str], reading: Callable[[Column], npt.NDArray[np.object_]]
) -> list[Codes]:
    """For each named column a code of every row of all sides, one side after the other."""
    columns = [
        factorize_objects(value for side in sides for value in reading(side.table[name]).tolist()) for name in names
    ]
    if sides[0].features is not None:
        columns.append(factorize_objects(row.tobytes() for side in sides for row in _features(side)))
    return columns


def _features(side: Dataset) -> npt.NDArray[np.float64]:
    # + 0.0 turns -0.0 into 0.0, which has other bytes and is equal.
    return np.ascontiguousarray(np.asarray(side.features, dtype=np.float64)) + 0.0


def _as_read(column: Column) -> npt.NDArray[np.object_]:
    """Parsed values, so that 1 and 1.0 are one cell whoever wrote the file; NaN is None, which equals itself."""
    if column.kind == "image":
        return comparable_cells(column)  # an image copied under another name is found
    values = column.values.astype(object)
    if column.kind in ("numeric", "datetime", "identifier"):
        values[np.isnan(column.values.astype(np.float64))] = None
    return np.asarray(values)


def _loosely_read(column: Column) -> npt.NDArray[np.object_]:
    """The same, with case and space in text levelled out."""
    if column.kind not in ("text", "categorical"):
        return _as_read(column)
    return np.array([" ".join(value.casefold().split()) for value in column.values.tolist()], dtype=object)


def _test_rows(trained: View, after: Dataset, test: Dataset) -> tuple[Rows, SealedRows, int]:
    """The rows to score of one part, its counts, and how many rows equal a training row by chance."""
    before = trained.train
    # A row that was copied into the test under another number is still the same row.
    numbers = naming_columns(before.table.columns)
    names = [name for name in before.table.names if name not in numbers]
    columns = _contents((before, after, test), names, _loosely_read)
    code = combine_codes(columns, len(before) + len(after) + len(test))
    in_before, in_after, in_test = np.split(code, [len(before), len(before) + len(after)])
    by_chance = 0
    from_before, from_after = np.isin(in_test, in_before), np.isin(in_test, in_after)
    equal = leak = from_before | from_after
    if leak.any() and chance_repeats([column[: len(before)] for column in columns], len(before)).natural:
        by_chance = int(leak.sum())
        equal = leak = from_after = np.zeros(len(test), dtype=np.bool_)
    else:
        near_before, near_after = _nearly_in(trained, after.take(~np.isin(in_after, in_before)), test)
        from_before, from_after = from_before | near_before, from_after | near_after
        leak = from_before | from_after
    unlabelled = test.codes < 0
    used = np.flatnonzero(~leak & ~unlabelled)
    used = used[np.argsort(data_hashes(test.take(used)), kind="stable")]
    listed = tuple(str(name) for name in test.ids[leak][:MOST_LEAKS_LISTED])
    rows = SealedRows(
        rows=len(test),
        used=len(used),
        leaks_left_out=int(leak.sum()),
        near_copies=int((leak & ~equal).sum()),
        leaks_from_after=int((from_after & ~from_before & leak).sum()),
        unlabelled=int(unlabelled.sum()),
        sha256=test.source.sha256,
        leaks=listed,
    )
    return used, rows, by_chance


def _nearly_in(trained: View, added: Dataset, test: Dataset) -> tuple[Mask, Mask]:
    """Test rows that are nearly a training row before, and nearly one that only the version after holds."""
    found = np.zeros((2, len(test)), dtype=np.bool_)
    # Of rows made from templates, as in the audit, none is a copy.
    if not trained.near.templates:
        for side, rows in enumerate((trained.train, added)):
            found[side, near_across(rows, test, trained.compared)[0][:, 1]] = True
    return found[0], found[1]


def _refuse_test(rows: int, leaks: int, unlabelled: int) -> None:
    raise InputError(
        "test",
        "contain at least two labelled rows that are not in the training data",
        f"{rows} rows, {leaks} of them also in train and {unlabelled} without a label",
        "Pass rows that were set aside before anything was trained or cleaned.",
    )


def _unknown_classes(before: Dataset, labels: Labels) -> tuple[str, ...]:
    unknown = np.setdiff1d(labels, before.codes)
    if not len(unknown):
        return ()
    names = ", ".join(before.class_names[c] for c in unknown[:5])
    return (f"The test holds classes that the data before cleaning do not: {names}. Their rows count as wrong there.",)


def _added_test_rows(rows: SealedRows) -> tuple[str, ...]:
    if not rows.leaks_from_after:
        return ()
    return (
        f"{rows.leaks_from_after} test rows stand in the cleaned data and not in the data before: "
        "they were copied there. They were left out of the score.",
    )


def _changes(before: Dataset, after: Dataset, pairing: Pairing) -> tuple[ChangeCounts, bool]:
    kept = pairing.partner >= 0
    new = after.codes[pairing.partner[kept]]
    relabelled = int((new != before.codes[kept]).sum())
    changes = ChangeCounts(int((~kept).sum()), relabelled, len(pairing.added), int(pairing.edited.sum()))
    dropped_labelled = (before.codes[~kept] >= 0).any()
    added_labelled = (after.codes[pairing.added] >= 0).any()
    edited_labelled = (after.codes[pairing.partner[pairing.edited]] >= 0).any()
    return changes, not (dropped_labelled or relabelled or added_labelled or edited_labelled)


def _odd(pairing: Pairing) -> tuple[str, ...]:
    kept = int((pairing.partner >= 0).sum())
    if kept >= len(pairing.partner) / 2 or not len(pairing.added):
        return ()
    return (
        f"Only {kept} of {len(pairing.partner)} rows before cleaning were recognised after it "
        f"({len(pairing.added)} rows look new), so the two share little luck and the intervals are wide. "
        "An id column in both files would tell which row is which.",
    )
