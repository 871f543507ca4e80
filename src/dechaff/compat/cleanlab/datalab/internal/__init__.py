"""cleanlab's ``datalab.internal``, as far as its tutorials import from it."""

from dechaff.compat.cleanlab.datalab.internal import issue_manager as issue_manager
from dechaff.compat.cleanlab.datalab.internal import issue_manager_factory as issue_manager_factory
