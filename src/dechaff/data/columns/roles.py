"""The role of each column: label, id, group, feature, or kept aside; decided on training rows alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import polars as pl

from dechaff.core.table import Kind
from dechaff.core.words import listed
from dechaff.data.columns.cells import Cells
from dechaff.data.columns.identifiers import is_unique, sniff_id
from dechaff.data.columns.kinds import forced_plan, identifier_plan, plan_column
from dechaff.data.columns.labels import checked_classes
from dechaff.data.columns.names import unknown_column
from dechaff.data.dataset import Assumption, ColumnPlan, Schema
from dechaff.data.splits import is_split_column
from dechaff.errors import DataError
from dechaff.records.options import ReadOptions

AUG_OF = "aug_of"
"""Column of augmented data: the row from which a row was made. An original row has its own name there."""


@dataclass(frozen=True)
class ColumnRoles:
    """Roles of columns that the user gave; the others are inferred."""

    label: str | None = None
    id: str | None = None
    group: str | None = None
    split: str | None = None
    text: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()
    date: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    exact_labels: bool = False
    """Each spelling of a label is a class of its own."""
    sniffs_id: bool = True
    """An id column is looked for if none is named."""
    classes: tuple[str, ...] = ()
    """All classes; () for those that occur."""

    @classmethod
    def of(cls, options: ReadOptions) -> ColumnRoles:
        """The roles that options name; labels in an array have no column."""
        return cls(
            label=str(options.label) if is_name(options.label) else None,
            id=_name(options.id),
            group=_name(options.group),
            split=_name(options.split),
            text=_names(options.text),
            categorical=_names(options.categorical),
            numeric=_names(options.numeric),
            date=_names(options.date),
            drop=_names(options.drop),
            exact_labels=options.exact_labels,
            classes=checked_classes(_names(options.classes)),
        )

    def kinds(self) -> dict[str, Kind]:
        """Column name -> kind, as the user gave it."""
        given: dict[Kind, tuple[str, ...]] = {
            "text": self.text, "categorical": self.categorical, "numeric": self.numeric, "datetime": self.date
        }  # fmt: skip
        return {name: kind for kind, names in given.items() for name in names}

    def check(self, names: Sequence[str]) -> None:
        """A DataError if a named column is not there, or has two roles; the label column is looked for elsewhere."""
        roles: dict[str, str] = {}
        for role in (one.name for one in fields(self) if one.name not in ("exact_labels", "sniffs_id", "classes")):
            given = getattr(self, role)
            for name in (given,) if isinstance(given, str) else given or ():
                if role != "label" and name not in names:
                    raise unknown_column(f"the {role} column", name, names, f"--{role}")
                if roles.setdefault(name, role) != role:
                    raise DataError(
                        f"the column {name!r}",
                        "have one role",
                        f"it as --{roles[name]} and as --{role}",
                        "Name it once.",
                    )


def with_children(roles: ColumnRoles, names: Sequence[str], assumed: list[Assumption]) -> ColumnRoles:
    """The roles, with the column that augmented data have as the group, unless another column is."""
    if roles.group is not None or AUG_OF not in names or AUG_OF in (roles.id, roles.split, *roles.drop, *roles.kinds()):
        return roles
    why = "it has the row from which a row was made; no split or fold separates them"
    assumed.append(Assumption("group column", AUG_OF, why, "--group"))
    return replace(roles, group=AUG_OF)


def is_name(label: object) -> bool:
    """Whether a label option names a column; otherwise it is the labels themselves."""
    return isinstance(label, str | int | np.integer) and not isinstance(label, bool)


def _name(column: object) -> str | None:
    return None if column is None else str(column)


def _names(columns: str | Sequence[str]) -> tuple[str, ...]:
    return (columns,) if isinstance(columns, str) else tuple(map(str, columns))


def choose_schema(
    columns: Sequence[Cells], label_name: str, roles: ColumnRoles, *, may_sniff_id: bool
) -> tuple[Schema, tuple[Assumption, ...]]:
    """Role and kind of every column from its training rows, and what had to be assumed."""
    assumed: list[Assumption] = []
    free = [cells for cells in columns if cells.name not in (label_name, roles.group, roles.split, *roles.drop)]
    id_name = _id_name(free, roles, assumed, may_sniff=may_sniff_id)
    features = [cells for cells in free if cells.name != id_name]
    aside = [cells.name for cells in features if roles.split is None and is_split_column(cells)]
    for name in aside:
        why = "its words say train or test; it is left out of the features, and no row is sealed by it"
        assumed.append(Assumption("split column", f"{name}, not used", why, "--split"))
    features = [cells for cells in features if cells.name not in aside]
    plans = _plans(features, roles, assumed)
    return Schema(tuple(plans), label_name, id_name, roles.group or "", ()), tuple(assumed)


def _id_name(free: Sequence[Cells], roles: ColumnRoles, assumed: list[Assumption], *, may_sniff: bool) -> str:
    if roles.id is not None:
        cells = next(column for column in free if column.name == roles.id)
        if not is_unique(cells):
            raise _repeats(cells)
        return roles.id
    given = roles.kinds()
    may_sniff = may_sniff and roles.sniffs_id
    found = sniff_id([cells for cells in free if cells.name not in given]) if may_sniff else None
    if found is None:
        return ""
    assumed.append(Assumption("id column", found[0], found[1], "--id"))
    return found[0]


def _repeats(cells: Cells) -> DataError:
    if cells.missing.any():
        found = f"an empty one in row {int(cells.missing.argmax())}"
    else:
        again = pl.Series(cells.raw, dtype=pl.String).is_duplicated().to_numpy()
        row = int(again.argmax())
        found = f"{cells.raw[row]!r} in {int((cells.raw == cells.raw[row]).sum())} rows (the first is row {row})"
    return DataError(
        f"the id column {cells.name!r}",
        "have a unique value in each row",
        found,
        "Name another column with --id, or none to number the rows. --group keeps related rows together.",
    )


def _plans(features: Sequence[Cells], roles: ColumnRoles, assumed: list[Assumption]) -> list[ColumnPlan]:
    given = roles.kinds()
    plans = []
    for cells in features:
        if cells.name in given:
            plans.append(forced_plan(cells, given[cells.name]))
            continue
        plan = plan_column(cells, alone=len(features) == 1)
        if plan is None:
            why = "its cells are lists or records; it is kept for writing back and is no feature"
            assumed.append(Assumption("nested column", cells.name, why, "--drop"))
            continue
        plans.append(plan)
    plans = _without_identifiers(plans, features, given)
    _state_kinds([plan for plan in plans if plan.name not in given], assumed)
    for plan in plans:
        if plan.note:
            assumed.append(Assumption(f"cells of {plan.name}", _word(plan.kind), plan.note, _other_flag(plan.kind)))
    return plans


def _without_identifiers(
    plans: list[ColumnPlan], features: Sequence[Cells], given: Mapping[str, Kind]
) -> list[ColumnPlan]:
    """The plans, with numbers that name the rows as identifiers, unless no other column would be left to learn from."""
    cells_of = {cells.name: cells for cells in features}
    found = [plan if plan.name in given else identifier_plan(cells_of[plan.name], plan) for plan in plans]
    return found if any(plan.kind != "identifier" for plan in found) else plans


def _state_kinds(plans: Sequence[ColumnPlan], assumed: list[Assumption]) -> None:
    """One assumption a kind and reason, with the names of its columns."""
    together: dict[tuple[Kind, str], list[str]] = {}
    for plan in plans:
        together.setdefault((plan.kind, plan.why), []).append(plan.name)
    for (kind, why), names in together.items():
        what = f"{_word(kind)} column{'s' if len(names) > 1 else ''}"
        assumed.append(Assumption(what, listed(names, 8), why, _other_flag(kind)))


def _word(kind: Kind) -> str:
    return "date" if kind == "datetime" else kind


def _other_flag(kind: Kind) -> str:
    """The flag that corrects a wrong kind."""
    return {
        "text": "--categorical",
        "categorical": "--text",
        "numeric": "--categorical",
        "datetime": "--text",
        "identifier": "--numeric",
    }.get(kind, "--drop")
