"""cleanlab's ``benchmarking``: injects label noise from a known noise matrix."""
