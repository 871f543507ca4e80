"""What more evidence does for label errors: several models, an embedding, the stages of a training; cleanlab beside it.

Each line judges the same labels from one kind of evidence alone, from all of it without a gate, and from what the
gates let through. Prints three tables and writes nothing: ``python -m benchmarks.label_errors_evidence``.
"""

from __future__ import annotations

import csv
import gzip
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._against_cleanlab import folder

from dechaff.methods.label_errors.label_error_estimates import estimate_label_errors
from dechaff.methods.label_evidence.gather_evidence import gather_evidence
from dechaff.methods.label_evidence.pooled_probs import pool_weights, pooled
from dechaff.methods.label_evidence.second_view import second_view
from dechaff.methods.label_evidence.stages import calibrated_stages, stage_probs
from dechaff.methods.label_evidence.training_dynamics import area_under_margin, cartography, forgetting

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_ensemble_scores, get_label_quality_scores

FOLDS = StratifiedKFold(4, shuffle=True, random_state=0)
TABLES = ("vehicle", "satimage", "phoneme", "letter")
MOST_ROWS = 4000


@dataclass(frozen=True)
class Case:
    """Labels, the truth, out-of-fold probabilities of one or more models, and an embedding."""

    name: str
    labels: np.ndarray
    true: np.ndarray
    runs: list[np.ndarray]
    features: np.ndarray | None = None

    @property
    def wrong(self) -> np.ndarray:
        """(n,) which labels are wrong."""
        return self.labels != self.true


def with_noise(true: np.ndarray, rate: float, *, swapped: bool, seed: int = 0) -> np.ndarray:
    """Labels wrong at one rate: towards any class, or each class towards one other."""
    rng = np.random.default_rng(seed)
    k = true.max() + 1
    towards = rng.integers(1, k, k)[true] if swapped else rng.integers(1, k, len(true))
    return np.where(rng.random(len(true)) < rate, (true + towards) % k, true)


def _ways(true: np.ndarray) -> tuple[bool, ...]:
    """Of two classes, a wrong label has nowhere else to go."""
    return (False,) if true.max() == 1 else (False, True)


def cifar10() -> Iterator[Case]:
    """Nets on noisy CIFAR-10, and an embedding of a net that has seen ImageNet only; the first 20,000 rows."""
    stored = np.load(folder("cifar10n") / "embeddings_effnet_lite0.npz")
    rows = stored["index"]
    features = next(stored[name] for name in stored.files if name != "index").astype(np.float32)
    labels, probs = (np.load(folder("cifar10n") / f"{name}.npz") for name in ("labels", "pred_probs_cv"))
    for name, column in {"aggre": "aggre", "worst": "worse"}.items():
        nets = [probs[f"{name}_{net}"][rows] for net in ("resnet18", "swin")]
        given, true = (labels[one][rows].astype(np.int64) for one in (column, "clean"))
        yield Case(f"human {name}, two nets", given, true, [_float(net) for net in nets], features)
        yield Case(f"human {name}, ResNet-18", given, true, [_float(nets[0])], features)
        yield Case(f"human {name}, Swin", given, true, [_float(nets[1])], features)
    noisy, probs = (np.load(folder("cifar10_synth") / f"{name}.npz") for name in ("noisy_labels", "pred_probs_cv"))
    for setting in probs.files[1:]:
        given, true = (noisy[one][rows].astype(np.int64) for one in (setting, "true"))
        yield Case(setting.replace("_", ", "), given, true, [_float(probs[setting][rows])], features)


