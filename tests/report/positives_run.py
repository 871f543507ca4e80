"""A made-up run on labelled positives to write reports from."""

from __future__ import annotations

from typing import Any

from tests.report.sample_run import Inputs, believable_run, example_row, score_histogram

_NAMES = ("e1", "e2", "e3", "best_bin", "top_bin", "dedpul", "plateau", "consensus")


def positives_run(*, judged: bool = True, reliable: bool = True) -> Inputs:
    """2,000 of 10,000 rows are labelled 'yes'; about 1,500 others are positive, too."""
    metrics, _, options, findings = believable_run(proof=None)
    metrics |= {
        "noise": None,
        "class_health": [],
        "overlaps": [],
        "slices": [],
        "drift": [],
        "cells": [],
        "failing": [],
        "rounds": [],
        "selection": [],
        "curriculum": None,
        "features": None,
        "consensus": None,
        "labelling": None,
        "engine": None,
        "augmentation": None,
    }
    metrics["dataset"] |= {"rows": 10_000, "classes": ["unlabelled", "yes"], "class_counts": [8000, 2000]}
    why = "" if judged else "No model can tell rows labelled 'yes' from the others."
    metrics["checks"] = [
        {"code": code, "title": "", "status": "not run" if why else "done", "findings": 0 if why else n, "why": why}
        for code, n in (("P001", 1234), ("P002", 50))
    ]
    metrics["baseline"] |= {"trusted": judged, "reason": why}
    metrics["histograms"] = {"P001": score_histogram(), "P002": score_histogram()} if judged else {}
    metrics["positives"] = _known() | (_judged(reliable=reliable) if judged else {})
    shown = {} if why else {code: [example_row(code, 7, 0.9)] for code in ("P001", "P002")}
    return metrics, shown, options | {"positive": "yes", "scheme": "single-training-set"}, findings.clear()


def _known() -> dict[str, Any]:
    return {
        "positive": "yes",
        "other": "unlabelled",
        "scheme": "single-training-set",
        "labelled": 2000,
        "unlabelled": 8000,
    }


def _judged(*, reliable: bool) -> dict[str, Any]:
    shares = {"c": 0.57, "c_low": 0.5, "c_high": 0.65}
    priors = {"class_prior": 0.35, "class_prior_low": 0.31, "class_prior_high": 0.4}
    estimates = [{"name": name, "title": "", "used": name == "consensus", **shares, **priors} for name in _NAMES]
    diagnoses = [
        {
            "name": "classes overlap",
            "wrong": not reliable,
            "figure": 0.4,
            "message": "No row is sure.",
            "do": "Look.",
            "undermines": not reliable,
        },
        {"name": "few labelled rows", "wrong": False, "figure": 2000.0, "message": "2,000 are enough.", "do": ""},
    ]
    return {
        **shares,
        **priors,
        "hidden": 1500.0,
        "hidden_low": 1100.0,
        "hidden_high": 2000.0,
        "error_rate": 0.03,
        "error_rate_low": 0.01,
        "error_rate_high": 0.05,
        "reliable": reliable,
        "estimates": estimates,
        "diagnoses": diagnoses,
    }
