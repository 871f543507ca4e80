from __future__ import annotations

import pytest

from dechaff.errors import InputError
from dechaff.records.metrics import Check, Metrics
from dechaff.records.record import DatasetFacts
from dechaff.surfaces.cli.audit import failures, parse_gate


def _metrics(*checks: tuple[str, str, int]) -> Metrics:
    listed = tuple(Check(code, status=status, findings=found, why="no text") for code, status, found in checks)
    return Metrics(dataset=DatasetFacts(rows=200), checks=listed)


@pytest.mark.parametrize(
    ("limit", "holds"), [("L001:2%", True), ("L001:1.9%", False), ("L001:4", True), ("L001", False)]
)
def test_a_limit_is_the_most_that_passes(limit: str, holds: bool) -> None:
    failed = failures([parse_gate(limit)], _metrics(("L001", "done", 4)))
    assert (failed == ()) is holds


def test_a_failure_says_what_was_found_and_allowed() -> None:
    (failed,) = failures([parse_gate("D001:1%")], _metrics(("D001", "done", 12)))
    assert failed.words == "D001 exact duplicate: 12 found, 2 allowed (D001:1%)"
    assert failed.findings == 12


def test_a_check_that_was_not_run_passes_no_gate() -> None:
    gates = [parse_gate("C003:100%"), parse_gate("O001:5")]
    words = [failed.words for failed in failures(gates, _metrics(("C003", "not run", 0)))]
    assert words == [
        "C003 text artefact: not checked (no text)",
        "O001 outlier: not checked (it is not part of this audit)",
    ]


@pytest.mark.parametrize("limit", ["L001:many", "L001:-1", "L001:nan", "L001:inf%"])
def test_a_limit_that_is_no_number_is_refused(limit: str) -> None:
    with pytest.raises(InputError, match="must be a number or a percentage of the rows"):
        parse_gate(limit)


def test_a_misspelt_code_is_answered_with_the_closest() -> None:
    with pytest.raises(InputError, match=r"Write one of: L001"):
        parse_gate("L01:3")