def texts() -> Iterator[Case]:
    """Logistic regressions on words and on MiniLM; the words' model has MiniLM as its second view."""
    with (folder("text_trec6") / "train.csv").open(encoding="utf-8", newline="") as file:
        questions = list(csv.DictReader(file))
    with gzip.open(folder("text_subjectivity") / "data.csv.gz", "rt", encoding="utf-8", newline="") as file:
        sentences = list(csv.DictReader(file))
    stored = {
        "trec6": (questions, np.load(folder("text_trec6") / "emb_minilm_train.npy")),
        "subjectivity": (sentences, np.load(folder("text_subjectivity") / "emb_minilm.npy")),
    }
    for name, (lines, features) in stored.items():
        true = np.unique([line["label"] for line in lines], return_inverse=True)[1]
        words = TfidfVectorizer(min_df=2, sublinear_tf=True, ngram_range=(1, 2)).fit_transform(
            [line["text"] for line in lines]
        )
        for rate, swapped in [(rate, swapped) for swapped in _ways(true) for rate in (0.1, 0.3)]:
            given = with_noise(true, rate, swapped=swapped)
            runs = [_out_of_fold(words, given), _out_of_fold(features.astype(np.float64), given)]
            kind = f"{name}, {rate:.0%} {'swapped' if swapped else 'anywhere'}"
            yield Case(f"{kind}, two models", given, true, runs, features.astype(np.float32))
            yield Case(f"{kind}, words", given, true, runs[:1], features.astype(np.float32))


def _out_of_fold(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    model = LogisticRegression(C=5.0, max_iter=500)
    return np.asarray(cross_val_predict(model, features, labels, cv=FOLDS, method="predict_proba"))


def _float(probs: np.ndarray) -> np.ndarray:
    wide = probs.astype(np.float64) + 1e-12
    return np.asarray(wide / wide.sum(axis=1, keepdims=True))


def own_space(case: Case) -> np.ndarray:
    """The first model's log-probabilities, turned at random: an embedding that knows nothing of its own."""
    logs = np.log(case.runs[0] + 1e-6)
    turn = np.random.default_rng(0).normal(size=(logs.shape[1], logs.shape[1]))
    return np.asarray((logs - logs.mean(axis=1, keepdims=True)) @ turn)


def found(case: Case, probs: np.ndarray) -> tuple[float, float]:
    """Average precision of the score, and F1 of the flags."""
    judged = estimate_label_errors(case.labels, probs)
    flag, wrong = judged.flag, case.wrong
    f1 = 2 * (flag & wrong).sum() / max(1, flag.sum() + wrong.sum())
    return float(average_precision_score(wrong, judged.log_odds)), float(f1)


def of_cleanlab(case: Case) -> tuple[float, float]:
    """Its ensemble scores, default options, and its default filter on the mean of the models."""
    if len(case.runs) == 1:
        quality = get_label_quality_scores(case.labels, case.runs[0])
    else:
        quality = get_label_quality_ensemble_scores(case.labels, case.runs, verbose=False)
    flag = find_label_issues(case.labels, np.mean(case.runs, axis=0), n_jobs=1)
    f1 = 2 * (flag & case.wrong).sum() / max(1, flag.sum() + case.wrong.sum())
    return float(average_precision_score(case.wrong, -quality)), float(f1)


def compare_views(cases: Iterator[Case]) -> None:
    """One line a case: models, second view without and with its gate, and the model's own space in its place."""
    lines = []
    for case in cases:
        single = [found(case, run) for run in case.runs]
        ensemble = found(case, gather_evidence(case.labels, case.runs).probs)
        view = second_view(case.labels, case.features, case.runs[0].shape[1])
        ungated = found(case, _pooled([*case.runs, view.votes, view.linear], case.labels))
        evidence = gather_evidence(case.labels, case.runs, features=case.features)
        gated = found(case, evidence.probs)
        turned = own_space(case)
        mirror = second_view(case.labels, turned, case.runs[0].shape[1])
        own = found(case, _pooled([*case.runs, mirror.votes, mirror.linear], case.labels))
        own_gated = found(case, gather_evidence(case.labels, case.runs, features=turned).probs)
        used = "not used" not in evidence.used_sources[-1]
        figures = [max(single), ensemble, ungated, gated, own, own_gated, of_cleanlab(case)]
        lines.append(figures)
        print(f"| {case.name} | {'yes' if used else 'no'} | {_row(figures)} |", flush=True)
    print(f"| **mean** | | {_row(np.mean(lines, axis=0))} |", flush=True)


def trained_tables() -> Iterator[tuple[Case, np.ndarray, np.ndarray]]:
    """Boosting and small nets on tables: cases, stages out of fold, stages of the rows trained on."""
    for name in TABLES:
        with gzip.open(folder("tabular") / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))[1 : MOST_ROWS + 1]
        features = StandardScaler().fit_transform(np.array([[float(cell) for cell in row[:-1]] for row in rows]))
        true = np.unique([row[-1] for row in rows], return_inverse=True)[1]
        for swapped in _ways(true):
            labels = with_noise(true, 0.2, swapped=swapped, seed=1)
            for course in (boosting, epochs):
                folds = list(FOLDS.split(features, labels))
                parts = [course(features[train], labels[train], features[test]) for train, test in folds]
                held_out = np.empty((len(parts[0]), len(labels), parts[0].shape[2]))
                for (_, test), part in zip(folds, parts, strict=True):
                    held_out[:, test] = part
                seen = course(features, labels, features)
                title = f"{name}, 20% {'swapped' if swapped else 'anywhere'}, {course.__name__}"
                yield Case(title, labels, true, [stage_probs(held_out, -1)]), held_out, seen


