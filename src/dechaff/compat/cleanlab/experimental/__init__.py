"""cleanlab's ``experimental`` package, as far as it is there."""

from dechaff.compat.cleanlab.experimental import label_issues_batched as label_issues_batched
from dechaff.compat.cleanlab.experimental import span_classification as span_classification
