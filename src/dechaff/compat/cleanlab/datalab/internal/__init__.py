"""cleanlab's ``datalab.internal``, as far as its tutorials import from it."""
