"""Every method of ``dechaff.methods``, with what the laws need to know of it.

A method is a public function with a ``Source`` section in its docstring. `test_completeness` fails, and names it,
until it has a line here. Add one of these:

- to `FOLDS`, where the method is a fold: how to make the fold from `Columns`, and what relabelling the classes does
  to its result;
- to `ROW_MAPS`, where it answers row by row: how to make the row map, and the same;
- to `FUNCTIONS`, where it is a plain function of arrays: how to call it on `Columns`;
- to `EXEMPT`, where it trains, reads texts or tables, or draws at random: the name and why. Its own tests answer
  for it.

The name is ``family.function``. Folds and row maps that serve a method without being its door stand under its name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from dechaff.core.codes import ClassCounts
from dechaff.core.exact_sum import ExactSum
from dechaff.core.groups import UnionFind
from dechaff.core.top_rows import Cut, DigitCounts
from dechaff.methods.active.next_gain import next_gain
from dechaff.methods.active.uncertain import entropy_score, margin_score
from dechaff.methods.consensus.active_lab import another_answer, first_answer
from dechaff.methods.consensus.answer_rows import (
    AnswerCounts,
    AnswerRows,
    ExpectedAnswers,
    ItemSums,
    JudgedAnswers,
    MajorityAnswers,
    VotedAnswers,
    rounded,
)
from dechaff.methods.consensus.careless_answers import constant_answers, random_answers
from dechaff.methods.consensus.cohen_kappa import cohen_kappa
from dechaff.methods.consensus.copied_answers import CopyOdds, copied_answers
from dechaff.methods.consensus.crowd_consensus import CrowdConsensus, crowd_consensus
from dechaff.methods.consensus.crowdlab import AnswersOfOthers, CrowdLab, crowdlab, temperature_by_answers
from dechaff.methods.consensus.dawid_skene import dawid_skene
from dechaff.methods.consensus.dirichlet_multinomial import dirichlet_multinomial
from dechaff.methods.consensus.glad import GladItems, GladStep, glad
from dechaff.methods.consensus.hasty_answers import hasty_answers
from dechaff.methods.consensus.held_out_powers import held_out_powers
from dechaff.methods.consensus.judged_annotators import Annotators, TrustLogs, judge_annotators
from dechaff.methods.consensus.mace import mace
from dechaff.methods.consensus.majority_vote import majority_vote
from dechaff.methods.consensus.next_annotators import next_annotators
from dechaff.methods.consensus.one_coin import one_coin
from dechaff.methods.consensus.wawa import wawa
from dechaff.methods.curriculum.early_loss import early_loss
from dechaff.methods.curriculum.orders import easy_first, hard_first, in_each_class, random_order
from dechaff.methods.curriculum.self_paced import hard_weights, soft_weights
from dechaff.methods.drift.category_shift import category_shift
from dechaff.methods.drift.label_mix import same_label_mix
from dechaff.methods.drift.number_shift import number_shift
from dechaff.methods.duplicates.equal_rows import EqualContents
from dechaff.methods.duplicates.shingle_sets import BucketPairs, ShingleSets, Sketches
from dechaff.methods.duplicates.text_keys import TextKeys, text_keys
from dechaff.methods.failing_slices.find_failing_slices import find_failing_slices
from dechaff.methods.features.grouped_importance import correlated_groups
from dechaff.methods.features.knockoffs import knockoff_selection
from dechaff.methods.features.missingness import missingness
from dechaff.methods.features.mrmr import mrmr_order, mutual_information
from dechaff.methods.label_errors.class_health import (
    PosteriorJoint,
    class_noise,
    label_health,
    overlapping_classes,
    overlapping_pairs,
    rare_classes,
    true_class_noise,
)
from dechaff.methods.label_errors.confident_joint import (
    ArgmaxClass,
    ConfidentClass,
    ConfidentJoint,
    argmax_joint,
    calibrated_joint,
)
from dechaff.methods.label_errors.confident_rows import (
    Bounds,
    ConfidentRows,
    CountedRows,
    LikelyThresholds,
)
from dechaff.methods.label_errors.confident_thresholds import ConfidentThresholds
from dechaff.methods.label_errors.error_passes import FlagTop
from dechaff.methods.label_errors.estimates_of_rows import error_odds_of, posterior_of, true_probs_of
from dechaff.methods.label_errors.label_error_estimates import (
    estimate_label_errors,
    estimate_label_errors_with,
)
from dechaff.methods.label_errors.label_noise import class_prior, label_noise
from dechaff.methods.label_errors.label_scores import AdjustedProbs, EntropyDoubt, MarginDoubt, SelfDoubt
from dechaff.methods.label_errors.latents import (
    Latents,
    converged_latents,
    inverse_noise_matrix,
    noise_matrix,
    prior_by_inversion,
    prior_from_diagonals,
    prior_from_given,
    prior_from_joint,
)
from dechaff.methods.label_errors.local_calibration import Cells, LocalCalibration
from dechaff.methods.label_errors.margin_thresholds import (
    CandidatesWithin,
    LargestMargins,
    MarginCandidates,
    MarginCounts,
    MarginRanges,
    RankedCandidates,
)
from dechaff.methods.label_errors.matrix_and_margin import judge_by_matrix_and_margin
from dechaff.methods.label_errors.near_classes import NearClasses, NearJoint, NearThresholds
from dechaff.methods.label_errors.noise_posterior import (
    Blend,
    NearErrorOdds,
    OddsCounts,
    RowErrorOdds,
    noise_posterior,
)
from dechaff.methods.label_errors.noise_readings import Readings, directed_fraction
from dechaff.methods.label_errors.noise_sample import NoiseSample, SampledRows
from dechaff.methods.label_errors.obvious_errors import ObviousBins
from dechaff.methods.label_errors.plateau_transition import (
    Plateau,
    PlateauEdges,
    PlateauProbs,
    PlateauRows,
    plateau_transition,
)
from dechaff.methods.label_errors.prune_counts import prune_counts, prune_counts_of, whole_counts
from dechaff.methods.label_errors.pruning import (
    PrefersAnother,
    confident_counts,
    prune_by_both,
    prune_by_class,
    prune_by_noise_rate,
    prune_most_doubtful,
    prune_off_diagonal,
)
from dechaff.methods.label_errors.rate_bounds import rate_bounds
from dechaff.methods.label_errors.uniform_noise import GivenLogs, uniform_noise
from dechaff.methods.label_evidence.gather_evidence import gather_evidence
from dechaff.methods.label_evidence.left_out_regression import left_out_regression
from dechaff.methods.label_evidence.neighbour_votes import nearest_outputs, neighbour_votes, search_rows
from dechaff.methods.label_evidence.pooled_probs import mixture_weights, pool_weights
from dechaff.methods.label_evidence.second_view import conditional_information_gain, second_view, view_gain
from dechaff.methods.label_evidence.stages import stage_gain
from dechaff.methods.label_evidence.telling_words import telling_words
from dechaff.methods.label_evidence.training_dynamics import (
    area_under_margin,
    cartography,
    forgetting,
)
from dechaff.methods.label_reviews import (
    better_flag,
    injected_errors,
    offset_logistic,
    proof_of_order,
    review_budget,
    review_strata,
    reviewed_bands,
    sampled_level,
    updated_scores,
)
from dechaff.methods.label_reviews.anytime_count import anytime_count
from dechaff.methods.label_reviews.review_corrections import JudgedRows, RowEvidence
from dechaff.methods.multi_labels.even_noise import even_share, weak_share
from dechaff.methods.multi_labels.row_score import row_score
from dechaff.methods.noisy_slices.examine_slice import only_other_shares
from dechaff.methods.noisy_slices.slice_evidence import slice_transition
from dechaff.methods.object_detection.detection_trust import detection_trust
from dechaff.methods.outliers.conformal import conformal_p_values
from dechaff.methods.outliers.embedding_distance import shrunk_covariance
from dechaff.methods.outliers.energy import ClassEnergy, class_energy
from dechaff.methods.outliers.reviewed_outliers import reviewed_order
from dechaff.methods.outliers.scores import distance_doubt, generalised_entropy, prediction_entropy
from dechaff.methods.pu import (
    bagging,
    elkan_noto,
    linear_risk,
    rank_pruning,
    risk,
    sar_em,
    scheme,
    spy,
    weighted_unlabelled,
)
from dechaff.methods.pu.binned_scores import BinnedScores, bin_scores
from dechaff.methods.pu.class_prior.best_bin import best_bin, top_bin
from dechaff.methods.pu.class_prior.compromise import compromise, rise
from dechaff.methods.pu.class_prior.consensus import consensus
from dechaff.methods.pu.class_prior.dedpul import dedpul
from dechaff.methods.pu.class_prior.elkan_noto import e1, e2, e3
from dechaff.methods.pu.class_prior.estimates import estimates
from dechaff.methods.pu.class_prior.plateau import plateau
from dechaff.methods.pu.diagnostics.missing_structure import missing_structure
from dechaff.methods.pu.diagnostics.positive_errors import positive_errors
from dechaff.methods.pu.diagnostics.prior_identifiable import identifiability
from dechaff.methods.pu.diagnostics.selection_at_random import selection_at_random
from dechaff.methods.pu.metrics.curves import pu_auc, pu_precision_recall_curve, pu_roc_curve
from dechaff.methods.pu.metrics.rates import lee_liu, pu_accuracy, pu_f1, pu_log_loss, pu_precision, pu_recall, pu_risk
from dechaff.methods.rare_classes.prior_correction import balanced_predictions, fit_power_around, sharpened_around
from dechaff.methods.row_order.neighbour_gaps import gap_doubt, gap_p_value, gap_statistic
from dechaff.methods.segmentation.image_doubt import image_doubt
from dechaff.methods.soft_labels.soft_posterior import divergence, drawn_labels, soft_posterior
from dechaff.methods.targets.anywhere_mixture import anywhere_log_density, anywhere_mixture
from dechaff.methods.targets.error_mixture import error_mixture
from dechaff.methods.targets.judged_targets import judge_targets
from dechaff.methods.targets.local_residuals import local_residuals
from dechaff.methods.token_labels.label_chain import in_context, label_chain, probs_in_context
from dechaff.methods.token_labels.sentence_score import Sentences, any_error, whole_spans, worst_token
from dechaff.methods.valuation.knn_shapley import knn_shapley
from dechaff.typing import Chunk

Arrays = dict[str, np.ndarray]
Order = np.ndarray
"""``order[old class] = new class``."""


@dataclass(frozen=True)
class Columns:
    """Rows of k classes with noisy labels; made by `columns`, relabelled by `relabelled`."""

    arrays: Arrays
    joint: np.ndarray
    thresholds: np.ndarray
    edges: np.ndarray
    transition: np.ndarray
    prior: np.ndarray

    @property
    def k(self) -> int:
        return len(self.prior)


@dataclass(frozen=True)
class FoldCase:
    method: str
    make: Callable[[Columns], Any]
    relabel: Callable[[Any, Order], Any]


@dataclass(frozen=True)
class RowMapCase:
    method: str
    make: Callable[[Columns], Any]
    relabel: Callable[[np.ndarray, Order], np.ndarray]
    in_unit_range: bool = True


@dataclass(frozen=True)
class FunctionCase:
    method: str
    call: Callable[[Columns], Any]


def columns(seed: int, n: int = 400, k: int = 4) -> Columns:
    """Labels with noise, the probabilities of a fair model, and parameters of the right shapes."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, k, n)
    labels = np.where(rng.random(n) < 0.2, rng.integers(0, k, n), true)
    logits = rng.normal(size=(n, k)) + 3 * np.eye(k)[true]
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    transition = rng.dirichlet(np.ones(k), k).T * 0.3 + 0.7 * np.eye(k)
    return Columns(
        arrays={
            "row": np.arange(n),
            "items": np.arange(n) // 3,
            "annotators": np.arange(n) * 7 % 5,
            "labels": labels,
            "probs": probs,
            "posterior": rng.dirichlet(np.ones(k), n),
            "near": NearClasses(k).rows({"labels": labels, "probs": probs}),
            "log_odds": np.round(logits[:, 0], 1),
            "suggested_prob": probs[:, 1],
            "doubted": labels != true,
            "pairs": rng.integers(0, 2 * n, (n, 2)),
            **text_columns(rng, n),
            **lead_columns(rng, n, k),
        },
        joint=rng.integers(0, 50, (k, k)) + 100 * np.eye(k, dtype=int),
        thresholds=rng.uniform(0.4, 0.6, k),
        edges=rng.integers(2048, 2200, k),
        transition=transition,
        prior=rng.dirichlet(np.ones(k) * 5),
    )


