"""The gate of ``--fail-on``: how many findings of a code a data set may have before a build fails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dechaff.errors import InputError
from dechaff.records.codes import CODES, code_named
from dechaff.records.metrics import Check, Metrics


@dataclass(frozen=True)
class Gate:
    """At most ``limit`` findings of ``code``; with ``per_row`` the limit is a proportion of the rows."""

    code: str
    limit: float
    per_row: bool

    def allowed(self, rows: int) -> float:
        """How many findings pass."""
        return self.limit * rows if self.per_row else self.limit

    def __str__(self) -> str:
        return f"{self.code}:{self.limit:.6g}" if not self.per_row else f"{self.code}:{self.limit * 100:.6g}%"


@dataclass(frozen=True)
class Failure:
    """A gate that did not hold, in words."""

    gate: str
    findings: int
    words: str


def parse_gate(text: str) -> Gate:
    """The gate that ``CODE``, ``CODE:NUMBER`` or ``CODE:PERCENT%`` describes.

    Examples
    --------
    >>> parse_gate("L001:1%")
    Gate(code='L001', limit=0.01, per_row=True)
    >>> parse_gate("d001")
    Gate(code='D001', limit=0.0, per_row=False)
    """
    name, _, limit = text.partition(":")
    code = code_named(name, "the code in --fail-on").code
    share = limit.strip().endswith("%")
    try:
        number = float(limit.strip().rstrip("%") or 0)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise InputError(
            "the limit in --fail-on",
            "be a number or a percentage of the rows",
            repr(limit),
            f"Write {code}:10 or {code}:1%.",
        )
    return Gate(code, number / 100 if share else number, share)


def failures(gates: Iterable[Gate], metrics: Metrics) -> tuple[Failure, ...]:
    """The gates that an audit does not pass. A check that was not run passes no gate."""
    checks = {check.code: check for check in metrics.checks}
    rows = metrics.dataset.rows
    judged = (_failure(gate, checks.get(gate.code), rows) for gate in gates)
    return tuple(failure for failure in judged if failure is not None)


def _failure(gate: Gate, check: Check | None, rows: int) -> Failure | None:
    title = f"{gate.code} {CODES[gate.code].title}"
    if check is None or check.status != "done":
        why = "it is not part of this audit" if check is None else check.why
        return Failure(str(gate), 0, f"{title}: not checked ({why})")
    found = check.findings
    if found <= gate.allowed(rows):
        return None
    return Failure(str(gate), found, f"{title}: {found:,} found, {gate.allowed(rows):,.6g} allowed ({gate})")
