"""``dechaff audit``, ``pu``, ``curriculum`` and ``recipe``: the commands that write a run folder."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from cyclopts import Parameter
from rich.console import Console

from dechaff.errors import InputError
from dechaff.records.chosen_features import FeatureFacts
from dechaff.records.codes import CODES, code_named
from dechaff.records.keywords import with_options
from dechaff.records.metrics import Check, Metrics
from dechaff.report.record import open_record
from dechaff.report.words import between, count, one_line, percent
from dechaff.surfaces.cli.console import (
    counted_stops,
    print_json,
    print_next,
    say,
    shown_progress,
    stderr,
    stdout,
    title,
)
from dechaff.surfaces.cli.main import FINE, GATE_FAILED, STOPPED
from dechaff.surfaces.cli.options import AuditFlags, CurriculumFlags, Output, PUFlags, RecipeFlags, read_flags
from dechaff.surfaces.cli.prove import print_proof
from dechaff.surfaces.cli.runs import next_commands
from dechaff.surfaces.cli.summary import print_summary
from dechaff.typing import Json

if TYPE_CHECKING:
    from dechaff.api.results import Audit

T = TypeVar("T")
_DATA = "File (CSV, TSV, JSONL, Parquet, Arrow, npz), folder or pattern of such files, or image folder."
Data = Annotated[Path, Parameter(help=_DATA)]
_GATES = "CODE:LIMIT, such as D001:1% or D001:10; more findings than that end with exit code 1. Repeatable."
Gates = Annotated[tuple[str, ...], Parameter(help=_GATES)]


def audit(
    source: Data,
    /,
    *,
    options: AuditFlags = AuditFlags(),
    fail_on: Gates = (),
    output: Output = Output(),
) -> int:
    """Find errors in a data set, explain them, and propose fixes.

    Writes a run folder beside the file, with all findings and a report. The file itself is only read.
    """
    from dechaff.api.auditing import audit as run  # loads what the work needs, which --help does not

    return _found(with_options(run), source, options, fail_on, output)


def pu(
    source: Data,
    /,
    *,
    options: PUFlags = PUFlags(),
    fail_on: Gates = (),
    output: Output = Output(),
) -> int:
    """Find the positives among unlabelled rows, and how many there are.

    For data in which some rows are labelled positive and all others are unlabelled. Writes a run folder
    beside the file, as an audit does. The file itself is only read.
    """
    from dechaff.api.positive_unlabelled import pu as run  # loads what the work needs, which --help does not

    return _found(with_options(run), source, options, fail_on, output)


def curriculum(
    source: Data,
    /,
    *,
    options: CurriculumFlags = CurriculumFlags(),
    fail_on: Gates = (),
    output: Output = Output(),
) -> int:
    """Find the hard rows, and whether a model learns better if easy rows come first.

    Audits the data, chooses a pacing by held-out training rows, and compares the curriculum with random order, hard
    rows first and plain training on test rows: those of --test, or a fifth of the data. "No effect" is an answer.
    Writes a run folder beside the file, as an audit does. The file itself is only read.
    """
    from dechaff.api.curricula import find_curriculum as run  # loads what the work needs, which --help does not

    return _found(with_options(run), source, options, fail_on, output)


def recipe(source: Data, /, *, options: RecipeFlags = RecipeFlags(), output: Output = Output()) -> int:
    """Explore, train, improve and select, in rounds, and prove the result."""
    from dechaff.api.in_rounds import run_recipe as run  # loads what the work needs, which --help does not

    result, stopped = _watched(with_options(run), source, options, output)
    folder = result.audit.folder
    if output.json:
        verdict = None if result.proof is None else result.proof.verdict
        print_json({"verdict": verdict, **audit_json(result.audit)})
    else:
        record, console = open_record(result.audit.run), stdout()
        print_summary(console, record)
        print_rounds(console, record.metrics)
        if record.metrics.augmentation is not None:
            say(console, record.metrics.augmentation.words)
        if record.metrics.proof is not None:
            console.print()
            print_proof(console, record.metrics.proof)
        _print_features(console, record.metrics.features)
    if stopped:
        say(stderr(), f"Stopped. The finished steps are in {folder}.")
        return STOPPED
    if not output.quiet:
        predict = f"dechaff predict {shlex.quote(str(folder))} NEW_ROWS{source.suffix}"
        report, _, improve = next_commands(folder, source)
        decided = result.audit.metrics.decisions
        unchanged = decided is not None and not decided.drop and not decided.relabel
        print_next(report, *([] if unchanged else [improve]), predict)
    return FINE


def _print_features(console: Console, found: FeatureFacts | None) -> None:
    if found is not None:
        title(console, "Columns and features for the model")
        say(console, found.words, indent=2)
    if found is not None and found.proof is not None:
        say(console, found.proof.words, indent=2)


def _watched(work: Callable[[Path, Any], T], source: Path, options: Any, output: Output) -> tuple[T, bool]:
    """The result of work whose progress is shown, and whether Ctrl-C stopped it."""
    with counted_stops() as stops, shown_progress(quiet=output.quiet) as progress:
        result = work(source, read_flags(options, progress=progress))
    return result, bool(stops)


def _found(
    work: Callable[[Path, Any], Audit], source: Path, options: Any, fail_on: tuple[str, ...], output: Output
) -> int:
    """Prints the findings of an audit and the next commands; the exit code."""
    gates = [parse_gate(text) for text in fail_on]  # errors are raised before any work is done
    result, stopped = _watched(work, source, options, output)
    failed = failures(gates, result.run.metrics)
    if output.json:
        print_json(audit_json(result, failed))
    else:
        print_summary(stdout(), open_record(result.run))
    for failure in failed:
        say(stderr(), f"Gate failed: {failure.words}", "bold red")
    if stopped:
        say(stderr(), f"Stopped. The finished checks are in {result.folder}.")
        return STOPPED
    if not output.quiet:
        print_next(*next_commands(result.folder, source))
    return GATE_FAILED if failed else FINE


def audit_json(result: Audit, failed: tuple[Failure, ...] = ()) -> Json:
    """What ``--json`` prints: the run folder, the gates that failed, and all of ``metrics.json``."""
    return {
        "run": str(result.folder),
        "report": str(result.report()),
        "gates_failed": [asdict(one) for one in failed],
        **result.metrics.to_dict(),
    }


def print_rounds(console: Console, metrics: Metrics) -> None:
    """One line per round, one line per model."""
    if metrics.rounds:
        title(console, "Rounds")
    for one in metrics.rounds:
        outcome = "kept" if one.kept else "not kept"
        changes = f"{count(one.dropped)} dropped, {count(one.relabelled)} relabelled"
        say(console, f"{one.round}. {changes}: {outcome}; {one_line(one.why, 200)}", indent=2)
    if metrics.selection:
        title(console, "Models compared on the improved data")
    for model in metrics.selection:
        chosen = " ← kept" if model.chosen else ""
        scored = f"{percent(model.score)} ({between(model.low, model.high)})"
        say(console, f"{scored}  {one_line(model.name)}{chosen}", indent=2)


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
