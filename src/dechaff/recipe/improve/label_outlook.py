"""What reading rows will bring: errors in the most doubtful ones, and how many of all errors are flagged."""

from __future__ import annotations

from msgspec import structs

from dechaff.data.dataset import Dataset
from dechaff.methods.label_reviews.review_budget import budget_steps, level_excursions, review_budget
from dechaff.recipe.improve.estimated_recall import Flagging, estimated_recall
from dechaff.recipe.improve.mislabelled import Mislabelled
from dechaff.records.metrics import BudgetStep, Estimate, Noise


def with_outlook(noise: Noise, found: Mislabelled, train: Dataset) -> Noise:
    """The figures of the noise with the budget curve, and with the recall by injected errors."""
    errors, labels = found.errors, train.codes[found.rows]
    if not errors.flag.any():
        return noise
    excursions = level_excursions(errors.log_odds, errors.n_errors_low, errors.n_errors_high)
    budget = review_budget(errors.log_odds, budget_steps(len(labels)), excursions=excursions)
    steps = zip(budget.rows, budget.errors, budget.low, budget.high, strict=True)
    share, low, high = estimated_recall(
        Flagging(errors, labels, found.probs, errors.transition, errors.log_odds, errors.flag)
    )
    return structs.replace(
        noise,
        recall=Estimate(share, low, high),
        budget=tuple(BudgetStep(int(rows), float(one), float(least), float(most)) for rows, one, least, most in steps),
    )
