"""Did the data get better? Scores row by row, paired intervals, a random control: what a proof is made of."""

from dechaff.methods.proof.doubtful_labels import LabelDoubt, doubtful_labels
from dechaff.methods.proof.pair_rows import Pairing, pair_rows, random_control
from dechaff.methods.proof.paired_interval import (
    Interval,
    McNemar,
    interval_of_one,
    mcnemar,
    paired_interval,
    shared_draws,
)
from dechaff.methods.proof.row_scores import METRICS, RowScores, check_metric, mean_over_seeds, row_scores

__all__ = [
    "METRICS",
    "Interval",
    "LabelDoubt",
    "McNemar",
    "Pairing",
    "RowScores",
    "check_metric",
    "doubtful_labels",
    "interval_of_one",
    "mcnemar",
    "mean_over_seeds",
    "pair_rows",
    "paired_interval",
    "random_control",
    "row_scores",
    "shared_draws",
]
