"""Training by a curriculum: hardness of the rows, models that train by steps, and the comparison with its controls."""
