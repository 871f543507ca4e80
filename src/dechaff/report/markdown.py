"""The report in short, as Markdown for a pull request or an issue: nothing in it becomes a link, a mention or a tag."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from dechaff.records.codes import CODES
from dechaff.records.metrics import ClassProof, Estimate, Example, Metrics, PositiveEstimate, PositivesFacts, ProofFacts
from dechaff.report.headline import SCHEMES, figures, hidden_in_words, in_doubt, verdict
from dechaff.report.record import RunRecord
from dechaff.report.words import between, count, in_metric, metric_name, of_things, one_line, percent, points

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


_MOST_DIAGNOSES, _MOST_ESTIMATES = 20, 20


def positives_part(facts: PositivesFacts) -> Iterator[str]:
    """How many are positive; empty if it was not estimated."""
    if facts.c is None:
        return
    yield "## How many are positive"
    scheme = SCHEMES.get(facts.scheme, facts.scheme)
    yield f"{hidden_in_words(facts)}. Assumed sampling: {prose(scheme, 120)}."
    doubts = in_doubt(facts)[:_MOST_DIAGNOSES]
    if doubts:
        yield "What may be wrong:"
        yield "\n".join(f"- **{prose(one.name, 60)}**: {prose(one.says, 500)} {prose(one.do, 500)}" for one in doubts)
    yield table(
        ["Estimate", "#Positives labelled", "Interval", "#Rows positive", "Interval"],
        map(_row, facts.estimates[:_MOST_ESTIMATES]),
    )


def _row(one: PositiveEstimate) -> list[str]:
    name = prose(one.title or one.name, 60)
    return [
        f"**{name}**" if one.used else name,
        percent(one.c),
        between(one.c_low, one.c_high),
        percent(one.class_prior),
        between(one.class_prior_low, one.class_prior_high),
    ]


_MARKS = re.compile(r"([\\`*_{}\[\]#|~$])")
_WORD_JOINER = "\u2060"


def prose(text: str, limit: int = 300) -> str:
    """A sentence of dechaff, which may quote the user's data.

    >>> prose("column *a* <b> | @you")
    'column \\\\*a\\\\* &lt;b&gt; \\\\| @\\u2060you'
    """
    escaped = _MARKS.sub(r"\\\1", one_line(text, limit))
    # A word joiner after the sign prevents a notification of a user of that name.
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "@" + _WORD_JOINER)


def verbatim(text: str | None, limit: int = 80) -> str:
    """The user's own text as a code span; bars are escaped, so it may only stand in a table.

    >>> verbatim("a`b|c"), verbatim("")
    ('``a`b\\\\|c``', '–')
    """
    clean = one_line(text or "", limit)
    if not clean:
        return "–"
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", clean)), default=0))
    room = " " if clean[0] == "`" or clean[-1] == "`" else ""
    return f"{fence}{room}{clean}{room}{fence}".replace("|", "\\|")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are already escaped; a column whose name begins with ``#`` is right-aligned.

    >>> print(table(["kind", "#rows"], [["a", "1"]]))
    | kind | rows |
    |---|--:|
    | a | 1 |
    """
    ruler = "|".join("--:" if name.startswith("#") else "---" for name in head)
    lines = [_line(name.lstrip("#") for name in head), f"|{ruler}|", *map(_line, rows)]
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
