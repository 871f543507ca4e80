"""The short report: verdict, numbers, findings, slices, the first doubtful labels, proof, limits."""

from __future__ import annotations

from collections.abc import Iterator

from dechaff.records.codes import CODES
from dechaff.records.metrics import ClassProof, Estimate, Example, Metrics, ProofFacts
from dechaff.report.headline import figures, verdict
from dechaff.report.markdown.escape import prose, table, verbatim
from dechaff.report.markdown.positives import positives_part
from dechaff.report.numbers import between, count, in_metric, metric_name, of_things, percent, points
from dechaff.report.record import RunRecord

_MOST_SLICES, _MOST_ROWS, _MOST_CLASSES, _MOST_LIMITS = 10, 5, 10, 10


def render_markdown(record: RunRecord) -> str:
    """The report in short, as GitHub-flavoured Markdown."""
    return "\n\n".join(_parts(record)) + "\n"


def _parts(record: RunRecord) -> Iterator[str]:
    metrics = record.metrics
    first = verdict(metrics)
    yield f"# Audit of {prose(metrics.dataset.name or 'a data set', 80)}"
    yield f"**{prose(first.word)}.** {prose(first.sentence)}"
    yield table(["", "#", ""], ([one.name, f"**{one.number}**", prose(one.note)] for one in figures(record)))
    yield from _findings(metrics)
    yield from _slices(metrics)
    if metrics.positives is not None:
        yield from positives_part(metrics.positives)
        yield from _rows_to_look_at(record, "P001", "Rows that are probably positive")
        yield from _rows_to_look_at(record, "P002", "Labelled rows that are probably wrong")
    yield from _rows_to_look_at(record, "L001", "Labels to review first")
    yield from _decisions(metrics)
    if metrics.positives is None:
        yield from _proof(metrics.proof)
    yield from _ending(record)


def _findings(metrics: Metrics) -> Iterator[str]:
    yield "## Findings"
    # The slices first: one of them can explain hundreds of the others.
    found = sorted((check for check in metrics.checks if check.findings), key=lambda check: check.code != "L002")
    if found:
        rows = (
            [f"{verbatim(check.code, 20)} {_title(check.code, check.title)}", count(check.findings)] for check in found
        )
        yield table(["Kind", "#Findings"], rows)
    else:
        yield "No check found anything."
    missed = [check for check in metrics.checks if check.status != "done"][:20]
    if missed:
        yield "\n".join(f"- Not run: {_title(one.code, one.title)} ({prose(one.why, 160)})" for one in missed)


def _title(code: str, title: str) -> str:
    return CODES[code].title if code in CODES else prose(title or code, 60)


def _slices(metrics: Metrics) -> Iterator[str]:
    if not metrics.slices:
        return
    yield "## Parts whose labels cannot be trusted"
    yield table(
        ["Condition", "#Rows", "#Agree inside", "#Agree outside", "#Wrong labels", "Proposed"],
        (
            [
                verbatim(part.condition, 160),
                count(part.rows),
                percent(part.agreement_inside),
                percent(part.agreement_outside),
                f"{percent(part.noise_rate)} ({between(part.low, part.high)})".replace(" ()", ""),
                prose(part.action, 20),
            ]
            for part in metrics.slices[:_MOST_SLICES]
        ),
    )


def _rows_to_look_at(record: RunRecord, code: str, title: str) -> Iterator[str]:
    rows = record.examples.get(code, ())[:_MOST_ROWS]
    if not rows:
        return
    yield f"## {title}"
    dataset = record.metrics.dataset
    texts = frozenset(column.name for column in dataset.columns if column.kind == "text")
    yield table(
        [verbatim(dataset.id, 40) if dataset.id else "Row", "Given", "Suggested", "Text" if texts else "Cells"],
        (
            [
                verbatim(row.row, 40),
                verbatim(row.given, 40),
                verbatim(row.suggested, 40),
                verbatim(_content(row, texts), 120),
            ]
            for row in rows
        ),
    )


