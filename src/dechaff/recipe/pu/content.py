"""What goes into the run folder of an audit of positives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from dechaff.data.open_positives import OpenedPositives
from dechaff.estimators.pu.estimates import PUEstimate
from dechaff.methods.pu.diagnostics.diagnosis import Diagnosis
from dechaff.recipe.content import audit_content
from dechaff.recipe.pu.audit import AuditedPositives
from dechaff.recipe.pu.diagnosed import UNDERMINES
from dechaff.recipe.pu.judged import Judged
from dechaff.records.run import RunContent

TITLES = {
    "e1": "e1: mean score of the labelled rows",
    "e2": "e2: their share of all scores",
    "e3": "e3: the highest score",
    "best_bin": "best bin (BBE)",
    "top_bin": "top bin",
    "dedpul": "ratio of densities (DEDPUL)",
    "plateau": "plateau of the scores",
    "consensus": "consensus: the median of these four",
}
"""What each estimate is called; the paper's own ones err where classes overlap."""
POSITIVE_LIMITS = (
    "Everything here rests on two assumptions: no labelled row is negative, and positives were labelled completely at "
    "random. Diagnostics can raise doubts; they cannot prove either.",
    "How many positives there are can only be told where some rows are surely positive: where classes overlap "
    "everywhere, the estimates differ, and none is right.",
    "A row that is probably positive is a suspicion of a model. Read it before you act on it.",
    "Labels completed here are no longer labelled at random: do not run dechaff pu again on the completed data.",
)


def positives_content(
    seen: AuditedPositives, *, options: Mapping[str, Any], dechaff_version: str, verb: str
) -> RunContent:
    """Everything but the report. ``options`` are the user's, as plain values; ``verb`` the name of the command."""
    content = audit_content(seen.audited, options=options, dechaff_version=dechaff_version, verb=verb)
    metrics = {
        **content.metrics,
        "limits": [*seen.audited.base.notes, *seen.audited.explored.notes, *POSITIVE_LIMITS],
        "positives": _facts(seen, options),
    }
    arrays = {**content.arrays, "labelled": seen.found.labelled}
    if seen.judged is not None:
        arrays["label_probs"] = seen.judged.label_probs.astype(np.float32)
    return replace(content, metrics=metrics, examples=named_examples(seen.found, content.examples), arrays=arrays)


def named_examples(found: OpenedPositives, examples: Mapping[str, Any]) -> dict[str, Any]:
    """Examples in which the chance of the other class does not go by the name of rows without a label."""
    if found.named_in_data:
        return dict(examples)
    said = {found.other: f"not {found.positive}"}
    return {
        code: [{**one, "probs": [[said.get(name, name), p] for name, p in one["probs"]]} for one in rows]
        for code, rows in examples.items()
    }


def _facts(seen: AuditedPositives, options: Mapping[str, Any]) -> dict[str, Any]:
    found, n_labelled = seen.found, int(seen.found.labelled.sum())
    known = {
        "positive": found.positive,
        "other": found.other,
        "scheme": str(options["scheme"]),
        "labelled": n_labelled,
        "unlabelled": len(found.train) - n_labelled,
    }
    return known if seen.judged is None else known | judged_facts(seen.judged)


def judged_facts(judged: Judged) -> dict[str, Any]:
    """The figures of rows that were judged."""
    used = judged.used
    hidden = [judged.hidden(c) for c in (judged.c, used.c_high, used.c_low)]
    return {
        "c": judged.c,
        "c_low": used.c_low,
        "c_high": used.c_high,
        "class_prior": judged.class_prior,
        "class_prior_low": used.class_prior_low,
        "class_prior_high": used.class_prior_high,
        "hidden": hidden[0],
        "hidden_low": hidden[1],
        "hidden_high": hidden[2],
        "error_rate": judged.errors.rate,
        "error_rate_low": judged.errors.low,
        "error_rate_high": judged.errors.high,
        "reliable": judged.reliable,
        "estimates": [_estimate(one) for one in judged.estimates],
        "diagnoses": [_diagnosis(one) for one in judged.diagnoses],
    }


def _estimate(one: PUEstimate) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": TITLES[one.name],
        "c": one.c,
        "c_low": one.c_low,
        "c_high": one.c_high,
        "class_prior": one.class_prior,
        "class_prior_low": one.class_prior_low,
        "class_prior_high": one.class_prior_high,
        "used": one.used,
    }


def _diagnosis(one: Diagnosis) -> dict[str, Any]:
    return {**asdict(one), "undermines": one.wrong and one.name in UNDERMINES}
