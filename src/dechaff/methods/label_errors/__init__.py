"""Which labels are wrong, how many, and how labels go wrong in these data.

The rules of confident learning are exported for arrays: the five ways to flag rows of Northcutt, Jiang, Chuang (2021),
and the scores that rank them. The audit itself uses the noise posterior.
"""

from dechaff.methods.label_errors.candidates import prune_by_argmax
from dechaff.methods.label_errors.label_scores import entropy_doubt, margin_doubt, self_doubt
from dechaff.methods.label_errors.pruning import (
    prune_by_both,
    prune_by_class,
    prune_by_noise_rate,
    prune_most_doubtful,
    prune_off_diagonal,
)

__all__ = [
    "entropy_doubt",
    "margin_doubt",
    "prune_by_argmax",
    "prune_by_both",
    "prune_by_class",
    "prune_by_noise_rate",
    "prune_most_doubtful",
    "prune_off_diagonal",
    "self_doubt",
]
