"""cleanlab's ``datalab.internal.issue_manager``."""

from dechaff.compat.cleanlab.datalab.issue_managers import IssueManager as IssueManager
