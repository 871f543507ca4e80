"""Words and small tables about rows with doubtful labels."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from dechaff.typing import Rows

if TYPE_CHECKING:
    from dechaff.api.label_errors import LabelErrors


def reasons(found: LabelErrors, rows: Rows) -> list[str]:
    """Why each flagged row is one, in words; '' for the others."""
    told = dict(zip(found.verdicts.rows.tolist(), found.verdicts.true.tolist(), strict=True))
    words = [_of_person(found.inputs.classes, told[row]) if row in told else "" for row in rows.tolist()]
    doubted = [place for place, row in enumerate(rows.tolist()) if found.flagged[row] and row not in told]
    more = found.judgement.why_of(found.inputs, rows[doubted])
    for place, said in zip(doubted, more, strict=True):
        words[place] = _of_model(found, int(rows[place])) + said
    return words


def _of_person(classes: Any, code: int) -> str:
    return "Reviewed: none of the classes." if code < 0 else f"Reviewed: it is {classes[code]}."


def _of_model(found: LabelErrors, row: int) -> str:
    probs = found.judgement.probs
    given, suggested = int(found.inputs.labels[row]), int(found.judged.suggested[row])
    classes = found.inputs.classes
    return (
        f"Without having seen this row the model gives {classes[suggested]} {_percent(probs[row, suggested])} and the "
        f"given label {classes[given]} {_percent(probs[row, given])}."
    )


def _percent(share: float) -> str:
    percent = 100 * float(share)
    return f"{percent:.2g} %" if percent < 1 else f"{percent:.0f} %"


def html(headline: str, table: Any) -> str:
    """The headline and some rows, for a notebook."""
    names = [str(name) for name in (table.column_names if hasattr(table, "column_names") else table.columns)]
    columns = [np.asarray(table[name]).tolist() for name in names]
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(_cell(value))}</td>" for value in line) + "</tr>"
        for line in zip(*columns, strict=True)
    )
    return f"<p>{escape(headline)}</p><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def _cell(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
