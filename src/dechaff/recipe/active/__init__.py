"""Which rows of a pool to label next, by what the labelled rows teach a model."""
