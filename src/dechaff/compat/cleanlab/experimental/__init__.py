"""cleanlab's ``experimental`` package, as far as it is there."""