def relabelled(old: Columns, order: Order) -> Columns:
    """The same rows, their classes numbered anew."""
    arrays = {**old.arrays, "labels": order[old.arrays["labels"]]}
    arrays |= {name: columns_moved(old.arrays[name], order) for name in ("probs", "posterior")}
    arrays["near"] = near_moved(old.arrays["near"], order)
    arrays["cells"] = cells_moved(old.arrays["cells"], order)
    return Columns(
        arrays=arrays,
        joint=square(old.joint, order),
        thresholds=vector(old.thresholds, order),
        edges=vector(old.edges, order),
        transition=square(old.transition, order),
        prior=vector(old.prior, order),
    )


def text_columns(rng: np.random.Generator, n: int) -> Arrays:
    """Texts of eight words, three of them drawn, so that many share a bucket; and what is kept of them."""
    drawn = rng.integers(0, 4, (n, 3)).tolist()
    texts = np.array([f"a b{one} c d e{two} f g h{three}" for one, two, three in drawn], dtype=object)
    return {"texts": texts, **text_keys(texts)}


def lead_columns(rng: np.random.Generator, n: int, k: int) -> Arrays:
    """A lead of each row, some as far as others."""
    margins = rng.uniform(0.3, 1, n)
    margins[::5] = 0.5
    return {"rows": np.arange(n), "cells": rng.integers(0, k * k, n), "margins": margins}


def vector(values: np.ndarray, order: Order) -> np.ndarray:
    moved = np.empty_like(values)
    moved[order] = values
    return moved


def columns_moved(values: np.ndarray, order: Order) -> np.ndarray:
    moved = np.empty_like(values)
    moved[:, order] = values
    return moved


def square(values: np.ndarray, order: Order) -> np.ndarray:
    return vector(columns_moved(values, order), order)


def unmoved(values: Any, order: Order) -> Any:
    return values


def classes_moved(classes: np.ndarray, order: Order) -> np.ndarray:
    """Class numbers, -1 for none."""
    return np.where(classes >= 0, order[classes], -1)


def near_moved(near: np.ndarray, order: Order) -> np.ndarray:
    moved = near.copy()
    moved[:, : len(order)] = order[near[:, : len(order)].astype(int)]
    return moved


def plateau_moved(plateau: Plateau, order: Order) -> Plateau:
    heights = ExactSum(vector(plateau.heights.whole, order), vector(plateau.heights.part, order))
    labels, below = square(plateau.labels, order), vector(plateau.below, order)
    return replace(plateau, labels=labels, heights=heights, below=below)


def counted_moved(counted: CountedRows, order: Order) -> CountedRows:
    total = ExactSum(vector(counted.total.whole, order), vector(counted.total.part, order))
    by_class = (vector(counted.class_counts, order), vector(counted.doubted, order))
    return CountedRows(square(counted.joint, order), *by_class, total)


