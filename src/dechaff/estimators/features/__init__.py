"""Which columns a model needs: names of rows, leaks, copies and columns without relevance go."""
