"""cleanlab's ``regression``: numbers to be predicted that are probably wrong."""

from dechaff.compat.cleanlab.regression import learn as learn
from dechaff.compat.cleanlab.regression import rank as rank
