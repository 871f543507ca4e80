"""cleanlab's ``internal``, as far as its tutorials import from it."""
