"""cleanlab's ``datalab``: several kinds of issues of one data set, as tables."""
