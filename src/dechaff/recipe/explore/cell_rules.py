"""Rules of cells as JSON: what an audit learned, to be read, switched off, and said of new files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

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

KINDS: dict[str, type[Any]] = {
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


def rules_as_json(rules: Sequence[CellRule]) -> str:
    """The rules, one a line: its kind, what it says in words, whether it is on, and what it needs.

    Examples
    --------
    >>> from dechaff.methods.cells.order_rules import OrderRule
    >>> text = rules_as_json([OrderRule("start", "end", 2.0)])
    >>> rules_from_json(text)
    (OrderRule(first='start', second='end', beyond=2.0, is_date=False),)
    >>> rules_from_json(text.replace('"on": true', '"on": false'))
    ()
    """
    names = {kind: name for name, kind in KINDS.items()}
    lines = [
        json.dumps({"rule": names[type(rule)], "says": rule.words(), "on": True, **_fields(rule)}, ensure_ascii=False)
        for rule in rules
    ]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def rules_from_json(text: str, name: str = "the rules") -> tuple[CellRule, ...]:
    """The rules that are on.

    Raises
    ------
    RunError
        If the text is none of such rules.
    """
    try:
        return tuple(_rule(line) for line in json.loads(text) if line["on"])
    except (ValueError, KeyError, TypeError, msgspec.ValidationError) as error:
        fix = "Restore the file, or audit again."
        raise RunError(f"The rules of cells in {name} cannot be read: {error}.", fix=fix) from error


def _rule(line: dict[str, Any]) -> CellRule:
    fields = {name: value for name, value in line.items() if name not in ("rule", "says", "on")}
    rule: CellRule = msgspec.convert(fields, KINDS[line["rule"]], strict=False)
    return rule


def _fields(rule: Any) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(asdict(rule), order="sorted")
    return plain