def bounds_moved(bounds: Bounds, order: Order) -> Bounds:
    return Bounds(vector(bounds.low, order), vector(bounds.high, order), square(bounds.least, order))


def cells_moved(cells: np.ndarray, order: Order) -> np.ndarray:
    """Places in a (k, k) matrix."""
    labels, others = np.divmod(cells, len(order))
    return order[labels] * len(order) + order[others]


def ranked_moved(some: RankedCandidates, order: Order) -> RankedCandidates:
    moved = replace(some, cells=cells_moved(some.cells, order))
    return moved.picked(np.lexsort((moved.rows, moved.cells)))


def candidates_moved(some: MarginCandidates, order: Order) -> MarginCandidates:
    moved = replace(some, cells=cells_moved(some.cells, order))
    return moved.picked(np.lexsort((moved.rows, -moved.margins, moved.cells)))


def margin_counts_moved(counts: np.ndarray, order: Order) -> np.ndarray:
    k = len(order)
    moved = counts.copy()
    moved[:-1] = square(counts[:-1].reshape(k, k, -1), order).reshape(k * k, -1)
    return moved


def margin_ranges(data: Columns) -> MarginRanges:
    """The second of a few ranges of each pair."""
    low, high = (np.full(data.k**2 + 1, margin).view(np.int64) for margin in (0.4, 0.6))
    return MarginRanges.between(np.arange(data.k**2, dtype=np.int32), low, high, 4)


def bounds_of(data: Columns) -> Bounds:
    return Bounds(data.thresholds - 0.05, data.thresholds + 0.05, data.joint / 1000)


def few_wanted(data: Columns) -> np.ndarray:
    """A few rows of the pairs that are seen together most."""
    return np.where(data.joint > 35, 5, 0) * (1 - np.eye(data.k, dtype=int))


def largest_margins(data: Columns) -> LargestMargins:
    """For a few rows of some pairs, and not those that lead by much."""
    return LargestMargins(few_wanted(data), np.full(data.joint.shape, 0.3))


def sample_moved(sample: NoiseSample, order: Order) -> NoiseSample:
    (labels, probs), (more_labels, more_probs) = sample.calibration, sample.noise
    calibration = (order[labels], columns_moved(probs, order))
    noise = (order[more_labels], columns_moved(more_probs, order))
    return NoiseSample(sample.n_rows, vector(sample.counts, order), calibration, noise)


@dataclass(frozen=True)
class OddsOnRows:
    """What `NearErrorOdds` says of the rows, as a row map."""

    verdicts: NearErrorOdds

    @property
    def columns(self) -> tuple[str, ...]:
        return self.verdicts.columns

    def rows(self, chunk: Chunk) -> np.ndarray:
        answers, _ = self.verdicts.rows_and_state(chunk)
        return np.column_stack([answers[name] for name in ("suggested", "log_odds", "suggested_prob")])


@dataclass(frozen=True)
class KeysOfRows:
    """What `TextKeys` keeps of texts, as a row map."""

    columns = TextKeys.columns

    def rows(self, chunk: Chunk) -> np.ndarray:
        answers, _ = TextKeys().rows_and_state(chunk)
        return np.column_stack([answers[name].astype(float) for name in sorted(answers)])


def verdicts_moved(rows: np.ndarray, order: Order) -> np.ndarray:
    return np.column_stack([order[rows[:, 0].astype(int)], rows[:, 1:]])


def binned(data: Columns) -> BinnedScores:
    """Class 0 as the labelled positives of positive-unlabelled learning."""
    return bin_scores(label_probs(data), data.arrays["labels"] == 0)


def label_conditions(data: Columns) -> Any:
    """Three conditions on the rows, which have nothing to do with their labels."""
    rows = np.arange(len(data.arrays["labels"]))
    return csr_array(np.array([rows % 5 == 0, rows % 3 == 1, rows < 100], dtype=float))


def label_counts(data: Columns) -> list[np.ndarray]:
    return [np.bincount(half, minlength=data.k) for half in np.split(data.arrays["labels"], 2)]


def label_probs(data: Columns) -> np.ndarray:
    return data.arrays["probs"][:, 0]


def is_labelled(data: Columns) -> np.ndarray:
    return data.arrays["labels"] == 0


def runs(data: Columns) -> list[np.ndarray]:
    """Two models of the same rows."""
    return [data.arrays["probs"], data.arrays["posterior"]]


def course(data: Columns) -> np.ndarray:
    """Three stages of a training, as logits."""
    return np.log(np.stack([data.arrays["posterior"], data.arrays["probs"] ** 0.5, data.arrays["probs"]]))


def judged_rows(data: Columns) -> JudgedRows:
    """Label 0 with doubts, and every other class as the suggestion."""
    probs, labels = data.arrays["probs"], data.arrays["labels"]
    return JudgedRows(log_doubts(data), labels, (labels + 1) % data.k, probs[:, :2])


def log_doubts(data: Columns) -> np.ndarray:
    return np.log1p(-label_probs(data)) - np.log(label_probs(data))


def strata(data: Columns) -> review_strata.ReviewStrata:
    return review_strata.review_strata(label_probs(data), label_probs(data) > 0.5)


def pu_samples(data: Columns) -> risk.Samples:
    return risk.samples(is_labelled(data), "single-training-set")


def sentences(data: Columns) -> Sentences:
    """The rows as tokens of sentences of three, one, none and six tokens, and one of all the rest."""
    return Sentences(np.array([3, 1, 0, 6, len(data.arrays["labels"]) - 10]))


def chain_of(data: Columns) -> Any:
    return label_chain(data.arrays["labels"], data.arrays["probs"], sentences(data))


FOLDS = [
    FoldCase("duplicates.equal_contents", lambda c: EqualContents(), unmoved),
    FoldCase("duplicates.equal_contents", lambda c: EqualContents(1, 3), unmoved),
    FoldCase("duplicates.near_texts", lambda c: BucketPairs(7), unmoved),
    FoldCase("duplicates.near_texts", lambda c: BucketPairs(7, 1, 3), unmoved),
    FoldCase("duplicates.near_texts", lambda c: ShingleSets(np.arange(0, 500, 3)), unmoved),
    FoldCase("duplicates.near_texts", lambda c: Sketches(np.arange(0, 500, 3)), unmoved),
    FoldCase("duplicates.near_texts", lambda c: UnionFind(), unmoved),
    FoldCase("label_errors.label_noise", lambda c: ClassCounts(c.k), vector),
    FoldCase("label_errors.confident_thresholds", lambda c: ConfidentThresholds(c.k), vector),
    FoldCase("label_errors.confident_joint", lambda c: ConfidentJoint(c.thresholds), square),
    FoldCase("label_errors.confident_counts", lambda c: ConfidentRows(bounds_of(c)), counted_moved),
    FoldCase("label_errors.confident_counts", lambda c: LikelyThresholds(c.k), bounds_moved),
    FoldCase(
        "label_errors.prune_by_noise_rate",
        lambda c: LargestMargins(few_wanted(c), np.full_like(c.joint, 0.3, float)),
        ranked_moved,
    ),
    FoldCase("label_errors.prune_by_noise_rate", lambda c: MarginCounts(margin_ranges(c)), margin_counts_moved),
    FoldCase("label_errors.prune_by_noise_rate", lambda c: CandidatesWithin(margin_ranges(c)), candidates_moved),
    FoldCase("label_errors.label_noise", lambda c: NearThresholds(c.k, 1.3), vector),
    FoldCase("label_errors.label_noise", lambda c: NearJoint(c.thresholds, 1.3), square),
    FoldCase("label_errors.uniform_noise", lambda c: GivenLogs(c.k, 1.3), unmoved),
    FoldCase("label_errors.obvious_errors", lambda c: ObviousBins(c.k, 1.3), unmoved),
    FoldCase("label_errors.plateau_transition", lambda c: PlateauEdges(c.k, 1.3), vector),
    FoldCase("label_errors.plateau_transition", lambda c: PlateauRows(c.edges, 1.3), plateau_moved),
    FoldCase("label_errors.plateau_transition", lambda c: PlateauProbs(c.edges, 1.3), square),
    FoldCase(
        "label_errors.estimate_label_errors", lambda c: NearErrorOdds(1.3, c.transition, Blend(0.7, c.prior)), square
    ),
    FoldCase("label_errors.estimate_label_errors", lambda c: RowErrorOdds(1.3, c.transition), square),
    FoldCase("label_errors.label_noise", lambda c: OddsCounts(RowErrorOdds(1.3, c.transition)), unmoved),
    FoldCase("label_errors.estimate_label_errors", lambda c: DigitCounts("log_odds", (49152 + 63,)), unmoved),
    FoldCase("label_errors.estimate_label_errors", lambda c: SampledRows(30_000, c.k), sample_moved),
    FoldCase("label_errors.posterior_joint", lambda c: PosteriorJoint(c.k), square),
]

