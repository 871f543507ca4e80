"""Made-up runs to write reports from: a believable one, and an empty one."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from dechaff.records.metrics import Examples, Metrics
from dechaff.records.record import converted
from dechaff.report.record import RunRecord, record_of

Inputs = tuple[dict[str, Any], dict[str, Any], dict[str, Any], pl.DataFrame]
"""metrics, examples, options, findings: the plain contents of a run folder."""


def recorded(
    metrics: dict[str, Any], examples: dict[str, Any], options: dict[str, Any], findings: pl.DataFrame
) -> RunRecord:
    """What a report is written from, as it is read from the plain values of a run folder."""
    return record_of(
        converted(metrics, Metrics, "metrics.json"), converted(examples, Examples, "examples.json"), options, findings
    )


TITLES = {
    "L001": "label errors",
    "L002": "noisy slices",
    "L003": "missing labels",
    "L004": "rare classes",
    "L005": "classes that overlap",
    "D001": "exact duplicates",
    "D002": "near duplicates",
    "D003": "same input with different labels",
    "D004": "rows of the test file in train",
    "C001": "bad cells",
    "C002": "missing values",
    "C003": "text artefacts",
    "F001": "identifier columns",
    "F002": "columns that leak the label",
    "F003": "constant columns",
    "O001": "outliers",
    "S001": "failing slices",
}
_REVIEWS = (
    "I waited four months and the first issue never came. Customer service hung up on me twice.",
    "My grandson reads every page the day it arrives. A lovely present, and the pictures are superb.",
    "<div>Mostly advertisements.<br> I counted eleven pages of articles and ninety of perfume.</div>",
    "A classic. Recipes that work, written for people who cook on a weekday evening.",
    "It used to be good. Now the paper is thin and so are the stories.",
)


def believable_run(*, proof: str | None = "better", trusted: bool = True) -> Inputs:
    """An audit of product reviews: two classes, one noisy slice, some duplicates."""
    metrics = {
        "dechaff": "0.1.0",
        "dataset": {
            "name": "reviews.csv",
            "format": "csv",
            "rows": 6666,
            "test_rows": 1000,
            "label": "label",
            "id": "review_id",
            "sha256": "9f2c" * 16,
            "classes": ["bad", "good"],
            "class_counts": [3331, 3335],
            "columns": [
                {"name": "review", "kind": "text", "missing": 0, "distinct": 6531},
                {"name": "stars", "kind": "numeric", "missing": 412, "distinct": 5},
                {"name": "country", "kind": "categorical", "missing": 0, "distinct": 31},
                {"name": "shop", "kind": "categorical", "missing": 0, "distinct": 1},
            ],
        },
        "assumptions": [
            {
                "what": "delimiter",
                "value": ",",
                "why": "it cuts all of the first 200 lines into 5 fields",
                "flag": "--delimiter",
            },
            {
                "what": "encoding",
                "value": "utf-8",
                "why": "the whole file decodes without an error",
                "flag": "--encoding",
            },
            {
                "what": "id column",
                "value": "review_id",
                "why": "every value is different and the name ends in _id",
                "flag": "--id",
            },
            {"what": "text column", "value": "review", "why": "19 words a cell on average", "flag": "--text"},
        ],
        "checks": [_check(code) for code in TITLES if code != "O001"]
        + [{"code": "O001", "title": "outliers", "status": "not run", "findings": 0, "why": "interrupted by the user"}],
        "baseline": _baseline(trusted),
        "noise": _noise() if trusted else None,
        "class_health": [
            {"class": "good", "rows": 3335, "flagged": 301, "noise_rate": 0.121},
            {"class": "bad", "rows": 3331, "flagged": 214, "noise_rate": 0.083},
        ],
        "overlaps": [{"given": "good", "true": "bad", "rows": 403, "fraction": 0.06}],
        "slices": _slices(),
        "failing": [_failing()],
        "drift": _drift(),
        "cells": _wrong_cells(),
        "histograms": {"L001": score_histogram()},
        "decisions": {
            "keep": 5012,
            "drop": 1290,
            "relabel": 212,
            "review": 152,
            "by_code": {"L001": {"relabel": 212, "review": 152}, "L002": {"drop": 1248}, "D001": {"drop": 42}},
        },
        "rounds": [
            {
                "round": 1,
                "dropped": 1290,
                "relabelled": 170,
                "evidence": 0.9312,
                "kept": True,
                "why": "the slice with markup went",
            },
            {"round": 2, "dropped": 0, "relabelled": 42, "evidence": 0.9389, "kept": True, "why": ""},
            {
                "round": 3,
                "dropped": 3,
                "relabelled": 1,
                "evidence": 0.9388,
                "kept": False,
                "why": "the evidence stopped growing",
            },
        ],
        "selection": [
            {
                "name": "word and character TF-IDF, logistic regression",
                "score": 0.939,
                "low": 0.932,
                "high": 0.946,
                "chosen": True,
            },
            {"name": "word TF-IDF, naive Bayes", "score": 0.921, "low": 0.913, "high": 0.929, "chosen": False},
        ],
        "proof": _proof(proof) if proof else None,
        "curriculum": _curriculum(),
        "features": _features(),
        "consensus": _consensus(),
        "labelling": _labelling(),
        "engine": _engine(),
        "augmentation": _augmentation(),
        "limits": [
            "A label error is a suspicion with a probability, not a fact.",
            "Errors that the model shares with the people who labelled cannot be seen.",
            "The estimate of noise rests on 6,666 rows; for classes with fewer than 20 rows it says little.",
        ],
        "command": "dechaff audit reviews.csv --label label --test reviews_test.csv --seed 0",
    }
    options = {
        "source": "reviews.csv",
        "label": "label",
        "seed": 0,
        "policy": "conservative",
        "threads": 8,
        "started": "2031-05-06T07:08:09",
        "seconds": 7043.9,
        "out": "/tmp/somewhere",
        "environment": {"python": "3.11"},
    }
    return metrics, _examples(), options, _findings()


def _curriculum() -> dict[str, Any]:
    def estimate(mean: float) -> dict[str, float]:
        return {"mean": mean, "low": mean - 0.01, "high": mean + 0.01}

    arms = {"curriculum": 0.91, "random": 0.88, "hard_first": 0.71, "plain": 0.89}
    effects = {"order_effect": 0.03, "pacing_effect": -0.01, "effect": 0.02}
    ranked = [{"row": f"r{i}", "label": "good", "hardness": i / 10, "likely": "bad", "prob": 0.8} for i in range(10)]
    return {
        "hardest": ranked[::-1],
        "easiest": ranked,
        "clean_share": 0.9,
        "pacings": [
            {"words": "half of the rows at first", "agreement": estimate(0.81), "chosen": True},
            {"words": "no pacing", "agreement": estimate(0.8)},
        ],
        "held_out": 1333,
        "model": "logistic regression",
        "steps": 4166,
        "compared": {name: estimate(mean) for name, mean in {**arms, **effects}.items()}
        | {"n_seeds": 10, "n_test": 1000, "words": "The curriculum is better than plain training."},
        "note": "The labels of the test rows may be wrong.",
    }


def _features() -> dict[str, Any]:
    def estimate(mean: float) -> dict[str, float]:
        return {"mean": mean, "low": mean - 0.01, "high": mean + 0.01}

    return {
        "words": "2 of 3 columns stay. 1 created feature of 40 candidates: price / size.",
        "model": "logistic regression",
        "candidates": 40,
        "columns": [
            {"column": "price", "importance": estimate(0.12), "stability": 1.0, "alike": ["size"]},
            {"column": "size", "importance": estimate(0.12), "stability": 0.9, "alike": ["price"]},
            {"column": "day", "kept": False, "code": "F005", "why": "day matters no more than shuffled columns."},
        ],
        "tried": [
            {
                "name": "price / size",
                "made_of": ["price", "size"],
                "accepted": True,
                "brier": estimate(0.021),
                "accuracy": estimate(0.03),
            },
            {"name": "log of price", "made_of": ["price"], "why": "it gains nothing in the search"},
        ],
        "proof": {
            "verdict": "better",
            "before": estimate(0.81),
            "after": estimate(0.85),
            "difference": estimate(0.04),
            "n_test": 1000,
            "seeds": 10,
            "words": "Better: with the chosen features, the model reaches an accuracy of 85.0 %.",
        },
    }


def _consensus() -> dict[str, Any]:
    quality = {"mean": 0.8, "low": 0.7, "high": 0.9}
    return {
        "items": 6666,
        "answers": 20000,
        "annotators": 40,
        "suspects": 1,
        "unsure": 700,
        "sure": 0.8,
        "error_rate": {"mean": 0.08, "low": 0.07, "high": 0.09},
        "model": "logistic regression",
        "notes": ["The model (logistic regression) is used, with the power 1.4."],
        "people": [
            {
                "name": f"w{i}",
                "answers": 500,
                "quality": quality,
                "bias_to": "good",
                "bias": 0.05,
                "suspicion": "at random" if i == 0 else "",
                "why": "The answers hardly depend on the item; 50 % are right." if i == 0 else "",
            }
            for i in range(10)
        ],
        "confused": [{"label": "good", "answer": "bad", "rate": 0.1, "answers": 900.0}],
        "ask": [{"item": f"r{i}", "label": "good", "probability": 0.5, "ask": "w3" if i else ""} for i in range(9)],
    }


def _augmentation() -> dict[str, Any]:
    def gain(mean: float) -> dict[str, float]:
        return {"mean": mean, "low": mean - 0.004, "high": mean + 0.004}

    made = {
        "row": "R17",
        "label": "good",
        "cells": [["review", "a good film that goes on for a while", "a fine film that goes on for a while"]],
    }
    tried = [
        {"operation": "synonym replacement 0.1", "gain": gain(0.012), "examples": [made] * 6},
        {"operation": "word deletion 0.3", "gain": gain(-0.002), "examples": [made] * 6},
        {"operation": "word swap 0.5", "refused": "31 % of the new rows look like another class"},
    ]
    flips = [(0.02, 0.01, 0.05), (0.06, 0.03, 0.11), (0.31, 0.25, 0.37)]
    return {
        "words": "synonym replacement 0.1 is accepted: +1.4 points of accuracy on rows held out from training.",
        "model": "logistic regression",
        "accepted": "synonym replacement 0.1",
        "tested": "synonym replacement 0.1",
        "rows": 500,
        "new_rows": 2000,
        "tried": [
            one | dict(zip(("flips", "flips_low", "flips_high"), rate, strict=True))
            for one, rate in zip(tried, flips, strict=True)
        ],
        **{name: gain(0.01) for name in ("gain", "accuracy", "log_loss")},
    }


def _engine() -> dict[str, Any]:
    accuracy = [{"mean": one, "low": one - 0.03, "high": one + 0.03} for one in (0.71, 0.8, 0.79)]
    points = [{"turn": turn, "accuracy": accuracy[turn]} for turn in (0, 1)]
    return {
        "turns": [
            {"kind": "init", "turn": 0, "rows": 900, "accuracy": accuracy[0]},
            {"kind": "learn", "turn": 1, "rows": 960, "added": 60, "accuracy": accuracy[1]},
            {"kind": "learn", "turn": 2, "rows": 980, "added": 20, "kept": False, "accuracy": accuracy[2]},
        ],
        "curves": [
            {"slice": "", "points": points},
            {"slice": "0.1", "condition": "age > 61", "points": points},
        ],
        "current": 1,
    }


def _labelling() -> dict[str, Any]:
    curve = [
        {"labels": n, "accuracy": {"mean": 0.9 - 9 / n, "low": 0.85 - 9 / n, "high": 0.92 - 9 / n}}
        for n in range(100, 401, 50)
    ]
    return {
        "pool": 5000,
        "labels": 400,
        "from_pool": 300,
        "control": 60,
        "waiting": 1,
        "model": "logistic regression",
        "accuracy": curve[-1]["accuracy"],
        "curve": curve,
        "gain": 0.004,
        "saved": {"mean": 210.4, "low": -20.0, "high": 900.0},
        "stop": True,
        "words": "The next 100 labels are not expected to pay.",
        "notes": ["1 random row of earlier batches has no label yet"],
    }


def _check(code: str) -> dict[str, Any]:
    found = {
        "L001": 515,
        "L002": 2,
        "D001": 42,
        "D002": 18,
        "D003": 7,
        "D004": 12,
        "C002": 1,
        "C003": 1391,
        "F003": 1,
        "S001": 1,
    }
    return {"code": code, "title": TITLES[code], "status": "done", "findings": found.get(code, 0), "why": ""}


def _baseline(trusted: bool) -> dict[str, Any]:
    return {
        "name": "word and character TF-IDF, logistic regression",
        "folds": 5,
        "candidates": [
            {
                "name": "word and character TF-IDF, logistic regression",
                "accuracy": 0.812,
                "log_loss": 0.43,
                "chosen": True,
            },
            {"name": "word TF-IDF, naive Bayes", "accuracy": 0.794, "log_loss": 0.52, "chosen": False},
        ],
        "accuracy": 0.812 if trusted else 0.503,
        "accuracy_low": 0.803,
        "accuracy_high": 0.821,
        "balanced_accuracy": 0.812,
        "log_loss": 0.431,
        "prior_accuracy": 0.5003,
        "knn_accuracy": 0.741,
        "trusted": trusted,
        "reason": ""
        if trusted
        else "The baseline (50.3 %) is no better than always naming the largest class (50.0 %).",
        "calibration": [
            {"confidence": c, "accuracy": c - 0.35 * (c - 0.45) ** 1.5, "rows": int(3000 * c**4)}
            for c in (0.52, 0.58, 0.66, 0.73, 0.8, 0.87, 0.93, 0.98)
        ],
    }


def _noise() -> dict[str, Any]:
    return {
        "rate": 0.102,
        "low": 0.094,
        "high": 0.111,
        "kind": "class-conditional",
        "kind_sure": 0.97,
        "recall": {"mean": 0.88, "low": 0.83, "high": 0.92},
        "budget": [
            {"rows": 100, "errors": 97.2, "low": 91.0, "high": 100.0},
            {"rows": 1000, "errors": 512.4, "low": 431.0, "high": 590.5},
        ],
        "temperature": 1.31,
        "transition": [[0.92, 0.12], [0.08, 0.88]],
        "joint": [[0.4580, 0.0415], [0.0605, 0.44]],
    }


def _slices() -> list[dict[str, Any]]:
    return [
        {
            "id": "S1",
            "condition": "review contains markup such as <br> or </div>",
            "rows": 1391,
            "agreement_inside": 0.512,
            "agreement_outside": 0.937,
            "p_value": 1e-40,
            "noise_rate": 0.487,
            "low": 0.451,
            "high": 0.523,
            "action": "drop",
            "transition": [[0.51, 0.49], [0.49, 0.51]],
            "why": "The labels inside are as good as random, so nothing can be saved.",
        },
        {
            "id": "S2",
            "condition": "stars is missing and country is “NZ”",
            "rows": 84,
            "agreement_inside": 0.131,
            "agreement_outside": 0.861,
            "p_value": 0.0004,
            "noise_rate": 0.902,
            "low": 0.804,
            "high": 0.961,
            "action": "relabel",
            "transition": None,
            "why": "The labels inside are swapped in a regular way.",
        },
    ]


def _failing() -> dict[str, Any]:
    return {
        "id": "failing-1",
        "condition": "stars ≤ 2 and review contains 'subscription'",
        "rows": 212,
        "error_rate": 0.41,
        "low": 0.33,
        "high": 0.5,
        "error_outside": 0.06,
        "expected": 0.12,
        "p_value": 1e-7,
        "examples": ["R17", "R203"],
    }


def _drift() -> list[dict[str, Any]]:
    stars = {
        "column": "stars",
        "distance": 0.31,
        "p_value": 1e-9,
        "words": "90 % of stars lie in 1–5 (median 2) in the training rows, and in 3–5 (median 5) in the test rows",
        "bins": ["1–2", "2–3", "3–4", "4–5", "missing"],
        "reference": [0.41, 0.22, 0.19, 0.12, 0.06],
        "current": [0.11, 0.2, 0.21, 0.43, 0.05],
    }
    words = {"column": "review", "distance": 0.2, "p_value": 0.0001, "words": "the words of review tell them apart"}
    return [
        {
            "between": "test",
            "reference": "the training rows",
            "current": "the test rows",
            "rows": [6666, 1000],
            "auc": 0.71,
            "low": 0.48,
            "high": 0.52,
            "p_value": 0.001,
            "label_distance": 0.1,
            "label_words": "'good' is the label of 50 % of the training rows and of 60 % of the test rows",
            "columns": [stars, words],
            "differs": True,
        },
        {"between": "row order", "reference": "the first half of the file", "current": "the second half",
         "rows": [30, 30], "label_words": "'bad' is the label of 9 % of the one and of 90 % of the other",
         "differs": True},
    ]  # fmt: skip


def _wrong_cells() -> list[dict[str, Any]]:
    stars = [1.0] * 5 + [2.0] * 5 + [3.0] * 5 + [4.0] * 6
    usual = [{"value": "Italy", "cells": 900}, {"value": "Norway", "cells": 400}]
    wrong = {"value": "Itly", "cells": 2, "mark": "wrong"}
    return [
        {"column": "stars", "cells": 3, "suggested": 2, "quantiles": stars, "odd": [6.0, 7.0, 9.0],
         "rules": ["stars lies between 1 and 5."]},
        {"column": "country", "cells": 2, "suggested": 2, "values": [*usual, wrong],
         "rules": ["A rare value of country that is nearly one of its 40 usual ones is a typing error."]},
    ]  # fmt: skip


def score_histogram() -> dict[str, Any]:
    counts = [4210, 802, 310, 166, 120, 90, 81, 76, 66, 61, 58, 60, 65, 70, 81, 92, 88, 79, 55, 36]
    flagged = [0] * 11 + [11, 40, 62, 81, 92, 88, 79, 55, 36]
    return {"edges": [i / 20 for i in range(21)], "counts": counts, "flagged": flagged}


def _proof(verdict: str) -> dict[str, Any]:
    gain = {"better": 0.152, "no evidence": 0.002, "worse": -0.031}[verdict]
    words = {
        "better": "Trained on the improved data the model is right on 96.9 % of the sealed rows "
        "instead of 81.7 % (+15.2 points, 95 % interval +13.0 to +17.4).",
        "no evidence": "The difference of +0.2 points (−1.1 to +1.5) can be chance.",
        "worse": "The model trained on the changed data is worse by 3.1 points (1.2 to 5.0). Keep the original.",
    }[verdict]
    return {
        "verdict": verdict,
        "metric": "accuracy",
        "before": {"mean": 0.817, "low": 0.802, "high": 0.832},
        "after": {"mean": 0.817 + gain, "low": 0.803 + gain, "high": 0.829 + gain},
        "difference": {"mean": gain, "low": gain - 0.013, "high": gain + 0.013},
        "control": {
            "mean": 0.809,
            "low": 0.793,
            "high": 0.825,
            "difference": {"mean": gain + 0.008, "low": gain - 0.01, "high": gain + 0.026},
        },
        "mcnemar": {"only_before_right": 11, "only_after_right": 161, "p_value": 1e-12},
        "per_class": [
            {
                "class": "bad",
                "rows": 488,
                "before": 0.801,
                "after": 0.801 + gain,
                "difference": gain,
                "low": gain - 0.03,
                "high": gain + 0.03,
            },
            {
                "class": "good",
                "rows": 500,
                "before": 0.832,
                "after": 0.84 + gain,
                "difference": gain + 0.008,
                "low": gain - 0.02,
                "high": gain + 0.036,
            },
        ],
        "test": {
            "rows": 1002,
            "used": 988,
            "leaks_left_out": 12,
            "leaks_from_after": 1,
            "unlabelled": 2,
            "sha256": "ab12" * 16,
            "leaks": ["17", "203", "877"],
        },
        "changes": {"dropped": 1290, "relabelled": 212, "added": 0, "edited": 3},
        "seeds": 10,
        "model": "word and character TF-IDF, logistic regression",
        "test_label_errors": {
            "estimated": 0.011,
            "note": "Errors in the test labels make both scores look lower than they are.",
        },
        "words": words,
        "notes": ["1 test row stands in the cleaned data and not in the data before: 17."],
    }


def _examples() -> dict[str, Any]:
    rng = np.random.default_rng(5)
    return {
        "L001": [_label_error(i, float(p)) for i, p in enumerate(np.sort(rng.uniform(0.9, 0.995, 10))[::-1])],
        "L002": [
            _label_error(i + 20, 0.7) | {"why": "In a slice whose labels cannot be trusted.", "fix": "Drop the row."}
            for i in range(2)
        ],
        "D001": [_copy(i) for i in range(6)],
        "C002": [
            _about_column(
                "C002",
                "stars",
                "412 of 6,666 cells (6.2 %) are empty; another 38 hold “N/A”.",
                "Read “N/A” as missing.",
            )
        ],
        "C003": [
            example_row("C003", i, 0.6)
            | {
                "cells": [["review", _REVIEWS[2] + f" ({i})", "<br>"]],
                "why": "The text holds markup.",
                "fix": "Remove the markup.",
            }
            for i in range(10)
        ],
        "S001": [example_row("S001", 0, 0.3) | {"row": "", "why": "The model is wrong about 41 %.", "fix": "Collect."}],
        "F003": [_about_column("F003", "shop", "All 6,666 rows hold “UK”.", "Leave the column out.")],
    }


def example_row(code: str, i: int, score: float) -> dict[str, Any]:
    return {
        "finding_id": f"{code}-{i:06d}",
        "row": f"R{4000 + 37 * i}",
        "score": score,
        "given": "",
        "suggested": "",
        "why": "",
        "fix": "",
        "cells": [],
        "probs": [],
        "neighbours": [],
        "group": [],
    }


def _about_column(code: str, field: str, why: str, fix: str) -> dict[str, Any]:
    return example_row(code, 0, 0.5) | {"row": "", "field": field, "why": why, "fix": fix}


def _label_error(i: int, p: float) -> dict[str, Any]:
    text = _REVIEWS[i % len(_REVIEWS)]
    return example_row("L001", i, p) | {
        "given": "good",
        "suggested": "bad",
        "why": f"A model that never saw this row gives “bad” {100 * p:.1f} %; "
        "all three most similar rows are labelled “bad”.",
        "fix": "Change the label to “bad”.",
        "cells": [
            ["review", text, "never came" if "never came" in text else ""],
            ["stars", "1", ""],
            ["country", "NZ", ""],
        ],
        "probs": [["bad", p], ["good", 1 - p]],
        "neighbours": [{"row": f"R{900 + j + i}", "label": "bad", "text": _REVIEWS[(i + j) % 5]} for j in range(3)],
    }


def _copy(i: int) -> dict[str, Any]:
    return example_row("D001", i, 1.0) | {
        "given": "good",
        "why": "The same input with the same label stands 3 times.",
        "fix": "Keep one of them.",
        "cells": [["review", _REVIEWS[3], ""]],
        "group": [{"row": f"R{i}{j}", "label": "good", "text": _REVIEWS[3]} for j in range(3)],
    }


def _findings() -> pl.DataFrame:
    rows = [_finding("L001", i, row=f"R{4000 + 37 * i}", given="good", suggested="bad") for i in range(515)]
    rows += [_finding("L002", i, group=f"S{i + 1}") for i in range(2)]
    rows += [_finding("D001", i, row=f"R{i}", group=f"g{i // 3}") for i in range(42)]
    rows += [_finding("D003", i, row=f"R{i + 100}", group=f"c{i // 2}") for i in range(7)]
    rows += [_finding("S001", 0, group="failing-1")]
    rows += [_finding("C002", 0, field="stars"), _finding("F003", 0, field="shop")]
    rows += [_finding("C003", i, row=f"R{i}", field="review") for i in range(1391)]
    return pl.DataFrame(rows)


def _finding(code: str, i: int, **more: str) -> dict[str, Any]:
    empty = dict.fromkeys(("row", "group", "field", "given", "suggested"), "")
    return (
        {"finding_id": f"{code}-{i:06d}", "code": code} | empty | {"score": 0.9, "why": "because", "fix": "do"} | more
    )


def empty_run() -> Inputs:
    """An audit that was stopped before anything was finished."""
    schema = ("finding_id", "code", "row", "group", "field", "given", "suggested", "why", "fix")
    return (
        {"dechaff": "0.1.0"},
        {},
        {},
        pl.DataFrame(schema=dict.fromkeys(schema, pl.String) | {"score": pl.Float64}),
    )
