"""cleanlab's ``multilabel_classification``: rows of several labels, each judged as there or not there."""

from dechaff.compat.cleanlab.multilabel_classification import dataset as dataset
from dechaff.compat.cleanlab.multilabel_classification import filter as filter
from dechaff.compat.cleanlab.multilabel_classification import rank as rank