def boosting(train: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Logits after every sixth of 60 trees."""
    model = HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=15, early_stopping=False, random_state=0)
    stages = list(model.fit(train, labels).staged_decision_function(rows))[5::6]
    return np.stack([one if one.ndim == 2 and one.shape[1] > 1 else np.outer(one, [-0.5, 0.5]) for one in stages])


def epochs(train: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Log-probabilities after every fifth of 60 epochs."""
    model = MLPClassifier((64,), learning_rate_init=2e-3, batch_size=64, random_state=0)
    classes, stages = np.unique(labels), []
    for epoch in range(60):
        model.partial_fit(train, labels, classes=classes)
        if epoch % 5 == 4:
            stages.append(np.log(np.maximum(model.predict_proba(rows), 1e-9)))
    return np.stack(stages)


def compare_stages() -> None:
    """One line a training: its last stage, all stages without and with the gate, and what dynamics find alone."""
    lines = []
    for case, held_out, seen in trained_tables():
        last = found(case, case.runs[0])
        stages = calibrated_stages(case.labels, held_out)
        ungated = found(case, _pooled([*case.runs, *stages], case.labels))
        evidence = gather_evidence(case.labels, case.runs, stages=held_out)
        memory = gather_evidence(case.labels, case.runs, stages=seen)
        scores = [
            area_under_margin(case.labels, seen),
            forgetting(case.labels, seen),
            cartography(case.labels, seen).score,
            area_under_margin(case.labels, held_out),
        ]
        alone = [(float(average_precision_score(case.wrong, score)), np.nan) for score in scores]
        figures = [last, ungated, found(case, evidence.probs), found(case, memory.probs), *alone, of_cleanlab(case)]
        lines.append(figures)
        used = "not used" not in evidence.used_sources[-1]
        print(f"| {case.name} | {'yes' if used else 'no'} | {_row(figures)} |", flush=True)
    print(f"| **mean** | | {_row(np.mean(lines, axis=0))} |", flush=True)


def _pooled(runs: list[np.ndarray], labels: np.ndarray) -> np.ndarray:
    return pooled(runs, pool_weights(runs, labels))


def _row(figures: object) -> str:
    pairs = [(f"{ap:.3f}" if np.isnan(f1) else f"{ap:.3f} ({f1:.3f})") for ap, f1 in figures]  # type: ignore[attr-defined]
    return " | ".join(pairs)


VIEWS = """\
| data | used | best single model | models pooled | + view, no gate | + view, gated | + own space, no gate \
| + own space, gated | cleanlab |
|---|---|---|---|---|---|---|---|---|"""
STAGES = """\
| data | used | last stage | + stages, no gate | + stages, gated | + stages seen, gated | AUM seen | forgetting seen \
| cartography seen | AUM out of fold | cleanlab |
|---|---|---|---|---|---|---|---|---|---|---|"""


def main() -> None:
    """Print the tables; average precision, in brackets the F1 of the flags."""
    print(VIEWS)
    compare_views(cifar10())
    print(f"\n{VIEWS}")
    compare_views(texts())
    print(f"\n{STAGES}")
    compare_stages()


if __name__ == "__main__":
    main()
