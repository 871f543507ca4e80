from __future__ import annotations

import io

import pytest
from msgspec.structs import replace
from rich.console import Console

from dechaff.records.metrics import (
    ChangeCounts,
    ClassProof,
    ControlEstimate,
    Estimate,
    HiddenErrors,
    McNemar,
    ProofFacts,
    SealedRows,
)
from dechaff.surfaces.cli.prove import print_proof

PROOF = ProofFacts(
    verdict="better",
    before=Estimate(0.764, 0.75, 0.78),
    after=Estimate(0.972, 0.96, 0.98),
    difference=Estimate(0.208, 0.19, 0.22),
    control=ControlEstimate(0.75, 0.73, 0.77, difference=Estimate(0.22, 0.2, 0.24)),
    mcnemar=McNemar(3, 211, 1e-12),
    per_class=(ClassProof("quiet", 10, 0.5, 0.5, 0.0, 0, 0), ClassProof("bad\x1b", 500, 0.7, 0.97, 0.27, 0.2, 0.3)),
    test=SealedRows(rows=1000, used=998, leaks_left_out=2),
    changes=ChangeCounts(dropped=1200, relabelled=7),
    model="words, logistic regression",
    test_label_errors=HiddenErrors(0.02, "Up to 2 % of the test labels may be wrong."),
    words="Better by 20.8 points.",
)


def _lines(proof: ProofFacts, width: int = 100) -> list[str]:
    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False, markup=False)
    print_proof(console, proof)
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip().replace("\N{NO-BREAK SPACE}", " ") for line in console.file.getvalue().splitlines()]


def test_the_verdict_comes_first_in_words() -> None:
    assert _lines(PROOF)[0] == "Better. Better by 20.8 points."


def test_scores_stand_beside_the_control_and_the_difference() -> None:
    text = "\n".join(" ".join(line.split()) for line in _lines(PROOF))
    assert "before 76.4 % 75.0 % to 78.0 %" in text
    assert "as many random changes 75.0 % 73.0 % to 77.0 %" in text
    assert "after − before +20.8 points +19.0 to +22.0 points" in text


def test_the_verdict_is_not_said_twice() -> None:
    said = replace(PROOF, words="Better: trained on the cleaned data, the model gains.")
    assert _lines(said)[0] == "Better. Trained on the cleaned data, the model gains."


def test_a_log_loss_is_named_as_what_its_numbers_are() -> None:
    assert "minus log-loss, higher is better" in "\n".join(_lines(replace(PROOF, metric="log_loss")))


def test_what_the_verdict_rests_on_is_said() -> None:
    text = "\n".join(_lines(PROOF))
    assert "998 sealed rows; left out: 2 that are also in the training data." in text
    assert "1,200 dropped, 7 relabelled, 0 added" in text
    assert "Right only after: 211; right only before: 3 (McNemar, p < 0.001)." in text
    assert "Up to 2 % of the test labels may be wrong." in text


def test_the_class_that_moved_most_is_the_first_and_cannot_steer_the_terminal() -> None:
    lines = _lines(PROOF)
    assert next(line for line in lines if "bad" in line or "quiet" in line).startswith("bad␛")


@pytest.mark.parametrize("verdict", ["no evidence", "worse"])
def test_the_proof_can_say_no(verdict: str) -> None:
    first = _lines(ProofFacts(verdict=verdict))[0]
    assert first.lower().startswith(verdict)


@pytest.mark.parametrize("width", [40, 80])
def test_every_line_fits_the_terminal(width: int) -> None:
    assert max(map(len, _lines(PROOF, width))) <= width


def test_of_a_proof_without_any_change_no_table_of_zeros_is_printed() -> None:
    text = "\n".join(_lines(replace(PROOF, changes=ChangeCounts(), verdict="no evidence")))
    assert "as many random changes" not in text
    assert "998 sealed rows" in text


def test_classes_that_are_not_shown_are_counted() -> None:
    many = tuple(ClassProof(f"c{number}", 10, 0.5, 0.5, 0.0, 0, 0) for number in range(20))
    assert any(line.startswith("and 12 classes that changed less") for line in _lines(replace(PROOF, per_class=many)))
