"""Whether two samples of rows come from the same distribution, and in which columns they differ."""
