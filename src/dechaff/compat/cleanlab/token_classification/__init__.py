"""cleanlab's ``token_classification``: tokens whose label is probably wrong."""

from dechaff.compat.cleanlab.token_classification import filter as filter
from dechaff.compat.cleanlab.token_classification import rank as rank
from dechaff.compat.cleanlab.token_classification import summary as summary
