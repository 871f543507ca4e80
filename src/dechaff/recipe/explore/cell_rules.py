"""Rules of cells as JSON: what an audit learned, to be read, switched off, and applied to new files."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from dechaff.data.dataset import Dataset
from dechaff.errors import RunError
from dechaff.methods.cells.broken_encoding import EncodingRule
from dechaff.methods.cells.cell_columns import CellRule
from dechaff.methods.cells.cell_shapes import ShapeRule
from dechaff.methods.cells.date_orders import DateRule
from dechaff.methods.cells.linear_relations import RelationRule
from dechaff.methods.cells.merged_cells import MergedRule
from dechaff.methods.cells.missing_values import MissingRule
from dechaff.methods.cells.near_spellings import SpellingRule
from dechaff.methods.cells.non_numbers import NumberRule
from dechaff.methods.cells.order_rules import OrderRule
from dechaff.methods.cells.scale_shifts import RangeRule
from dechaff.methods.cells.soft_dependencies import DependencyRule
from dechaff.methods.cells.source_fusion import FusionRule
from dechaff.methods.cells.unit_spellings import UnitRule
from dechaff.recipe.explore.cell_errors import comparable_columns

KINDS: dict[str, type[CellRule]] = {
    "encoding": EncodingRule,
    "missing": MissingRule,
    "merged": MergedRule,
    "unit": UnitRule,
    "date": DateRule,
    "number": NumberRule,
    "spelling": SpellingRule,
    "shape": ShapeRule,
    "range": RangeRule,
    "sources": FusionRule,
    "dependency": DependencyRule,
    "order": OrderRule,
    "relation": RelationRule,
}
"""Name of a rule in files -> its type."""


class Line(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """One rule of a file: its kind, its sentence, whether it is applied, and what was learned of the rows."""

    rule: str
    says: str
    on: bool = True
    learned: msgspec.Raw


class KeptRules(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A file of rules, and the columns of the rows that they were learned of."""

    columns: tuple[str, ...] = ()
    """The columns that rules can be about."""
    others: tuple[str, ...] = ()
    """Columns that may be absent: the label, the groups."""
    id: str = ""
    """The column that names the rows."""
    rules: tuple[Line, ...]

    @property
    def applied(self) -> tuple[CellRule, ...]:
        """The rules that are on."""
        return tuple(msgspec.json.decode(line.learned, type=KINDS[line.rule]) for line in self.rules if line.on)


def rules_as_json(rules: Sequence[CellRule], data: Dataset | None = None) -> str:
    """The rules, one a line: its kind, what it says in words, whether it is on, and what it needs.

    Parameters
    ----------
    rules : what was learned.
    data : the rows that it was learned of; their columns are kept as well.

    Examples
    --------
    >>> from dechaff.methods.cells.order_rules import OrderRule
    >>> text = rules_as_json([OrderRule("start", "end", 2.0)])
    >>> rules_from_json(text).applied
    (OrderRule(first='start', second='end', beyond=2.0, is_date=False),)
    >>> rules_from_json(text.replace('"on":true', '"on":false')).applied
    ()
    """
    names = {kind: name for name, kind in KINDS.items()}
    encoder = msgspec.json.Encoder(order="deterministic")  # sets have an order too
    lines = (Line(rule=names[type(one)], says=one.words(), learned=msgspec.Raw(encoder.encode(one))) for one in rules)
    kept = KeptRules(rules=tuple(lines))
    if data is not None:
        others = tuple(one for one in (data.label_name, data.schema.group_name) if one)
        columns = tuple(comparable_columns(data.table.columns))
        kept = replace(kept, columns=columns, others=others, id=data.schema.id_name)
    return as_json(kept)


def as_json(kept: KeptRules) -> str:
    """A file of rules, one a line."""
    about = (f'"{name}": {_json(getattr(kept, name))},\n' for name in ("columns", "others", "id"))
    return f'{{\n{"".join(about)}"rules": [\n' + ",\n".join(map(_json, kept.rules)) + "\n]\n}\n"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def rules_from_json(text: str | bytes, name: str = "the rules") -> KeptRules:
    """The rules of a file.

    Raises
    ------
    RunError
        If the text is none of such rules.
    """
    try:
        kept = msgspec.json.decode(text, type=KeptRules)
        _ = kept.applied
    except (msgspec.MsgspecError, KeyError, UnicodeDecodeError) as error:
        fix = "Restore the file, or audit again."
        raise RunError(f"The rules of cells in {name} cannot be read: {error}.", fix=fix) from error
    return kept
