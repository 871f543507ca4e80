"""cleanlab's ``benchmarking``: labels made wrong in a known way."""