ROW_MAPS = [
    RowMapCase("duplicates.near_texts", lambda c: KeysOfRows(), unmoved, in_unit_range=False),
    RowMapCase("label_reviews.row_evidence", lambda c: RowEvidence(), unmoved, in_unit_range=False),
    RowMapCase("outliers.class_energy", lambda c: ClassEnergy(), unmoved),
    RowMapCase("label_errors.adjusted_probs", lambda c: AdjustedProbs(c.thresholds), columns_moved),
    RowMapCase("label_errors.prune_by_argmax", lambda c: PrefersAnother(), unmoved),
    RowMapCase("label_errors.confident_joint", lambda c: ConfidentClass(c.thresholds), classes_moved, False),
    RowMapCase("label_errors.argmax_joint", lambda c: ArgmaxClass(c.thresholds), classes_moved, False),
    RowMapCase("label_errors.self_doubt", lambda c: SelfDoubt(), unmoved),
    RowMapCase("label_errors.margin_doubt", lambda c: MarginDoubt(), unmoved),
    RowMapCase("label_errors.entropy_doubt", lambda c: EntropyDoubt(), unmoved),
    RowMapCase("label_errors.estimate_label_errors", lambda c: NearClasses(c.k), near_moved, in_unit_range=False),
    RowMapCase("label_errors.locally_calibrated", lambda c: calibration_of(c), columns_moved),
    RowMapCase("label_errors.estimate_label_errors", lambda c: FlagTop(Cut(0.5, 300)), unmoved),
    RowMapCase(
        "label_errors.estimate_label_errors",
        lambda c: OddsOnRows(NearErrorOdds(1.3, c.transition, Blend(0.7, c.prior))),
        verdicts_moved,
        in_unit_range=False,
    ),
]


def calibration_of(c: Columns) -> LocalCalibration:
    """By the cells of all rows, without their own labels."""
    labels, probs = c.arrays["labels"], c.arrays["probs"]
    return LocalCalibration(Cells.of(labels, np.log(probs), 25, 4), 1.0, (0.5, 0.5), True)


def beside(c: Columns) -> np.ndarray:
    """Two other rows of each."""
    row = np.arange(len(c.arrays["labels"]))
    return np.stack([np.roll(row, 1), np.roll(row, -1)], axis=1)


def answers(c: Columns) -> AnswerRows:
    """Three people's: the given labels, half of the model's choices, and one class throughout."""
    labels, probs = c.arrays["labels"], c.arrays["probs"]
    n, half = len(labels), np.flatnonzero(np.arange(len(labels)) % 2)
    items, said = np.r_[:n, half, :n], np.r_[labels, probs.argmax(axis=1)[half], np.zeros_like(labels)]
    return AnswerRows.of(items, np.repeat([0, 1, 2], [n, len(half), n]), said, n_annotators=3, n_classes=probs.shape[1])


def crowd(c: Columns) -> CrowdLab:
    return crowdlab(answers(c), [c.arrays["probs"]], consensus=c.arrays["labels"])


def tables_moved(tables: np.ndarray, order: Order) -> np.ndarray:
    """(m, k, k) numbers by annotator, answer and true class."""
    moved = np.empty_like(tables)
    moved[:, order[:, None], order] = tables
    return moved


def counts_moved(counts: AnswerCounts, order: Order) -> AnswerCounts:
    return AnswerCounts(tables_moved(counts.answers, order), vector(counts.classes, order), counts.log_likelihood)


def answer_logs(c: Columns) -> np.ndarray:
    """Five annotators, of whom each knows less than the one before, by the same confusions."""
    know = np.linspace(0.9, 0.3, 5)[:, None, None]
    return rounded(np.log(know * c.transition + (1 - know) / c.k))


def answer_rows(c: Columns) -> AnswerRows:
    return AnswerRows.of(c.arrays["items"], c.arrays["annotators"], c.arrays["labels"], n_classes=c.k)


def consensus_of(c: Columns) -> CrowdConsensus:
    return crowd_consensus(answer_rows(c))


def annotators_of(c: Columns) -> Annotators:
    return judge_annotators(answer_rows(c), consensus_of(c))


def habits_of(c: Columns) -> np.ndarray:
    return np.tile(c.prior, (5, 1))


CROWD_FOLDS = [
    FoldCase("consensus.majority_vote", lambda c: ItemSums(answer_logs(c), 134), columns_moved),
    FoldCase(
        "consensus.crowdlab",
        lambda c: AnswersOfOthers(np.broadcast_to(np.eye(c.k), (5, c.k, c.k)).copy()),
        unmoved,
    ),
    FoldCase("consensus.wawa", lambda c: MajorityAnswers(np.zeros((5, c.k, c.k)), np.zeros(c.k)), counts_moved),
    FoldCase("consensus.mace", lambda c: VotedAnswers(np.zeros((5, c.k, c.k)), np.zeros(c.k)), counts_moved),
    FoldCase("consensus.dawid_skene", lambda c: ExpectedAnswers(answer_logs(c), np.log(c.prior)), counts_moved),
    FoldCase("consensus.dawid_skene", lambda c: ExpectedAnswers(answer_logs(c), c.arrays["probs"][:134]), counts_moved),
    FoldCase("consensus.glad", lambda c: GladStep(np.linspace(-1, 2, 5), c.k), unmoved),
    FoldCase(
        "consensus.glad",
        lambda c: GladItems(np.linspace(-1, 2, 5), c.k, 134),
        lambda found, order: (columns_moved(found[0], order), found[1]),
    ),
    FoldCase(
        "consensus.judge_annotators",
        lambda c: TrustLogs(answer_logs(c), 0.5, np.log(c.arrays["probs"][:134]), habits_of(c)),
        unmoved,
    ),
    FoldCase(
        "consensus.judge_annotators",
        lambda c: JudgedAnswers(np.zeros((5, c.k, c.k)), c.arrays["probs"][:134]),
        counts_moved,
    ),
    FoldCase(
        "consensus.copied_answers",
        lambda c: CopyOdds(answer_logs(c), 0.5, np.log(c.arrays["probs"][:134]), np.array([0, 1, -1, 2, 3])),
        unmoved,
    ),
]
FOLDS += CROWD_FOLDS


def fractions_of(c: Columns) -> np.ndarray:
    counts = 1.0 + np.bincount(c.arrays["labels"], minlength=c.arrays["probs"].shape[1])
    return np.asarray(counts / counts.sum())


