"""Rules of cells as JSON: what an audit learned, to be read, switched off, and said of new files."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dechaff.errors import RunError
from dechaff.methods.cells.broken_encoding import EncodingRule
from dechaff.methods.cells.cell_columns import CellRule
from dechaff.methods.cells.cell_shapes import ShapeRule
from dechaff.methods.cells.date_orders import DateRule
from dechaff.methods.cells.merged_cells import MergedRule
from dechaff.methods.cells.missing_values import MissingRule
from dechaff.methods.cells.near_spellings import SpellingRule
from dechaff.methods.cells.non_numbers import NumberRule
from dechaff.methods.cells.order_rules import OrderRule
from dechaff.methods.cells.scale_shifts import RangeRule
from dechaff.methods.cells.soft_dependencies import DependencyRule
from dechaff.methods.cells.source_fusion import FusionRule
from dechaff.methods.cells.unit_spellings import UnitRule

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
}
"""Name of a rule in files -> its type."""


class Line(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One line of the file: kind of the rule, its sentence, whether it is applied, and what it was told by the rows."""

    rule: str
    says: str
    on: bool = True
    learned: msgspec.Raw


def rules_as_json(rules: Sequence[CellRule]) -> str:
    """The rules, one a line: its kind, what it says in words, whether it is on, and what it needs.

    Examples
    --------
    >>> from dechaff.methods.cells.order_rules import OrderRule
    >>> text = rules_as_json([OrderRule("start", "end", 2.0)])
    >>> rules_from_json(text)
    (OrderRule(first='start', second='end', beyond=2.0, is_date=False),)
    >>> rules_from_json(text.replace('"on":true', '"on":false'))
    ()
    """
    names = {kind: name for name, kind in KINDS.items()}
    encoder = msgspec.json.Encoder(order="deterministic")  # sets have an order too
    lines = (Line(rule=names[type(one)], says=one.words(), learned=msgspec.Raw(encoder.encode(one))) for one in rules)
    return "[\n" + ",\n".join(msgspec.json.encode(line).decode() for line in lines) + "\n]\n"


def rules_from_json(text: str, name: str = "the rules") -> tuple[CellRule, ...]:
    """The rules that are on.

    Raises
    ------
    RunError
        If the text is none of such rules.
    """
    try:
        lines = msgspec.json.decode(text, type=list[Line])
        return tuple(msgspec.json.decode(line.learned, type=KINDS[line.rule]) for line in lines if line.on)
    except (msgspec.MsgspecError, KeyError) as error:
        fix = "Restore the file, or audit again."
        raise RunError(f"The rules of cells in {name} cannot be read: {error}.", fix=fix) from error
