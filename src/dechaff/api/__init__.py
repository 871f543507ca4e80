"""The public functions of dechaff, and what they hand back."""

from dechaff.api.auditing import apply, audit, open_run
from dechaff.api.in_rounds import predict, run_recipe
from dechaff.api.positive_unlabelled import pu
from dechaff.api.proving import prove
from dechaff.api.results import Audit, Recipe
from dechaff.records.explanation import explanation as explain

__all__ = ["Audit", "Recipe", "apply", "audit", "explain", "open_run", "predict", "prove", "pu", "run_recipe"]
