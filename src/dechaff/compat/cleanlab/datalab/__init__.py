"""cleanlab's ``datalab``: several kinds of issues of one data set, as tables."""

from dechaff.compat.cleanlab.datalab import datalab as datalab
from dechaff.compat.cleanlab.datalab import internal as internal
