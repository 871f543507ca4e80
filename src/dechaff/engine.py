"""The data engine: find where a deployed model fails, label similar rows, train anew, and prove that it helped."""

from dechaff.api.engine.batch import RowsToLabel
from dechaff.api.engine.engine import Engine, new_engine

__all__ = ["Engine", "RowsToLabel", "new_engine"]