def _content(row: Example, texts: frozenset[str]) -> str:
    """The texts of the row, or if it has none, its cells with their names."""
    texts_of_row = "; ".join(text or "" for name, text, _ in row.cells if name in texts)
    return texts_of_row or "; ".join(f"{name}: {text}" for name, text, _ in row.cells)


def _decisions(metrics: Metrics) -> Iterator[str]:
    decisions = metrics.decisions
    if decisions is None or not (decisions.drop or decisions.relabel or decisions.review):
        return
    yield "## Decisions"
    reviewed = f" Reviewers decided {of_things(decisions.by_reviewers, 'row')}." if decisions.by_reviewers else ""
    yield (
        f"{count(decisions.drop)} rows to drop, {count(decisions.relabel)} to relabel, "
        f"{count(decisions.review)} set aside for review, {count(decisions.keep)} kept.{reviewed}"
    )


def _proof(proof: ProofFacts | None) -> Iterator[str]:
    yield "## Proof on sealed data"
    if proof is None or not proof.verdict:
        yield "Not proven yet: `dechaff prove before after --label … --test …`."
        return
    yield (
        f"**{prose(proof.verdict.capitalize())}.** The same model, trained on the data before and after, "
        f"scored on {of_things(proof.test.used, 'sealed row')}."
    )
    rows = [("before", proof.before), ("after", proof.after)]
    if proof.control is not None:
        rows.append(("control", proof.control))
    rows.append(("difference", proof.difference))
    head = ["", f"#{prose(metric_name(proof.metric))}", "Interval"]
    yield table(head, (_estimate(name, row, proof.metric) for name, row in rows))
    yield from _proof_notes(proof)
    if proof.per_class:
        classes = sorted(proof.per_class, key=lambda one: (-abs(one.difference or 0.0), one.name))[:_MOST_CLASSES]
        yield table(["Class", "#Test rows", "#Before", "#After", "#Difference, points"], map(_class_row, classes))


def _proof_notes(proof: ProofFacts) -> Iterator[str]:
    test, changes = proof.test, proof.changes
    done = [f"{count(changes.dropped)} dropped, {count(changes.relabelled)} relabelled, {count(changes.added)} added"]
    done += [f"{count(changes.edited)} with other cells changed"] if changes.edited else []
    out = [f"{of_things(test.leaks_left_out, 'row')} that are also in train"] if test.leaks_left_out else []
    out += [f"{of_things(test.unlabelled, 'row')} without a label"] if test.unlabelled else []
    lines = [f"Training rows changed: {', '.join(done)}.", *([f"Test rows left out: {', '.join(out)}."] if out else [])]
    doubt = "" if proof.test_label_errors is None else proof.test_label_errors.note
    yield "\n".join(f"- {line}" for line in [*lines, *(prose(note, 500) for note in (*proof.notes, doubt) if note)])


def _estimate(name: str, row: Estimate, metric: str) -> list[str]:
    signed = name == "difference"
    ends = [in_metric(end, metric, signed=signed) for end in (row.low, row.high)]
    interval = "" if row.low is None or row.high is None else " to ".join(ends)
    return [name, in_metric(row.mean, metric, signed=signed), interval]


def _class_row(one: ClassProof) -> list[str]:
    return [verbatim(one.name, 40), count(one.rows), percent(one.before), percent(one.after), points(one.difference)]


def _ending(record: RunRecord) -> Iterator[str]:
    metrics = record.metrics
    if metrics.limits:
        yield "## Limits"
        yield "\n".join(f"- {prose(sentence)}" for sentence in metrics.limits[:_MOST_LIMITS])
    yield "## Reproduce"
    facts = {"command": metrics.command, "dechaff": metrics.dechaff, "sha256": metrics.dataset.sha256}
    facts["seed"] = str(record.options.get("seed", ""))
    yield table(["", ""], ([name, verbatim(value, 300)] for name, value in facts.items() if value))
