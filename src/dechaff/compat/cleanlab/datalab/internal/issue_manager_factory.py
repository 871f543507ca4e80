"""cleanlab's ``datalab.internal.issue_manager_factory``."""

from dechaff.compat.cleanlab.datalab.issue_managers import register as register