FUNCTIONS = [
    FunctionCase(
        "rare_classes.balanced_predictions", lambda c: balanced_predictions(c.arrays["probs"], fractions_of(c))
    ),
    FunctionCase(
        "rare_classes.sharpened_around", lambda c: sharpened_around(c.arrays["probs"], fractions_of(c), power=0.5)
    ),
    FunctionCase(
        "rare_classes.fit_power_around",
        lambda c: fit_power_around(c.arrays["labels"], c.arrays["probs"], fractions_of(c)),
    ),
    FunctionCase("active.margin_score", lambda c: margin_score(c.arrays["probs"])),
    FunctionCase("active.entropy_score", lambda c: entropy_score(c.arrays["probs"])),
    FunctionCase("active.next_gain", lambda c: next_gain(*c.arrays["probs"].argsort(axis=1).T[:3])),
    FunctionCase("consensus.majority_vote", lambda c: majority_vote(answer_rows(c))),
    FunctionCase("consensus.wawa", lambda c: wawa(answer_rows(c))),
    FunctionCase("consensus.one_coin", lambda c: one_coin(answer_rows(c))),
    FunctionCase("consensus.dawid_skene", lambda c: dawid_skene(answer_rows(c), prior=c.arrays["probs"][:134])),
    FunctionCase("consensus.mace", lambda c: mace(answer_rows(c))),
    FunctionCase("consensus.glad", lambda c: glad(answer_rows(c))),
    FunctionCase("consensus.held_out_powers", lambda c: held_out_powers(answer_rows(c), c.arrays["probs"][:134])),
    FunctionCase(
        "consensus.dirichlet_multinomial", lambda c: dirichlet_multinomial(5 * c.arrays["probs"], c.arrays["probs"])
    ),
    FunctionCase("consensus.crowd_consensus", lambda c: crowd_consensus(answer_rows(c), c.arrays["probs"][:134])),
    FunctionCase("consensus.judge_annotators", annotators_of),
    FunctionCase("consensus.random_answers", lambda c: random_answers(annotators_of(c))),
    FunctionCase("consensus.constant_answers", lambda c: constant_answers(annotators_of(c))),
    FunctionCase("consensus.copied_answers", lambda c: copied_answers(answer_rows(c), consensus_of(c))),
    FunctionCase("consensus.hasty_answers", lambda c: hasty_answers(answer_rows(c), np.arange(400.0))),
    FunctionCase(
        "consensus.next_annotators",
        lambda c: next_annotators(
            answer_rows(c), consensus_of(c), np.arange(9), may_ask=np.array([True, False, True, True, True])
        ),
    ),
    FunctionCase(
        "failing_slices.find_failing_slices",
        lambda c: find_failing_slices(
            c.arrays["labels"],
            c.arrays["probs"],
            label_conditions(c),
            doubt=np.zeros(len(c.arrays["labels"])),
            halves=np.arange(len(c.arrays["labels"])) % 2,
            incidental=np.zeros(3, dtype=bool),
            smallest=20,
        ),
    ),
    FunctionCase("drift.category_shift", lambda c: category_shift(*label_counts(c))),
    FunctionCase("drift.number_shift", lambda c: number_shift(*np.split(label_probs(c), 2))),
    FunctionCase(
        "drift.same_label_mix",
        lambda c: same_label_mix(
            c.arrays["labels"], np.arange(len(label_probs(c))) % 2, random=np.random.default_rng(0)
        ),
    ),
    FunctionCase("features.correlated_groups", lambda c: correlated_groups(c.arrays["posterior"])),
    FunctionCase("features.knockoff_selection", lambda c: knockoff_selection(log_doubts(c), rate=0.5)),
    FunctionCase("features.missingness", lambda c: missingness(c.arrays["doubted"], c.arrays["labels"], c.k)),
    FunctionCase(
        "features.mrmr_order",
        lambda c: mrmr_order((c.arrays["probs"] * 5).astype(np.int64), c.arrays["labels"]),
    ),
    FunctionCase(
        "features.mutual_information", lambda c: mutual_information(c.arrays["labels"], c.arrays["annotators"])
    ),
    FunctionCase("outliers.class_energy", lambda c: class_energy(c.arrays["probs"])),
    FunctionCase("outliers.conformal_p_values", lambda c: conformal_p_values(label_probs(c), label_probs(c)[:90])),
    FunctionCase(
        "outliers.reviewed_order",
        lambda c: reviewed_order(
            label_probs(c),
            c.arrays["posterior"],
            np.arange(9),
            np.arange(9) < 5,
            rng=np.random.default_rng(0),
        ),
    ),
    FunctionCase("outliers.shrunk_covariance", lambda c: shrunk_covariance(c.arrays["posterior"])),
    FunctionCase("outliers.distance_doubt", lambda c: distance_doubt(c.arrays["probs"][:, 0], usual=0.5)),
    FunctionCase("outliers.generalised_entropy", lambda c: generalised_entropy(c.arrays["probs"])),
    FunctionCase("outliers.prediction_entropy", lambda c: prediction_entropy(c.arrays["probs"])),
    FunctionCase("row_order.gap_doubt", lambda c: gap_doubt(beside(c))),
    FunctionCase(
        "row_order.gap_p_value", lambda c: gap_p_value(beside(c), random=np.random.default_rng(0), permutations=9)
    ),
    FunctionCase("row_order.gap_statistic", lambda c: gap_statistic(beside(c))),
    FunctionCase(
        "valuation.knn_shapley",
        lambda c: knn_shapley(c.arrays["labels"], np.argsort(c.arrays["probs"], axis=1).astype(np.int64), k=2),
    ),
    FunctionCase("consensus.another_answer", lambda c: another_answer(crowd(c))),
    FunctionCase("consensus.crowdlab", lambda c: crowd(c)),
    FunctionCase("consensus.first_answer", lambda c: first_answer(crowd(c), c.arrays["probs"][None])),
    FunctionCase("consensus.temperature_by_answers", lambda c: temperature_by_answers(answers(c), c.arrays["probs"])),
    FunctionCase("label_errors.argmax_joint", lambda c: argmax_joint(c.arrays["labels"], c.arrays["probs"])),
    FunctionCase("label_errors.confident_counts", lambda c: confident_counts(c.arrays["labels"], c.arrays["probs"])),
    FunctionCase(
        "label_errors.prune_by_both",
        lambda c: prune_by_both(c.arrays["labels"], c.arrays["probs"], joint=c.joint),
    ),
    FunctionCase(
        "label_errors.prune_by_class",
        lambda c: prune_by_class(c.arrays["labels"], c.arrays["probs"], joint=c.joint),
    ),
    FunctionCase(
        "label_errors.prune_by_noise_rate",
        lambda c: prune_by_noise_rate(c.arrays["labels"], c.arrays["probs"], joint=c.joint),
    ),
    FunctionCase("label_errors.prune_counts", lambda c: prune_counts(c.joint, frac_noise=0.7)),
    FunctionCase(
        "label_errors.prune_counts_of",
        lambda c: prune_counts_of(c.joint, c.joint.sum(axis=1), np.full(c.k, 3)),
    ),
    FunctionCase("label_errors.prune_most_doubtful", lambda c: prune_most_doubtful(c.arrays["probs"][:, 0], n_rows=9)),
    FunctionCase(
        "label_errors.prune_off_diagonal", lambda c: prune_off_diagonal(c.arrays["labels"], c.arrays["probs"])
    ),
    FunctionCase("label_errors.whole_counts", lambda c: whole_counts(c.joint * 0.7)),
    FunctionCase("label_errors.calibrated_joint", lambda c: calibrated_joint(c.joint, c.joint.sum(axis=0))),
    FunctionCase("label_errors.class_noise", lambda c: class_noise(c.joint)),
    FunctionCase("label_errors.directed_fraction", lambda c: directed_fraction(c.joint)),
    FunctionCase(
        "label_errors.rate_bounds",
        lambda c: rate_bounds(
            Readings(0.2, 0.18, 0.17, 0.25, stray_folds=False), one_way=directed_fraction(c.joint), n_classes=c.k
        ),
    ),
    FunctionCase("label_errors.uniform_noise", lambda c: uniform_noise(c.arrays["labels"], c.arrays["probs"])),
    FunctionCase("label_errors.class_prior", lambda c: class_prior(c.transition, c.prior)),
    FunctionCase(
        "label_errors.converged_latents",
        lambda c: converged_latents(Latents(c.prior, c.transition, inverse_noise_matrix(c.transition)), c.prior),
    ),
    FunctionCase("label_errors.inverse_noise_matrix", lambda c: inverse_noise_matrix(c.joint)),
    FunctionCase(
        "label_errors.estimate_label_errors", lambda c: estimate_label_errors(c.arrays["labels"], c.arrays["probs"])
    ),
    FunctionCase("label_errors.label_health", lambda c: label_health(c.joint)),
    FunctionCase(
        "label_errors.estimate_label_errors_with",
        lambda c: estimate_label_errors_with(c.arrays["labels"], c.arrays["probs"], transition=c.transition),
    ),
    FunctionCase(
        "label_errors.posterior_of",
        lambda c: posterior_of(
            estimate_label_errors(c.arrays["labels"], c.arrays["probs"]), c.arrays["labels"], c.arrays["probs"]
        ),
    ),
    FunctionCase(
        "label_errors.true_probs_of",
        lambda c: true_probs_of(estimate_label_errors(c.arrays["labels"], c.arrays["probs"]), c.arrays["probs"]),
    ),
    FunctionCase("label_errors.label_noise", lambda c: label_noise(c.arrays["labels"], c.arrays["probs"])),
    FunctionCase("label_errors.noise_matrix", lambda c: noise_matrix(c.joint)),
    FunctionCase(
        "label_errors.noise_posterior",
        lambda c: noise_posterior(c.arrays["labels"], c.arrays["probs"], transition=c.transition),
    ),
    FunctionCase("label_errors.overlapping_classes", lambda c: overlapping_classes(c.joint)),
    FunctionCase("label_errors.overlapping_pairs", lambda c: overlapping_pairs(c.joint)),
    FunctionCase(
        "label_errors.plateau_transition", lambda c: plateau_transition(c.arrays["labels"], c.arrays["probs"])
    ),
    FunctionCase("label_errors.prior_by_inversion", lambda c: prior_by_inversion(c.prior, c.transition)),
    FunctionCase(
        "label_errors.prior_from_diagonals", lambda c: prior_from_diagonals(c.prior, c.transition, c.transition)
    ),
    FunctionCase("label_errors.prior_from_given", lambda c: prior_from_given(c.prior, c.transition)),
    FunctionCase("label_errors.prior_from_joint", lambda c: prior_from_joint(c.joint)),
    FunctionCase("label_errors.rare_classes", lambda c: rare_classes(c.joint.sum(axis=1))),
    FunctionCase("label_errors.true_class_noise", lambda c: true_class_noise(c.joint)),
    FunctionCase("label_evidence.area_under_margin", lambda c: area_under_margin(c.arrays["labels"], course(c))),
    FunctionCase("label_evidence.cartography", lambda c: cartography(c.arrays["labels"], course(c)).score),
    FunctionCase("label_evidence.forgetting", lambda c: forgetting(c.arrays["labels"], course(c))),
    FunctionCase("label_evidence.gather_evidence", lambda c: gather_evidence(c.arrays["labels"], runs(c)).probs),
    FunctionCase(
        "label_evidence.left_out_regression",
        lambda c: left_out_regression(c.arrays["labels"], c.arrays["posterior"], c.k),
    ),
    FunctionCase("label_evidence.mixture_weights", lambda c: mixture_weights(runs(c), c.arrays["labels"])),
    FunctionCase("label_evidence.nearest_outputs", lambda c: nearest_outputs(c.arrays["probs"], count=3)),
    FunctionCase("label_evidence.search_rows", lambda c: search_rows(c.arrays["posterior"], count=3).ids),
    FunctionCase(
        "label_evidence.neighbour_votes",
        lambda c: neighbour_votes(c.arrays["labels"], search_rows(c.arrays["posterior"], count=3).ids, c.k),
    ),
    FunctionCase(
        "label_evidence.conditional_information_gain",
        lambda c: conditional_information_gain(c.arrays["labels"], c.arrays["probs"], [c.arrays["posterior"]]),
    ),
    FunctionCase("label_evidence.pool_weights", lambda c: pool_weights(runs(c), c.arrays["labels"])),
    FunctionCase(
        "label_evidence.second_view", lambda c: second_view(c.arrays["labels"], c.arrays["posterior"], c.k).votes
    ),
    FunctionCase("label_evidence.stage_gain", lambda c: stage_gain(c.arrays["labels"], c.arrays["probs"], course(c))),
    FunctionCase(
        "label_evidence.view_gain",
        lambda c: view_gain(c.arrays["labels"], c.arrays["probs"], c.arrays["posterior"]),
    ),
    FunctionCase(
        "label_errors.error_odds_of",
        lambda c: error_odds_of(
            estimate_label_errors(c.arrays["labels"], c.arrays["probs"]), c.arrays["labels"], c.arrays["probs"]
        ),
    ),
    FunctionCase("label_reviews.best_f1_flag", lambda c: better_flag.best_f1_flag(log_doubts(c))),
    FunctionCase(
        "label_reviews.better_flag",
        lambda c: better_flag.better_flag(log_doubts(c), label_probs(c) > 0.5, reviews=30),
    ),
    FunctionCase(
        "label_reviews.errors_interval",
        lambda c: reviewed_bands.errors_interval(np.array([90, 40]), np.array([20, 40]), np.array([7, 3])),
    ),
    FunctionCase(
        "label_reviews.fit_offset_logistic",
        lambda c: offset_logistic.fit_offset_logistic(
            c.arrays["probs"], log_doubts(c), np.where(c.arrays["labels"] == 0, 1.0, 0.0), np.ones(c.k)
        ),
    ),
    FunctionCase(
        "label_reviews.log_wealth",
        lambda c: proof_of_order.log_wealth(
            [(c.arrays["probs"], np.ones(c.k))] * 2, log_doubts(c), np.where(c.arrays["labels"] == 0, 1.0, 0.0)
        ),
    ),
    FunctionCase(
        "label_evidence.telling_words",
        lambda c: telling_words(c.arrays["probs"][:, 0], c.arrays["probs"][:, 1], c.arrays["probs"].sum(axis=1)),
    ),
    FunctionCase("label_reviews.anytime_count", lambda c: anytime_count(90, 20, 7)),
    FunctionCase("consensus.cohen_kappa", lambda c: cohen_kappa(c.arrays["labels"], c.arrays["probs"].argmax(axis=1))),
    FunctionCase("label_reviews.level_excursions", lambda c: review_budget.level_excursions(log_doubts(c), 50, 90)),
    FunctionCase("label_reviews.covariance_excursions", lambda c: review_budget.covariance_excursions(np.eye(2))),
    FunctionCase(
        "label_reviews.injected_errors",
        lambda c: injected_errors.injected_errors(c.arrays["labels"], label_probs(c), c.transition),
    ),
    FunctionCase(
        "label_reviews.review_budget",
        lambda c: review_budget.review_budget(log_doubts(c), np.array([10, 400]), excursions=np.eye(2)),
    ),
    FunctionCase("label_reviews.review_order", lambda c: review_strata.review_order(strata(c), seed=1)),
    FunctionCase("label_reviews.review_strata", strata),
    FunctionCase(
        "label_reviews.sampled_level",
        lambda c: sampled_level.sampled_level(
            label_probs(c),
            strata(c),
            review_strata.review_order(strata(c)),
            reviewed=np.arange(30),
            wrong=np.arange(30) < 9,
        ),
    ),
    FunctionCase(
        "label_reviews.reviewed_bands",
        lambda c: reviewed_bands.reviewed_bands(
            strata(c), review_strata.review_order(strata(c)), np.arange(30), np.arange(30) < 9
        ),
    ),
    FunctionCase(
        "label_reviews.updated_joint",
        lambda c: updated_scores.updated_joint(
            c.transition,
            c.arrays["labels"],
            (c.arrays["labels"] + 1) % c.k,
            log_doubts(c),
            log_doubts(c) + 1,
            reviewed=np.arange(9),
            true=np.zeros(9, dtype=np.int64),
        ),
    ),
    FunctionCase(
        "label_reviews.updated_scores",
        lambda c: updated_scores.updated_scores(
            judged_rows(c), reviewed=np.arange(90), wrong=c.arrays["labels"][:90] == 0
        ),
    ),
    FunctionCase(
        "noisy_slices.only_other_shares",
        lambda c: only_other_shares(
            c.arrays["labels"], c.arrays["probs"], c.prior, slice_transition(c.arrays["labels"], c.arrays["probs"])
        ),
    ),
    FunctionCase("noisy_slices.slice_transition", lambda c: slice_transition(c.arrays["labels"], c.arrays["probs"])),
    FunctionCase("pu.best_bin", lambda c: best_bin(binned(c))),
    FunctionCase("pu.chances", lambda c: sar_em.chances(label_probs(c), c.arrays["probs"][:, 1], is_labelled(c))),
    FunctionCase("pu.confident_counts", lambda c: rank_pruning.confident_counts(label_probs(c), is_labelled(c))),
    FunctionCase("pu.draw_bags", lambda c: bagging.draw_bags(is_labelled(c), n_bags=2)),
    FunctionCase(
        "pu.kept_rows",
        lambda c: rank_pruning.kept_rows(label_probs(c), is_labelled(c), rank_pruning.NoiseRates(0.2, 0.1, 0.3)),
    ),
    FunctionCase(
        "pu.least_non_negative_risk",
        lambda c: linear_risk.least_non_negative_risk(c.arrays["probs"], pu_samples(c), 0.4, penalty=0.01),
    ),
    FunctionCase(
        "pu.least_unbiased_risk",
        lambda c: linear_risk.least_unbiased_risk(c.arrays["probs"], pu_samples(c), 0.4, penalty=0.01),
    ),
    FunctionCase("pu.noise_rates", lambda c: rank_pruning.noise_rates(label_probs(c), is_labelled(c))),
    FunctionCase(
        "pu.non_negative_slopes",
        lambda c: risk.non_negative_slopes(label_probs(c), pu_samples(c), 0.4, loss=risk.SigmoidLoss()),
    ),
    FunctionCase("pu.pu_risk", lambda c: risk.pu_risk(label_probs(c), pu_samples(c), 0.4, loss=risk.SigmoidLoss())),
    FunctionCase(
        "pu.retraining_weights",
        lambda c: rank_pruning.retraining_weights(is_labelled(c), rank_pruning.NoiseRates(0.2, 0.1, 0.3)),
    ),
    FunctionCase("pu.samples", pu_samples),
    FunctionCase("pu.spy_threshold", lambda c: spy.spy_threshold(label_probs(c))),
    FunctionCase(
        "pu.unbiased_slopes",
        lambda c: risk.unbiased_slopes(label_probs(c), pu_samples(c), 0.4, loss=risk.SigmoidLoss()),
    ),
    FunctionCase("pu.class_prior", lambda c: scheme.class_prior(0.5, 1.0, 4.0)),
    FunctionCase("pu.compromise", lambda c: compromise(binned(c))),
    FunctionCase("pu.consensus", lambda c: consensus(binned(c))),
    FunctionCase("pu.rise", lambda c: rise(binned(c))),
    FunctionCase("pu.estimates", lambda c: estimates(binned(c), n_bootstraps=3)),
    FunctionCase("pu.dedpul", lambda c: dedpul(binned(c))),
    FunctionCase("pu.e1", lambda c: e1(binned(c))),
    FunctionCase("pu.e2", lambda c: e2(binned(c))),
    FunctionCase("pu.e3", lambda c: e3(binned(c))),
    FunctionCase("pu.label_frequency", lambda c: elkan_noto.label_frequency(label_probs(c), c.arrays["labels"] == 0)),
    FunctionCase("pu.plateau", lambda c: plateau(binned(c))),
    FunctionCase(
        "pu.matched_weights",
        lambda c: weighted_unlabelled.matched_weights(label_probs(c), c.arrays["labels"] == 0, 0.5),
    ),
    FunctionCase("pu.positive_probs", lambda c: elkan_noto.positive_probs(label_probs(c), 0.5)),
    FunctionCase("pu.top_bin", lambda c: top_bin(binned(c))),
    FunctionCase("pu.unlabelled_weights", lambda c: weighted_unlabelled.unlabelled_weights(label_probs(c), 0.5)),
    FunctionCase(
        "pu.weighted_rows", lambda c: weighted_unlabelled.weighted_rows(c.arrays["labels"] == 0, label_probs(c))
    ),
    FunctionCase(
        "pu.weights_from_positive_probs",
        lambda c: weighted_unlabelled.weights_from_positive_probs(label_probs(c), 0.5),
    ),
    FunctionCase(
        "pu.identifiability",
        lambda c: identifiability(binned(c)),
    ),
    FunctionCase(
        "pu.lee_liu",
        lambda c: lee_liu(c.arrays["labels"] == 0, label_probs(c) > 0.5),
    ),
    FunctionCase(
        "pu.missing_structure",
        lambda c: missing_structure(label_probs(c), c.arrays["labels"] == 0, label_probs(c) ** 2),
    ),
    FunctionCase(
        "pu.positive_errors",
        lambda c: positive_errors(label_probs(c), c.arrays["labels"] == 0, n_bootstraps=3),
    ),
    FunctionCase(
        "pu.pu_accuracy",
        lambda c: pu_accuracy(c.arrays["labels"] == 0, label_probs(c) > 0.5, 0.6),
    ),
    FunctionCase(
        "pu.pu_auc",
        lambda c: pu_auc(c.arrays["labels"] == 0, label_probs(c), 0.6),
    ),
    FunctionCase(
        "pu.pu_f1",
        lambda c: pu_f1(c.arrays["labels"] == 0, label_probs(c) > 0.5, 0.6),
    ),
    FunctionCase(
        "pu.pu_log_loss",
        lambda c: pu_log_loss(c.arrays["labels"] == 0, label_probs(c), 0.6),
    ),
    FunctionCase(
        "pu.pu_precision",
        lambda c: pu_precision(c.arrays["labels"] == 0, label_probs(c) > 0.5, 0.6),
    ),
    FunctionCase(
        "pu.pu_precision_recall_curve",
        lambda c: pu_precision_recall_curve(c.arrays["labels"] == 0, label_probs(c), 0.6),
    ),
    FunctionCase(
        "pu.pu_recall",
        lambda c: pu_recall(c.arrays["labels"] == 0, label_probs(c) > 0.5),
    ),
    FunctionCase(
        "pu.pu_risk",
        lambda c: pu_risk(c.arrays["labels"] == 0, 1 - label_probs(c), label_probs(c), 0.6),
    ),
    FunctionCase(
        "pu.pu_roc_curve",
        lambda c: pu_roc_curve(c.arrays["labels"] == 0, label_probs(c), 0.6),
    ),
    FunctionCase(
        "pu.selection_at_random",
        lambda c: selection_at_random(label_probs(c), c.arrays["labels"] == 0, c.arrays["posterior"]),
    ),
    FunctionCase(
        "multi_labels.even_share",
        lambda c: even_share(
            (c.arrays["probs"] > 0.4).astype(np.float64), c.arrays["probs"], np.full(c.arrays["probs"].shape[1], 0.1)
        ),
    ),
    FunctionCase(
        "multi_labels.weak_share",
        lambda c: weak_share((c.arrays["probs"] > 0.4).astype(np.float64), c.arrays["probs"]),
    ),
    FunctionCase("multi_labels.row_score", lambda c: row_score(c.arrays["probs"])),
    FunctionCase("curriculum.early_loss", lambda c: early_loss(c.arrays["labels"], c.arrays["probs"][None])),
    FunctionCase("curriculum.easy_first", lambda c: easy_first(label_probs(c), np.random.default_rng(0))),
    FunctionCase("curriculum.hard_first", lambda c: hard_first(label_probs(c), np.random.default_rng(0))),
    FunctionCase("curriculum.hard_weights", lambda c: hard_weights(label_probs(c), 0.5)),
    FunctionCase("curriculum.in_each_class", lambda c: in_each_class(c.arrays["row"], c.arrays["labels"])),
    FunctionCase("curriculum.random_order", lambda c: random_order(label_probs(c), np.random.default_rng(0))),
    FunctionCase("curriculum.soft_weights", lambda c: soft_weights(label_probs(c), 0.5)),
    FunctionCase(
        "object_detection.detection_trust",
        lambda c: detection_trust(c.arrays["probs"][:, 0], c.arrays["labels"] == 0),
    ),
    FunctionCase("segmentation.image_doubt", lambda c: image_doubt(label_probs(c))),
    FunctionCase("soft_labels.divergence", lambda c: divergence(c.arrays["posterior"], c.arrays["probs"])),
    FunctionCase("soft_labels.drawn_labels", lambda c: drawn_labels(c.arrays["posterior"])),
    FunctionCase(
        "soft_labels.soft_posterior",
        lambda c: soft_posterior(c.arrays["posterior"], c.arrays["probs"], transition=c.transition),
    ),
    FunctionCase("targets.anywhere_log_density", lambda c: anywhere_log_density(log_doubts(c))),
    FunctionCase(
        "targets.anywhere_mixture",
        lambda c: anywhere_mixture(log_doubts(c), anywhere_log_density(log_doubts(c))),
    ),
    FunctionCase("targets.error_mixture", lambda c: error_mixture(3 * c.arrays["posterior"][:, 0])),
    FunctionCase("targets.judge_targets", lambda c: judge_targets(c.arrays["posterior"][:, 0], label_probs(c))),
    FunctionCase("targets.local_residuals", lambda c: local_residuals(c.arrays["posterior"][:, 0], label_probs(c))),
    FunctionCase("token_labels.any_error", lambda c: any_error(label_probs(c), sentences(c))),
    FunctionCase(
        "token_labels.in_context",
        lambda c: in_context(c.arrays["probs"], sentences(c), chain_of(c), weight=0.5),
    ),
    FunctionCase(
        "label_errors.judge_by_matrix_and_margin",
        lambda c: judge_by_matrix_and_margin(c.arrays["labels"], c.arrays["probs"]),
    ),
    FunctionCase("token_labels.label_chain", lambda c: chain_of(c)),
    FunctionCase(
        "token_labels.probs_in_context",
        lambda c: probs_in_context(c.arrays["labels"], c.arrays["probs"], sentences(c)),
    ),
    FunctionCase(
        "token_labels.whole_spans",
        lambda c: whole_spans(c.arrays["labels"], sentences(c), classes=["O", "B-A", "I-A", "B-C"]),
    ),
    FunctionCase("token_labels.worst_token", lambda c: worst_token(label_probs(c), sentences(c))),
]

