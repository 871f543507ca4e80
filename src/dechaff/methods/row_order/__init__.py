"""Whether the order of the rows is informative."""
