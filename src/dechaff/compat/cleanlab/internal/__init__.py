"""cleanlab's ``internal``, as far as its tutorials import from it."""

from dechaff.compat.cleanlab.internal import multilabel_utils as multilabel_utils
from dechaff.compat.cleanlab.internal import token_classification_utils as token_classification_utils
from dechaff.compat.cleanlab.internal import util as util