EXEMPT = {
    "active.control_order": "mixes hashes, which have a test of their own",
    "active.labels_saved": "draws at random",
    "active.auto": "compares rows with one another",
    "active.badge": "draws at random",
    "active.far_rows": "compares rows with one another",
    "active.k_centre": "compares rows with one another",
    "active.margin_in_clusters": "draws at random",
    "active.prob_cover": "draws at random",
    "active.typical_rows": "draws at random",
    "augmentation.colour": "draws at random",
    "augmentation.crop": "draws at random",
    "augmentation.cut_out": "draws at random",
    "augmentation.feature_dropout": "draws at random",
    "augmentation.flip_left_right": "draws at random",
    "augmentation.flip_top_bottom": "draws at random",
    "augmentation.gaussian_noise": "draws at random",
    "augmentation.misspelling": "reads texts, and draws at random",
    "augmentation.mixup": "draws at random",
    "augmentation.rand_augment": "draws at random",
    "augmentation.oversampled": "compares rows with one another, and draws at random",
    "augmentation.punctuation_insertion": "reads texts, and draws at random",
    "augmentation.rotation": "draws at random",
    "augmentation.shift": "draws at random",
    "augmentation.synonym_insertion": "reads texts, and draws at random",
    "augmentation.synonym_replacement": "reads texts, and draws at random",
    "augmentation.word_deletion": "reads texts, and draws at random",
    "augmentation.word_swap": "reads texts, and draws at random",
    "augmentation.words_of_same_contexts": "reads texts",
    "cells.broken_encoding": "reads texts",
    "cells.cell_shapes": "reads texts",
    "cells.date_orders": "reads texts",
    "cells.image_faults": "compares rows with one another",
    "cells.linear_relations": "reads the columns of a table",
    "cells.merged_cells": "reads texts",
    "cells.missing_values": "reads texts",
    "cells.near_spellings": "reads texts",
    "cells.non_numbers": "reads texts",
    "cells.order_rules": "reads the columns of a table",
    "cells.placeholder_numbers": "reads one column of a table",
    "cells.placeholder_texts": "reads texts",
    "cells.scale_shifts": "reads the columns of a table",
    "cells.soft_dependencies": "reads the columns of a table",
    "cells.source_fusion": "reads the columns of a table",
    "cells.reviewed_sources": "reads the columns of a table",
    "cells.text_artefacts": "reads texts",
    "cells.unit_spellings": "reads texts",
    "curriculum.neighbour_impurity": "compares rows with one another",
    "duplicates.alike": "compares rows with one another",
    "duplicates.chance_repeats": "reads the columns of a table",
    "duplicates.grams": "reads texts",
    "duplicates.near_records": "compares rows with one another",
    "duplicates.near_rows": "compares rows with one another",
    "duplicates.near_texts_of": "is given where to run the folds of `near_texts`",
    "duplicates.near_vectors": "compares rows with one another",
    "duplicates.shingles": "reads texts",
    "drift.two_sample_classifier": "trains and draws at random",
    "failing_slices.feature_clusters": "draws its first centres at random",
    "features.exceptions_explained": "one number of several columns",
    "features.phrase_power": "reads texts",
    "features.column_power": "splits rows at random",
    "features.gaussian_knockoffs": "draws at random",
    "features.grouped_importance": "draws at random",
    "features.redundant_columns": "reads the columns of a table",
    "features.selection_frequency": "draws at random",
    "features.shadow_test": "trains",
    "noise_robust.incv": "trains",
    "proof.corrected_resampled_interval": "differences per fold, one interval",
    "proof.doubtful_labels": "judges test labels by two models, and speaks of the whole test set",
    "proof.mcnemar": "two columns of verdicts, one number",
    "proof.pair_rows": "compares two tables",
    "proof.paired_interval": "draws at random",
    "object_detection.box_doubts": "reads the boxes of one image",
    "proof.random_control": "draws at random",
    "proof.row_scores": "a table of metrics by name, each with its own test",
    "proof.shared_draws": "draws at random",
    "pu.fresh_label_probs": "trains",
    "pu.kernel_mean": "reads features, and draws at random",
    "pu.out_of_bag_scores": "trains",
    "pu.out_of_fold_label_probs": "trains",
    "pu.reliable_negatives": "trains",
    "pu.sar_em": "trains",
    "pu.tice": "reads features, and draws at random",
    "simulated_noise.class_conditional_transition": "draws at random",
    "simulated_noise.instance_dependent_labels": "draws at random",
}
