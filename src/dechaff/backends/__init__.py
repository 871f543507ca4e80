"""Where a fold runs: the same two functions, ``fold`` and ``row_map``, in every file."""
