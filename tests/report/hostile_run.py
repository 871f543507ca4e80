"""A run with as many of everything as there can be, whose every text is an attack on the page."""

from __future__ import annotations

from typing import Any

import numpy as np

from dechaff.records.codes import CODES
from tests.report.sample_run import Inputs, believable_run, example_row, score_histogram

HOSTILE = (
    "</script></style><script>alert(1)</script><img src=x onerror=alert(2)> \"quotes\" 'and' & `ticks` "
    "{{ 7*7 }} \u202eright to left\u202c مرحبا بالعالم שלום 👩\u200d👩\u200d👧\u200d👦 日本語 "
    "\x00\x07 \ud800 | # * _ @everyone [a](javascript:x)"
)


def hostile_run(*, n_classes: int = 200, text: str = HOSTILE, length: int = 1_000) -> Inputs:
    """As many of everything as there can be, and every text as long and as nasty as there can be."""
    long = (text * (length // len(text) + 1))[:length]
    classes = [f"{i} {long[:300]}" for i in range(n_classes)]
    joint = np.full((n_classes, n_classes), 0.1 / n_classes**2) + np.diag(np.full(n_classes, 0.9 / n_classes))
    metrics, _, options, findings = believable_run()
    metrics["dataset"] |= {
        "name": long,
        "label": long,
        "id": long,
        "classes": classes,
        "class_counts": [5] * n_classes,
        "columns": [{"name": f"{i}{long}", "kind": "text", "missing": i, "distinct": 3} for i in range(500)],
    }
    metrics["noise"] |= {"joint": joint.tolist(), "transition": joint.tolist()}
    metrics["class_health"] = [
        {"class": c, "rows": 5, "flagged": 2, "noise_rate": i / 300} for i, c in enumerate(classes)
    ]
    metrics["overlaps"] = [{"given": c, "true": classes[0], "rows": 4, "fraction": 0.1} for c in classes]
    metrics["assumptions"] = [{"what": long, "value": long, "why": long, "flag": long}] * 300
    metrics["checks"] = [{"code": c, "title": long, "status": "done", "findings": 10**9, "why": long} for c in CODES]
    metrics["checks"] += [
        {"code": f"X{i}", "title": long, "status": "not run", "findings": 0, "why": long} for i in range(50)
    ]
    metrics["slices"] = [part | {"condition": long, "why": long} for part in metrics["slices"]] * 50
    column = {"column": long, "words": long, "bins": [long] * 22, "reference": [0.5] * 22, "current": [0.1] * 22}
    named = {"between": long, "reference": long, "current": long, "label_words": long, "columns": [column] * 99}
    metrics["drift"] = [metrics["drift"][0] | named] * 20
    values = [{"value": long, "cells": 10**9, "mark": "wrong"}] * 30
    metrics["cells"] = [
        metrics["cells"][0] | {"column": long, "rules": [long] * 9},
        metrics["cells"][1] | {"column": long, "values": values},
    ] * 20
    part = {"condition": long, "examples": [long] * 5}
    metrics["failing"] = [metrics["failing"][0] | part] * 50
    metrics["baseline"] |= {"name": long, "reason": long, "candidates": [{"name": long}] * 50}
    metrics["histograms"] = {f"{c}{text}": score_histogram() for c in CODES}
    metrics["decisions"]["by_code"] = {f"{i}{long}": {"drop": 1} for i in range(99)}
    metrics["rounds"] = [{"round": i, "why": long, "kept": True} for i in range(99)]
    metrics["selection"] = [{"name": long, "score": 0.5}] * 99
    hard = [{"row": long, "label": long, "hardness": 0.5, "likely": long, "prob": 0.5}] * 99
    metrics["curriculum"] |= {"hardest": hard, "easiest": hard, "model": long, "note": long}
    judged = {"column": long, "code": "F005", "why": long, "importance": {"mean": 0.1}, "alike": [long] * 9}
    created = {"name": long, "made_of": [long] * 2, "why": long}
    metrics["features"] |= {"words": long, "model": long, "columns": [judged] * 300, "tried": [created] * 99}
    metrics["features"]["proof"]["words"] = long
    metrics["labelling"] |= {"model": long, "words": long, "notes": [long] * 99}
    metrics["labelling"]["curve"] *= 50
    metrics["engine"]["curves"][1] |= {"slice": long, "condition": long}
    metrics["engine"]["curves"] *= 20
    metrics["engine"]["turns"] *= 50
    operation = {"operation": long, "refused": long, "flips": 0.5, "flips_low": 0.4, "flips_high": 0.6}
    row = {"row": long, "label": long, "cells": [[long, long, f"x{long}"]] * 5, "more_cells": 9}
    metrics["augmentation"] |= {"words": long, "model": long, "accepted": long, "tested": long}
    metrics["augmentation"]["tried"] = [operation | {"examples": [row] * 6, "gain": {"mean": 0.1}}] * 60
    crowd = metrics["consensus"]
    crowd["people"] = [{**crowd["people"][0], "name": long, "bias_to": long, "why": long}] * 200
    crowd["ask"] = [{"item": long, "label": long, "probability": 0.5, "ask": long}] * 50
    crowd |= {"confused": [{"label": long, "answer": long}] * 20, "notes": [long] * 99}
    metrics["curriculum"]["pacings"] = [{"words": long, "agreement": {"mean": 0.5}}] * 99
    metrics["curriculum"]["compared"]["words"] = long
    metrics["limits"], metrics["command"] = [long] * 99, long
    metrics["proof"] |= {"words": long, "model": long, "test_label_errors": {"estimated": None, "note": long}}
    metrics["proof"]["per_class"] = [{"class": c, "rows": 1, "difference": 0.1} for c in classes]
    metrics["proof"]["test"]["leaks"] = [long] * 100
    options |= {"source": long, "text": [long] * 99}
    return metrics, {code: [_hostile_example(code, i, long) for i in range(12)] for code in CODES}, options, findings


def _hostile_example(code: str, i: int, long: str) -> dict[str, Any]:
    other = {"row": long, "label": long, "text": long}
    return example_row(code, i, 0.5) | {
        "row": long,
        "given": long,
        "suggested": long,
        "why": long,
        "fix": long,
        "cells": [[long, long, long[200:230]]] * 10,
        "probs": [[long, 0.1]] * 10,
        "neighbours": [other] * 9,
        "group": [other] * 9,
        "values": [{"value": long, "cells": 9, "mark": "wrong"}] * (20 if code == "C001" else 0),
    }
